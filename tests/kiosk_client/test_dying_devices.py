"""How soon the server can tell the organizer of speech that ended or of a microphone that died, and what the candidate
has then."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from audio.recording import Fault, FaultKind
from audio.sources import Death, DyingSource, FileSource, Source, make_noise
from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeAttempt, FakeClassroom
from kiosk_client.screens.snapshot import take_snapshot
from tests.kiosk_client.conftest import sit_down, wait_until

RATE = 24_000
SPOKEN_S = 1.0
TOLD_S = 3.0


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
    agent.recorder.make_source, agent.recorder.explain_silence = lambda: source, lambda: ""
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


@pytest.mark.parametrize(("death", "word"), [
    (Death.finish, "device_lost"), (Death.stall, "no_callbacks"), (Death.wrong_device, "wrong_device"),
    (Death.zeros, "all_zero")])
def test_the_server_hears_of_it_within_three_seconds(classroom: FakeClassroom, make_agent: Callable[..., Agent],
                                                     death: Death, word: str) -> None:
    classroom.work.speaking.update(record_s=30)
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    source = Watched(make_voice(), SPOKEN_S, death)
    speak(agent, source)
    # a machine full of other work may have dropped a block of sound before, and told of that too
    wait_until(lambda: [one for one in list_incidents(attempt) if one.split()[0] == word], 30)
    assert source.died_at is not None and time.monotonic() - source.died_at < TOLD_S
    assert {one.split()[0] for one in list_incidents(attempt)} <= {word, "no_callbacks"}


@pytest.mark.parametrize("death", [Death.finish, Death.stall, Death.wrong_device, Death.zeros])
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


def test_a_device_that_closes_itself_in_pauses_is_told_of_and_stops_nothing(
        classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    classroom.work.speaking.update(record_s=60)
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    voice, pause = make_noise(SPOKEN_S, RATE, 3_000), np.zeros(RATE // 2, np.int16)
    speak(agent, FileSource(np.concatenate((voice, pause, voice, np.zeros(5 * RATE, np.int16), np.tile(voice, 60)))))
    assert not take_snapshot(agent)["work"]["muted"]
    wait_until(lambda: take_snapshot(agent)["work"]["muted"], 30)
    assert take_snapshot(agent)["work"]["trouble"] == "" and agent.require_seat().speaking.is_recording
    wait_until(lambda: not take_snapshot(agent)["work"]["muted"], 30)
    assert list_incidents(attempt) == ["maybe_muted"]


@pytest.mark.parametrize(("word", "code"), [("muted", "muted"), ("turned_down", "muted"), ("unplugged", "unplugged"),
                                            ("own_switch", "all_zero"), ("unknown", "all_zero"), ("", "all_zero")])
def test_what_the_system_says_of_a_silent_microphone_is_told(
        classroom: FakeClassroom, make_agent: Callable[..., Agent], word: str, code: str) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    seat, opened = agent.require_seat(), []
    speak(agent, make_voice())
    agent.recorder.explain_silence, agent.recorder.open_up = lambda: word, lambda: opened.append(word)
    agent.recorder._tell_fault(Fault(FaultKind.all_zero, RATE))
    wait_until(lambda: seat.speaking.trouble, 30)
    assert getattr(seat.speaking.trouble, "code", None) == code
    wait_until(lambda: list_incidents(attempt) == [code], 30)
    seat.retry_microphone()
    assert bool(opened) == (code == "muted") and seat.speaking.is_recording


def test_parts_arrive_with_what_was_heard_in_them(classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    speak(agent, make_voice())
    wait_until(lambda: attempt.verdicts, 30)
    lease, number = next(iter(attempt.sound))
    kept = [part.verdict for part in agent.journal.list_parts(attempt.id, lease, number)]
    assert attempt.verdicts[0] == kept[0] == "silent"
