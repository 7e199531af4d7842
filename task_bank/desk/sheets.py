"""What the desk shows of one item: takes a package, an item and an order of choices, gives a `Sheet`. Pure."""
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import html

from task_bank.assessments import Position
from task_bank.items import (
    AssessmentPackage, Identifiers, ItemFile, MediaFile, PackageError, render_guidance, render_item)
from task_bank.items.choices import list_choice_texts, name_value
from task_bank.items.facts import best_answers
from task_bank.items.xml import find_all
from task_bank.scoring import Response, ScoringError, restore_responses, score_item
from task_bank.variants.answers import find_best_answer
from task_bank.variants.pages import Delivered, Unprovable, answer_page

Named = dict[str, str]


@dataclass(frozen=True)
class KeyLine:
    """A response and its right answer, in the author's identifiers and in words."""

    response: str
    written: list[str]
    words: list[str]


@dataclass(frozen=True)
class MappedLine:
    """A line of a mapping: what is given and the points it brings."""

    response: str
    words: str
    points: str


@dataclass(frozen=True)
class Sheet:
    """One item on the desk. `data`: as a workstation gets it; `names`: the item's key in opaque names.

    `answer`: right answers in opaque names, {} when nobody knows one; `trouble`: why there is none.
    """

    data: dict[str, Any]
    media: dict[str, MediaFile]
    names: dict[str, Any]
    key: list[KeyLine]
    mapping: list[MappedLine]
    guidance: str
    criteria: list[dict[str, Any]]
    answer: dict[str, Response]
    trouble: str


def make_sheet(package: AssessmentPackage, item: ItemFile, position: Position, order: int) -> Sheet:
    """Render an item in the `order`-th order of its choices. Raises PackageError when it cannot be shown."""
    names = Identifiers(f"i{position.number}")
    rendered = render_item(package, item, position, names, f"desk/{item.identifier}/{order}")
    described = {"id": names.item, "item": item.identifier, "identifiers": names.choices, "responses": names.responses}
    answer, trouble = _find_answer(package, item, position, rendered.data, described)
    texts = list_choice_texts(item.xml, item.path)
    return Sheet(rendered.data, rendered.media, described, _list_key(item, texts), _list_mapping(item, texts),
                 render_guidance(item.xml, item.path), _list_criteria(package, position), answer, trouble)


def score_tried(package: AssessmentPackage, sheet: Sheet, responses: Mapping[str, Response]) -> dict[str, Any]:
    """{"given": answers by the author's names, "outcomes": {…}} or {"error": text} for what was tried."""
    item = package.item(sheet.names["item"])
    xml = package.scoring_xml(item.identifier)
    given = restore_responses(sheet.names, responses, xml)
    try:
        return {"given": given, "outcomes": score_item(xml, given, item.path)}
    except (ScoringError, PackageError) as error:
        return {"given": given, "error": str(error)}


def _find_answer(package: AssessmentPackage, item: ItemFile, position: Position, data: dict[str, Any],
                 names: dict[str, Any]) -> tuple[dict[str, Response], str]:
    """The answer that brings every point, as a candidate would give it; else why there is none."""
    if position.criteria is not None:
        return {}, ""
    try:
        xml = package.scoring_xml(item.identifier)
        best = find_best_answer(xml, position.points, item.path)
        delivered = Delivered(position, data, names, item.path, xml)
        answer = answer_page(delivered, html.fromstring(data["html"]), best.answers)
    except (PackageError, ScoringError, Unprovable) as problem:
        return {}, str(problem)
    missing = best.points != Decimal(position.points)
    return answer, f"the best answer found gives {best.points} of {position.points} points" if missing else ""


def _list_key(item: ItemFile, texts: Named) -> list[KeyLine]:
    lines = []
    for response, answer in best_answers(item.root).items():
        written = [str(one) for one in (answer if isinstance(answer, list) else [answer]) if one is not None]
        if written:
            lines.append(KeyLine(response, written, [name_value(one, texts) for one in written]))
    return lines


def _list_mapping(item: ItemFile, texts: Named) -> list[MappedLine]:
    return [
        MappedLine(declared.get("identifier", ""), name_value(entry.get("map-key", ""), texts),
                   entry.get("mapped-value", ""))
        for declared in find_all(item.root, "qti-response-declaration")
        for entry in find_all(declared, "qti-map-entry")
    ]


def _list_criteria(package: AssessmentPackage, position: Position) -> list[dict[str, Any]]:
    criteria = package.assessment.criteria.get(position.criteria or "", {})
    return list(criteria.get("criteria", []))
