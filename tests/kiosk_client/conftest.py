"""What every test of the kiosk may ask for: a fake classroom on loopback and agents that are paired with it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, sync_playwright

from audio.sources import FileSource
from audio.virtual import speak_text
from kiosk_client.agent import Agent, Options
from kiosk_client.fake_work import FakeWork
from kiosk_client.fakes import FakeAttempt, FakeClassroom
from testing_server.contracts.check_digits import make_login
from testing_server.foundation.supervision import find_free_port
from tests.kiosk_client.browser import open_browser

# a port that outgoing connections are not given: it is free again when the classroom comes back
FakeClassroom.choose_port = staticmethod(find_free_port)  # type: ignore[arg-type]
LOGIN = make_login(random.Random(7).randrange)


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Fails when the condition does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def make_speech(path: Path, seconds: float = 3.0) -> Path:
    """Something that sounds like speech to a level meter: bursts of tone."""
    times = np.arange(int(seconds * 24_000)) / 24_000
    sound = 0.3 * np.sin(2 * np.pi * 220 * times) * (np.sin(2 * np.pi * 3 * times) > 0)
    soundfile.write(path, sound, 24_000, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file; a page of its own for each."""
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody who speaks into the microphone."""
    return speak_text("Good morning! I am ready to answer, and you can hear me well. The sun rises over the hills.",
                      "en", tmp_path_factory.mktemp("voice") / "voice.wav")


@pytest.fixture
def classroom() -> Iterator[FakeClassroom]:
    fake = FakeClassroom(FakeWork(sound_check=False), {LOGIN: "10001"}).start()
    yield fake
    fake.stop()


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    return make_speech(tmp_path / "speech.wav")


@pytest.fixture
def make_agent(tmp_path: Path, speech: Path) -> Iterator[Callable[..., Agent]]:
    """Starts agents; those that still run are stopped at the end."""
    agents: list[Agent] = []

    def make(server: str, folder: str = "seat") -> Agent:
        agent = Agent(Options(tmp_path / folder, server, lambda: FileSource(speech)))
        agent.start()
        agents.append(agent)
        return agent

    yield make
    for agent in agents:
        if not agent._stopping.is_set():
            agent.stop()


def pair(agent: Agent, classroom: FakeClassroom) -> None:
    """What two people do at the console and at the seat."""
    assert classroom.type_digits(agent.begin_pairing())
    agent.confirm_pairing(True)
    wait_until(lambda: agent.connection and agent.connection.welcome)


def sit_down(agent: Agent, classroom: FakeClassroom, **start: object) -> FakeAttempt:
    """Paired, signed in and started; somebody is at the seat."""
    pair(agent, classroom)
    agent.sign_in(LOGIN)
    attempt = classroom.find_attempt(LOGIN)
    agent.attach()
    classroom.start_work(attempt, **start)
    wait_until(lambda: agent.require_seat().state.started and agent.require_seat().items)
    return attempt
