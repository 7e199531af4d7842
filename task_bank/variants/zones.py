"""Blocks of time zones: takes an IANA zone, gives which block of the day it belongs to."""
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Offsets of one fixed moment: the block of a school must not depend on the day somebody assembles.
MOMENT = datetime(2026, 1, 15, tzinfo=UTC)


class UnknownZone(ValueError):
    """There is no such time zone: `zone`."""

    def __init__(self, zone: str) -> None:
        super().__init__(f"there is no time zone {zone!r}")
        self.zone = zone


@lru_cache(maxsize=1024)
def read_offset_h(zone: str) -> float:
    """Hours ahead of UTC. Raises UnknownZone."""
    try:
        offset = MOMENT.astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(zone) from error
    return offset.total_seconds() / 3600 if offset else 0.0


def find_block(zone: str, starts_h: Sequence[float]) -> int:
    """Number of the block, from the west; what lies west of the first start belongs to the first block."""
    return max(bisect_right(starts_h, read_offset_h(zone)) - 1, 0)
