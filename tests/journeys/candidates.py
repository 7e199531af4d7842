"""A candidate in a browser: the page of a workstation, from pairing to the receipt."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from audio.virtual import VirtualMicrophone
from testing_server.rehearsal.processes import Teller
from tests.journeys.browsing import SHOWN_PICTURES, Browsing, expect_heading, press

HEARING_MS = 90_000
SIX_DIGITS = re.compile(r"^\d{3} \d{3}$")


class Seat:
    """One workstation: its agent as a process, its page in the browser."""

    def __init__(self, browsing: Browsing, page: Page, agent: Teller) -> None:
        self._browsing, self.page, self.agent = browsing, page, agent

    def shoot(self, name: str) -> None:
        """A picture of the page."""
        self._browsing.shoot(self.page, f"{self.agent.name}-{name}")

    # Before the work.

    def show_code(self) -> str:
        """The six digits of pairing, as the page shows them."""
        expect_heading(self.page, "Сопряжение рабочего места")
        press(self.page, "Показать код")
        digits = self.page.locator("#digits")
        expect(digits).to_have_text(SIX_DIGITS)
        self.shoot("pairing")
        return (digits.text_content() or "").replace(" ", "")

    def confirm_green(self) -> None:
        """The console is green: so it is typed here."""
        expect(self.page.locator(".status-green")).to_be_visible()
        press(self.page, "Консоль зелёная")
        expect_heading(self.page, "Вход")

    def sign_in(self, login: str) -> None:
        """By the eight digits of the slip."""
        self.page.get_by_label("Логин").press_sequentially(login)
        self.shoot("sign-in")
        press(self.page, "Войти")

    def check_sound(self, microphone: VirtualMicrophone, voice: Path) -> None:
        """Hears a phrase, says a phrase, hears it back."""
        expect_heading(self.page, "Проверка звука")
        press(self.page, "Прослушать фразу")
        press(self.page, "Слышу хорошо")
        press(self.page, "Начать запись")
        expect(self.page.locator(".recording-light")).to_be_visible()
        microphone.speak(voice)
        self.shoot("sound-check")
        press(self.page, "Готово")
        expect(self.page.get_by_text("Вас хорошо слышно.")).to_be_visible()
        press(self.page, "Прослушать запись")
        press(self.page, "Слышу себя")
        press(self.page, "Продолжить")

    def read_instruction(self, title: str) -> None:
        """Reads and waits for the start."""
        expect_heading(self.page, title)
        self.shoot("instruction")
        press(self.page, "Готов")
        expect_heading(self.page, "Ждём начала")
        self.shoot("waiting")

    # The work.

    @property
    def saved(self) -> Locator:
        """The mark that says where the answers are."""
        return self.page.locator("#saved")

    def expect_item(self, position: int) -> None:
        """The item is open and its content is there."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(f"Задание {position}.")
        expect(self.page.locator(".item-body > *").first).to_be_visible()

    def go_on(self, position: int) -> None:
        """To the next item, everything saved; `position`: the one that is left."""
        expect(self.saved).to_have_attribute("data-saved", "server")
        self.page.wait_for_function(SHOWN_PICTURES)
        self.shoot(f"item-{position}")
        press(self.page, "Далее")
        self.expect_item(position + 1)

    def hear(self) -> None:
        """Begins a hearing."""
        self.page.get_by_role("button", name="Слушать").click()
        expect(self.page.get_by_text("Звучит запись")).to_be_visible()

    def wait_for_silence(self, left: str) -> None:
        """The hearing has ended by itself; `left`: what the page says of further hearings."""
        expect(self.page.get_by_text(left)).to_be_visible(timeout=HEARING_MS)
        expect(self.page.get_by_text("Звучит запись")).to_be_hidden(timeout=HEARING_MS)
        sound = self.page.evaluate("() => ({ended: heard.at(-1).ended, at: heard.at(-1).currentTime})")
        assert sound["ended"] and sound["at"] > 30

    def speak(self, microphone: VirtualMicrophone, voice: Path, shot: str) -> None:
        """Prepares for a moment, speaks into the microphone, ends early."""
        press(self.page, "Начать подготовку")
        press(self.page, "Начать раньше")
        expect(self.page.locator(".stage-speaking .recording-light")).to_be_visible()
        speaking = microphone.start_speaking(voice)
        expect(self.page.locator(".stage-speaking .level-good")).to_be_visible()
        self.shoot(shot)
        while speaking.poll() is None:
            self.page.wait_for_timeout(200)
        self.page.wait_for_timeout(700)
        press(self.page, "Закончить")

    # The end.

    def finish(self) -> str:
        """Over the summary to the end; gives the receipt code."""
        press(self.page, "К завершению")
        expect_heading(self.page, "Завершение")
        self.shoot("finish")
        press(self.page, "Завершить работу")
        self.shoot("finish-ask")
        self.page.get_by_role("dialog").get_by_role("button", name="Завершить", exact=True).click()
        expect_heading(self.page, "Спасибо")
        expect(self.page.get_by_text("Все ответы переданы на сервер.")).to_be_visible()
        self.shoot("receipt")
        return self.page.locator("#receipt").text_content() or ""
