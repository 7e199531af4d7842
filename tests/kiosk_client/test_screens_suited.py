"""Every screen for people who hear it, magnify it, press with an unsteady hand, or see it in the system's colours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kiosk_client.fake_work import FakeWork
from tests.kiosk_client.tour import look_for_cuts, look_for_small_targets, tour
from tests.kiosk_client.walk import SHOTS, Walk, walk_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def walk(chromium: Browser, tmp_path: Path, voice: Path) -> Iterator[Walk]:
    """At the first screen; answers are in German, the last one is a letter too."""
    with walk_with(chromium, tmp_path, voice, FakeWork(language="de", free_text=True)) as begun:
        yield begun


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
