"""Lost sound is told from sound that came late."""

from hypothesis import given
from hypothesis import strategies as st

from audio.timeline import Timeline

RATE, BLOCK = 1000, 20


def feed(timeline: Timeline, now: float, blocks: int, jitter: list[float] | None = None) -> float:
    """Blocks of 20 ms in time, each late by its jitter."""
    for number in range(blocks):
        now += BLOCK / RATE
        late = jitter[number % len(jitter)] if jitter else 0.0
        timeline.arrive(now + late, BLOCK)
    return now


@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=9), st.floats(0.1, 20))
def test_loss_is_measured_through_jitter(jitter: list[float], lost_s: float) -> None:
    timeline = Timeline(RATE)
    now = feed(timeline, 5.0, 60, jitter)
    timeline.suspect(now + lost_s)
    feed(timeline, now + lost_s, 60, jitter)
    assert abs(timeline.find_loss() - lost_s * 1000) <= 1


@given(st.floats(0.1, 20))
def test_sound_that_comes_late_but_whole_is_no_loss(stall_s: float) -> None:
    timeline = Timeline(RATE)
    now = feed(timeline, 5.0, 60)
    timeline.suspect(now + stall_s)
    for _ in range(int(stall_s * RATE / BLOCK)):
        timeline.arrive(now + stall_s, BLOCK)
    feed(timeline, now + stall_s, 30)
    assert timeline.find_loss() == 0


def test_proof_takes_half_a_second() -> None:
    timeline = Timeline(RATE)
    now = feed(timeline, 5.0, 60)
    timeline.suspect(now)
    now = feed(timeline, now, 10)
    assert not timeline.is_proven(now)
    assert timeline.is_proven(feed(timeline, now, 20))


def test_device_that_never_comes_back_lost_the_time_until_the_end() -> None:
    timeline = Timeline(RATE)
    now = feed(timeline, 5.0, 60)
    assert timeline.find_trailing_loss(now + 3.0) == 3000


def test_device_that_never_gave_anything_lost_nothing_that_can_be_measured() -> None:
    assert Timeline(RATE).find_trailing_loss(9.0) == 0
    assert Timeline(RATE).find_loss() == 0
