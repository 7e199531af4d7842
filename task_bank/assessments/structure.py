"""How a work runs in time, as data: parts, fixed times, breaks, needs that are offered.

Takes the dictionary of an `assessment.json` (whole, or the public part a classroom holds); gives a `Structure`.
What the fields mean for the clock is decided in `plan`; what is wrong with them is told by `check_structure`.
"""
from typing import Any, Literal

import msgspec

Navigation = Literal["free", "linear"]
BreakKind = Literal["eyes", "rest"]


class BrokenAssessment(ValueError):
    """`assessment.json` does not have the shape of the form assessment/1; the text says where."""


class ListeningRule(msgspec.Struct, frozen=True):
    """Seconds to read the questions before the sound, and how often it may be heard."""

    read_s: int
    plays: int


class SpeakingRule(msgspec.Struct, frozen=True):
    """Seconds to prepare and to record, number of takes, and what the candidate may do."""

    prepare_s: int
    record_s: int
    takes: int = 1
    early_start: bool = True
    early_finish: bool = True
    playback: bool = False


class TimedPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A position as far as the clock is concerned.

    `time_s` bounds the item; `fixed`: the item lasts exactly that long, nobody leaves it earlier or comes back.
    """

    number: int
    kind: Literal["written", "listening", "speaking"]
    listening: ListeningRule | None = None
    speaking: SpeakingRule | None = None
    auto_move: bool = False
    time_s: int | None = None
    fixed: bool = False


class Part(msgspec.Struct, frozen=True):
    """Positions that are worked on together. Nobody comes back to a part that was left.

    `time_s`: seconds of the work's time that are meant for it; None = what the others leave. `linear` navigation:
    forward only. `auto_move`: at the end of its time the next part begins by itself, else answers are closed.
    """

    id: str
    positions: list[int]
    title: dict[str, str] = {}
    time_s: int | None = None
    navigation: Navigation = "free"
    auto_move: bool = True


class Break(msgspec.Struct, frozen=True):
    """A rest after a part or after a fixed position (one of the two is named).

    `in_duration`: it is part of the work's time, else the work's clock stands. `early_end`: the candidate may end it.
    """

    time_s: int
    after_part: str | None = None
    after_position: int | None = None
    kind: BreakKind = "eyes"
    in_duration: bool = False
    early_end: bool = False


class LeavingRule(msgspec.Struct, frozen=True):
    """A candidate out of the room: whether the clock of the work runs or stands meanwhile."""

    work_clock: Literal["runs", "stands"] = "runs"


class OfferedNeeds(msgspec.Struct, frozen=True):
    """What may be given to a candidate who needs it: percents of extra time, and how the screen may look."""

    extra_time_percent: list[int] = []
    large_print: bool = False
    high_contrast: bool = False


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """The work's time: `duration_s` whole seconds, and what they are made of."""

    duration_s: int
    positions: list[TimedPosition]
    parts: list[Part] = []
    breaks: list[Break] = []
    needs: OfferedNeeds = OfferedNeeds()


def read_structure(data: dict[str, Any]) -> Structure:
    """The structure of an assessment's dictionary, whole or public. Raises BrokenAssessment naming the field."""
    try:
        return msgspec.convert(data, Structure)
    except msgspec.ValidationError as error:
        raise BrokenAssessment(str(error)) from error
