"""The organizer gives special conditions on the live grid and sees who rests and for how long."""
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.testing_server.exam_day.builders import Classroom, make_open_room
from tests.testing_server.exam_day.test_console_in_browser import card, live, page  # noqa: F401
from tests.testing_server.exam_day.test_needs import PARTS

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("CONSOLE_SCREENSHOTS")


@pytest.fixture
def open_room(tmp_path: Path) -> Iterator[Classroom]:
    """A sitting of a work in parts that offers needs."""
    room = make_open_room(tmp_path, **PARTS)
    yield room
    room.close()


def test_conditions_are_given_and_a_break_is_seen(open_room: Classroom, live: Page) -> None:  # noqa: F811
    kiosk = open_room.seat(0)
    card(live, kiosk).locator("input[type=checkbox]").check()
    live.click(".live-more summary")
    live.click("[data-dialog=dialog-needs]")
    live.select_option("#needs-percent", "25")
    live.get_by_label("Крупный шрифт").check()
    shoot(live, "needs-dialog")
    live.click("#dialog-needs button[value=send]")
    expect(card(live, kiosk)).to_contain_text("+25 % времени · крупный шрифт")
    open_room.start(kiosk)
    kiosk.write("timer_started", timer="work", allotted_ms=3_375_000)
    kiosk.write("item_entered", item="i1", stage="answer")
    kiosk.write("break_started", **{"break": 1, "kind": "eyes", "work_clock": "stands"})
    kiosk.write("timer_started", timer="break:1", allotted_ms=300_000)
    kiosk.send()
    expect(card(live, kiosk)).to_contain_text("Перерыв 4:5")
    shoot(live, "break")
    kiosk.write("break_ended", **{"break": 1, "reason": "time"})
    kiosk.write("item_entered", item="i2", stage="choose")
    kiosk.send()
    expect(card(live, kiosk)).to_contain_text("Задание 2 · выбирает")


def shoot(page: Page, name: str) -> None:  # noqa: F811
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/console-{name}.png")
