"""What the loudspeaker gives, measured in a real browser: equal loudness, speed without change of pitch, no silence.

Nothing here is measured in time of the clock: what was played is written down before the loudspeaker and looked at.
"""
from __future__ import annotations

from collections.abc import Iterator

import numpy
import pytest
import soundfile
import soxr
from playwright.sync_api import Page

from audio.faults import ToolMissing
from audio.sources import make_noise, make_tone
from audio.virtual import speak_text
from tests.testing_server.marking.hearing import (
    follow_pitch, list_played, measure_loudness, measure_sounding, play_whole, time_steps)
from tests.testing_server.marking.make_commission import make_commission
from tests.testing_server.marking.offices import Office, fill, open_office, save

pytestmark = pytest.mark.browser
RATE = 24000
# a ladder of tones: its pitches tell whether speed changes them, its steps tell the speed
STEPS, STEP_S = tuple(400 * 2 ** (number / 6) for number in range(8)), 0.2
PAUSE_S = 1.5
LOUD, SOFT, LADDER = range(3)


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> list[numpy.ndarray]:
    """The same words with a long pause, loud and 20 dB softer, and a ladder of tones."""
    try:
        path = speak_text("He is sitting on the green bank", "en", tmp_path_factory.mktemp("speech") / "one.wav")
    except ToolMissing as error:
        pytest.skip(str(error))
    sound, rate = soundfile.read(path, dtype="float32")
    words = soxr.resample(sound, rate, RATE)
    whole = numpy.concatenate((words, numpy.zeros(int(PAUSE_S * RATE)), words)) / numpy.abs(words).max() * 26000
    hiss = make_noise(len(whole) / RATE + 1, RATE, 2)[:len(whole)]
    return [(voice + hiss[:len(voice)]).astype("<i2")
            for voice in (whole, whole / 10, numpy.concatenate([make_tone(STEP_S, RATE, step) for step in STEPS]))]


@pytest.fixture(scope="module")
def office(voices: list[numpy.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = make_commission(tmp_path_factory.mktemp("commission"), attempts=len(voices), voices=voices)
    with open_office(made) as found:
        yield found


@pytest.fixture(scope="module")
def heard(office: Office) -> dict[str, numpy.ndarray]:
    """What was heard of each voice at the desk: as it is, and at other speeds or without silence."""
    page = office.sit_down("listener")
    found: dict[str, numpy.ndarray] = {}
    while not {"loud", "soft", "ladder"} <= found.keys():
        page.wait_for_selector("[data-ready]")
        voice = tell_voice(page)
        if voice not in found:
            listen_first(page, voice, found)
            found[voice] = play_whole(page)
            listen_again(page, voice, found)
        fill(page)
        save(page)
    found["rate"] = numpy.array([page.evaluate("() => window.rate")])
    return found


def tell_voice(page: Page) -> str:
    """Which voice lies on the desk: told by its length and its loudness as measured."""
    sha256 = page.get_attribute(".desk-recording", "data-sha256")
    measured = page.request.get(f"{page.url.partition('/marking')[0]}/v1/marking/listening/{sha256}").json()
    if abs(measured["duration_ms"] - STEP_S * len(STEPS) * 1000) < 100:
        return "ladder"
    return "loud" if measured["gain_db10"] < 100 else "soft"


def listen_first(page: Page, voice: str, found: dict[str, numpy.ndarray]) -> None:
    """Without silence, before the whole is played: a recording remembers all that was ever played of it."""
    if voice == "loud":
        page.keyboard.press("s")
        found["skipped"] = play_whole(page)
        found["played"] = numpy.array(list_played(page))
        page.keyboard.press("s")


def listen_again(page: Page, voice: str, found: dict[str, numpy.ndarray]) -> None:
    if voice == "ladder":
        page.keyboard.press("Minus")
        found["slow"] = play_whole(page)
        for _ in range(5):
            page.keyboard.press("Equal")
        found["fast"] = play_whole(page)
        for _ in range(4):
            page.keyboard.press("Minus")


def test_recordings_twenty_decibels_apart_are_heard_alike(heard: dict[str, numpy.ndarray],
                                                          voices: list[numpy.ndarray]) -> None:
    given = measure_loudness(voices[LOUD] / 32768) - measure_loudness(voices[SOFT] / 32768)
    assert 19 < given < 21
    assert abs(measure_loudness(heard["loud"]) - measure_loudness(heard["soft"])) < 1


def test_what_is_turned_up_does_not_crack(heard: dict[str, numpy.ndarray]) -> None:
    assert max(numpy.abs(heard[voice]).max() for voice in ("loud", "soft")) < 0.999


@pytest.mark.parametrize(("name", "speed"), [("slow", 0.75), ("ladder", 1), ("fast", 2)])
def test_speed_changes_the_time_and_not_the_pitch(heard: dict[str, numpy.ndarray], name: str, speed: float) -> None:
    pitches = follow_pitch(heard[name], float(heard["rate"][0]))
    sounding = pitches[pitches > 0]
    apart = numpy.min(numpy.abs(sounding[:, None] / numpy.array(STEPS) - 1), axis=1)
    # a stretched tone is cut and joined, and a stretch over two steps is neither: the middle one of all tells the pitch
    assert numpy.median(apart) < 0.01
    assert abs(time_steps(pitches, STEPS) - STEP_S / speed) < 0.05 * STEP_S / speed


def test_silence_is_left_out_and_nothing_else(heard: dict[str, numpy.ndarray], voices: list[numpy.ndarray]) -> None:
    words = len(voices[LOUD]) / RATE / 2 - PAUSE_S / 2
    in_pause = sum(max(0.0, min(end, words + PAUSE_S) - max(start, words)) for start, end in heard["played"])
    # the margins of two words and the time to notice: far less than the pause
    assert in_pause < PAUSE_S / 2
    sounding = measure_sounding(voices[LOUD] / 32768, RATE)
    for name in ("loud", "skipped"):
        assert abs(measure_sounding(heard[name], float(heard["rate"][0])) - sounding) < 0.1 * sounding
