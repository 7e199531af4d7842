"""A page with the player in a real browser, served with the content policy of the product."""
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from task_bank.items import Identifiers, MediaFile, render_item
from tests.task_bank.builders import make_package_with_files

ROOT = Path(__file__).parents[2]
PAGE = (
    '<!doctype html><html lang="ru"><meta charset="utf-8"><title>Item</title><link rel="stylesheet" '
    'href="player.css"><main id="root"></main><script type="module" src="page.js"></script></html>'
)
SCRIPT = """
import { mountItem } from "./player.js";
async function keepFile(blob, name) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const kept = await fetch(`files/${sha256}`, { method: "PUT", body: blob });
  if (!kept.ok) throw new Error("not kept");
  return `${sha256} ${blob.size} ${blob.type || "application/octet-stream"} ${name}`;
}
window.start = (item, { files = true, ...options }) => {
  window.answers = {};
  window.count = 0;
  window.mounted = mountItem(document.querySelector("#root"), item, {
    ...options, onAnswer(id, value) { window.answers[id] = value; window.count += 1; },
    ...(files ? { keepFile } : {}), fileUrl: (sha256) => `files/${sha256}`,
  });
};
"""


# Files the page keeps, by SHA-256; a status other than 200 makes keeping fail.
FILES: dict[str, bytes] = {}


class Handler(SimpleHTTPRequestHandler):
    """Files of the page, with the strict content policy."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'")
        super().end_headers()

    def log_message(self, *ignored: object) -> None:
        """Nothing: requests are not what these tests tell."""


@pytest.fixture(scope="package")
def player_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page that holds the player as it is now."""
    folder = tmp_path_factory.mktemp("player")
    (folder / "index.html").write_text(PAGE)
    (folder / "page.js").write_text(SCRIPT)
    (folder / "player.css").write_text((ROOT / "task_bank/player/player.css").read_text())
    build = [ROOT / "node_modules/.bin/esbuild", "task_bank/player/player.js", "--bundle", "--format=esm"]
    subprocess.run([*map(str, build), f"--outfile={folder / 'player.js'}", "--log-level=error"], cwd=ROOT, check=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
        server.shutdown()


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        started.close()


class Desk:
    """One item in the browser, told in the author's words."""

    def __init__(self, page: Page, kind: str, **options: Any) -> None:
        package = make_package_with_files()
        place = list(package.items).index(kind)
        names = Identifiers("i1")
        position = package.assessment.positions[place]
        self.page = page
        rendered = render_item(package, package.items[kind], position, names, "seed")
        self.item = rendered.data
        self.keeps_files = True
        page.route("**/files/*", self._keep)
        page.route("**/media/*", lambda route: self._give(route, rendered.media))
        self.opaque = {original: name for name, original in names.choices.items()}
        self.originals = names.choices
        state = options.pop("state", None)
        page.evaluate("([item, options]) => start(item, options)", [self.item, {
            **options, "state": {"r1": self.send(state)},
        }])

    def _keep(self, route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        if route.request.method == "PUT":
            FILES[name] = route.request.post_data_buffer or b""
            route.fulfill(status=200 if self.keeps_files else 507)
        else:
            route.fulfill(body=FILES[name], content_type="image/png")

    def _give(self, route: Route, media: Mapping[str, MediaFile]) -> None:
        file = media[route.request.url.rsplit("/", 1)[1]]
        route.fulfill(body=file.data, content_type=file.type)

    def send(self, answer: Any) -> Any:
        """An answer in the delivered names."""
        if isinstance(answer, list):
            return [self.send(one) for one in answer]
        return " ".join(self.opaque.get(word, word) for word in answer.split()) if answer else answer

    def answer(self) -> Any:
        """The last answer sent, in the author's names; "nothing sent" before the first."""
        given = self.page.evaluate("'r1' in answers ? answers.r1 : 'nothing sent'")
        if isinstance(given, list):
            return [" ".join(self.originals.get(word, word) for word in one.split()) for one in given]
        return self.originals.get(given, given)

    def find(self, choice: str, css: str = "") -> Any:
        """The element of a choice, by the author's name."""
        return self.page.locator(f'[data-choice="{self.opaque[choice]}"] {css}'.strip())

    def input(self, *choices: str) -> Any:
        """The radio button or checkbox of a choice or a pair."""
        return self.page.locator(f'input[value="{" ".join(self.opaque[one] for one in choices)}"]')

    def drag(self, start: Any, end: Any) -> None:
        """Drag with the mouse from the middle of one element to the middle of another."""
        start.scroll_into_view_if_needed()
        (x, y), (to_x, to_y) = self.middle(start), self.middle(end)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(1, 13):
            self.page.mouse.move(x + (to_x - x) * step / 12, y + (to_y - y) * step / 12)
            self.page.wait_for_timeout(15)
        self.page.mouse.up()

    def middle(self, element: Any) -> tuple[float, float]:
        box = element.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def open_item(browser: Any, player_address: str) -> Iterator[Callable[..., Desk]]:
    """`open_item(kind, state=…, readOnly=…)`: the item of that kind; a script error fails the test."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(player_address)
    page.wait_for_function("() => Boolean(window.start)")
    yield lambda kind, **options: Desk(page, kind, **options)
    page.close()
    assert errors == []
