"""HTML of the words and pictures between interactions: takes redacted elements, gives HTML elements."""
import json
from collections.abc import Iterable

from lxml import etree

from task_bank.items.rendering.context import RenderContext, Renderer, append, copy_common, keep_attributes, make
from task_bank.items.rendering.mathematics import render_mathematics
from task_bank.items.redaction.policy import UnsupportedElement, refuse_element
from task_bank.items.redaction.vocabulary import HTML_ATTRIBUTES, MATHML_ATTRIBUTES
from task_bank.items.xml import MATHML, find_first, local_name, namespace, read_text

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
    elif namespace(node) == MATHML and name in MATHML_ATTRIBUTES:
        rendered = render_mathematics(node, context, render_node)
    elif name in CONTENT:
        rendered = CONTENT[name](node, context)
    elif name in HTML_ATTRIBUTES:
        rendered = render_into(make(name, keep_attributes(node, HTML_ATTRIBUTES)), node, context)
    elif context.redaction:
        raise refuse_element(node, context.file)
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
    copy_common(node, target)
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


def _place_stimulus(node: etree._Element, context: RenderContext) -> etree._Element:
    """The shared text an item asks for at this place; each stands in an item once."""
    identifier = node.get("data-stimulus-idref", "")
    if identifier not in context.stimuli:
        raise UnsupportedElement(context.file, f"stimulus {identifier!r} is not referred to by the item", node)
    return context.stimuli.pop(identifier)


def _render_image(node: etree._Element, context: RenderContext) -> etree._Element:
    attributes = keep_attributes(node, HTML_ATTRIBUTES)
    attributes["src"] = "media/" + context.add_media(node.get("src", ""), node)
    attributes.setdefault("alt", "")
    return copy_common(node, make("img", attributes))


def _render_picture(node: etree._Element, context: RenderContext) -> etree._Element:
    """Of several forms of one picture the plain one, which every browser knows."""
    image = find_first(node, "img")
    if image is None:
        raise UnsupportedElement(context.file, "has no <img>", node)
    return copy_common(node, _render_image(image, context))


def _render_object(node: etree._Element, context: RenderContext) -> etree._Element:
    """A picture written as an object: what stands in it is said in place of the picture."""
    sha256 = context.add_media(node.get("data", ""), node)
    if not context.media[sha256].type.startswith("image/"):
        raise UnsupportedElement(context.file, "only pictures are supported as objects", node)
    sizes = {name: node.get(name, "") for name in ("width", "height") if node.get(name)}
    return copy_common(node, make("img", {"src": f"media/{sha256}", "alt": read_text(node), **sizes}))


CONTENT: dict[str, Renderer] = {"img": _render_image, "picture": _render_picture, "object": _render_object}
