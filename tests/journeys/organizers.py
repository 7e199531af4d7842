"""The organizer in a browser: from the first steps of a new server to the receipt of the hub."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from testing_server.rehearsal.founding import Account
from tests.journeys.browsing import Browsing, expect_heading, press

LONG_MS = 90_000
SLIP = re.compile(r"\b(\d{5,8})\s+Логин[^\d]*(\d{4})\s(\d{4})\b")


class Organizer:
    """One person at the console on the server's own PC."""

    def __init__(self, browsing: Browsing, address: str) -> None:
        self._browsing, self._address = browsing, address
        # 422: digits typed wrong on purpose
        self.page: Page = browsing.open_page("organizer", may=((422, r"/workstations/pair/"),))

    def go(self, path: str) -> None:
        """A page of the console."""
        self.page.goto(self._address + path)

    def _shoot(self, name: str) -> None:
        self._browsing.shoot(self.page, f"console-{name}")

    def leave(self) -> None:
        """Looks at nothing: a page would complain of a server that is stopped on purpose."""
        self.page.goto("about:blank")

    def go_over_to(self, address: str) -> None:
        """The console of the server that took over."""
        self._address = address

    def unlock_key(self, passphrase: str) -> None:
        """After a start of the server the school's key is closed until somebody types its password."""
        self.go("/connect")
        self.page.locator("#field-passphrase").fill(passphrase)
        press(self.page, "Открыть ключ")
        expect(self.page.get_by_text("Ключ школы открыт")).to_be_visible()

    # Before.

    def take_first_steps(self, school: str, room: str, passphrase: str, account: Account) -> None:
        """The empty server leads here by itself; ends signed in."""
        self.go("/")
        expect_heading(self.page, "Первая настройка")
        for name, value in (("school_name", school), ("room", room), ("passphrase", passphrase),
                            ("passphrase_again", passphrase), ("login", account.login), ("password", account.password)):
            self.page.locator(f"#field-{name}").fill(value)
        self._shoot("first-steps")
        press(self.page, "Настроить сервер")
        self.page.get_by_label("Логин").fill(account.login)
        self.page.get_by_label("Пароль").fill(account.password)
        press(self.page, "Войти")

    def connect(self, credentials: dict[str, Any]) -> None:
        """With the file the coordinator handed out."""
        expect_heading(self.page, "Подключение и ключ")
        file = json.dumps({"format": "credentials/1", **credentials}).encode()
        self.page.locator("#field-credentials").set_input_files(
            {"name": "credentials.json", "mimeType": "application/json", "buffer": file})
        self._shoot("connect")
        press(self.page, "Подключить школу")
        expect(self.page.get_by_text("Школа подключена к региональному серверу.")).to_be_visible()

    def open_archives(self, titles: list[str]) -> None:
        """Asks the hub, downloads, fetches the ciphers and waits until every variant was checked."""
        self.go("/archives")
        press(self.page, "Спросить региональный сервер")
        for title in titles:
            self.go("/archives")
            self._find_card(title).get_by_role("button", name="Скачать").click()
            expect_heading(self.page, title)
            self._open_one()
        for title in titles:
            self._wait_until_checked(title)
        self._shoot("archive-checked")

    def _find_card(self, title: str) -> Locator:
        """Of the work itself; its criteria have a card of their own beside it."""
        return self.page.locator(".card").filter(has_text=title).filter(has_not_text="критерии")

    def _open_one(self) -> None:
        press(self.page, "Получить шифр и открыть")

    def _wait_until_checked(self, title: str) -> None:
        self.go("/archives")
        self._find_card(title).get_by_role("link").click()
        checked = self.page.get_by_text("открывается и показывается")
        expect(checked.first).to_be_visible(timeout=LONG_MS)
        expect(self.page.locator(".state-stopped")).to_have_count(0)

    def fetch_codes(self, day: str) -> dict[str, str]:
        """The list of the day; code → login, read from the slips as they are printed."""
        self.go("/codes")
        press(self.page, "Получить список с регионального сервера")
        link = self.page.get_by_role("link", name="Напечатать карточки")
        slips = self.page.request.get(self._address + (link.get_attribute("href") or ""))
        self._shoot("codes")
        text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(slips.body())).pages)
        assert ".".join(reversed(day.split("-"))) in text
        return {code: first + second for code, first, second in SLIP.findall(text)}

    def open_sitting(self, title: str, codes: list[str], pace: int) -> str:
        """A sitting for these codes, open for sign-in; gives its address on the console."""
        self.go("/sittings/new")
        option = self.page.locator("#field-archive option").filter(has_text=title)
        self.page.locator("#field-archive").select_option(value=option.get_attribute("value"))
        self.page.locator("#field-pace").fill(str(pace))
        press(self.page, "Снять выбор")
        for code in codes:
            self.page.get_by_role("checkbox", name=code).check()
        self._shoot("new-sitting")
        press(self.page, "Подготовить сеанс")
        press(self.page, "Открыть сеанс")
        expect(self.page.locator("#live-seats > li")).to_have_count(len(codes))
        return self.page.url.removeprefix(self._address)

    def pair(self, digits: str, seat: str) -> None:
        """Types the six digits of the one workstation that waits."""
        self.go("/workstations")
        self.page.locator("input.digits").fill(digits)
        self.page.locator("input.seat-number").fill(seat)
        self._shoot("pairing")
        press(self.page, "Подтвердить")

    # During.

    def seat(self, code: str) -> Locator:
        """The card of a candidate on the live grid."""
        return self.page.locator("#live-seats > li").filter(has_text=code)

    def watch(self, sitting: str) -> None:
        """The live grid."""
        self.go(sitting)
        expect(self.page.locator("#live-seats > li").first).to_be_visible()

    def start(self, sitting: str, code: str) -> None:
        """Starts everybody, as soon as the candidate is ready."""
        self.watch(sitting)
        expect(self.seat(code)).to_contain_text("готов начать")
        press(self.page, "Начать")
        expect(self.seat(code)).to_contain_text("работает")

    def add_time(self, code: str, minutes: int) -> None:
        """More time for one candidate."""
        self.seat(code).get_by_role("checkbox").check()
        press(self.page, "Добавить время")
        dialog = self.page.locator("#dialog-extra-time")
        dialog.get_by_label("Минут").fill(str(minutes))
        self._shoot("extra-time")
        dialog.get_by_role("button", name="Добавить время").click()
        expect(self.seat(code)).to_contain_text("подтверждено")

    # After.

    def close(self, sitting: str) -> str:
        """Closes, balances, packs, and waits for the hub's receipt; gives the candidates' receipt codes as shown."""
        self.go(sitting)
        press(self.page, "Закрыть сеанс")
        press(self.page, "Свести итог")
        expect(self.page.get_by_text("Итог сведён.")).to_be_visible()
        self._shoot("balanced")
        press(self.page, "Собрать и отправить пакет")
        expect(self.page.get_by_text("Принят региональным сервером")).to_be_visible(timeout=LONG_MS)
        expect(self.page.locator(".line-head").first).to_contain_text("квитанция получена")
        self.page.get_by_text("Коды квитанций участников").click()
        self._shoot("receipt")
        return self.page.locator(".package details").inner_text()
