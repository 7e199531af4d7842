"""What a test asks for and this system does not do: takes a test, gives findings by name.

An error refuses the test; a warning says what is left out without changing what candidates do or get.
"""
import re
from collections.abc import Iterator

from lxml import etree

from task_bank.items.findings import Finding, error, warning
from task_bank.items.xml import find_all, find_first, local_name, read_text
from task_bank.packages.test_file import TEST, Place, TestFile, is_true

REFUSED = {
    "qti-pre-condition": "conditions on what was answered before are not supported",
    "qti-branch-rule": "branching is not supported: every candidate goes the same way",
    "qti-adaptive-selection": "adaptive selection is not supported",
    "qti-template-default": "defaults for templates are not supported",
}
DROPPED = {
    "qti-test-feedback": "feedback is not shown",
    "qti-stylesheet": "styles of the test are not used",
}
SESSION = {
    "show-feedback": "feedback is not shown",
    "show-solution": "solutions are not shown",
    "allow-comment": "comments are not offered",
}
WHOLE_SCORE = frozenset("qti-set-outcome-value qti-sum qti-test-variables qti-outcome-minimum".split())


def list_unsupported(test: TestFile) -> Iterator[Finding]:
    """Everything in the documents of a test that cannot be honoured, or is left out."""
    for place in test.roots:
        for node in place.node.iter():
            yield from _judge(Place(place.file, node))
    yield from _judge_rubrics(test)
    yield from _judge_outcomes(test)


def _judge(place: Place) -> Iterator[Finding]:
    file, node, name = place.file, place.node, local_name(place.node)
    if name in REFUSED:
        yield error(file, REFUSED[name], node)
    elif name in DROPPED:
        yield warning(file, DROPPED[name], node)
    elif name == "qti-item-session-control":
        yield from _judge_session(file, node)
    elif name == "qti-time-limits" and _is_other(node, "min-time", "0"):
        yield error(file, "a least time is not supported", node)
    elif name == "qti-selection" and is_true(node, "with-replacement") and node.get("select") != "1":
        yield error(file, "selection with replacement is not supported", node)
    elif name == "qti-weight" and _is_used(node) and _is_other(node, "value", "1"):
        yield error(file, f"{_say_weight(node)}: a task gives the points of its item here, write them there", node)


def _judge_session(file: str, node: etree._Element) -> Iterator[Finding]:
    for name, message in SESSION.items():
        if is_true(node, name):
            yield warning(file, message, node)
    if node.get("allow-skipping") == "false" or is_true(node, "validate-responses"):
        yield error(file, "candidates may always leave a task without an answer", node)


def _is_other(node: etree._Element, name: str, usual: str) -> bool:
    """Whether an attribute is written and is not this number."""
    return re.fullmatch(rf"\+?0*{usual}(\.0*)?", node.get(name, usual).strip()) is None


def _say_weight(node: etree._Element) -> str:
    owner = node.getparent()
    name = owner.get("identifier", "") if owner is not None else ""
    return f"weight {node.get('value', '').strip()} of {name!r} is not supported"


def _is_used(node: etree._Element) -> bool:
    """Whether the sums of the test speak of this weight; QTI leaves unused ones without effect."""
    root = node.getroottree().getroot()
    if local_name(root) != TEST:
        return True
    name = node.get("identifier")
    return any(one.get("weight-identifier") == name for one in root.iter() if local_name(one))


def _judge_rubrics(test: TestFile) -> Iterator[Finding]:
    for place in test.roots:
        for node in find_all(place.node, "qti-rubric-block"):
            shown = "candidate" in node.get("view", "candidate").split()
            rich = next((one for one in node.iter() if local_name(one) in ("img", "table", "audio", "object")), None)
            if shown and rich is not None:
                yield error(place.file, "an instruction of a test can hold words only", rich)


def _judge_outcomes(test: TestFile) -> Iterator[Finding]:
    root = test.place.node
    rules = find_first(root, "qti-outcome-processing")
    names = {local_name(node) for node in rules.iter() if node is not rules} - {""} if rules is not None else set()
    if names - WHOLE_SCORE:
        yield warning(test.place.file, "the result is the sum of points; other rules of the test are not used", rules)


def list_instructions(test: TestFile) -> list[str]:
    """What the test tells candidates in its rubrics, a paragraph each."""
    found = []
    for place in test.roots:
        for node in find_all(place.node, "qti-rubric-block"):
            if "candidate" in node.get("view", "candidate").split():
                blocks = [one for one in node.iter() if local_name(one) in ("p", "li", "h1", "h2", "h3")]
                found += [read_text(one) for one in blocks or [node]]
    return [text for text in found if text]
