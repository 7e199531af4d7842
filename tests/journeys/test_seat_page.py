"""Shorter journeys at one seat: a slip of the finger, the language, the keyboard alone, a server that goes away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, expect

from testing_server.rehearsal.founding import METAPREDMET
from testing_server.rehearsal.processes import Server
from tests.journeys import answering
from tests.journeys.browsing import expect_heading, press
from tests.journeys.candidates import Seat
from tests.journeys.conftest import World
from tests.journeys.organizers import Organizer
from tests.journeys.test_exam_day import find

pytestmark = [pytest.mark.browser, pytest.mark.microphone, pytest.mark.timeout(300)]
SEAT = "21"


@pytest.fixture(scope="module")
def sitting(world: World, organizer: Organizer) -> tuple[str, list[str]]:
    """A sitting without speech for two candidates, at the usual pace: its address and its codes."""
    codes = world.take_codes(2)
    return organizer.open_sitting("Метапредметная", codes, 1), codes


@pytest.fixture(scope="module")
def seat(organizer: Organizer, sitting: tuple[str, list[str]], sit_down: Callable[[str], Seat]) -> Seat:
    """A workstation that waits for somebody to sign in."""
    opened = sit_down("short")
    organizer.pair(opened.show_code(), SEAT)
    opened.confirm_green()
    return opened


@pytest.fixture
def at_sign_in(seat: Seat) -> Seat:
    """The sign-in screen, empty and Russian."""
    expect_heading(seat.page, "Вход")
    seat.page.get_by_label("Логин").fill("")
    return seat


def test_wrong_digit_is_caught_before_anything_is_sent(world: World, at_sign_in: Seat,
                                                       sitting: tuple[str, list[str]]) -> None:
    page, login = at_sign_in.page, world.handed[sitting[1][0]]
    sent: list[str] = []
    page.on("request", lambda request: note_sign_in(request, sent))
    page.get_by_label("Логин").press_sequentially(login[:3] + str((int(login[3]) + 1) % 10) + login[4:])
    expect(page.get_by_role("alert")).to_contain_text("Последняя цифра не подходит")
    expect(page.get_by_role("button", name="Войти")).to_be_disabled()
    page.keyboard.press("Enter")
    at_sign_in.shoot("wrong-digit")
    assert sent == []


def note_sign_in(request: Request, sent: list[str]) -> None:
    """Keeps what is sent to sign in."""
    if request.url.endswith("/v1/actions/sign_in"):
        sent.append(request.post_data or "")


def test_screen_speaks_english_and_russian(at_sign_in: Seat) -> None:
    page = at_sign_in.page
    press(page, "English")
    expect_heading(page, "Sign in")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    at_sign_in.shoot("english")
    press(page, "Русский")
    expect_heading(page, "Вход")
    expect(page.locator("html")).to_have_attribute("lang", "ru")


def test_keyboard_alone_signs_in_and_gets_ready(world: World, at_sign_in: Seat,
                                                sitting: tuple[str, list[str]]) -> None:
    page = at_sign_in.page
    page.reload()
    expect(page.get_by_label("Логин")).to_be_focused()
    page.keyboard.type(world.handed[sitting[1][0]])
    page.keyboard.press("Enter")
    expect_heading(page, "Метапредметная")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent") == "Готов":
            break
    page.keyboard.press("Enter")
    expect_heading(page, "Ждём начала")


def test_answers_wait_here_while_the_server_is_away(world: World, organizer: Organizer, seat: Seat,
                                                    sitting: tuple[str, list[str]]) -> None:
    address, [code, _] = sitting
    organizer.start(address, code)
    seat.expect_item(1)
    organizer.leave()
    world.classroom.stop()
    expect(seat.page.get_by_text("нет связи с сервером")).to_be_visible()
    answering.choose_options(seat.page, find(seat.page, METAPREDMET, 1), right=1, wrong=0)
    expect(seat.saved).to_have_attribute("data-saved", "offline")
    expect(seat.saved).to_have_text("Связи нет, ответы хранятся здесь")
    seat.shoot("server-away")
    world.classroom = start_again(world, world.classroom)
    expect(seat.saved).to_have_attribute("data-saved", "server", timeout=60_000)
    organizer.watch(address)
    expect(organizer.seat(code)).to_contain_text("отвечено 1/13")
    organizer.unlock_key(world.passphrase)


def start_again(world: World, gone: Server) -> Server:
    """The same classroom on the same addresses."""
    server = Server("classroom", gone.data, gone.log, host="127.0.0.1", port=gone.port,
                    console_port=gone.console_port)
    server.wait_until_healthy()
    return server
