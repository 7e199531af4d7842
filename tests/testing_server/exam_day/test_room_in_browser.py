"""The drawn room in a real browser: a seat goes by arrow keys, a code by mouse; what is shown is what is kept."""
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from testing_server.exam_day.rooms.queries import list_seating, show_plan
from tests.builders import PASSWORD, save_account
from tests.testing_server.exam_day.builders import Classroom

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000


@pytest.fixture
def page(open_room: Classroom, chromium: Browser) -> Iterator[Page]:
    """An organizer at /room with four workstations; every complaint of the browser fails the test."""
    for seat in ("1", "2", "3", "4"):
        open_room.pair(seat)
    save_account(open_room.app, "organizer", "school_organizer")
    server, complaints = make_server("127.0.0.1", 0, open_room.app, threaded=True), []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shown = chromium.new_page(viewport={"width": 1366, "height": 768})
    shown.set_default_timeout(PATIENCE_MS)
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.goto(f"http://127.0.0.1:{server.port}/room")
    shown.fill("#field-login", "organizer")
    shown.fill("#field-password", PASSWORD)
    shown.click("main button.primary")
    yield shown
    shown.close()
    server.shutdown()
    assert complaints == []


def test_seats_go_by_keys_and_codes_by_mouse(open_room: Classroom, page: Page) -> None:
    page.locator(".chip[data-seat='1']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#room-say")).to_contain_text("Место 1: ряд 1, место в ряду 2")
    page.click("#room-form button.primary")
    expect(page.locator(".flash")).to_be_visible(timeout=PATIENCE_MS)
    with open_room.services.storage.read() as session:
        cells = show_plan(session).cells
    assert (cells["1"], cells["2"]) == ((1, 2), (1, 1))

    page.goto(f"{page.url.rsplit('/', 1)[0]}/sittings/{open_room.sitting}/seating")
    page.locator("tr[data-code='10003']").drag_to(page.locator("td[data-seat='4']"))
    expect(page.locator("select[name='seat/4']")).to_have_value("10003")
    page.locator("select[name='seat/1']").select_option("10003")
    expect(page.locator("select[name='seat/4']")).to_have_value("")
    page.click("#seating-form button.primary")
    expect(page.locator(".flash")).to_be_visible(timeout=PATIENCE_MS)
    with open_room.services.storage.read() as session:
        assert list(list_seating(session, open_room.sitting).values()) == ["1"]
