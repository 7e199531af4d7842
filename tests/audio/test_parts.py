"""The arithmetic of parts holds for any order, repetition and size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.faults import PartsOverlap
from audio.parts import (
    MAXIMUM_PART_BYTES, Range, count_contiguous_bytes, count_part_bytes, find_missing, join_ranges,
    list_ranges, tile,
)
from tests.audio.builders import make_part

ranges = st.builds(lambda start, length: Range(start, start + length), st.integers(0, 60), st.integers(0, 20))


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 700))
def test_tiles_cover_everything_once_and_in_order(start: int, length: int, longest: int) -> None:
    tiles = list(tile(start, start + length, longest))
    assert all(0 < piece.end - piece.start <= longest for piece in tiles)
    assert [byte for piece in tiles for byte in range(piece.start, piece.end)] == list(
        range(start, start + length)
    )


@given(st.lists(ranges), st.integers(0, 90))
def test_missing_is_exactly_what_no_range_covers(found: list[Range], total: int) -> None:
    covered = {byte for piece in found for byte in range(piece.start, piece.end)}
    missing = find_missing(found, total)
    assert [byte for piece in missing for byte in range(piece.start, piece.end)] == [
        byte for byte in range(total) if byte not in covered
    ]


@given(st.lists(ranges), st.randoms())
def test_arrival_order_does_not_matter(found: list[Range], chance: object) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert join_ranges(shuffled) == join_ranges(found)


@given(st.lists(ranges))
def test_contiguous_bytes_end_at_the_first_hole(found: list[Range]) -> None:
    covered = {byte for piece in found for byte in range(piece.start, piece.end)}
    expected = next(byte for byte in range(200) if byte not in covered)
    assert count_contiguous_bytes(found) == expected


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000, 96000])
def test_longest_part_is_two_seconds_and_fits_a_request(rate: int) -> None:
    length = count_part_bytes(rate)
    assert length % 2 == 0 and length <= min(4 * rate, MAXIMUM_PART_BYTES)
    assert length > 0.9 * min(4 * rate, MAXIMUM_PART_BYTES)


def test_repeated_part_counts_once() -> None:
    assert list_ranges([make_part(4, 4), make_part(0, 4), make_part(4, 4)]) == [Range(0, 4), Range(4, 8)]


@pytest.mark.parametrize("other", [
    make_part(2, 4), make_part(0, 2), make_part(0, 4, sha256="another"), make_part(8, 0), make_part(-2, 2),
])
def test_contradicting_parts_are_refused(other: object) -> None:
    with pytest.raises(PartsOverlap):
        list_ranges([make_part(0, 4), other])  # type: ignore[list-item]


@pytest.mark.parametrize("longest", [0, -1])
def test_tiles_of_nothing_are_refused(longest: int) -> None:
    with pytest.raises(ValueError):
        list(tile(0, 10, longest))
