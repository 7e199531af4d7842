"""Feedback at the start of an attempt: takes a body with feedback, gives one with what is shown at first, for good.

A seat has no scoring, so no outcome ever changes there: what an outcome's default value shows stays, the rest goes
(QTI 3 §"feedbackBlock", show-hide).
"""
import copy

from lxml import etree

from task_bank.items.xml import QTI, find_all, find_children, local_name

FEEDBACK = {"qti-feedback-block": "div", "qti-feedback-inline": "span"}
Defaults = dict[str, frozenset[str]]


def read_defaults(root: etree._Element) -> Defaults:
    """Default values of the outcomes of an item: identifier → its values; without a default none."""
    return {
        declared.get("identifier", ""): frozenset(
            (value.text or "").strip()
            for default in find_children(declared, "qti-default-value")
            for value in find_children(default, "qti-value")
        )
        for declared in find_all(root, "qti-outcome-declaration")
    }


def is_shown_at_first(node: etree._Element, defaults: Defaults) -> bool:
    """Whether a feedback element is seen before anything was scored."""
    matches = node.get("identifier", "") in defaults.get(node.get("outcome-identifier", ""), frozenset())
    return matches == (node.get("show-hide", "show") == "show")


def list_feedback(body: etree._Element) -> list[etree._Element]:
    """Feedback inside a body, in document order."""
    return [node for node in body.iter() if local_name(node) in FEEDBACK]


def materialise_feedback(body: etree._Element, defaults: Defaults) -> etree._Element:
    """A copy in which feedback shown at first is plain content; the other feedback stays, and is hidden by name."""
    if not list_feedback(body):
        return body
    changed = copy.deepcopy(body)
    for node in list_feedback(changed):
        if is_shown_at_first(node, defaults):
            node.tag = f"{{{QTI}}}{FEEDBACK[local_name(node)]}"
    return changed
