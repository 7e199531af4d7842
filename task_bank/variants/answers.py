"""The answer that brings an item's points: takes its XML, gives answers by response and what they score.

The key is tried first. Where it does not bring everything (rules of the author's own, points for areas, a mapping that
is richer than the key), other answers the item speaks of are tried, up to a limit.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, product

from lxml import etree

from task_bank.items.facts import best_answers
from task_bank.items.xml import find_all, find_children, local_name, parse_xml
from task_bank.scoring import Response, score_item

MOST_TRIES = 600
Answers = dict[str, Response]


@dataclass(frozen=True)
class BestAnswer:
    """`points` are of the outcome SCORE, None when it has no value; `tries`: how many answers were scored."""

    answers: Answers
    points: Decimal | None
    tries: int


def find_best_answer(xml: bytes, wanted: int, name: str = "item") -> BestAnswer:
    """An answer that brings `wanted` points, else the best one found. Raises ScoringError, BrokenXml."""
    root = parse_xml(xml, name)
    best: Answers = {}
    highest: Decimal | None = None
    tries = 0
    for answers in islice(_list_answers(root), MOST_TRIES):
        tries += 1
        points = score_points(xml, answers, name)
        if points is not None and (highest is None or points > highest):
            best, highest = answers, points
        if points == wanted:
            return BestAnswer(answers, points, tries)
    return BestAnswer(best, highest, tries)


def score_points(xml: bytes, answers: Mapping[str, Response], name: str = "item") -> Decimal | None:
    """SCORE of an answer. Raises ScoringError, BrokenXml."""
    found = score_item(xml, answers, name).get("SCORE")
    return Decimal(found) if isinstance(found, int | Decimal) and not isinstance(found, bool) else None


def _list_answers(root: etree._Element) -> Iterator[Answers]:
    """The key; then whatever else the item speaks of, in every combination."""
    key = best_answers(root)
    yield dict(key)
    offered: dict[str, list[Response]] = {}
    for declared in find_all(root, "qti-response-declaration"):
        name = declared.get("identifier", "")
        offered[name] = _without_twins([key.get(name), *_list_of_response(root, declared), None])
    for combination in product(*offered.values()):
        yield {name: value for name, value in zip(offered, combination, strict=True) if value is not None}


def _without_twins(values: list[Response]) -> list[Response]:
    return [value for place, value in enumerate(values) if value not in values[:place]]


def _list_of_response(root: etree._Element, declared: etree._Element) -> Iterator[Response]:
    words = _without_twins([*_read_mapping(declared), *_read_areas(declared), *_read_rules(root, declared),
                            *_read_choices(root, declared)])
    single = declared.get("cardinality") == "single"
    good = [*_read_mapping(declared), *_read_areas(declared)]
    if not single and good:
        yield list(good)
    for word in words:
        yield word if single else [str(word)]


def _read_mapping(declared: etree._Element) -> list[str]:
    """Values that bring points, the best first."""
    entries = [(float(entry.get("mapped-value", "0")), entry.get("map-key", ""))
               for entry in find_all(declared, "qti-map-entry")]
    return [key for value, key in sorted(entries, key=lambda entry: -entry[0]) if value > 0]


def _read_areas(declared: etree._Element) -> list[str]:
    """A point in the middle of each area that brings points."""
    entries = find_all(declared, "qti-area-map-entry")
    best = sorted(entries, key=lambda entry: -float(entry.get("mapped-value", "0")))
    return [point for entry in best if float(entry.get("mapped-value", "0")) > 0 and (point := _find_middle(entry))]


def _find_middle(area: etree._Element) -> str | None:
    numbers = [float(word) for word in area.get("coords", "").replace(",", " ").split()]
    if area.get("shape") in ("circle", "ellipse"):
        numbers = numbers[:2]
    if not numbers:
        return None
    across, down = numbers[0::2], numbers[1::2]
    return f"{round(sum(across) / len(across))} {round(sum(down) / max(len(down), 1))}"


def _read_rules(root: etree._Element, declared: etree._Element) -> list[str]:
    """Values the rules compare with, of this response's own kind."""
    kind = declared.get("base-type")
    rules = find_children(root, "qti-response-processing")
    values = [value for rule in rules for value in find_all(rule, "qti-base-value") if value.get("base-type") == kind]
    return [(value.text or "").strip() for value in values if (value.text or "").strip()]


def _read_choices(root: etree._Element, declared: etree._Element) -> list[str]:
    """Choices of the interaction that asks for this response."""
    if declared.get("base-type") == "boolean":
        return ["true", "false"]
    if declared.get("base-type") != "identifier":
        return []
    asking = [node for node in root.iter()
              if local_name(node) and node.get("response-identifier") == declared.get("identifier")]
    return [name for node in asking for inner in node.iter() if inner is not node and (name := inner.get("identifier"))]
