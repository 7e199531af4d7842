"""Arithmetic of parts: pieces of one PCM file named by offset, length and digest.

Takes parts in any order, gives what is covered, what is missing and how much is whole from the start.
Nothing here reads a file or a clock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audio.faults import PartsOverlap
from audio.levels import BYTES_PER_SAMPLE, FLOOR_DB10
from audio.verdicts import Verdict

MAXIMUM_PART_BYTES = 192 * 1024
MAXIMUM_PART_SECONDS = 2


@dataclass(frozen=True)
class Part:
    """A durable piece of a recording: bytes `offset_bytes` .. `offset_bytes + length_bytes` of its PCM file.

    `sha256` is lower-case hex of exactly those bytes; levels are dBFS times ten; `verdict` judges the
    two seconds that end with it, so `silent` is an ordinary verdict of a pause; `no_data`: nobody judged.
    """

    part_no: int
    offset_bytes: int
    length_bytes: int
    sha256: str
    verdict: Verdict = Verdict.no_data
    level_db10: int = FLOOR_DB10
    peak_db10: int = FLOOR_DB10

    @property
    def end_bytes(self) -> int:
        return self.offset_bytes + self.length_bytes


@dataclass(frozen=True)
class Gap:
    """Sound that was lost: nothing is padded, the recording goes on at `at_sample` after `lost_ms`."""

    at_sample: int
    lost_ms: int
    reason: str


@dataclass(frozen=True, order=True)
class Range:
    """Bytes `start` (included) to `end` (excluded)."""

    start: int
    end: int


def count_part_bytes(rate: int) -> int:
    """The longest part at this rate: at most 2 s, at most 192 KiB, whole samples."""
    two_seconds = MAXIMUM_PART_SECONDS * rate * BYTES_PER_SAMPLE
    longest = min(two_seconds, MAXIMUM_PART_BYTES)
    return longest - longest % BYTES_PER_SAMPLE


def tile(start: int, end: int, longest: int) -> Iterator[Range]:
    """Cut `start` .. `end` into ranges of at most `longest` bytes without holes."""
    if longest <= 0:
        raise ValueError("a part has at least one byte")
    while start < end:
        cut = min(end, start + longest)
        yield Range(start, cut)
        start = cut


def list_ranges(parts: Iterable[Part]) -> list[Range]:
    """The ranges of parts, sorted; a repeat of the very same part counts once.

    :raises PartsOverlap: two different parts share bytes, or a part is empty or starts before 0.
    """
    distinct = {(part.offset_bytes, part.end_bytes, part.sha256) for part in parts}
    ranges = sorted(Range(start, end) for start, end, _ in distinct)
    for found in ranges:
        if found.start < 0 or found.end <= found.start:
            raise PartsOverlap(f"a part of {found.end - found.start} bytes at {found.start}")
    for left, right in zip(ranges, ranges[1:]):
        if right.start < left.end:
            raise PartsOverlap(f"{left} and {right}")
    return ranges


def join_ranges(ranges: Iterable[Range]) -> list[Range]:
    """The same bytes in as few sorted ranges as possible; overlaps are joined."""
    joined: list[Range] = []
    for found in sorted(ranges):
        if joined and found.start <= joined[-1].end:
            joined[-1] = Range(joined[-1].start, max(joined[-1].end, found.end))
        elif found.end > found.start:
            joined.append(found)
    return joined


def find_missing(ranges: Iterable[Range], total_bytes: int) -> list[Range]:
    """What of 0 .. `total_bytes` no range covers, in order."""
    missing, position = [], 0
    for found in join_ranges(ranges):
        if found.start >= total_bytes:
            break
        if found.start > position:
            missing.append(Range(position, found.start))
        position = max(position, found.end)
    if position < total_bytes:
        missing.append(Range(position, total_bytes))
    return missing


def count_contiguous_bytes(ranges: Iterable[Range]) -> int:
    """How many bytes from 0 on are covered without a hole (the `durable_bytes` of a reply)."""
    joined = join_ranges(ranges)
    return joined[0].end if joined and joined[0].start <= 0 else 0


def count_samples(length_bytes: int) -> int:
    return length_bytes // BYTES_PER_SAMPLE
