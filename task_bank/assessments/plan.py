"""The time line of a work: takes its structure and a candidate's needs, gives spans whose seconds make the duration.

Pure. The classroom server plans at the start and tells the seat (`Timeline.describe_for_seat`); the seat obeys.
Unspent time of an open part goes to what follows; a fixed position lasts exactly as long as it says.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Literal

from task_bank.assessments.structure import Break, Part, Structure, TimedPosition

WHOLE_WORK = "work"
LONGEST_EXTRA_PERCENT = 200


class TimesDoNotAddUp(ValueError):
    """The times of parts, fixed positions and breaks are not the work's duration, or contradict each other."""


class NeedsNotOffered(ValueError):
    """The assessment does not offer what was asked for a candidate."""


@dataclass(frozen=True)
class Needs:
    """What one candidate was given: percent of extra time, how the screen looks."""

    extra_percent: int = 0
    large_print: bool = False
    high_contrast: bool = False


@dataclass(frozen=True)
class Span:
    """A stretch of time. `stage`: a stage of one fixed position (read, listen, choose, prepare, speak, answer);
    `open`: the positions of a part, as the candidate likes; `break`: nothing is shown. `in_duration`: it is part of
    the work's time."""

    kind: Literal["stage", "open", "break"]
    part: str
    positions: tuple[int, ...]
    stage: str
    seconds: int
    in_duration: bool = True


@dataclass(frozen=True)
class Timeline:
    """Spans in order, for one candidate; `parts` and `breaks` in the order in which they come."""

    spans: tuple[Span, ...]
    parts: tuple[Part, ...]
    breaks: tuple[tuple[int, Break], ...]
    positions: tuple[TimedPosition, ...]
    extra_percent: int

    @property
    def duration_s(self) -> int:
        """Seconds of the work's own clock."""
        return sum(span.seconds for span in self.spans if span.in_duration)

    @property
    def whole_s(self) -> int:
        """Seconds from the start to the end, breaks included, if nobody is quicker than allowed."""
        return sum(span.seconds for span in self.spans)

    def rest_s(self, part: str) -> int:
        """Seconds of the work's clock that belong to what comes after a part."""
        last = max(place for place, span in enumerate(self.spans) if span.part == part and span.kind != "break")
        return sum(span.seconds for span in self.spans[last + 1:] if span.in_duration)

    def describe_for_seat(self) -> dict[str, Any]:
        """The form that travels in the `start` directive: parts, breaks, seconds of each position (integers only)."""
        return {
            "parts": [{"id": part.id, "title": part.title, "positions": part.positions, "navigation": part.navigation,
                       "auto_move": part.auto_move, "rest_s": self.rest_s(part.id)} for part in self.parts],
            "breaks": [{"number": number, "after": after, "seconds": one.time_s, "kind": one.kind,
                        "work_clock": "runs" if one.in_duration else "stands", "early_end": one.early_end}
                       for number, (after, one) in enumerate(self.breaks, 1)],
            "positions": {str(one.number): _stretch_position(one, self.extra_percent) for one in self.positions},
        }


def plan(assessment: Structure, needs: Needs = Needs()) -> Timeline:
    """The time line of one candidate.

    Extra time lengthens everything a candidate does (reading, choosing, preparing, speaking, answering), never a
    break. Raises TimesDoNotAddUp naming what contradicts what, NeedsNotOffered.
    """
    _check_needs(assessment, needs)
    parts = list_parts(assessment)
    breaks = place_breaks(assessment, parts)
    seconds = _share_time(assessment, parts)
    spans: list[Span] = []
    for part in parts:
        own = list(_span_part(assessment, part, seconds[part.id]))
        for span, following in zip_longest(own, own[1:]):
            spans.append(_stretch(span, needs.extra_percent))
            if following is None or following.positions != span.positions:
                spans += [_span_break(part, one) for after, one in breaks if after == span.positions[-1]]
    return Timeline(tuple(spans), tuple(parts), tuple(breaks), tuple(assessment.positions), needs.extra_percent)


def list_parts(assessment: Structure) -> list[Part]:
    """The parts; a work without any is one part with free navigation. Raises TimesDoNotAddUp."""
    numbers = [position.number for position in assessment.positions]
    parts = assessment.parts or [Part(WHOLE_WORK, numbers)]
    listed = [number for part in parts for number in part.positions]
    if listed != numbers:
        raise TimesDoNotAddUp(f"parts list the positions {listed}, the work has {numbers}")
    names = [part.id for part in parts]
    if len(set(names)) != len(names) or not all(part.positions for part in parts):
        raise TimesDoNotAddUp("every part needs an id of its own and a position")
    for part in parts:
        _check_part(part, _pick(assessment, part))
    return parts


def place_breaks(assessment: Structure, parts: Sequence[Part]) -> list[tuple[int, Break]]:
    """Breaks with the number of the position they follow, in order. Raises TimesDoNotAddUp."""
    placed = sorted(((_find_place(one, assessment, parts), one) for one in assessment.breaks),
                    key=lambda pair: pair[0])
    places = [place for place, _ in placed]
    if len(set(places)) != len(places):
        raise TimesDoNotAddUp(f"two breaks follow one position: {places}")
    if placed and placed[-1][0] == assessment.positions[-1].number:
        raise TimesDoNotAddUp("a break follows the last position: the work would be over")
    return placed


def _find_place(one: Break, assessment: Structure, parts: Sequence[Part]) -> int:
    if one.time_s <= 0:
        raise TimesDoNotAddUp("a break has no time_s")
    if (one.after_part is None) == (one.after_position is None):
        raise TimesDoNotAddUp("a break needs either after_part or after_position")
    if one.after_part is not None:
        found = next((part.positions[-1] for part in parts if part.id == one.after_part), None)
        if found is None:
            raise TimesDoNotAddUp(f"a break follows the part {one.after_part!r}, which is not there")
        return found
    return _check_after_position(one.after_position or 0, assessment, parts)


def _check_after_position(number: int, assessment: Structure, parts: Sequence[Part]) -> int:
    position = next((one for one in assessment.positions if one.number == number), None)
    if position is None:
        raise TimesDoNotAddUp(f"a break follows position {number}, which is not there")
    if not position.fixed and number not in {part.positions[-1] for part in parts}:
        raise TimesDoNotAddUp(f"a break follows position {number}, which is neither fixed nor the last of its part")
    return number


def _check_part(part: Part, positions: Sequence[TimedPosition]) -> None:
    fixed = [position for position in positions if position.fixed]
    if fixed and len(fixed) != len(positions):
        raise TimesDoNotAddUp(f"part {part.id!r} mixes fixed and open positions")
    if fixed and part.navigation != "linear":
        raise TimesDoNotAddUp(f"part {part.id!r} has fixed positions, so its navigation must be linear")
    for position in fixed:
        _list_stages(position)
    whole = sum(position.time_s or 0 for position in fixed)
    if fixed and part.time_s not in (None, whole):
        raise TimesDoNotAddUp(f"part {part.id!r} has {part.time_s} s, its fixed positions make {whole} s")
    if part.time_s is not None and part.time_s <= 0:
        raise TimesDoNotAddUp(f"part {part.id!r} has no time_s")


def _list_stages(position: TimedPosition) -> list[tuple[str, int]]:
    """Stages of a fixed position with their seconds. Raises TimesDoNotAddUp."""
    whole, place = position.time_s or 0, f"position {position.number}"
    if whole <= 0:
        raise TimesDoNotAddUp(f"{place} is fixed and has no time_s")
    if position.speaking is not None:
        rule = position.speaking
        stages = [("choose", whole - rule.prepare_s - rule.record_s), ("prepare", rule.prepare_s),
                  ("speak", rule.record_s)]
    elif position.listening is not None:
        stages = [("read", position.listening.read_s), ("listen", whole - position.listening.read_s)]
    else:
        stages = [("answer", whole)]
    short = [stage for stage, seconds in stages if seconds < 0 or (seconds == 0 and stage != "read")]
    if short:
        raise TimesDoNotAddUp(f"{place} is fixed at {whole} s, which leaves no time to {short[0]}")
    return [(stage, seconds) for stage, seconds in stages if seconds]


def _share_time(assessment: Structure, parts: Sequence[Part]) -> dict[str, int]:
    """Part -> seconds. Raises TimesDoNotAddUp when they do not make the duration."""
    known = {part.id: _count_own(part, _pick(assessment, part)) for part in parts}
    open_parts = [name for name, seconds in known.items() if seconds is None]
    breaks = sum(one.time_s for one in assessment.breaks if one.in_duration)
    used = sum(seconds or 0 for seconds in known.values()) + breaks
    left = assessment.duration_s - used
    if len(open_parts) > 1:
        raise TimesDoNotAddUp(f"the parts {', '.join(open_parts)} have no time_s; one at most may leave it open")
    if (left != 0 and not open_parts) or (left <= 0 and open_parts):
        raise TimesDoNotAddUp(f"parts, fixed positions and breaks make {used} s, duration_s is {assessment.duration_s}")
    return {name: left if seconds is None else seconds for name, seconds in known.items()}


def _count_own(part: Part, positions: Sequence[TimedPosition]) -> int | None:
    if part.time_s is None and positions[0].fixed:
        return sum(position.time_s or 0 for position in positions)
    return part.time_s


def _pick(assessment: Structure, part: Part) -> list[TimedPosition]:
    return [position for position in assessment.positions if position.number in part.positions]


def _span_part(assessment: Structure, part: Part, seconds: int) -> Iterator[Span]:
    positions = _pick(assessment, part)
    if not positions[0].fixed:
        yield Span("open", part.id, tuple(part.positions), "", seconds)
        return
    for position in positions:
        for stage, length in _list_stages(position):
            yield Span("stage", part.id, (position.number,), stage, length)


def _span_break(part: Part, one: Break) -> Span:
    return Span("break", part.id, (), one.kind, one.time_s, one.in_duration)


def _stretch(span: Span, percent: int) -> Span:
    return replace(span, seconds=_lengthen(span.seconds, percent))


def _lengthen(seconds: int, percent: int) -> int:
    """Whole seconds, rounded in the candidate's favour."""
    return seconds + -(-seconds * percent // 100)


def _stretch_position(position: TimedPosition, percent: int) -> dict[str, int]:
    """Seconds of a position's stages; `fixed_s` = all of them, where it is fixed."""
    rules = {"time_s": position.time_s}
    if position.listening is not None:
        rules["read_s"] = position.listening.read_s
    if position.speaking is not None:
        rules |= {"prepare_s": position.speaking.prepare_s, "record_s": position.speaking.record_s}
    told = {name: _lengthen(seconds, percent) for name, seconds in rules.items() if seconds is not None}
    if position.fixed:
        stages = {stage: _lengthen(seconds, percent) for stage, seconds in _list_stages(position)}
        told |= {"fixed_s": sum(stages.values())} | ({"choose_s": stages["choose"]} if "choose" in stages else {})
    return told


def _check_needs(assessment: Structure, needs: Needs) -> None:
    offered = assessment.needs
    if needs.extra_percent and needs.extra_percent not in offered.extra_time_percent:
        raise NeedsNotOffered(f"extra time of {needs.extra_percent} % is not offered")
    if not 0 <= needs.extra_percent <= LONGEST_EXTRA_PERCENT:
        raise NeedsNotOffered(f"extra time of {needs.extra_percent} %")
    if (needs.large_print and not offered.large_print) or (needs.high_contrast and not offered.high_contrast):
        raise NeedsNotOffered("this look of the screen is not offered")
