"""What an item says of itself: takes its XML, gives points, kind of work and times, as a position needs them."""
import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from lxml import etree

from task_bank.items.redaction.vocabulary import SPEAKING_TYPE
from task_bank.items.xml import find_all, find_children, find_first, local_name
from task_bank.scoring import Response, ScoringError, score_item

Kind = Literal["written", "listening", "speaking"]
MANY_PLAYS = 99
MOST_POINTS = 10_000


@dataclass(frozen=True)
class ItemFacts:
    """`points`: the highest an item gives, None when it does not say; `by_people`: no rules score it.

    `listening` and `speaking` are the rules of a position (see assessments), None for other kinds.
    """

    kind: Kind
    points: Decimal | None
    by_people: bool
    listening: dict[str, int] | None = None
    speaking: dict[str, int] | None = None


def read_facts(xml: bytes, root: etree._Element) -> ItemFacts:
    """Facts of one item; `root` is `xml` parsed."""
    by_people = is_for_people(root)
    speaking, listening = _read_speaking(root), _read_listening(root)
    kind: Kind = "speaking" if speaking else "listening" if listening else "written"
    return ItemFacts(kind, _read_points(xml, root, by_people), by_people, listening, speaking)


def is_for_people(root: etree._Element) -> bool:
    """Whether people give the points: the item says so, or it has neither rules nor a key."""
    score = find_outcome(root, "SCORE")
    if score is not None and score.get("external-scored") == "human":
        return True
    return not find_children(root, "qti-response-processing") and not find_all(root, "qti-correct-response")


def find_outcome(root: etree._Element, identifier: str) -> etree._Element | None:
    """The declaration of an outcome."""
    found = (node for node in find_all(root, "qti-outcome-declaration") if node.get("identifier") == identifier)
    return next(found, None)


def best_answer(declared: etree._Element) -> Response:
    """The right answer of a response declaration: its key, else the best lines of its mapping, else None."""
    single = declared.get("cardinality") == "single"
    for correct in find_children(declared, "qti-correct-response"):
        values = [(value.text or "").strip() for value in find_children(correct, "qti-value")]
        if any(values):
            return values[0] if single else list(values)
    entries = find_all(declared, "qti-map-entry")
    best = sorted(entries, key=lambda entry: -_read_mapped(entry))
    if not best:
        return None
    keys = [entry.get("map-key", "") for entry in best if _read_mapped(entry) > 0]
    return best[0].get("map-key") if single else list(keys)


def _read_mapped(entry: etree._Element) -> Decimal:
    return _read_decimal(entry.get("mapped-value")) or Decimal(0)


def best_answers(root: etree._Element) -> dict[str, Response]:
    """Response → its right answer, of those that have one."""
    found = {node.get("identifier", ""): best_answer(node) for node in find_all(root, "qti-response-declaration")}
    return {name: answer for name, answer in found.items() if answer is not None}


def _read_points(xml: bytes, root: etree._Element, by_people: bool) -> Decimal | None:
    declared = find_outcome(root, "MAXSCORE")
    value = find_first(declared, "qti-value") if declared is not None else None
    written = _read_decimal(value.text if value is not None else None)
    score = find_outcome(root, "SCORE")
    if written is None and score is not None:
        written = _read_decimal(score.get("normal-maximum"))
    if written is not None or by_people:
        return written
    try:
        return _read_decimal(str(score_item(xml, best_answers(root)).get("SCORE")))
    except ScoringError:
        return None


def _read_decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= MOST_POINTS else None


def _read_speaking(root: etree._Element) -> dict[str, int] | None:
    for node in find_all(root, "qti-portable-custom-interaction"):
        if node.get("custom-interaction-type-identifier") == SPEAKING_TYPE:
            return {
                "prepare_s": _read_int(node, "data-preparation-seconds", 60),
                "record_s": _read_int(node, "data-recording-seconds", 60),
                "takes": _read_int(node, "data-takes", 1),
            }
    return None


def _read_listening(root: etree._Element) -> dict[str, int] | None:
    for node in find_all(root, "qti-media-interaction"):
        if any(local_name(child) in ("audio", "object", "source") for child in node.iter()):
            plays = _read_int(node, "max-plays", 0)
            # none given, or 0: as often as one likes, for which a position needs a number
            return {"read_s": _read_int(node, "data-reading-seconds", 0), "plays": plays or MANY_PLAYS}
    return None


def _read_int(node: etree._Element, name: str, otherwise: int) -> int:
    written = node.get(name, "")
    return int(written) if re.fullmatch("[0-9]{1,6}", written) else otherwise


def describe_position(number: int, pool: list[str], facts: ItemFacts) -> dict[str, Any]:
    """A position of assessment/1 for items with these facts; points are rounded up to whole ones."""
    points = facts.points if facts.points is not None else Decimal(1)
    described: dict[str, Any] = {
        "number": number,
        "title": {"ru": f"Задание {number}", "en": f"Task {number}"},
        "kind": facts.kind,
        "points": math.ceil(points),
        "pool": pool,
    }
    rules = {"listening": facts.listening, "speaking": facts.speaking}
    return described | {name: rule for name, rule in rules.items() if rule is not None}
