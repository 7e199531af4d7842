"""Special conditions are given before the start and planned with; a plan that does not add up starts nobody."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testing_server.exam_day.sittings.planning import NeedsRefused, PlanBroken
from testing_server.exam_day.sittings.rules import BadCommand, NothingToDo
from tests.testing_server.exam_day.builders import Classroom, make_open_room

PARTS: dict[str, Any] = {
    "parts": [{"id": "read", "positions": [1], "time_s": 1700},
              {"id": "speak", "positions": [2], "time_s": 1000, "title": {"ru": "Говорение"}}],
    "breaks": [{"after_part": "read", "time_s": 300}],
    "needs": {"extra_time_percent": [25, 50], "large_print": True},
}


@pytest.fixture
def parted_room(tmp_path: Path) -> Iterator[Classroom]:
    room = make_open_room(tmp_path, **PARTS)
    yield room
    room.close()


def read_start(room: Classroom, kiosk: Any) -> dict[str, Any]:
    room.command("start", [kiosk.attempt])
    body: dict[str, Any] = kiosk.fetch_directives()[-1]["body"]
    return body


def test_the_start_tells_parts_and_breaks(parted_room: Classroom) -> None:
    body = read_start(parted_room, parted_room.seat(0))
    assert body["duration_s"] == 2700
    assert [(one["id"], one["rest_s"]) for one in body["plan"]["parts"]] == [("read", 1000), ("speak", 0)]
    assert [(one["after"], one["seconds"], one["work_clock"]) for one in body["plan"]["breaks"]] == [(1, 300, "stands")]


def test_needs_are_told_and_lengthen_the_work_but_no_break(parted_room: Classroom) -> None:
    kiosk, other = parted_room.seat(0), parted_room.seat(1)
    parted_room.command("needs", [kiosk.attempt], extra_percent=25)
    parted_room.command("needs", [kiosk.attempt], extra_percent=50, large_print=True)
    body = read_start(parted_room, kiosk)
    assert body["duration_s"] == 4050 and body["plan"]["breaks"][0]["seconds"] == 300
    told = kiosk.fetch_directives()
    assert told[1]["body"] == {"extra_percent": 50, "large_print": True, "high_contrast": False}
    assert read_start(parted_room, other)["duration_s"] == 2700


def test_needs_may_be_set_before_the_candidate_comes(parted_room: Classroom) -> None:
    parted_room.command("needs", "all", extra_percent=25)
    assert read_start(parted_room, parted_room.seat(2))["duration_s"] == 3375


@pytest.mark.parametrize(("body", "refusal"), [
    ({"extra_percent": 30}, NeedsRefused), ({"high_contrast": True}, NeedsRefused),
    ({"extra_percent": -25}, BadCommand), ({"extra_percent": True}, BadCommand), ({"large_print": "yes"}, BadCommand),
])
def test_needs_the_work_does_not_offer_are_refused(parted_room: Classroom, body: dict[str, Any],
                                                   refusal: type[Exception]) -> None:
    kiosk = parted_room.seat(0)
    with pytest.raises(refusal):
        parted_room.command("needs", [kiosk.attempt], **body)


def test_needs_are_not_changed_after_the_start(parted_room: Classroom) -> None:
    kiosk = parted_room.seat(0)
    parted_room.start(kiosk)
    with pytest.raises(NothingToDo):
        parted_room.command("needs", [kiosk.attempt], extra_percent=25)


def test_a_plan_that_does_not_add_up_starts_nobody(tmp_path: Path) -> None:
    room = make_open_room(tmp_path, parts=[{"id": "all", "positions": [1, 2], "time_s": 17}])
    kiosk = room.seat(0)
    with pytest.raises(PlanBroken):
        room.command("start")
    assert kiosk.fetch_directives() == []
    room.close()
