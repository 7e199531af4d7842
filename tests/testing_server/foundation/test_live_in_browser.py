"""A page in a real browser hears of a change without reload, under the strict content policy."""
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask, render_template_string
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

import testing_server
from testing_server.foundation.live import Live
from testing_server.foundation.web import Mount
from tests.builders import PASSWORD, save_account, services_of

pytestmark = pytest.mark.browser
BUNDLE = Path(testing_server.__file__).parent / "foundation" / "web" / "static" / "bundle" / "live.js"
PAGE = """{% extends "layout.html" %}
{% block content %}<div data-live="board" data-live-from="/part">at first</div>{% endblock %}
{% block scripts %}
<script type="module" src="{{ url_for('static', filename='bundle/live.js') }}"></script>
{% endblock %}"""


class Board:
    """One page with a part that fetches itself again after each hint."""

    def __init__(self) -> None:
        self.seats = 0
        self.pages = Blueprint("trial", __name__)
        self.pages.add_url_rule("/board", "show_board", lambda: render_template_string(PAGE))
        self.pages.add_url_rule("/part", "show_part", lambda: f"seats: {self.seats}")

    def mount(self) -> Mount:
        experts = frozenset({"expert"})
        return Mount(self.pages, {"show_board": experts, "show_part": experts}, live=self.allow)

    def allow(self, live: Live) -> None:
        live.allow_watching("board", lambda scope: True)


@pytest.fixture
def page() -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium: make setup installs it where apt may be used")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1366, "height": 768})
        browser.close()


def test_part_of_a_page_follows_the_hints(open_app: Callable[..., Flask], page: Page) -> None:
    board = Board()
    app = open_app([board.mount()])
    save_account(app, "anna", "expert")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"http://127.0.0.1:{server.port}/board")
    page.fill("#field-login", "anna")
    page.fill("#field-password", PASSWORD)
    page.click("button.primary")
    page.get_by_text("seats: 0").wait_for()
    board.seats = 12
    services_of(app).live.changed("board", 1)
    page.get_by_text("seats: 12").wait_for()
    assert complaints == []
    server.shutdown()


def test_bundle_is_built() -> None:
    assert BUNDLE.stat().st_size > 10_000
