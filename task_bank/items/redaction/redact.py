"""Redaction: takes an item (or a stimulus) as written, gives the part a candidate may see, as a new tree.

A new tree is built of allowed elements and attributes; nothing is copied that is not named in `vocabulary`.
Keys, mappings, rules, feedback, rubrics for scorers, comments, titles and pattern masks are never reached.
"""
from lxml import etree

from task_bank.items.redaction.feedback import materialise_feedback, read_defaults
from task_bank.items.redaction.policy import (
    UnsupportedElement,
    is_never_seen,
    is_rubric_for_scoring,
    refuse_element,
    refuse_lost_interactions,
    refuse_unsupported,
)
from task_bank.items.redaction.vocabulary import (
    COMMON_ATTRIBUTES,
    HIDDEN,
    HTML_ATTRIBUTES,
    MATHML_ATTRIBUTES,
    QTI_ATTRIBUTES,
    keep_classes,
)
from task_bank.items.xml import MATHML, XML_LANGUAGE, find_first, local_name, namespace

__all__ = ["UnsupportedElement", "redact", "redact_element", "refuse_unsupported"]


def redact(root: etree._Element, file: str) -> etree._Element:
    """The body a candidate may see, of an item or of a shared stimulus.

    Raises UnsupportedElement, naming file and element, when something could only be half shown.
    """
    refuse_unsupported(root, file)
    body_name = "qti-stimulus-body" if local_name(root) == "qti-assessment-stimulus" else "qti-item-body"
    body = find_first(root, body_name)
    if body is None:
        raise UnsupportedElement(file, f"has no <{body_name}>", root)
    body = materialise_feedback(body, read_defaults(root))
    refuse_lost_interactions(body, file)
    return redact_element(body, file)


def allowed_attributes(node: etree._Element) -> frozenset[str] | None:
    """Attributes a candidate may receive of this element; None when the element itself is not allowed."""
    name = local_name(node)
    if namespace(node) == MATHML:
        return MATHML_ATTRIBUTES.get(name)
    own = QTI_ATTRIBUTES.get(name, HTML_ATTRIBUTES.get(name))
    return None if own is None else own | COMMON_ATTRIBUTES


def is_hidden(node: etree._Element) -> bool:
    """Whether an element is for other readers: a comment, feedback, a rubric that is not for candidates."""
    name = local_name(node)
    if name == "qti-rubric-block":
        return "candidate" not in node.get("view", "").split() or is_rubric_for_scoring(node)
    return not name or name in HIDDEN or is_never_seen(node)


def redact_element(node: etree._Element, file: str) -> etree._Element:
    """A copy of one element, of allowed elements and attributes only. Raises UnsupportedElement."""
    allowed = allowed_attributes(node)
    if allowed is None:
        raise refuse_element(node, file)
    copy = etree.Element(node.tag, nsmap=node.nsmap)
    copy.sourceline = node.sourceline
    for name, value in _keep_attributes(node, allowed):
        copy.set(name, value)
    copy.text = node.text
    if node.sourceline:
        copy.sourceline = node.sourceline
    for child in node:
        _append_child(copy, child, file)
    return copy


def _append_child(parent: etree._Element, child: etree._Element, file: str) -> None:
    kept = None if is_hidden(child) else redact_element(child, file)
    if kept is not None:
        kept.tail = child.tail
        parent.append(kept)
    elif child.tail:
        _append_text(parent, child.tail)


def _append_text(parent: etree._Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _keep_attributes(node: etree._Element, allowed: frozenset[str]) -> list[tuple[str, str]]:
    kept = []
    for name, value in node.attrib.items():
        plain = "lang" if name == XML_LANGUAGE else str(name)
        if plain not in allowed:
            continue
        text = keep_classes(str(value)) if plain == "class" else str(value)
        if text or plain == "alt":
            kept.append((plain, text))
    return kept
