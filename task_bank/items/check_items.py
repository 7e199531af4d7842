"""Checking one item at its position: can it be shown whole, scored whole, and does its key give full points."""
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from task_bank.assessments import Position
from task_bank.items.facts import best_answer, find_outcome
from task_bank.items.findings import Finding, error, refusal, warning
from task_bank.items.rendering.identifiers import Identifiers
from task_bank.items.package import AssessmentPackage, ItemFile
from task_bank.items.redaction.policy import list_left_out
from task_bank.items.rendering.render import render_item
from task_bank.items.redaction.vocabulary import keep_classes
from task_bank.items.xml import PackageError, find_all, find_children, find_first, local_name
from task_bank.scoring import Response, ScoringError, score_item

SHUFFLED_BY_AUTHOR = ("qti-choice-interaction", "qti-inline-choice-interaction")
NAMED = ("identifier", "pair", "directedPair")
TIMES = {
    "qti-portable-custom-interaction": (
        ("data-preparation-seconds", "prepare_s"), ("data-recording-seconds", "record_s"), ("data-takes", "takes"),
    ),
    "qti-media-interaction": (("max-plays", "plays"), ("data-reading-seconds", "read_s")),
}


def check_item(package: AssessmentPackage, item: ItemFile, position: Position) -> Iterator[Finding]:
    """Findings of one item that stands in the pool of `position`."""
    try:
        render_item(package, item, position, Identifiers("check"), "check")
    except PackageError as problem:
        yield refusal(problem)
        return
    yield from list_left_out(item.root, item.path)
    yield from _check_times(item, position)
    yield from check_declarations(item)
    yield from check_references(item)
    yield from check_texts(item)
    yield from _check_key_in_sight(item)
    if position.criteria:
        yield from _check_marked_by_people(item, position)
    else:
        yield from _check_key(item, position, package.scoring_xml(item.identifier))


def _check_times(item: ItemFile, position: Position) -> Iterator[Finding]:
    for name, pairs in TIMES.items():
        rule = position.speaking if name == "qti-portable-custom-interaction" else position.listening
        for node in find_all(item.root, name):
            for attribute, field in pairs:
                expected = str(getattr(rule, field))
                if node.get(attribute, expected) != expected:
                    message = f"{attribute} is {node.get(attribute)}, {field} of position {position.number} is "
                    yield error(item.path, message + expected, node)


def check_declarations(item: ItemFile) -> Iterator[Finding]:
    """Every response that is asked for is declared, and asked for once."""
    declared = {node.get("identifier") for node in find_all(item.root, "qti-response-declaration")}
    asked: list[str] = []
    for node in item.root.iter():
        name = node.get("response-identifier") if local_name(node) else None
        if name is None:
            continue
        if name not in declared:
            yield error(item.path, f"response {name!r} is not declared", node)
        if name in asked:
            yield error(item.path, f"response {name!r} is asked for twice", node)
        asked.append(name)
    if not asked:
        yield error(item.path, "asks for nothing")


def check_references(item: ItemFile) -> Iterator[Finding]:
    """Keys and mappings must speak of choices that exist."""
    for interaction in item.root.iter():
        name = interaction.get("response-identifier") if local_name(interaction) else None
        known = {node.get("identifier") for node in interaction.iter() if node is not interaction}
        if name is None or not known - {None} or not _is_named(item.root, name):
            continue
        for word in _words_of_key(item.root, name):
            if word not in known:
                message = f"the key of {name!r} names {word!r}, which is no choice of it"
                yield error(item.path, message, _find_declaration(item.root, name))


def _is_named(root: etree._Element, response: str) -> bool:
    declared = _find_declaration(root, response)
    return declared is not None and declared.get("base-type") in NAMED


def _find_declaration(root: etree._Element, response: str) -> etree._Element | None:
    declared = find_all(root, "qti-response-declaration")
    return next((one for one in declared if one.get("identifier") == response), None)


def _words_of_key(root: etree._Element, response: str) -> list[str]:
    words: list[str] = []
    for declared in find_all(root, "qti-response-declaration"):
        if declared.get("identifier") == response:
            for value in find_all(declared, "qti-value"):
                words += (value.text or "").split()
            for entry in find_all(declared, "qti-map-entry"):
                words += entry.get("map-key", "").split()
    return list(dict.fromkeys(words))


def check_texts(item: ItemFile) -> Iterator[Finding]:
    """Pictures have alt texts; classes that do not reach the candidate are told."""
    for image in find_all(item.root, "img"):
        if image.get("alt") is None:
            yield error(item.path, f"{image.get('src')} has no alt text", image)
    body = find_first(item.root, "qti-item-body")
    for node in body.iter() if body is not None else ():
        given = node.get("class", "") if local_name(node) else ""
        lost = sorted(set(given.split()) - set(keep_classes(given).split()))
        if lost:
            yield warning(item.path, f"class {' '.join(lost)} does not reach the candidate", node)


def _check_key_in_sight(item: ItemFile) -> Iterator[Finding]:
    """A choice that is not shuffled and whose key comes first is guessed by position."""
    for node in item.root.iter():
        if local_name(node) in SHUFFLED_BY_AUTHOR and node.get("shuffle") == "false":
            first = next((child.get("identifier") for child in node if child.get("identifier")), None)
            if first in _words_of_key(item.root, node.get("response-identifier", "")):
                message = "the first choice is right and the order is not shuffled"
                yield warning(item.path, message, node)


def _check_marked_by_people(item: ItemFile, position: Position) -> Iterator[Finding]:
    score = find_outcome(item.root, "SCORE")
    if score is None or score.get("external-scored") != "human":
        message = 'is marked by criteria, so it needs external-scored="human"'
        yield error(item.path, message, "qti-outcome-declaration" if score is None else score)
    yield from _check_highest(item, position)


def _check_key(item: ItemFile, position: Position, xml: bytes) -> Iterator[Finding]:
    yield from _check_highest(item, position)
    if not find_children(item.root, "qti-response-processing"):
        yield error(item.path, "has neither scoring rules nor criteria", "qti-response-processing")
        return
    key: dict[str, Response] = {}
    for declared in find_all(item.root, "qti-response-declaration"):
        name = declared.get("identifier", "")
        best = best_answer(declared)
        if best is not None:
            key[name] = best
        elif _asks(item.root, name):
            yield error(item.path, f"response {name!r} has no key", declared)
    yield from _check_scores(item, position, key, xml)


def _check_scores(
    item: ItemFile, position: Position, key: dict[str, Response], xml: bytes
) -> Iterator[Finding]:
    try:
        full = score_item(xml, key, item.path).get("SCORE")
        nothing = score_item(xml, {}, item.path).get("SCORE")
    except ScoringError as problem:
        yield Finding("error", item.path, problem.element, problem.message, problem.line)
        return
    if full != position.points:
        yield error(item.path, f"the key gives {full} points, position {position.number} has {position.points}")
    if nothing != 0:
        yield error(item.path, f"no answer at all gives {nothing} points")


def _check_highest(item: ItemFile, position: Position) -> Iterator[Finding]:
    highest = find_outcome(item.root, "MAXSCORE")
    value = find_first(highest, "qti-value") if highest is not None else None
    written = (value.text or "").strip() if value is not None else None
    if written is None or Decimal(written or 0) != position.points:
        message = f"MAXSCORE is {written}, position {position.number} has {position.points} points"
        yield error(item.path, message, "qti-outcome-declaration" if highest is None else highest)


def _asks(root: etree._Element, response: str) -> bool:
    asking = [node for node in root.iter() if local_name(node) and node.get("response-identifier") == response]
    return any(local_name(node) not in TIMES for node in asking)
