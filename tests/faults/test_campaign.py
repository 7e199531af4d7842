"""The short form of the random faults: each kind once, by the same program as `make faults`, and its table."""
from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.campaign.faults import FAULTS
from tests.faults.campaign.loss import can_make_network
from tests.faults.campaign.outcome import BEHIND_MS, KILLED_MS, RETURN_S, Outcome, read_outcomes
from tests.faults.campaign.plan import WEIGHTS
from tests.faults.campaign.seat import count_right
from tests.faults.campaign.table import BEGIN, END, put_table, write_table

# What a loaded machine may take longer is not judged here: the long run does.
SLOW_S = 30.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    """One fault of each kind."""
    if shutil.which("gcc") is None:
        pytest.skip("the disk that fails is built with gcc")
    folder = tmp_path_factory.mktemp("campaign")
    subprocess.run([sys.executable, "-m", "tests.faults.campaign", "--each-once", "--folder", str(folder)], check=False,
                   timeout=240, cwd=Path(__file__).parents[2])
    return read_outcomes(folder / "results.jsonl")


@pytest.mark.timeout(300)
def test_every_kind_was_tried(run: list[Outcome]) -> None:
    expected = set(FAULTS) if can_make_network() else set(FAULTS) - {"link_loss"}
    assert {one.kind for one in run} == expected == set(WEIGHTS) - (set(FAULTS) - expected)


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_nothing_promised_is_lost(run: list[Outcome], kind: str) -> None:
    for one in run:
        if one.kind == kind:
            late = one.return_s is not None and one.return_s < SLOW_S
            allowed = {"return", "behind"} if late or one.return_s is None else {"behind"}
            assert set(one.list_breaches()) <= allowed, one


@pytest.mark.parametrize(("change", "breach"), [
    ({"lost_at_seat": 1}, "answers"), ({"lost_at_server": 1}, "answers"), ({"speech_lost_ms": KILLED_MS + 1}, "speech"),
    ({"speech_wrong_ms": 1}, "wrong sound"), ({"behind_ms": BEHIND_MS + 1}, "behind"),
    ({"is_same_item": False}, "item"), ({"return_s": RETURN_S}, "return"), ({"trouble": "never shown"}, "trouble")])
def test_each_broken_promise_is_named(change: dict[str, int], breach: str) -> None:
    outcome = Outcome(1, 1, "agent_killed", 1, **change)  # type: ignore[arg-type]
    assert outcome.list_breaches() == [breach] and f"{breach}: 1" in write_table([outcome])


def test_sound_is_right_up_to_the_first_sample_that_was_not_said() -> None:
    assert count_right(b"\1\0\2\0\3\0", b"\1\0\2\0\4\0\5\0") == 4
    assert count_right(b"\1\0\2\0", b"\1\0\2\0\4\0") == 4
    assert count_right(b"", b"\1\0") == 0


def test_the_table_goes_between_its_marks_and_nowhere_else() -> None:
    assert put_table(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\nnew\n{END}\nb"
    with pytest.raises(ValueError, match="table"):
        put_table("no marks", "new")
