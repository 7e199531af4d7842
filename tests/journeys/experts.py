"""An expert and the head of the commission in a browser: sound heard, marks by keyboard, the protocol signed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from testing_server.rehearsal.founding import Account
from tests.journeys.browsing import SHOWN_PICTURES, Browsing, press, sign_in

TITLE = re.compile(r"^(.*) · Задание (\d+)\.")
HEADING_ROW = 4
Points = Mapping[str, int]


@dataclass
class Marked:
    """What an expert met: the answers by (work, position), the sound of those that were spoken."""

    answers: list[tuple[str, int]] = field(default_factory=list)
    sounds: dict[int, Path] = field(default_factory=dict)


class Expert:
    """One expert at the desk."""

    def __init__(self, browsing: Browsing, address: str, account: Account, folder: Path) -> None:
        self._browsing, self._address, self._folder = browsing, address, folder
        self.page: Page = browsing.open_page(account.login)
        sign_in(self.page, address, account.login, account.password)

    def mark_all(self, marks: Mapping[tuple[str, int], Points], spoken: tuple[int, ...]) -> Marked:
        """Empties the queue by keyboard. `marks`: (beginning of the work's title, position) → points by criterion."""
        met = Marked()
        self.page.goto(f"{self._address}/marking")
        self._browsing.shoot(self.page, "expert-queue")
        self.page.get_by_role("link", name="Взять следующий ответ").click()
        for _ in marks:
            work, position = self._read_title(met)
            if position in spoken and work.startswith("Английский"):
                met.sounds[position] = self._listen(position)
            points = next(value for (title, number), value in marks.items()
                          if work.startswith(title) and number == position)
            self._give(points)
            met.answers.append((work, position))
        expect(self.page.get_by_text("Очередь пуста")).to_be_visible()
        return met

    def _read_title(self, met: Marked) -> tuple[str, int]:
        expect(self.page.locator("#desk")).to_be_visible()
        expect(self.page.locator("#desk-title")).to_have_text(TITLE)
        title = self.page.locator("#desk-title").inner_text()
        found = TITLE.match(title)
        assert found, title
        self.page.wait_for_function(SHOWN_PICTURES)
        self._browsing.shoot(self.page, f"expert-desk-{len(met.answers) + 1}")
        return found.group(1), int(found.group(2))

    def _listen(self, position: int) -> Path:
        """Plays by the space bar and stops again; gives the very file that sounded."""
        expect(self.page.locator(".desk-recording[data-ready]")).to_be_visible()
        self.page.keyboard.press("Space")
        self.page.wait_for_function("() => window.heard.length && window.heard.at(-1).currentTime > 1")
        before = self.page.evaluate("() => window.heard.at(-1).currentTime")
        self.page.wait_for_function(f"() => window.heard.at(-1).currentTime > {before} + 0.5")
        self.page.keyboard.press("Space")
        assert self.page.evaluate("() => window.heard.at(-1).paused")
        return self._fetch_sound(position)

    def _fetch_sound(self, position: int) -> Path:
        # the one on the desk: the next answer's is fetched before it is shown
        sha256 = self.page.locator(".desk-recording").get_attribute("data-sha256")
        path = self._folder / f"heard-{position}.flac"
        path.write_bytes(self.page.request.get(f"{self._address}/marking/recordings/{sha256}").body())
        return path

    def _give(self, points: Points) -> None:
        """A digit per criterion, in their order, then Enter."""
        title = self.page.locator("#desk-title").inner_text()
        shown = self.page.locator(".desk-criterion-title strong").all_inner_texts()
        assert shown == list(points)
        for value in points.values():
            self.page.keyboard.press(str(value))
        expect(self.page.locator(".desk-criterion.desk-done")).to_have_count(len(points))
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#desk-title")).not_to_have_text(title)


class Head:
    """The head of the commission."""

    def __init__(self, browsing: Browsing, address: str, account: Account) -> None:
        self._browsing, self._address = browsing, address
        self.page: Page = browsing.open_page(account.login)
        sign_in(self.page, address, account.login, account.password)

    def sign_protocol(self, work: str) -> dict[str, Any]:
        """Signs the protocol of a work; gives the one row of its Excel form by the form's own headings."""
        self.page.goto(f"{self._address}/commission")
        self.page.get_by_role("row").filter(has_text=work).get_by_role("link", name="Открыть").click()
        self.page.get_by_label("Баллы сверены.").check()
        self._browsing.shoot(self.page, "protocol-unsigned")
        press(self.page, "Подписать протокол")
        expect(self.page.locator(".state-ready")).to_contain_text("подписан")
        self._browsing.shoot(self.page, "protocol")
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name="Скачать форму сбора результатов").click()
        return read_form(Path(waiting.value.path()).read_bytes())


def read_form(book: bytes) -> dict[str, Any]:
    """The only candidate's row of a form."""
    rows = list(load_workbook(BytesIO(book))["Протокол"].iter_rows(min_row=HEADING_ROW, values_only=True))
    assert len(rows) == 2, rows
    return dict(zip((str(name) for name in rows[0]), rows[1], strict=True))
