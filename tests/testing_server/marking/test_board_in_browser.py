"""The board in a real browser: how far marking is, by school, subject and expert, without reloading the page."""
from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.testing_server.marking.test_announcing import CAMPAIGN, Marked, made  # noqa: F401  # the fixture
from tests.builders import Browser

SIZE = {"width": 1366, "height": 768}
PATIENCE_MS = 60_000
SESSION = "hub_session"


@pytest.fixture
def page(made: Marked) -> Iterator[Page]:  # noqa: F811
    """The regional coordinator before the board."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: make setup installs it where apt may be used")
    server = make_server("127.0.0.1", 0, made.hub.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        context = chromium.new_context(viewport=SIZE)  # type: ignore[arg-type]
        context.add_cookies([{"name": SESSION, "value": read_cookie(made.browsers["regional"]),
                              "url": f"http://127.0.0.1:{server.port}"}])
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        opened.goto(f"http://127.0.0.1:{server.port}/coordinator?campaign={CAMPAIGN}")
        yield opened
        chromium.close()
    server.shutdown()


def read_cookie(browser: Browser) -> str:
    cookie = browser.client.get_cookie(SESSION)
    assert cookie is not None
    return cookie.value


def test_marks_appear_on_the_board_without_reloading(made: Marked, page: Page) -> None:  # noqa: F811
    made.announce()
    summary = page.locator("#marking summary")
    expect(summary).to_contain_text("отмечено 0 из 16", timeout=PATIENCE_MS)
    page.evaluate("window.isSamePage = true")
    made.mark("anna")
    made.mark("boris")
    made.announce()
    ours = made.describe("Владимирская область")[0]
    expect(summary).to_contain_text(f"отмечено {ours.done} из {ours.all}", timeout=PATIENCE_MS)
    cell = page.locator(".board-marked")
    expect(cell).to_have_count(1, timeout=PATIENCE_MS)
    expect(cell).to_contain_text(f"{ours.done}/{ours.all}")
    cell.click()
    expect(summary).to_contain_text("Школа № 1 ·", timeout=PATIENCE_MS)
    expect(summary).to_be_focused(timeout=PATIENCE_MS)
    assert page.locator("#marking details").evaluate("one => one.open")
    expect(page.locator("#marking")).to_contain_text("Английский язык")
    page.locator("#marking button[data-school='']").press("Enter")
    expect(page.locator("#marking button[data-school]")).to_have_text(["Школа № 1"], timeout=PATIENCE_MS)
    assert page.evaluate("window.isSamePage") is True
