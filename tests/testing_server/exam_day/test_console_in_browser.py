"""The live grid in a real browser: changes come without reload, commands go out once and are confirmed."""
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

from tests.builders import PASSWORD, save_account
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk, FlaskWire

pytestmark = pytest.mark.browser
GONE_MS = 6_000


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    shown = chromium.new_page(viewport={"width": 1366, "height": 768})
    yield shown
    shown.close()


@pytest.fixture
def live(open_room: Classroom, page: Page) -> Iterator[Page]:
    """An organizer's page of the sitting; every complaint of the browser fails the test."""
    save_account(open_room.app, "organizer", "school_organizer")
    server = make_server("127.0.0.1", 0, open_room.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"http://127.0.0.1:{server.port}/sittings/{open_room.sitting}")
    page.fill("#field-login", "organizer")
    page.fill("#field-password", PASSWORD)
    page.click("main button.primary")
    expect(page.locator(".seat")).to_have_count(6)
    yield page
    assert complaints == []
    server.shutdown()


def card(page: Page, kiosk: FakeKiosk) -> Any:
    return page.locator(".seat", has_text=str(kiosk.seated["code"]))


def test_a_seat_changes_without_reload(open_room: Classroom, live: Page) -> None:
    kiosk = open_room.seat(0)
    expect(card(live, kiosk)).to_contain_text("Место 1")
    open_room.start(kiosk)
    kiosk.write("item_entered", item="i2", stage="speak")
    kiosk.send()
    expect(card(live, kiosk)).to_contain_text("Задание 2 · говорит")
    expect(card(live, kiosk).locator("meter")).to_be_visible()


def test_an_idle_console_covers_itself_and_goes_on_showing(open_room: Classroom, live: Page) -> None:
    """The clock of the page and the server's go fifteen minutes on; nobody touched anything."""
    expect(live.locator(".live-commands")).to_be_visible()
    live.clock.install()
    open_room.clock.advance(15 * 60_000)
    live.clock.fast_forward("16:00")
    expect(live.get_by_text("Пульт заперт: видно всё, нажать ничего нельзя.")).to_be_visible()
    expect(live.locator(".live-commands")).to_have_count(0)
    expect(live.get_by_text("код выхода")).to_have_count(0)
    expect(live.locator(".seat")).to_have_count(6)
    live.get_by_role("link", name="Отпереть").click()
    live.fill("#field-password", PASSWORD)
    live.get_by_role("button", name="Отпереть").click()
    expect(live.locator(".live-commands")).to_be_visible()


def test_one_chosen_seat_gets_the_command_and_confirms(open_room: Classroom, live: Page) -> None:
    first, second = open_room.seat(0), open_room.seat(1)
    open_room.start(first, second)
    expect(card(live, second)).to_contain_text("работает")
    card(live, second).locator("input[type=checkbox]").check()
    live.click("[data-dialog=dialog-extra-time]")
    live.fill("#extra-minutes", "7")
    live.click("#dialog-extra-time button[value=send]")
    expect(card(live, second)).to_contain_text("добавленное время: не подтверждено")
    told = second.apply_directives()
    assert [(one["kind"], one["body"]) for one in told] == [("extra_time", {"seconds": 420})]
    expect(card(live, second)).to_contain_text("добавленное время: подтверждено")
    assert first.apply_directives() == []


def test_a_silent_seat_comes_first_and_is_moved(open_room: Classroom, live: Page) -> None:
    first, second, spare = open_room.seat(0), open_room.seat(1), open_room.pair("9")
    open_room.start(first, second)
    open_room.clock.advance(GONE_MS)
    first.send()
    assert spare.say_hello().status == 200
    expect(live.locator(".seat").first).to_contain_text("Место 2: рабочее место не отвечает")
    live.locator(".seat").first.get_by_role("button", name="Пересадить").click()
    live.click("#dialog-move button[value=send]")
    expect(card(live, second)).to_contain_text("Место 9")
    assert spare.sign_in(open_room.logins[1]).status == 200


def test_who_signed_out_in_another_window_sees_no_room_any_more(open_room: Classroom, live: Page) -> None:
    assert live.context.browser is not None
    context = live.context.browser.new_context(storage_state=live.context.storage_state())
    other = context.new_page()
    other.goto(live.url)
    expect(other.locator(".seat")).to_have_count(6)
    other.get_by_role("button", name="Выйти").click()
    expect(other.locator("#field-login")).to_be_visible()
    context.close()
    expect(live.locator("#field-login")).to_be_visible()
    expect(live.locator(".seat")).to_have_count(0)


def test_a_grid_that_gets_no_news_says_from_when_it_is(open_room: Classroom, live: Page) -> None:
    expect(live.locator("#live-stale")).to_be_hidden()
    live.clock.install()
    live.route("**/live*", lambda route: None)
    live.clock.fast_forward("00:20")
    expect(live.locator("#live-stale")).to_contain_text("Новостей от сервера нет, ниже то, что было в")
    expect(live.locator("#live-seats.is-stale")).to_be_visible()


def test_a_command_that_nobody_answered_is_called_unconfirmed(open_room: Classroom, live: Page) -> None:
    kiosk, asked = open_room.seat(0), list[str]()

    def lose(route: Route) -> None:
        asked.append(route.request.headers["idempotency-key"])
        route.fulfill(status=200, body="<html>")
    live.clock.install()
    live.route("**/commands", lose)
    live.click("[data-command=start]")
    expect(live.locator("#live-say")).to_contain_text("будет отправлена ещё раз")
    while len(asked) < 4:
        live.clock.run_for(1000)
    expect(live.locator("#live-say.live-wrong")).to_contain_text("Команда не подтверждена: сервер не ответил ни разу")
    assert len(set(asked)) == 1 and kiosk.apply_directives() == []


HOLD_TEXTS = """() => {
  window.held = [];
  const text = Response.prototype.text;
  Response.prototype.text = async function () {
    const told = await text.call(this);
    await new Promise((go) => window.held.push(go));
    return told;
  };
}"""


def test_digits_typed_while_the_list_is_fetched_stay(open_room: Classroom, live: Page) -> None:
    first, second = (FakeKiosk(FlaskWire(open_room.app.test_client())) for _ in range(2))
    first.begin_pairing()
    live.goto(f"{live.url.split('/sittings')[0]}/workstations")
    expect(live.locator("input.digits")).to_have_count(1)
    live.evaluate(HOLD_TEXTS)
    second.begin_pairing()
    live.wait_for_function("() => window.held.length > 0")
    live.locator("input.digits").fill("123456")
    live.locator("input.seat-number").focus()
    live.evaluate("() => { for (const go of window.held) go(); window.held = { push: (go) => go() }; }")
    expect(live.locator("input.digits")).to_have_count(2)
    expect(live.locator("input.digits").first).to_have_value("123456")


def test_who_is_about_to_type_still_may_when_the_list_has_come(open_room: Classroom, live: Page) -> None:
    first, second = (FakeKiosk(FlaskWire(open_room.app.test_client())) for _ in range(2))
    first.begin_pairing()
    live.goto(f"{live.url.split('/sittings')[0]}/workstations")
    live.locator("input.digits").focus()
    second.begin_pairing()
    expect(live.locator("input.digits")).to_have_count(2)
    live.keyboard.type("123456")
    expect(live.locator("input.digits").first).to_have_value("123456")
