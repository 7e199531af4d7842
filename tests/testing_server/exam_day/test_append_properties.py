"""Whatever the order and the repeats in which batches arrive, the same is stored and acknowledged."""
import random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from testing_server.contracts.refusals import BrokenChain
from testing_server.exam_day.responses.rules import find_acked, read_batch, sort_batch
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk

GRANT = "{}"


def make_lines(count: int) -> list[str]:
    kiosk = FakeKiosk(core=None)  # type: ignore[arg-type]
    kiosk.seated = {"attempt": "a", "lease": 5, "grant": GRANT, "generation": 1}
    kiosk.lines = {5: []}
    return [kiosk.write("answer_set", item="i", response="r", value=str(number)) for number in range(count)]


LINES = make_lines(12)
batches = st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12)), min_size=1, max_size=12)


@given(batches, st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_arrival_order_gives_the_same_store(cuts: list[tuple[int, int]], chance: random.Random) -> None:
    stored: dict[int, str] = {}
    texts: dict[int, str] = {}
    whole = [LINES[start:start + length] for start, length in cuts] + [LINES]
    chance.shuffle(whole)
    for batch in whole:
        done = sort_batch(read_batch("a", 5, batch), stored, GRANT)
        assert done.aside == []
        for line in done.fresh:
            stored[line.event.number] = line.digest
            texts[line.event.number] = line.text
    assert [texts[number] for number in sorted(texts)] == LINES


@given(st.integers(0, 5), st.sets(st.integers(1, 40), max_size=30))
def test_acknowledged_is_the_highest_number_without_a_gap(acked: int, numbers: set[int]) -> None:
    above = sorted(number for number in numbers if number > acked)
    found, missing = find_acked(acked, above)
    known = set(range(1, acked + 1)) | set(above)
    assert set(range(1, found + 1)) <= known and found + 1 not in known
    told = {number for low, high in missing for number in range(low, high + 1)}
    assert told == set(range(1, max(known, default=0) + 1)) - known


@given(st.integers(1, 11))
def test_from_the_first_contradiction_on_everything_is_set_aside(place: int) -> None:
    stored = {line.event.number: line.digest for line in read_batch("a", 5, LINES[:place])}
    stored[place] = "0" * 64
    done = sort_batch(read_batch("a", 5, LINES), stored, GRANT)
    assert done.fresh == []
    assert [line.event.number for line in done.aside] == list(range(place, 13))


def test_a_broken_chain_is_refused_whole() -> None:
    other = make_lines(3)
    with pytest.raises(BrokenChain):
        read_batch("a", 5, [LINES[4], other[2].replace('"number":3', '"number":6')])
