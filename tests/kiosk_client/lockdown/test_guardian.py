"""What the page keeps out in a real Chromium, what it tells of focus and screen, and the organizer's way out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeClassroom
from kiosk_client.screens.server import PageServer
from tests.kiosk_client.conftest import sit_down, wait_until

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("KIOSK_SCREENSHOTS")
CODE = "042817"
ALLOWED = ["a", "Control+a", "Control+z", "Control+Shift+z", "Control+ArrowLeft", "Control+Shift+ArrowRight", "F5",
           "Control+Equal", "Control+Digit0", "Alt+Digit1", "Shift+Home", "Enter", "Tab", "Control+Alt+KeyN"]
REFUSED = ["F1", "F3", "F7", "F11", "F12", "Control+KeyN", "Control+KeyT", "Control+KeyW", "Control+KeyP",
           "Control+KeyS",
           "Control+KeyF", "Control+KeyU", "Control+KeyL", "Control+KeyH", "Control+KeyJ", "Control+Shift+KeyI",
           "Control+Shift+KeyJ", "Control+Shift+KeyN", "Control+Shift+KeyQ", "Control+Shift+Delete", "Control+Tab",
           "Alt+ArrowLeft", "Alt+Home", "Control+KeyO"]


class Room:
    """One seat at work with its page."""

    def __init__(self, page: Page, agent: Agent, classroom: FakeClassroom) -> None:
        self.page, self.agent, self.classroom = page, agent, classroom

    def shoot(self, name: str) -> None:
        """A picture for people to look at, where a folder for them is named."""
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}.png")

    def list_events(self, kind: str) -> list[dict[str, object]]:
        seat = self.agent.require_seat()
        return [event.body for event in seat.log.journal.list_events(seat.log.attempt) if event.kind == kind]

    def go_to_text(self) -> None:
        """To the item with a text field, which then has the cursor."""
        self.agent.require_seat().go("i4")
        self.page.locator("input.qti-text-entry").click()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def room(chromium: Browser, classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> Iterator[Room]:
    classroom.exit_code = CODE
    agent = make_agent(classroom.url)
    server = PageServer(agent)
    server.start()
    sit_down(agent, classroom)
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(server.launch_address())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Задание 1")
    yield Room(page, agent, classroom)
    context.close()
    server.stop()
    assert problems == []


def press(page: Page, key: str) -> bool:
    """Whether the browser may still do its own thing with the key."""
    page.evaluate("""() => {
      const look = (event) => {
        if (["Control", "Shift", "Alt"].includes(event.key)) return;
        window.wasRefused = event.defaultPrevented;
        removeEventListener("keydown", look);
      };
      addEventListener("keydown", look);
    }""")
    page.keyboard.press(key)
    return not page.evaluate("window.wasRefused")


def test_keys_of_typing_work_and_keys_of_the_browser_do_not(room: Room) -> None:
    room.go_to_text()
    for key in ALLOWED:
        # A reload would take the listener away before it can be asked.
        assert key == "F5" or press(room.page, key), key
    for key in REFUSED:
        assert not press(room.page, key), key
        room.page.keyboard.press("Escape")


def test_the_clipboard_is_out_both_ways_and_typing_is_not(room: Room) -> None:
    page = room.page
    page.evaluate("navigator.clipboard.writeText('from outside')")
    room.go_to_text()
    page.keyboard.type("sun ä")
    page.keyboard.press("Control+v")
    expect(page.get_by_text("Копирование и вставка здесь выключены")).to_be_visible()
    room.shoot("paste-refused")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    page.keyboard.press("Control+c")
    page.keyboard.press("Shift+Insert")
    expect(page.locator("input.qti-text-entry")).to_have_value("sun ä")
    assert page.evaluate("navigator.clipboard.readText()") == "from outside"
    wait_until(lambda: room.agent.require_seat().state.responses.get("i4/r1"))
    assert room.agent.require_seat().state.responses["i4/r1"].value == "sun ä"


def test_text_from_outside_cannot_be_dropped(room: Room) -> None:
    room.go_to_text()
    effect = room.page.evaluate("""() => {
      const field = document.querySelector("input.qti-text-entry");
      const data = new DataTransfer();
      data.setData("text/plain", "from outside");
      const over = new DragEvent("dragover", {dataTransfer: data, bubbles: true, cancelable: true});
      const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
      field.dispatchEvent(over);
      field.dispatchEvent(drop);
      return [over.defaultPrevented, drop.defaultPrevented, field.value];
    }""")
    assert effect == [True, True, ""]
    selected = room.page.evaluate("""() => {
      const own = document.createElement("li");
      own.draggable = true;
      document.body.append(own);
      return [document.querySelector("h1"), own].map((node) => {
        const start = new DragEvent("dragstart", {bubbles: true, cancelable: true});
        node.dispatchEvent(start);
        return start.defaultPrevented;
      });
    }""")
    assert selected == [True, False]


def test_no_link_opens_a_window(room: Room) -> None:
    refused = room.page.evaluate("""() => {
      const click = (href, target, init) => {
        const link = Object.assign(document.createElement("a"), {href, target});
        document.body.append(link);
        let refused;
        addEventListener(init.button === 1 ? "auxclick" : "click", (event) => {
          refused = event.defaultPrevented;
          event.preventDefault();
        }, {once: true});
        link.dispatchEvent(new MouseEvent(init.button === 1 ? "auxclick" : "click", {
          bubbles: true, cancelable: true, ...init}));
        return refused;
      };
      return [click("#here", "", {}), click("/x", "_blank", {}), click("/x", "", {ctrlKey: true}),
        click("/x", "", {button: 1}), click("https://example.org/", "", {})];
    }""")
    assert refused == [False, True, True, True, True]


def test_there_is_no_menu_of_the_browser(room: Room) -> None:
    room.go_to_text()
    room.page.evaluate("addEventListener('contextmenu', (event) => { window.menuRefused = event.defaultPrevented; })")
    for place in ("#main h1", "input.qti-text-entry"):
        room.page.evaluate("window.menuRefused = null")
        room.page.locator(place).first.click(button="right")
        assert room.page.evaluate("window.menuRefused") is True, place


def test_a_printed_page_is_empty(room: Room) -> None:
    room.page.emulate_media(media="print")
    expect(room.page.locator("body")).to_be_hidden()
    room.page.emulate_media(media="screen")
    expect(room.page.locator("body")).to_be_visible()


def lose_focus(page: Page, times: int) -> None:
    page.evaluate("(times) => { for (let n = 0; n < times; n += 1) {"
                  " dispatchEvent(new Event('blur')); dispatchEvent(new Event('focus')); } }", times)


def test_lost_focus_is_told_at_once_and_then_together(room: Room) -> None:
    lose_focus(room.page, 1)
    wait_until(lambda: len(room.list_events("focus_lost")) == 1)
    lose_focus(room.page, 40)
    room.page.wait_for_timeout(1500)
    assert len(room.list_events("focus_lost")) == 1
    wait_until(lambda: len(room.list_events("focus_lost")) > 1)
    told = room.list_events("focus_lost")
    assert [body["times"] for body in told] == [1, 40]


def test_a_changed_screen_is_told_once(room: Room) -> None:
    room.page.evaluate("""() => {
      Object.defineProperty(window, "outerWidth", {value: 1000, configurable: true});
      for (let n = 0; n < 20; n += 1) dispatchEvent(new Event("resize"));
    }""")
    wait_until(lambda: room.list_events("screen_changed"))
    room.page.wait_for_timeout(1500)
    room.page.evaluate("""() => {
      Object.defineProperty(screen, "isExtended", {value: true, configurable: true});
      screen.dispatchEvent(new Event("change"));
    }""")
    wait_until(lambda: len(room.list_events("screen_changed")) == 2)
    told = room.list_events("screen_changed")
    assert [(body["change"], body["is_extended"]) for body in told] == [("size", False), ("screens", True)]
    # Zooming for weak eyes changes the page, not the screen.
    room.page.keyboard.press("Control+Equal")
    room.page.wait_for_timeout(1500)
    assert len(room.list_events("screen_changed")) == 2


def test_before_the_work_nothing_is_told(room: Room) -> None:
    seat = room.agent.require_seat()
    room.classroom.direct(room.classroom.find_attempt(room.agent.journal.get_attempt(seat.log.attempt)[0]), "pause",
                          reason="")
    wait_until(lambda: seat.state.is_paused)
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("Пауза")
    lose_focus(room.page, 3)
    room.page.wait_for_timeout(1000)
    assert room.list_events("focus_lost") == []


def test_an_organizer_leaves_by_keys_and_code(room: Room) -> None:
    page = room.page
    page.keyboard.press("Control+Shift+KeyQ")
    dialog = page.get_by_role("dialog", name="Выход из программы")
    expect(dialog).to_be_visible()
    room.shoot("exit-prompt")
    page.get_by_label("Код выхода").press_sequentially("111111")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Код не подошёл")).to_be_visible()
    room.shoot("exit-wrong")
    page.get_by_role("button", name="Вернуться к работе").click()
    expect(dialog).to_be_hidden()
    assert not room.agent.exit_guard.left.is_set()
    page.keyboard.press("Control+Shift+KeyQ")
    page.get_by_label("Код выхода").press_sequentially(CODE)
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Рабочее место закрыто")
    room.shoot("closed")
    assert room.agent.exit_guard.left.is_set() and not room.agent.require_seat().state.finished
    room.agent.stop()
    page.wait_for_timeout(5000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Рабочее место закрыто")
    expect(page.get_by_text("не отвечает")).to_have_count(0)


def test_five_seconds_on_the_corner_open_the_prompt_and_less_does_not(room: Room) -> None:
    page = room.page
    page.mouse.move(10, 10)
    page.mouse.down()
    page.wait_for_timeout(1500)
    page.mouse.up()
    page.wait_for_timeout(4500)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.mouse.down()
    expect(page.get_by_role("dialog", name="Выход из программы")).to_be_visible(timeout=60_000)
    page.mouse.up()
    page.keyboard.press("Escape")
