"""How soon the server can tell the organizer of speech that ended or of a microphone that died, and what the candidate
has then."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from audio.sources import Death, DyingSource, FileSource, Source, make_noise
from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeAttempt, FakeClassroom
from kiosk_client.screens.snapshot import take_snapshot
from tests.kiosk_client.conftest import sit_down, wait_until

RATE = 24_000
SPOKEN_S = 1.0
TOLD_S = 3.0
# A capsule gives exact zeros for this long before it counts as dead: a breath between two words is no fault.
ZEROS_S = 3.0


class Watched(DyingSource):
    """Remembers when it died (monotonic seconds)."""

    def __init__(self, source: Source, after_s: float, death: Death) -> None:
        super().__init__(source, after_s, death)
        self.died_at: float | None = None

    def _fail(self, door, block) -> None:  # type: ignore[no-untyped-def]
        self.died_at = self.died_at or time.monotonic()
        super()._fail(door, block)


def make_voice() -> Source:
    """Something to be heard for a minute."""
    return FileSource(make_noise(60, RATE, 3_000))


def speak(agent: Agent, source: Source) -> None:
    """Sitting at the spoken item, recording from this source."""
    agent.recorder.make_source = lambda: source
    seat = agent.require_seat()
    seat.go("i3")
    seat.prepare()
    seat.speak()
    wait_until(lambda: seat.speaking.is_recording)


def list_incidents(attempt: FakeAttempt) -> list[str]:
    """What the server knows of the sound, in words of the recorder."""
    return [str(incident["text"]).strip() for incident in attempt.state.incidents if incident["kind"] == "sound"]


def test_the_server_has_the_verdict_within_three_seconds(classroom: FakeClassroom,
                                                         make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    speak(agent, make_voice())
    wait_until(lambda: attempt.sound)
    agent.require_seat().stop_speaking()
    stopped_at = time.monotonic()
    wait_until(lambda: attempt.state.recordings[0].committed)
    assert time.monotonic() - stopped_at < TOLD_S
    assert attempt.state.recordings[0].verdict == take_snapshot(agent)["work"]["recordings"][0]["verdict"] != "no_data"


@pytest.mark.parametrize(("death", "word", "limit_s"), [
    (Death.finish, "device_lost", TOLD_S), (Death.stall, "no_callbacks", TOLD_S),
    (Death.wrong_device, "wrong_device", TOLD_S), (Death.zeros, "all_zero", ZEROS_S + TOLD_S)])
def test_the_server_hears_of_it_within_three_seconds(classroom: FakeClassroom, make_agent: Callable[..., Agent],
                                                     death: Death, word: str, limit_s: float) -> None:
    classroom.work.speaking.update(record_s=30)
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    source = Watched(make_voice(), SPOKEN_S, death)
    speak(agent, source)
    wait_until(lambda: list_incidents(attempt), 30)
    assert source.died_at is not None and time.monotonic() - source.died_at < limit_s
    assert list_incidents(attempt)[0].split()[0] == word


@pytest.mark.parametrize("death", [Death.finish, Death.stall, Death.wrong_device])
def test_the_clock_stands_and_speech_goes_on_after_the_headset_is_back(
        classroom: FakeClassroom, make_agent: Callable[..., Agent], death: Death) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    seat = agent.require_seat()
    speak(agent, Watched(make_voice(), SPOKEN_S, death))
    wait_until(lambda: seat.speaking.trouble, 30)
    assert take_snapshot(agent)["work"]["trouble"] == getattr(seat.speaking.trouble, "code", None)
    left_ms = take_snapshot(agent)["work"]["stage_left_ms"]
    time.sleep(1.0)
    assert take_snapshot(agent)["work"]["stage_left_ms"] == left_ms
    agent.recorder.make_source = make_voice
    seat.retry_microphone()
    assert take_snapshot(agent)["work"]["stage_left_ms"] == pytest.approx(left_ms, abs=1_000)
    wait_until(lambda: len(attempt.state.recordings) == 2, 30)
    first, second = attempt.state.recordings
    assert first.end_reason == "device" and first.samples >= 0.9 * SPOKEN_S * RATE
    assert (first.item, first.response) == (second.item, second.response)


def test_a_muted_microphone_is_told_while_it_is_muted_and_stops_nothing(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    classroom.work.speaking.update(record_s=60)
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    voice = make_noise(SPOKEN_S, RATE, 3_000)
    speak(agent, FileSource(np.concatenate((voice, np.zeros(5 * RATE, np.int16), np.tile(voice, 60)))))
    assert not take_snapshot(agent)["work"]["muted"]
    wait_until(lambda: take_snapshot(agent)["work"]["muted"], 30)
    assert take_snapshot(agent)["work"]["trouble"] == "" and agent.require_seat().speaking.is_recording
    wait_until(lambda: not take_snapshot(agent)["work"]["muted"], 30)
    assert list_incidents(attempt) == ["all_zero"]
