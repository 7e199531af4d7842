"""Can an item of any maker be delivered and scored whole: takes it in its package, gives findings.

An error refuses the item. What merely surprises (no alt text, a key that does not give full points) is a warning:
the item is somebody else's and stays as it is.
"""
from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec
from lxml import etree

from task_bank.assessments import Position
from task_bank.items.check_items import check_declarations, check_references, check_texts
from task_bank.items.facts import ItemFacts, best_answers, describe_position, find_outcome, read_facts
from task_bank.items.findings import Finding, error, refusal, warning
from task_bank.items.rendering.identifiers import Identifiers
from task_bank.items.package import AssessmentPackage, ItemFile
from task_bank.items.redaction.policy import list_left_out
from task_bank.items.rendering.render import render_item
from task_bank.items.xml import PackageError, find_children, parse_xml
from task_bank.scoring import ScoringError, check_scoring, score_item


PROCESSING = "qti-response-processing"


@dataclass(frozen=True)
class Inspection:
    """`facts` are None when a finding is an error."""

    findings: list[Finding]
    facts: ItemFacts | None


def inspect_item(package: AssessmentPackage, item: ItemFile) -> Inspection:
    """Judge one item, whatever test it stands in."""
    try:
        xml = package.scoring_xml(item.identifier)
        root = item.root if xml is item.xml else parse_xml(xml, item.path)
        facts = read_facts(xml, root)
        position = msgspec.convert(describe_position(1, [item.identifier], facts), Position)
        render_item(package, item, position, Identifiers("check"), "check")
    except PackageError as problem:
        return Inspection([refusal(problem)], None)
    findings = [*check_declarations(item), *check_references(item)]
    findings += [] if findings else _inspect_score(item, xml, root, facts)
    findings += list_left_out(item.root, item.path)
    findings += [replace(finding, severity="warning") for finding in check_texts(item)]
    refused = any(finding.severity == "error" for finding in findings)
    return Inspection(findings, None if refused else facts)


def _inspect_score(item: ItemFile, xml: bytes, root: etree._Element, facts: ItemFacts) -> Iterator[Finding]:
    if find_outcome(item.root, "SCORE") is None:
        yield error(item.path, "has no outcome SCORE", item.root)
    elif facts.by_people:
        if facts.points is None:
            yield warning(item.path, "is marked by people and does not say how many points it gives", item.root)
    elif not find_children(item.root, PROCESSING):
        yield error(item.path, "has a key and no rules to score it", item.root)
    else:
        yield from _try_key(item, xml, root, facts)


def _try_key(item: ItemFile, xml: bytes, root: etree._Element, facts: ItemFacts) -> Iterator[Finding]:
    key = best_answers(item.root)
    try:
        check_scoring(root, item.path)
        full = score_item(xml, key, item.path).get("SCORE")
        nothing = score_item(xml, {}, item.path).get("SCORE")
    except ScoringError as problem:
        yield refuse_scoring(item, xml, problem)
        return
    if facts.points is not None and facts.points != int(facts.points):
        yield warning(item.path, f"gives up to {facts.points} points; a position has whole ones")
    if key and not full and facts.points:
        yield error(item.path, "its rules give no points for the right answer", find_children(item.root, PROCESSING)[0])
    elif key and facts.points is not None and full != facts.points:
        yield warning(item.path, f"the key gives {full} points, the highest is {facts.points}")
    if nothing:
        yield warning(item.path, f"no answer at all gives {nothing} points")


def refuse_scoring(item: ItemFile, xml: bytes, problem: ScoringError) -> Finding:
    """What the scoring raised, as a finding; rules that came from a template have no line in the item."""
    line = problem.line if xml is item.xml else None
    return Finding("error", item.path, problem.element or None, problem.message, line)
