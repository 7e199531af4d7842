"""What a work consists of, as data: takes the bytes of `assessment.json`, gives an `Assessment`.

The raw dictionary is kept beside the typed view: the criteria archive carries it whole, and
fields this version does not know must survive the journey.
"""
from typing import Any, Literal

import msgspec

FORMAT = "assessment/1"


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


class Position(msgspec.Struct, frozen=True):
    """One place in the work; every variant fills it with one item of `pool`.

    Positions with the same word in `together` (items about one shared text) take items of the same place in
    their pools, so that a candidate reads one text, not four.
    """

    number: int
    kind: Literal["written", "listening", "speaking"]
    points: int
    pool: list[str]
    title: dict[str, str] = {}
    difficulty: str = "Б"
    listening: ListeningRule | None = None
    speaking: SpeakingRule | None = None
    criteria: str | None = None
    auto_move: bool = False
    time_s: int | None = None
    together: str | None = None


class Assessment(msgspec.Struct, frozen=True):
    """The typed view of an assessment. `scale` rows are {"mark", "from"}; `criteria` stays as written."""

    id: str
    version: int
    title: dict[str, str]
    subject: str
    grade: int | None
    content_language: str
    duration_s: int
    positions: list[Position]
    scale: list[dict[str, int]]
    total_points: int
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
    "drafts_allowed", "on_move", "auto_credit_s", "sound_check", "instruction", "marking", "scale",
    "total_points",
)
PUBLIC_POSITION_FIELDS = (
    "number", "title", "kind", "points", "difficulty", "listening", "speaking", "auto_move", "time_s",
)


def describe_for_candidates(assessment: Assessment) -> dict[str, Any]:
    """The public part: no criteria and no pools, so that nothing tells which items exist."""
    positions = [_public_position(position) for position in assessment.data["positions"]]
    return {**_pick(assessment.data, PUBLIC_FIELDS), "positions": positions}


def _public_position(position: dict[str, Any]) -> dict[str, Any]:
    marked_by_people = position.get("criteria") is not None
    return {**_pick(position, PUBLIC_POSITION_FIELDS), "marked_by_people": marked_by_people}


def _pick(data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}
