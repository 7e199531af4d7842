"""What a work consists of, as data: takes the bytes of `assessment.json`, gives an `Assessment`.

The raw dictionary is kept beside the typed view: the criteria archive carries it whole, and
fields this version does not know must survive the journey.
"""
from typing import Any

import msgspec

from task_bank.assessments.structure import BrokenAssessment, LeavingRule, Structure, TimedPosition

FORMAT = "assessment/1"


class Position(TimedPosition, frozen=True, kw_only=True):
    """One place in the work; every variant fills it with one item of `pool`.

    Positions with the same word in `together` (items about one shared text) take items of the same place in
    their pools, so that a candidate reads one text, not four.
    """

    points: int
    pool: list[str]
    title: dict[str, str] = {}
    difficulty: str = "Б"
    criteria: str | None = None
    together: str | None = None


class Assessment(Structure, frozen=True, kw_only=True):
    """The typed view of an assessment. `scale` rows are {"mark", "from"}; `criteria` stays as written.

    `counted`: its results count (a training run otherwise); `drafts_allowed`: notes on paper are;
    `sound_check_again`: the sound may be checked once more at any moment before speaking.
    `plain_seat_allowed`: a browser without the workstation program will do; it promises less.
    """

    id: str
    version: int
    title: dict[str, str]
    subject: str
    grade: int | None
    content_language: str
    positions: list[Position]  # type: ignore[assignment]
    scale: list[dict[str, int]]
    total_points: int
    counted: bool = True
    drafts_allowed: bool = True
    sound_check_again: bool = False
    plain_seat_allowed: bool = False
    leaving: LeavingRule = LeavingRule()
    criteria: dict[str, dict[str, Any]] = {}
    data: dict[str, Any] = {}


def parse_assessment(raw: bytes) -> Assessment:
    """Read `assessment.json`. Raises BrokenAssessment naming the field that is wrong."""
    try:
        data = msgspec.json.decode(raw, type=dict)
        if data.get("format") != FORMAT:
            raise BrokenAssessment(f"format is {data.get('format')!r}, expected {FORMAT!r}")
        return msgspec.convert({**data, "data": data}, Assessment)
    except msgspec.MsgspecError as error:
        raise BrokenAssessment(str(error)) from error


# By allow-list: a note an author leaves in the file must not travel to the candidates.
PUBLIC_FIELDS = (
    "format", "id", "version", "title", "subject", "grade", "content_language", "counted", "duration_s",
    "drafts_allowed", "on_move", "repeat_item", "auto_credit_s", "sound_check", "sound_check_again",
    "plain_seat_allowed", "leaving", "instruction", "marking", "scale", "total_points", "needs",
)
PUBLIC_POSITION_FIELDS = (
    "number", "title", "kind", "points", "difficulty", "listening", "speaking", "auto_move", "time_s", "fixed",
)
PUBLIC_PART_FIELDS = ("id", "title", "positions", "time_s", "navigation", "auto_move")
PUBLIC_BREAK_FIELDS = ("time_s", "after_part", "after_position", "kind", "in_duration", "early_end")
PUBLIC_LISTS = {"parts": PUBLIC_PART_FIELDS, "breaks": PUBLIC_BREAK_FIELDS}


def describe_for_candidates(assessment: Assessment) -> dict[str, Any]:
    """The public part: no criteria and no pools, so that nothing tells which items exist."""
    positions = [_public_position(position) for position in assessment.data["positions"]]
    lists = {name: [_pick(one, fields) for one in assessment.data[name]]
             for name, fields in PUBLIC_LISTS.items() if name in assessment.data}
    return {**_pick(assessment.data, PUBLIC_FIELDS), **lists, "positions": positions}


def _public_position(position: dict[str, Any]) -> dict[str, Any]:
    marked_by_people = position.get("criteria") is not None
    return {**_pick(position, PUBLIC_POSITION_FIELDS), "marked_by_people": marked_by_people}


def _pick(data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}
