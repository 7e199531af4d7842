"""A candidate in front of a real Chromium: the page, the real agent behind it, a fake classroom behind that.

Takes the work and a voice for the microphone; gives a `Walk`. The clocks of seat and classroom can be pushed ahead
together, so that times in tests are as long as a loaded machine needs and nobody waits for them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from audio.sources import FileSource
from kiosk_client.agent import Agent, Options
from kiosk_client.clock import SystemClock
from kiosk_client.connection import AWAY_MS
from kiosk_client.fake_work import FakeWork
from kiosk_client.fakes import FakeAttempt, FakeClassroom
from kiosk_client.screens.server import PageServer
from kiosk_client.screens.snapshot import take_snapshot
from tests.kiosk_client.browser import open_page
from tests.kiosk_client.conftest import LOGIN

SHOTS = os.environ.get("KIOSK_SCREENSHOTS")


class PushedClock(SystemClock):
    """The machine's clocks, `ahead_ms` further on: for the seat time has passed."""

    ahead_ms = 0

    def mono_ms(self) -> int:
        return super().mono_ms() + self.ahead_ms

    def wall_ms(self) -> int:
        return super().wall_ms() + self.ahead_ms


class Walk:
    """The page, the agent and the classroom of one walk."""

    def __init__(self, page: Page, agent: Agent, classroom: FakeClassroom, clock: PushedClock) -> None:
        self.page, self.agent, self.classroom, self.clock = page, agent, classroom, clock
        self._shot = 0

    def shoot(self, name: str) -> None:
        """A picture for people to look at, where a folder for them is named."""
        self._shot += 1
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{self._shot:02d}-{name}.png")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(re.escape(name))).first.click()

    def heading(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)

    def look(self) -> dict[str, Any]:
        """What the page is told now."""
        return take_snapshot(self.agent)

    def pass_time(self, milliseconds: int) -> None:
        """So much later, at the seat and in the classroom."""
        self.clock.ahead_ms += milliseconds
        self.classroom.shift_ms += milliseconds

    def direct(self, kind: str, **body: Any) -> None:
        """The organizer does something; the seat hears a hint of it, as from a real classroom."""
        self.classroom.direct(self.attempt, kind, **body)
        self.agent._hear_hint()

    def start_work(self, **changes: Any) -> None:
        self.classroom.start_work(self.attempt, **changes)
        self.agent._hear_hint()

    def lose_link(self) -> None:
        """The classroom is gone, for longer than a seat waits before it says so."""
        self.classroom.stop()
        self.pass_time(AWAY_MS + 1)

    @property
    def attempt(self) -> FakeAttempt:
        return self.classroom.find_attempt(LOGIN)


@contextmanager
def walk_with(browser: Browser, folder: Path, voice: Path, work: FakeWork) -> Iterator[Walk]:
    """At the first screen; fails at the end if the page stumbled or asked for what its policy forbids."""
    classroom = FakeClassroom(work, {LOGIN: "10001"}).start()
    clock = PushedClock()
    agent = Agent(Options(folder / "seat", classroom.url, lambda: FileSource(voice)), clock)
    server = PageServer(agent)
    agent.start()
    server.start()
    page = open_page(browser)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text) if "Content Security" in told.text else None)
    page.goto(server.launch_address())
    yield Walk(page, agent, classroom, clock)
    page.context.close()
    server.stop()
    agent.stop()
    classroom.stop()
    assert problems == []
