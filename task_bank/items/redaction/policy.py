"""What a seat cannot run or a candidate never receives: takes an item, refuses it or tells what is left out.

A seat holds no keys, so nothing that waits for scoring can happen there: such items are refused with the reason,
and what can be left out without loss to the task is left out with a warning.
"""
from collections.abc import Iterator

from lxml import etree

from task_bank.items.redaction.feedback import FEEDBACK, is_shown_at_first, read_defaults
from task_bank.items.findings import Finding, warning
from task_bank.items.redaction.vocabulary import ITEM_CHILDREN, QTI_ATTRIBUTES, SPEAKING_TYPE
from task_bank.items.xml import PackageError, find_all, find_first, local_name

NEEDS_SCORING = "needs scoring while the candidate works, which a seat without keys cannot do"
TEMPLATES = "is made from a template: make plain items of it first"
REASONS = {
    "qti-end-attempt-interaction": NEEDS_SCORING,
    "qti-printed-variable": TEMPLATES,
    "qti-template-block": TEMPLATES,
    "qti-template-inline": TEMPLATES,
    "qti-custom-interaction": "is a program of its author, which no seat runs",
    "qti-portable-custom-interaction": f"only {SPEAKING_TYPE} is supported",
    "video": "moving pictures are not supported",
    "audio": "sound is heard only in a media interaction, where plays are counted",
    "a": "a link leads out of the work",
    "svg": "a drawing stands in a file of its own",
    "menclose": "is not drawn by browsers, so the formula would lose its mark",
    "maction": "shows only one of its formulas",
}
TEMPLATE_PARTS = ("qti-template-declaration", "qti-template-processing", "qti-set-correct-response")
NEVER_SEEN = frozenset({"qti-hide", "qti-display-none"})
LEFT_OUT = {
    "qti-modal-feedback": "is not shown: a seat has no scoring",
    "qti-stylesheet": "is not used: items look as the player draws them",
    "qti-catalog-info": "does not reach the candidate",
    "qti-companion-materials-info": "does not reach the candidate",
}


class UnsupportedElement(PackageError):
    """An element (or a way of working) this system cannot show or score whole."""


def refuse_unsupported(root: etree._Element, file: str) -> None:
    """Refuse what changes the item while it runs, or is asked in a way that has no answer here.

    Raises UnsupportedElement.
    """
    if root.get("adaptive") == "true":
        raise UnsupportedElement(file, f"adaptive items are not supported: it {NEEDS_SCORING}", root)
    for name in TEMPLATE_PARTS:
        found = find_first(root, name)
        if found is not None:
            raise UnsupportedElement(file, "items made from templates are not supported", found)
    for child in root:
        if local_name(child) and local_name(child) not in ITEM_CHILDREN:
            raise refuse_element(child, file)
    for custom in find_all(root, "qti-portable-custom-interaction"):
        if custom.get("custom-interaction-type-identifier") != SPEAKING_TYPE:
            raise refuse_element(custom, file)
    _refuse_ways_of_asking(root, file)


def refuse_element(node: etree._Element, file: str) -> UnsupportedElement:
    """The refusal of an element, with its reason where one is known."""
    return UnsupportedElement(file, REASONS.get(local_name(node), "is not supported"), node)


def _refuse_ways_of_asking(root: etree._Element, file: str) -> None:
    for declared in find_all(root, "qti-response-declaration"):
        if declared.get("cardinality") == "record":
            raise UnsupportedElement(file, "answers of cardinality record are not supported", declared)
    for name in ("qti-text-entry-interaction", "qti-extended-text-interaction"):
        for node in find_all(root, name):
            if node.get("base", "10") != "10":
                raise UnsupportedElement(file, f"numbers of base {node.get('base')} are not supported", node)
            if node.get("string-identifier"):
                raise UnsupportedElement(file, "a second response for the typed text is not supported", node)
            if node.get("format") == "xhtml":
                raise UnsupportedElement(file, "answers with formatted text are not supported", node)


def refuse_lost_interactions(body: etree._Element, file: str) -> None:
    """Refuse an interaction inside something that is never shown. Raises UnsupportedElement."""
    for hidden in body.iter():
        if local_name(hidden) in FEEDBACK or is_never_seen(hidden):
            for node in hidden.iter():
                if "response-identifier" in QTI_ATTRIBUTES.get(local_name(node), ()):
                    raise UnsupportedElement(file, "stands where a seat never shows it", node)


def is_never_seen(node: etree._Element) -> bool:
    """Whether the author hid an element from everybody: what nobody sees has no reason to travel."""
    return bool(local_name(node)) and not NEVER_SEEN.isdisjoint(node.get("class", "").split())


def list_left_out(root: etree._Element, file: str) -> Iterator[Finding]:
    """Warnings about everything of an item that a candidate does not receive, or receives changed."""
    defaults = read_defaults(root)
    for node in root.iter():
        name = local_name(node)
        if name in LEFT_OUT:
            yield warning(file, LEFT_OUT[name], node)
        elif name in FEEDBACK:
            shown = "is shown from the beginning" if is_shown_at_first(node, defaults) else "is never shown"
            yield warning(file, f"{shown}: a seat has no scoring", node)
        elif name == "qti-rubric-block" and is_rubric_for_scoring(node):
            yield warning(file, "is about scoring, so candidates do not receive it", node)
        if name and node.get("pattern-mask"):
            yield warning(file, "pattern-mask is not sent: it may tell the answer", node)


def is_rubric_for_scoring(node: etree._Element) -> bool:
    """A rubric block that speaks to candidates too, but of scoring."""
    return "candidate" in node.get("view", "").split() and node.get("use") == "scoring"
