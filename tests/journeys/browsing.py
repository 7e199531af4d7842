"""Pages of a headless Chromium that note every complaint: errors of scripts, of the security policy, of HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, ViewportSize, expect

from testing_server.foundation.accounts.second_factor_rules import compute_code
from testing_server.foundation.clock import SystemClock

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check",
]
SCREEN: ViewportSize = {"width": 1366, "height": 768}
PATIENCE_MS = 30_000
# Chromium's own line for every answer of 400 and above; such answers are noted with their address instead.
_REPEATED = "Failed to load resource"
# Answers above 400 that a page is built to get: an expert's queue that has run empty.
EXPECTED = ((404, re.compile(r"/v1/marking/next")),)
SHOWN_PICTURES = "() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)"
REMEMBER_SOUND = """
const play = HTMLMediaElement.prototype.play;
window.heard = [];
HTMLMediaElement.prototype.play = function () { window.heard.push(this); return play.call(this); };
"""


class Browsing:
    """A browser whose pages may not complain. `complaints` is what they complained of."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        self._folder = folder
        self._shot = 0
        self.complaints: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)
        expect.set_options(timeout=PATIENCE_MS)

    def open_page(self, name: str, may: tuple[tuple[int, str], ...] = ()) -> Page:
        """A page of a person of its own; `may`: (status, path) answers this walk is about to cause on purpose."""
        context = self._browser.new_context(viewport=SCREEN, locale="ru-RU")
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(REMEMBER_SOUND)
        page = context.new_page()
        allowed = (*EXPECTED, *((status, re.compile(path)) for status, path in may))
        page.on("pageerror", lambda error: self.complaints.append(f"{name}: {error}"))
        page.on("console", lambda told: self._hear(name, told))
        page.on("response", lambda response: self._look(name, response, allowed))
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    def _hear(self, name: str, told: ConsoleMessage) -> None:
        if told.type == "error" and not told.text.startswith(_REPEATED):
            self.complaints.append(f"{name}: {told.text}")

    def _look(self, name: str, response: Response, allowed: tuple[tuple[int, re.Pattern[str]], ...]) -> None:
        path = urlsplit(response.url).path
        if response.status >= 400 and not any(
                response.status == status and pattern.search(path) for status, pattern in allowed):
            self.complaints.append(f"{name}: {response.request.method} {path}: {response.status}")

    def shoot(self, page: Page, name: str) -> None:
        """A picture of the screen for people to look at."""
        self._shot += 1
        page.screenshot(path=self._folder / f"{self._shot:02d}-{name}.png")

    def close(self) -> None:
        """Ends the browser."""
        self._browser.close()


def press(page: Page, name: str) -> None:
    """The first button that is shown and called so."""
    page.get_by_role("button", name=re.compile(re.escape(name))).first.click()


def expect_heading(page: Page, text: str) -> None:
    """The screen named so is there."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def sign_in(page: Page, address: str, login: str, password: str, telephone: str = "") -> None:
    """Through the page where everybody of a server signs in. `telephone`: the secret of a coordinator's codes."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Логин").fill(login)
    page.get_by_label("Пароль").fill(password)
    press(page, "Войти")
    if telephone:
        page.get_by_label("Шесть цифр с телефона").fill(compute_code(telephone, SystemClock().now_ms()))
        press(page, "Войти")
    expect(page.get_by_role("button", name="Выйти")).to_be_visible()
