"""The served hub with a browser before it. Takes a commission; gives pages of people who sit down at its desk."""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.builders import close_app
from tests.testing_server.marking.hearing import TAP
from tests.testing_server.marking.make_commission import Commission, sign_in

SIZE = {"width": 1366, "height": 768}
# remembers every sound the page plays, also after the page has let go of it
REMEMBER = """window.played = []; const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.played.push(this); return play.call(this); };"""
ANSWERED = "() => !document.getElementById('desk').hidden && !document.querySelector('.desk-busy')"
IN_HAND = "() => document.getElementById('desk').hidden ? '' : document.getElementById('desk').dataset.assignment"
MOVED_ON = """(before) => { const desk = document.getElementById('desk');
  return !document.querySelector('.desk-busy') && document.getElementById('desk-unsent').hidden
    && (desk.hidden || desk.dataset.assignment !== before); }"""


@dataclass
class Office:
    """The served hub and a browser; each person has a window of their own."""

    made: Commission
    address: str
    chromium: Browser
    complaints: list[str] = field(default_factory=list)
    seated: int = 0

    def enter(self, login: str, role: str = "expert", size: dict[str, int] | None = None, **details: Any) -> Page:
        context = self.chromium.new_context(viewport=size or SIZE)  # type: ignore[arg-type]
        self.seated += 1
        context.add_init_script(REMEMBER)
        context.add_init_script(TAP)
        page: Page = sign_in(context, self.address, self.made, login, role, **details)
        page.set_default_timeout(60_000)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def sit_down(self, login: str, **details: Any) -> Page:
        page = self.enter(login, **details)
        page.goto(f"{self.address}/marking/desk")
        page.wait_for_function(ANSWERED)
        return page


@contextmanager
def open_office(made: Commission, *arguments: str) -> Iterator[Office]:
    """Serves the commission until the end. Skips where there is no Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: make setup installs it where apt may be used")
    with ExitStack() as stack:
        stack.callback(close_app, made.hub.app)
        address = stack.enter_context(made.serve())
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", *arguments])
        stack.callback(chromium.close)
        yield Office(made, address, chromium)


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def find_in_hand(page: Page) -> str:
    """The assignment on the desk, empty where there is none."""
    return str(page.evaluate(IN_HAND))


def save(page: Page) -> None:
    """Enter, and wait until the marks are at the server and the next answer lies on the desk."""
    before = find_in_hand(page)
    page.keyboard.press("Enter")
    page.wait_for_function(MOVED_ON, arg=before)


def fill(page: Page, points: str = "1") -> None:
    """The same points in every criterion."""
    press(page, points * page.locator(".desk-criterion").count())


def status(page: Page) -> str:
    return page.inner_text("#desk-status")


def given(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("#criteria input:checked", "all => all.map((one) => one.value)")
    return found
