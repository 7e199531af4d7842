"""The journeys' browser is not blind: what a page complains of is noted."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.microphone, pytest.mark.timeout(300)]
INLINE_SCRIPT = """() => {
  const script = document.createElement("script");
  script.textContent = "1";
  document.body.append(script);
}"""


def test_complaints_of_pages_are_noted(world: World) -> None:
    page = world.browsing.open_page("clumsy")
    page.goto(f"{world.hub.address}/sign-in")
    page.evaluate(INLINE_SCRIPT)
    page.evaluate("() => { setTimeout(() => { throw new Error('broken'); }, 0); }")
    page.goto(f"{world.hub.address}/nowhere")
    found, world.browsing.complaints[:] = list(world.browsing.complaints), []
    page.context.close()
    assert ["Content Security Policy" in found[0], "broken" in found[1], found[2:]] == [
        True, True, ["clumsy: GET /nowhere: 404"]], found
