"""Commands to groups in a real browser: chosen at once or as a range, named, confirmed or sent again; two consoles."""
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.builders import PASSWORD, save_account
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.test_console_in_browser import card, live, page  # noqa: F401
from tests.testing_server.exam_day.test_outages import seat_with_outage

pytestmark = pytest.mark.browser
SLOW_MS = 60_000


@pytest.fixture
def asked(live: Page) -> list[str]:  # noqa: F811
    """What the page asked before it did anything; answered with yes by the page's own listener."""
    texts: list[str] = []
    live.on("dialog", lambda dialog: texts.append(dialog.message))
    return texts


@pytest.fixture
def other(open_room: Classroom, live: Page) -> Iterator[Page]:  # noqa: F811
    """A second organizer's console of the same sitting."""
    save_account(open_room.app, "deputy", "room_organizer")
    assert live.context.browser is not None
    context = live.context.browser.new_context()
    second = context.new_page()
    second.on("dialog", lambda dialog: dialog.accept())
    second.goto(live.url)
    second.fill("#field-login", "deputy")
    second.fill("#field-password", PASSWORD)
    second.click("main button.primary")
    expect(second.locator(".seat")).to_have_count(6)
    yield second
    context.close()


@pytest.fixture
def quick(live: Page) -> Callable[[int], None]:  # noqa: F811
    """Lets the browser's own clock run ahead, so that nobody waits for what is late."""
    live.evaluate("() => { const now = Date.now; window.ahead = 0; Date.now = () => now() + window.ahead; }")
    return lambda ms: live.evaluate(f"() => {{ window.ahead += {ms}; }}")


def test_a_group_is_named_and_who_did_not_confirm_is_told_again(
        open_room: Classroom, live: Page, asked: list[str], quick: Callable[[int], None]) -> None:  # noqa: F811
    first, second, third = (open_room.seat(number) for number in range(3))
    open_room.start(first, second, third)
    expect(card(live, third)).to_contain_text("работает", timeout=SLOW_MS)
    live.locator("#live-group").select_option(label="работает: 3")
    live.click("[data-command=pause]")
    expect(live.locator("#live-say")).to_contain_text("мест: 3", timeout=SLOW_MS)
    assert asked[-1].endswith("места 1, 2, 3")
    first.apply_directives()
    second.apply_directives()
    expect(live.locator("#live-confirmed")).to_contain_text("Подтвердили 2 из 3", timeout=SLOW_MS)
    quick(7_000)
    expect(live.locator("#live-confirmed")).to_contain_text("не подтвердили место 3", timeout=SLOW_MS)
    before = third.fetch_directives()
    live.click("#live-again")
    expect(live.locator("#live-say")).to_contain_text("мест: 1", timeout=SLOW_MS)
    assert third.fetch_directives() == before
    third.apply_directives()
    expect(live.locator("#live-confirmed")).to_have_text("Подтвердили 3 из 3", timeout=SLOW_MS)
    expect(live.locator("#live-again")).to_be_hidden()


def test_shift_chooses_a_range(live: Page) -> None:  # noqa: F811
    boxes = live.locator(".seat input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(live.locator("#live-chosen")).to_have_text("Выбрано мест: 4")
    boxes.nth(4).click()
    expect(live.locator("#live-chosen")).to_have_text("Выбрано мест: 3")


def test_two_consoles_see_each_others_command_and_it_is_done_once(
        open_room: Classroom, live: Page, other: Page) -> None:  # noqa: F811
    kiosk = open_room.seat(0)
    expect(card(live, kiosk)).to_contain_text("за столом", timeout=SLOW_MS)
    expect(card(other, kiosk)).to_contain_text("за столом", timeout=SLOW_MS)
    for console in (live, other):
        console.click("[data-command=start]")
    expect(card(live, kiosk)).to_contain_text("начало: не подтверждено · organizer", timeout=SLOW_MS)
    expect(card(other, kiosk)).to_contain_text("начало: не подтверждено · organizer", timeout=SLOW_MS)
    expect(other.locator("#live-say.live-wrong")).to_contain_text("не подходит", timeout=SLOW_MS)
    assert [one["kind"] for one in kiosk.apply_directives()] == ["start"]
    expect(card(other, kiosk)).to_contain_text("начало: подтверждено", timeout=SLOW_MS)


def test_an_outage_is_shown_and_given_back_by_one_act(
        open_room: Classroom, live: Page, asked: list[str]) -> None:  # noqa: F811
    kiosk = seat_with_outage(open_room)
    expect(card(live, kiosk)).to_contain_text("Простой 7:10, не возвращено 2:10", timeout=SLOW_MS)
    card(live, kiosk).get_by_role("button", name="Вернуть 2:10").click()
    expect(card(live, kiosk)).not_to_contain_text("не возвращено", timeout=SLOW_MS)
    assert asked[-1] == "Вернуть время простоя 2:10?\nместо 1"
    told = kiosk.apply_directives()
    assert [(one["kind"], one["body"]["ms"] // 1000) for one in told] == [("credit", 130)]


SMALL_TARGETS = """() => [...document.querySelectorAll(
  '.top a, .top button, .top summary, main button, main summary, main select, main input:not([type=checkbox])'
  + ', .seat a, .seat label'
)].filter((node) => node.offsetParent).map((node) => [node.textContent.trim(), node.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5).map(([text]) => text)"""


@pytest.mark.parametrize(("width", "height", "lines"), [(1366, 768, 1), (1024, 768, 2), (768, 1024, 2)])
def test_the_grid_fits_a_tablet_and_a_finger(
        open_room: Classroom, live: Page, width: int, height: int, lines: int) -> None:  # noqa: F811
    seat_with_outage(open_room)
    expect(live.locator(".seat-outage button")).to_have_count(1, timeout=SLOW_MS)
    live.set_viewport_size({"width": width, "height": height})
    assert live.evaluate("document.documentElement.scrollWidth") <= width
    assert live.evaluate("document.querySelector('.top').offsetHeight") <= lines * 50
    assert live.evaluate(SMALL_TARGETS) == []


def test_the_rest_of_the_menu_opens_by_keyboard(live: Page) -> None:  # noqa: F811
    live.locator(".top-more summary").focus()
    live.keyboard.press("Enter")
    expect(live.get_by_role("link", name="Поддержка")).to_be_visible()


def test_the_rest_of_the_menu_closes_from_outside(live: Page) -> None:  # noqa: F811
    more = live.locator(".top-more")
    link = live.get_by_role("link", name="Поддержка")
    for close in (lambda: live.locator("h1").click(), lambda: live.keyboard.press("Escape")):
        more.locator("summary").click()
        expect(link).to_be_visible()
        close()
        expect(link).to_be_hidden()
    expect(more.locator("summary")).to_be_focused()
    live.click(".live-more summary")
    expect(live.get_by_role("button", name="Вышел")).to_be_visible()
    live.keyboard.press("Escape")
    expect(live.get_by_role("button", name="Вышел")).to_be_hidden()
