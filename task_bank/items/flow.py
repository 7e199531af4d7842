"""HTML of the words and pictures between interactions: takes redacted elements, gives HTML elements."""
import json
from collections.abc import Iterable

from lxml import etree

from task_bank.items.context import RenderContext, append, make
from task_bank.items.redaction import UnsupportedElement
from task_bank.items.vocabulary import HTML_ATTRIBUTES, MATHML_ATTRIBUTES
from task_bank.items.xml import XML_LANGUAGE, local_name

GROUPS = {
    "qti-item-body": "qti-body",
    "qti-stimulus-body": "qti-stimulus",
    "qti-content-body": "qti-content",
    "qti-rubric-block": "qti-rubric",
    "qti-prompt": "qti-prompt",
}


def render_node(node: etree._Element, context: RenderContext) -> etree._Element:
    """One element as HTML. Raises UnsupportedElement for one that has no renderer."""
    name = local_name(node)
    if name in context.renderers:
        rendered = context.renderers[name](node, context)
    elif name in GROUPS:
        rendered = render_into(make("div", {"class": GROUPS[name]}), node, context)
    elif node.get("data-stimulus-idref"):
        rendered = _place_stimulus(node, context)
    elif name == "img":
        rendered = _render_image(node, context)
    elif name in HTML_ATTRIBUTES or name in MATHML_ATTRIBUTES:
        rendered = render_into(make(name, _keep(node)), node, context)
    elif context.redaction:
        raise UnsupportedElement(context.file, "is not supported", node)
    else:
        rendered = render_into(make("div", {"data-element": name or "comment"}), node, context)
    return show_original(rendered, node, context)


def show_original(target: etree._Element, node: etree._Element, context: RenderContext) -> etree._Element:
    """Without redaction (tests only) every attribute travels along; with it nothing happens here."""
    if not context.redaction:
        target.set("data-original", json.dumps(dict(node.attrib), ensure_ascii=False))
    return target


def render_into(target: etree._Element, node: etree._Element, context: RenderContext) -> etree._Element:
    """Fill `target` with the rendered content of `node`; language and classes go along."""
    _copy_common(node, target)
    return append_content(target, node, context)


def append_content(target: etree._Element, node: etree._Element, context: RenderContext) -> etree._Element:
    """Append text and rendered children of `node` to `target`."""
    if node.text:
        append(target, node.text)
    return append_nodes(target, node, context)


def append_nodes(
    target: etree._Element, nodes: Iterable[etree._Element], context: RenderContext
) -> etree._Element:
    """Append rendered nodes with the text after each."""
    for child in nodes:
        append(target, render_node(child, context))
        if child.tail:
            append(target, child.tail)
    return target


def _keep(node: etree._Element) -> dict[str, str]:
    name = local_name(node)
    allowed = HTML_ATTRIBUTES.get(name) or MATHML_ATTRIBUTES.get(name) or frozenset()
    return {str(name): str(value) for name, value in node.attrib.items() if name in allowed}


def _copy_common(node: etree._Element, target: etree._Element) -> None:
    language = node.get("lang") or node.get(XML_LANGUAGE)
    if language:
        target.set("lang", language)
    if node.get("dir"):
        target.set("dir", node.get("dir", ""))
    classes = " ".join(part for part in (target.get("class"), node.get("class")) if part)
    if classes:
        target.set("class", classes)


def _place_stimulus(node: etree._Element, context: RenderContext) -> etree._Element:
    """The shared text an item asks for at this place; each stands in an item once."""
    identifier = node.get("data-stimulus-idref", "")
    if identifier not in context.stimuli:
        raise UnsupportedElement(context.file, f"stimulus {identifier!r} is not referred to by the item", node)
    return context.stimuli.pop(identifier)


def _render_image(node: etree._Element, context: RenderContext) -> etree._Element:
    attributes = _keep(node)
    attributes["src"] = "media/" + context.add_media(node.get("src", ""), node)
    attributes.setdefault("alt", "")
    image = make("img", attributes)
    _copy_common(node, image)
    return image
