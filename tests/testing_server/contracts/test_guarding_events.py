"""Focus that was lost and a screen that changed are told to people; they change nothing of the work."""

from dataclasses import asdict

import pytest

from testing_server.contracts.events import BadEvent, check_event
from testing_server.contracts.fold import fold
from tests.testing_server.contracts.make_events import at, make_answer, make_event, make_opening
from tests.testing_server.contracts.test_fold import L1

WORK = [make_opening(L1, "10:00"), make_event(L1, 2, "timer_started", "10:00", timer="work", allotted_ms=600_000),
        make_answer(L1, 3, "r1", "word", "10:01")]
NOTICES = [make_event(L1, 4, "focus_lost", "10:02", times=3, away_ms=12_000), make_event(L1, 5, "focus_lost", "10:03"),
           make_event(L1, 6, "screen_changed", "10:04", change="screens", width=1366, height=768)]


def test_the_fold_passes_over_them() -> None:
    plain, guarded = fold(WORK), fold([*WORK, *NOTICES])
    differing = {"heads", "last_at_ms"}
    assert {k: v for k, v in asdict(guarded).items() if k not in differing} == {
        k: v for k, v in asdict(plain).items() if k not in differing}
    assert guarded.heads == {L1: 6} and guarded.left_ms("work", at("10:05")) == 300_000


@pytest.mark.parametrize("body", [{}, {"change": "screens", "width": "1366", "height": 768}, {"change": "size"}])
def test_a_change_of_the_screen_has_its_form(body: dict[str, object]) -> None:
    with pytest.raises(BadEvent):
        check_event(make_event(L1, 1, "screen_changed", "10:00", **body))  # type: ignore[arg-type]
