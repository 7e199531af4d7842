"""What a server still writes when its disk runs out of room: protocol.md §4, the table of conditions.

Takes free bytes. Gives a level, and whether a kind of writing goes on at it. Pure.
"""
from enum import StrEnum

MEBIBYTE = 1024 * 1024
LOW_BYTES = 2048 * MEBIBYTE
SCARCE_BYTES = 500 * MEBIBYTE
# the last of it is for answers: a minute of one candidate's sound takes as much as a thousand of them
ANSWERS_BYTES = 64 * MEBIBYTE


class Level(StrEnum):
    """How much room is left; each is worse than the one before."""

    AMPLE = "ample"
    LOW = "low"
    SCARCE = "scarce"
    FULL = "full"


class Writing(StrEnum):
    """Kinds of writing, the dearest first. EXTRA: what nobody's answer depends on."""

    ANSWERS = "answers"
    SOUND = "sound"
    EXTRA = "extra"


# where a kind stops. Nothing of ours stops answers: the disk itself refuses them, and the seat keeps them
STOPS = {Writing.SOUND: (Level.FULL,), Writing.EXTRA: (Level.SCARCE, Level.FULL), Writing.ANSWERS: ()}


def judge_room(free_bytes: int) -> Level:
    """The level at so many free bytes."""
    if free_bytes < ANSWERS_BYTES:
        return Level.FULL
    if free_bytes < SCARCE_BYTES:
        return Level.SCARCE
    return Level.LOW if free_bytes < LOW_BYTES else Level.AMPLE


def goes_on(level: Level, writing: Writing) -> bool:
    """Whether this kind is still written."""
    return level not in STOPS[writing]


def may_hold_ballast(free_bytes: int, ballast_bytes: int) -> bool:
    """Ballast is made only where it brings no warning forward."""
    return ballast_bytes > 0 and free_bytes - ballast_bytes >= LOW_BYTES
