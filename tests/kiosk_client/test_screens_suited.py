"""Every screen for people who hear it, magnify it, press with an unsteady hand, or see it in the system's colours."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from audio.sources import FileSource
from kiosk_client.agent import Agent, Options
from kiosk_client.fake_work import FakeWork
from kiosk_client.fakes import FakeClassroom
from kiosk_client.screens.server import PageServer
from tests.kiosk_client.conftest import LOGIN
from tests.kiosk_client.test_screens_walk import Walk, voice  # noqa: F401
from tests.kiosk_client.tour import look_for_cuts, look_for_small_targets, tour

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
SHOTS = os.environ.get("KIOSK_SCREENSHOTS")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def walk(tmp_path: Path, voice: Path) -> Iterator[Walk]:  # noqa: F811
    """At the first screen; answers are in German."""
    classroom = FakeClassroom(FakeWork(language="de"), {LOGIN: "10001"}).start()
    agent = Agent(Options(tmp_path / "seat", classroom.url, lambda: FileSource(voice)))
    server = PageServer(agent)
    agent.start()
    server.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[
            "--no-sandbox", "--autoplay-policy=no-user-gesture-required"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(server.launch_address())
        yield Walk(page, agent, classroom, server)
        browser.close()
    server.stop()
    agent.stop()
    classroom.stop()


def find_violations(page: Page) -> list[str]:
    """What axe-core finds on the whole page, one line a fault."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html'][:120]}: {node['failureSummary'].splitlines()[-1].strip()}"
            for one in found["violations"] for node in one["nodes"]]


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def look(page: Page, name: str) -> dict[str, list[str]]:
    """All looks at one screen."""
    faults = {"axe": find_violations(page), "small": look_for_small_targets(page), "cut": look_for_cuts(page)}
    shoot(page, f"{name}-usual")
    page.set_viewport_size({"width": 683, "height": 384})
    shoot(page, f"{name}-zoomed")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(forced_colors="active")
    shoot(page, f"{name}-forced")
    page.emulate_media(forced_colors="none")
    return {kind: found for kind, found in faults.items() if found}


def collect(walk: Walk, prefix: str, **needs: Any) -> dict[str, dict[str, list[str]]]:
    return {name: faults for name in tour(walk, **needs) if (faults := look(walk.page, f"{prefix}-{name}"))}


def test_every_screen_is_read_aloud_hit_magnified_and_seen(walk: Walk) -> None:
    faults = collect(walk, "usual")
    assert not faults, json.dumps(faults, ensure_ascii=False, indent=1)


def test_every_screen_in_large_print_and_strong_contrast(walk: Walk) -> None:
    faults = collect(walk, "suited", extra_percent=50, large_print=True, high_contrast=True)
    assert not faults, json.dumps(faults, ensure_ascii=False, indent=1)


BROKEN = """<!doctype html><html lang="ru"><body style="margin:0">
<button style="width:30px;height:20px;padding:0">x</button><p style="width:900px">wide</p>
<p style="width:90px;overflow:hidden;white-space:nowrap">a very long line that is cut</p>
<input aria-label="below" style="margin-top:100px"><div style="position:fixed;inset:0;background:#fff"></div>
</body></html>
"""


def test_the_looks_see_what_is_wrong(walk: Walk) -> None:
    walk.page.goto("about:blank")  # the page's own policy forbids what makes a page broken
    walk.page.set_content(BROKEN)
    assert len(look_for_small_targets(walk.page)) == 2
    cuts = " ".join(look_for_cuts(walk.page))
    wanted = ("beyond the edge", "cut: ", "covered: <button", "covered: <input", "sideways")
    assert [what for what in wanted if what not in cuts] == [], cuts
    walk.page.set_content('<html lang="ru"><title>x</title><main><h1>x</h1><button></button></main></html>')
    assert any(fault.startswith("button-name") for fault in find_violations(walk.page))
