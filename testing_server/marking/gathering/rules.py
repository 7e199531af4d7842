"""What of an attempt people mark and what the machine scores. Pure: criteria and responses come in as data.

A position with `criteria` goes to people, every other is scored by its item's response processing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from testing_server.contracts.file_answers import FileReference, read_reference

Value = str | list[str] | None
Score = Callable[[bytes, Mapping[str, Value]], Mapping[str, Any]]
Restore = Callable[[Mapping[str, Any], Mapping[str, Value], bytes], Mapping[str, Any]]


@dataclass(frozen=True)
class HeardRecording:
    """A recording of a response: `sha256` of the file for listening, milliseconds at which it begins to be missing."""

    item: str
    response: str
    sha256: str
    seconds: int
    verdict: str


@dataclass(frozen=True)
class SubmittedAttempt:
    """What a package says of one attempt; `responses`: "item/response" → value, with opaque identifiers."""

    attempt: str
    code: str
    variant: str
    package: str
    responses: Mapping[str, Value]
    recordings: Sequence[HeardRecording]


@dataclass(frozen=True)
class CriteriaBook:
    """An opened criteria archive: assessment.json whole, keys by variant number, item XML and prompts by item.

    `corrections`: item → id of the correction its XML comes from, where the sealed key was corrected since.
    """

    assessment: Mapping[str, Any]
    keys: Mapping[str, Mapping[str, Any]]
    items: Mapping[str, bytes]
    prompts: Mapping[str, Mapping[str, Any]]
    corrections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerForPeople:
    """One nameless answer."""

    position: int
    item: str
    criteria: str
    content: dict[str, Any]


@dataclass(frozen=True)
class PointsByMachine:
    """Outcome SCORE of one item as decimal text, all outcomes beside it, and the answers by the author's names."""

    position: int
    points: str
    outcomes: dict[str, Any]
    item: str
    responses: dict[str, Value]


@dataclass(frozen=True)
class SortedAttempt:
    """An attempt split between people and machine; `answered`: position → "answered" | "empty"."""

    answers: list[AnswerForPeople]
    scores: list[PointsByMachine]
    answered: dict[str, str]


class UnknownVariant(ValueError):
    """The attempt names a variant that the criteria archive does not know."""


def sort_attempt(attempt: SubmittedAttempt, book: CriteriaBook, score: Score, restore: Restore) -> SortedAttempt:
    """Splits an attempt. Raises UnknownVariant, and what `score` raises for a rule that cannot be evaluated."""
    if attempt.variant not in book.keys:
        raise UnknownVariant(attempt.variant)
    positions = {position["number"]: position for position in book.assessment["positions"]}
    sorted_attempt = SortedAttempt([], [], {})
    for key in book.keys[attempt.variant]["items"]:
        _sort_item(attempt, key, positions[key["position"]], book, (score, restore), sorted_attempt)
    return sorted_attempt


def _sort_item(attempt: SubmittedAttempt, key: Mapping[str, Any], position: Mapping[str, Any], book: CriteriaBook,
               rules: tuple[Score, Restore], found: SortedAttempt) -> None:
    score, restore = rules
    xml = book.items[key["item"]]
    own = {name.partition("/")[2]: value for name, value in attempt.responses.items()
           if name.partition("/")[0] == key["id"]}
    responses = dict(restore(key, own, xml))
    recordings = [one for one in attempt.recordings if one.item == key["id"]]
    found.answered[str(position["number"])] = "answered" if recordings or _has_value(responses) else "empty"
    if position.get("criteria"):
        asks_files = list_file_responses(book.prompts.get(key["item"], {}))
        content = describe_content(responses, recordings, asks_files)
        found.answers.append(AnswerForPeople(position["number"], key["item"], position["criteria"], content))
    else:
        outcomes = write_outcomes(score(xml, responses))
        found.scores.append(PointsByMachine(position["number"], outcomes.get("SCORE") or "0", outcomes, key["item"],
                                            responses))


def _has_value(responses: Mapping[str, Value]) -> bool:
    return any(value not in (None, "", []) for value in responses.values())


def list_file_responses(prompt: Mapping[str, Any]) -> frozenset[str]:
    """Responses of an item, by the author's names, that are files."""
    asked = prompt.get("item", {}).get("interactions", [])
    return frozenset(one["id"] for one in asked if one.get("base_type") == "file")


def list_files(responses: Mapping[str, Value], asks_files: frozenset[str]) -> list[FileReference]:
    """Files given where the item asks for files; a text that only looks like a reference is a text."""
    values = [value for name, value in responses.items() if name in asks_files and isinstance(value, str)]
    return [found for found in map(read_reference, values) if found is not None]


def describe_content(responses: Mapping[str, Value], recordings: Sequence[HeardRecording],
                     asks_files: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What the desk shows of an answer: written values by the author's response names, recordings and files."""
    return {
        "files": [{"sha256": one.sha256, "type": one.type} for one in list_files(responses, asks_files)],
        "responses": {name: value for name, value in responses.items() if value not in (None, "", [])},
        "recordings": [{"sha256": one.sha256, "seconds": one.seconds, "verdict": one.verdict} for one in recordings],
    }


def write_outcomes(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Outcomes as they are kept."""
    return {name: as_text(value) for name, value in outcomes.items()}


def as_text(value: Any) -> str | None:
    """An outcome as text: decimals must not pass through a float on their way into the database."""
    return None if value is None else str(value)
