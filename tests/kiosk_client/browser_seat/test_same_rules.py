"""The seat in a browser keeps the very rules of the installed one: the same scripts give the same journal.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import check_chain
from tests.kiosk_client.browser_seat.scripts import ScriptPlayer, draw_script, make_work_items
from tests.kiosk_client.builders import make_signed_in

PLAYER = Path(__file__).with_name("play_scripts.mjs")
SCRIPTS = 30
EXPECTED = ("recording_committed", "play_ended", "break_ended", "room_returned", "attempt_finished", "answer_set",
            "answer_cleared", "incident_raised", "item_left", "timer_tick", "play_progress")


def play_in_node(scripts: list[Any]) -> list[dict[str, Any]]:
    """What the browser's seat does with the scripts."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node: make setup needs it for the pages")
    given = {"items": make_work_items(), "signed_in": msgspec.to_builtins(make_signed_in()), "scripts": scripts}
    done = subprocess.run([node, str(PLAYER)], input=json.dumps(given), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    played: list[dict[str, Any]] = json.loads(done.stdout)
    return played


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[Any], dict[str, Any], dict[str, Any]]]:
    """(script, what the installed seat did, what the browser's seat did)."""
    scripts = [draw_script(seed) for seed in range(SCRIPTS)]
    ours = [ScriptPlayer(tmp_path_factory.mktemp("seat"), make_work_items()).play(script) for script in scripts]
    return list(zip(scripts, ours, play_in_node(scripts), strict=True))


def test_every_step_is_allowed_or_refused_alike_and_looks_alike(played: Any) -> None:
    for script, ours, theirs in played:
        for step, here, there in zip(script, ours["seen"], theirs["seen"], strict=True):
            assert here == there, step


def test_the_journals_are_the_same_bytes_and_the_receipts_too(played: Any) -> None:
    for _, ours, theirs in played:
        assert theirs["lines"] == ours["lines"]
        assert theirs["receipt"] == ours["receipt"]


def test_the_chain_holds(played: Any) -> None:
    for _, _, theirs in played:
        check_chain([line.encode() for line in theirs["lines"]], sha256_hex(make_signed_in().grant.encode()))


def test_the_scripts_reach_what_matters(played: Any) -> None:
    """Scripts that never spoke or rested would prove nothing."""
    kinds = Counter(json.loads(line)["kind"] for _, _, theirs in played for line in theirs["lines"])
    missing = [kind for kind in EXPECTED if kinds[kind] < 5]
    assert missing == [], kinds
