"""The Chromium that the page tests drive: the system's own, or the one `KIOSK_BROWSER` names (`make chromium109`).

Gives pages at the size of a school PC that wait long enough for a loaded machine: a wait ends when its condition comes
true, so patience costs nothing where all is well.
"""

from __future__ import annotations

import os

from playwright.sync_api import Browser, Page, Playwright, expect

EXECUTABLE = os.environ.get("KIOSK_BROWSER", "/usr/bin/chromium")
VERSION = os.environ.get("KIOSK_BROWSER_VERSION", "")
PATIENCE_MS = 60_000
SCREEN = {"width": 1366, "height": 768}

expect.set_options(timeout=PATIENCE_MS)


def open_browser(playwright: Playwright) -> Browser:
    """A browser without a window that may play sound unasked, as the kiosk's may."""
    browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=[
        "--no-sandbox", "--autoplay-policy=no-user-gesture-required"])
    assert browser.version.startswith(VERSION), f"{EXECUTABLE} is {browser.version}"
    return browser


def open_page(browser: Browser) -> Page:
    """A page of its own: nothing is left in it by another test."""
    page = browser.new_context(viewport=SCREEN).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    return page
