"""The page in a real Chromium while the agent's process is killed and started again under it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk_client.fakes import FakeAttempt, FakeClassroom
from tests.kiosk_client.browser import open_page
from tests.kiosk_client.conftest import LOGIN, wait_until

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("KIOSK_SCREENSHOTS")


def shoot(page: Page, name: str) -> None:
    """A picture for people to look at, where a folder for them is named."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/fault-{name}.png")


class AgentProcess:
    """`kiosk-client` as people start it."""

    def __init__(self, server: str, folder: Path, *more: str) -> None:
        command = [sys.executable, "-m", "kiosk_client", "--server", server, "--data", str(folder), "--json", *more]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = json.loads(self.process.stdout.readline())["address"]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = open_page(chromium)
    yield opened
    opened.context.close()


def come_to_typing(page: Page, agent: AgentProcess, classroom: FakeClassroom) -> FakeAttempt:
    """Paired, signed in, started, at the field of the fourth item."""
    page.goto(agent.address)
    page.get_by_role("button", name="Показать код").click()
    digits = page.locator("#digits")
    expect(digits).not_to_be_empty()
    assert classroom.type_digits((digits.text_content() or "").replace(" ", ""))
    page.get_by_role("button", name="Консоль зелёная").click()
    page.get_by_label("Логин").press_sequentially(LOGIN)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Готов").click()
    attempt = classroom.find_attempt(LOGIN)
    classroom.start_work(attempt)
    page.get_by_role("button", name="Задание 4").click()
    expect(page.locator("input.qti-text-entry")).to_be_visible()
    return attempt


def test_a_killed_agent_stops_input_and_loses_nothing_typed(
        classroom: FakeClassroom, page: Page, tmp_path: Path) -> None:
    agent = AgentProcess(classroom.url, tmp_path / "seat")
    attempt = come_to_typing(page, agent, classroom)
    field = page.locator("input.qti-text-entry")
    field.press_sequentially("hill")
    expect(page.locator("#saved")).to_have_attribute("data-saved", "saving")
    expect(page.locator("#saved")).to_have_attribute("data-saved", "server")
    assert attempt.state.responses["i4/r1"].value == "hill"
    agent.kill()
    field.press_sequentially("s")
    expect(page.get_by_text("Программа рабочего места не отвечает")).to_be_visible()
    expect(page.get_by_text("Ещё не сохранено ответов: 1.")).to_be_visible()
    shoot(page, "gone")
    assert page.evaluate("document.getElementById('main').inert")
    page.keyboard.type("xyz")
    expect(field).to_have_value("hills")
    again = AgentProcess(classroom.url, tmp_path / "seat")
    expect(page.get_by_text("Программа рабочего места не отвечает")).to_be_hidden()
    wait_until(lambda: attempt.state.responses["i4/r1"].value == "hills")
    expect(field).to_have_value("hills")
    again.process.terminate()
    assert again.process.wait(timeout=20) == 0


def test_a_reload_without_the_agent_shows_no_error_page_and_comes_back_to_the_same_place(
        classroom: FakeClassroom, page: Page, tmp_path: Path) -> None:
    agent = AgentProcess(classroom.url, tmp_path / "seat")
    come_to_typing(page, agent, classroom)
    page.locator("input.qti-text-entry").press_sequentially("hill")
    expect(page.locator("#saved")).to_have_attribute("data-saved", "server")
    page.wait_for_function("navigator.serviceWorker.controller")
    agent.kill()
    page.reload()
    expect(page.get_by_text("Программа рабочего места не отвечает")).to_be_visible()
    shoot(page, "gone-reloaded")
    again = AgentProcess(classroom.url, tmp_path / "seat")
    expect(page.get_by_role("heading", level=1)).to_have_text("Задание 4. Короткий ответ")
    expect(page.locator("input.qti-text-entry")).to_have_value("hill")
    again.kill()


def test_an_answer_is_shown_as_saved_only_after_the_journal_has_it(
        classroom: FakeClassroom, page: Page, tmp_path: Path) -> None:
    agent = AgentProcess(classroom.url, tmp_path / "seat")
    come_to_typing(page, agent, classroom)
    saved = page.locator("#saved")
    page.route("**/v1/actions/answer", lambda route: page.wait_for_timeout(1500) or route.continue_())
    page.locator("input.qti-text-entry").press_sequentially("word")
    expect(saved).to_have_attribute("data-saved", "saving")
    expect(saved).to_have_attribute("data-saved", "server")
    page.unroute("**/v1/actions/answer")
    classroom.stop()
    page.locator("input.qti-text-entry").press_sequentially("s")
    expect(saved).to_have_attribute("data-saved", "here")
    expect(saved).to_have_text("Связи нет, ответы хранятся здесь")
    agent.kill()


def test_typing_is_handed_over_when_the_page_is_left(classroom: FakeClassroom, page: Page, tmp_path: Path) -> None:
    agent = AgentProcess(classroom.url, tmp_path / "seat")
    attempt = come_to_typing(page, agent, classroom)
    page.locator("input.qti-text-entry").press_sequentially("quick")
    page.goto("about:blank")
    wait_until(lambda: "i4/r1" in attempt.state.responses)
    assert attempt.state.responses["i4/r1"].value == "quick"
    agent.kill()


def test_the_page_speaks_english_when_it_is_asked_to(classroom: FakeClassroom, page: Page, tmp_path: Path) -> None:
    agent = AgentProcess(classroom.url, tmp_path / "seat")
    come_to_typing(page, agent, classroom)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Task 4. A short answer")
    assert page.evaluate("document.documentElement.lang") == "en"
    agent.kill()


def test_a_seat_without_a_microphone_is_told_so_and_its_time_stands(
        classroom: FakeClassroom, page: Page, tmp_path: Path) -> None:
    agent = AgentProcess(classroom.url, tmp_path / "seat", "--microphone", "a headset that nobody has")
    attempt = come_to_typing(page, agent, classroom)
    page.get_by_role("button", name="Задание 3").click()
    page.get_by_role("button", name="Начать подготовку").click()
    page.get_by_role("button", name="Начать раньше").click()
    expect(page.get_by_text("Микрофон не работает")).to_be_visible()
    shoot(page, "trouble")
    expect(page.get_by_text("Организатор уже видит это")).to_be_visible()
    before = page.locator(".bar-time").text_content()
    page.get_by_role("button", name="Попробовать снова").click()
    expect(page.get_by_text("Микрофон не работает")).to_be_visible()
    page.wait_for_timeout(2_500)
    assert page.locator(".bar-time").text_content() == before
    wait_until(lambda: {incident["kind"] for incident in attempt.state.incidents} >= {"sound", "outage"})
    agent.kill()


def test_what_a_full_disk_refuses_stays_on_the_page_until_there_is_room(
        classroom: FakeClassroom, page: Page, tmp_path: Path) -> None:
    agent = AgentProcess(classroom.url, tmp_path / "seat")
    attempt = come_to_typing(page, agent, classroom)
    page.route("**/v1/actions/answer", lambda route: route.fulfill(status=409, json={"code": "disk_full"}))
    field = page.locator("input.qti-text-entry")
    field.press_sequentially("kept")
    expect(page.get_by_text("На диске нет места.")).to_be_visible()
    expect(page.locator("#saved")).to_have_attribute("data-saved", "saving")
    expect(field).to_have_value("kept")
    page.unroute("**/v1/actions/answer")
    wait_until(lambda: "i4/r1" in attempt.state.responses)
    assert attempt.state.responses["i4/r1"].value == "kept"
    expect(page.get_by_text("На диске нет места.")).to_be_hidden()
    agent.kill()
