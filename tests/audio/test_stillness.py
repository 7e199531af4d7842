"""When exact digital silence is a dead microphone, when it may be a pause, and what is learned of a device."""

from collections.abc import Sequence

import pytest

from audio.stillness import DEAD_AT_FIRST_MS, DEAD_MS, MAYBE_MUTED_MS, PAUSE_MS, Habits, Stillness

RATE = 1000
SOUND = -1


def listen(pieces: Sequence[int], habits: Habits | None = None) -> Stillness:
    """Milliseconds of digital silence; SOUND stands for a stretch of sound."""
    stillness = Stillness(RATE, habits)
    for length in pieces:
        stillness.follow(20 if length == SOUND else length, length != SOUND)
    return stillness


@pytest.mark.parametrize(("pieces", "is_dead", "may_be_muted"), [
    ([], False, False),
    ([SOUND, DEAD_MS - 1], False, False),
    ([SOUND, DEAD_MS], True, False),
    ([SOUND, 20, SOUND, 40, SOUND, DEAD_MS], True, False),
    ([SOUND, DEAD_MS, SOUND], False, False),
    ([SOUND, DEAD_MS, SOUND, DEAD_MS], True, False),
    ([SOUND, PAUSE_MS, SOUND, DEAD_MS], False, False),
    ([SOUND, PAUSE_MS, SOUND, MAYBE_MUTED_MS], False, True),
    ([DEAD_AT_FIRST_MS], False, False),
    ([MAYBE_MUTED_MS], False, True),
    ([PAUSE_MS, SOUND, DEAD_MS], True, False),
])
def test_digital_silence(pieces: list[int], is_dead: bool, may_be_muted: bool) -> None:
    stillness = listen(pieces)
    assert (stillness.is_dead, stillness.may_be_muted) == (is_dead, may_be_muted)


def test_a_device_that_lived_before_is_dead_from_the_start_of_the_next_recording() -> None:
    habits = Habits()
    listen([SOUND], habits)
    assert not listen([DEAD_AT_FIRST_MS - 1], habits).is_dead
    assert listen([DEAD_AT_FIRST_MS], habits).is_dead


def test_a_device_that_closes_itself_is_known_in_the_next_recording() -> None:
    habits = Habits()
    listen([SOUND, 400, SOUND], habits)
    again = listen([SOUND, MAYBE_MUTED_MS], habits)
    assert not again.is_dead and again.may_be_muted


def test_a_pause_that_is_cut_into_stretches_is_one_pause() -> None:
    assert listen([SOUND, *[20] * (DEAD_MS // 20)]).is_dead
