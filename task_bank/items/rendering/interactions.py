"""HTML of interactions: takes redacted QTI elements, gives elements the player makes answerable.

The HTML is native wherever a native control exists (radio, checkbox, select, text), so it can be read and
operated by keyboard and screen reader before a line of script runs.
"""
from lxml import etree

from task_bank.items.rendering.context import RenderContext, Renderer, copy_class, make
from task_bank.items.rendering.fields import FIELDS
from task_bank.items.rendering.file_fields import FILE_FIELDS
from task_bank.items.rendering.flow import append_content, append_nodes
from task_bank.items.rendering.gaps import GAPS
from task_bank.items.rendering.interaction_parts import fill_prompt, make_group, make_option, order_choices, read_limits
from task_bank.items.rendering.matching import render_match
from task_bank.items.redaction.policy import UnsupportedElement
from task_bank.items.xml import PackageError, find_all, find_children, local_name


def render_choice(node: etree._Element, context: RenderContext) -> etree._Element:
    """Single or multiple choice: a fieldset of radio buttons or checkboxes."""
    attributes = context.declare(node, "choice")
    attributes.update(read_limits(node, "choices", context))
    group = make("fieldset", {"class": "qti-choice", **attributes})
    group.append(fill_prompt(make("legend", {"class": "qti-prompt"}), node, context))
    options = make("div", {"class": "qti-options"})
    for choice in order_choices(node, "qti-simple-choice", context):
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        options.append(make_option("qti-option", opaque, attributes, choice, context))
    group.append(options)
    return copy_class(node, group)


def render_order(node: etree._Element, context: RenderContext) -> etree._Element:
    """Sentences or events to put in order. Always shuffled: the written order usually is the key."""
    group = make_group("qti-order", "order", node, context)
    choices = find_children(node, "qti-simple-choice")
    limits = read_limits(node, "choices", context)
    least, most = int(limits["data-min"]), int(limits["data-max"])
    # With either limit the candidate also chooses which ones to order (QTI 3, orderInteraction).
    if (least or most) and least < len(choices):
        group.attrib.update(limits)
        group.set("data-subset", "")
    steps = make("ol", {"class": "qti-order-list"})
    for choice in context.shuffle(choices):
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        text = append_content(copy_class(choice, make("div", {"class": "qti-order-text"})), choice, context)
        steps.append(make("li", {"data-choice": opaque}, text))
    group.append(steps)
    context.count_places(least if "data-subset" in group.attrib else len(choices))
    return group


def render_hottext(node: etree._Element, context: RenderContext) -> etree._Element:
    """A text in which words or sentences can be picked."""
    group = make_group("qti-hottext-group", "hottext", node, context)
    group.attrib.update(read_limits(node, "choices", context))
    rest = [child for child in node if local_name(child) != "qti-prompt"]
    group.append(append_nodes(make("div", {"class": "qti-hottext-content"}), rest, context))
    return group


def render_hottext_choice(node: etree._Element, context: RenderContext) -> etree._Element:
    """One word or sentence that can be picked."""
    current = context.interactions[-1] if context.interactions else {}
    if current.get("kind") != "hottext":
        raise UnsupportedElement(context.file, "stands outside its interaction", node)
    opaque = context.identifiers.name_choice(node.get("identifier", ""))
    attributes = {"data-response": current["id"], "data-cardinality": current["cardinality"]}
    return make_option("qti-hottext", opaque, attributes, node, context)


def render_media(node: etree._Element, context: RenderContext) -> etree._Element:
    """Listening: only a slot; the kiosk's screen draws the player and counts the plays."""
    sources = [source.get("src") for name in ("audio", "source") for source in find_all(node, name)]
    sources += [source.get("data") for source in find_all(node, "object")]
    href = next((source for source in sources if source), None)
    if href is None:
        raise PackageError(context.file, "has no sound", node)
    sha256 = context.add_media(href, node)
    if not context.media[sha256].type.startswith("audio/"):
        raise UnsupportedElement(context.file, "plays sound only", node)
    response = context.identifiers.name_response(node.get("response-identifier", ""))
    found = {"response": response, "media": sha256}
    return _make_slot("listening", found, context)


def render_speaking(node: etree._Element, context: RenderContext) -> etree._Element:
    """Speaking: only a slot; the kiosk's screen draws preparation and recording."""
    response = context.identifiers.name_response(node.get("response-identifier", ""))
    return _make_slot("speaking", {"response": response}, context)


def _make_slot(kind: str, found: dict[str, str], context: RenderContext) -> etree._Element:
    if kind in context.slots:
        raise UnsupportedElement(context.file, f"an item has at most one {kind} part")
    context.slots[kind] = found
    return make("div", {"data-slot": kind})


INTERACTIONS: dict[str, Renderer] = {
    "qti-choice-interaction": render_choice,
    "qti-order-interaction": render_order,
    "qti-hottext-interaction": render_hottext,
    "qti-hottext": render_hottext_choice,
    "qti-match-interaction": render_match,
    "qti-media-interaction": render_media,
    "qti-portable-custom-interaction": render_speaking,
    **FIELDS,
    **GAPS,
    **FILE_FIELDS,
}
