"""HTML of words put into gaps and of things put together: takes redacted elements, gives lists the player works.

Word banks are always shuffled; what is joined is shuffled unless the author forbids it.
"""
from lxml import etree

from task_bank.items.rendering.context import RenderContext, Renderer, copy_common, make
from task_bank.items.rendering.flow import append_nodes, render_into
from task_bank.items.rendering.interaction_parts import make_group, order_choices, read_count, read_limits
from task_bank.items.xml import find_all, local_name

GAP_CHOICES = ("qti-gap-text", "qti-gap-img")


def render_gap_match(node: etree._Element, context: RenderContext) -> etree._Element:
    """Words or pictures to put into the gaps of a text."""
    group = make_group("qti-gap-match", "gap_match", node, context)
    group.attrib.update(read_limits(node, "associations", context))
    bank = make("ul", {"class": "qti-gap-words"})
    for word in context.shuffle([child for child in node if local_name(child) in GAP_CHOICES]):
        bank.append(_make_choice("li", word, context))
    group.append(bank)
    rest = [child for child in node if local_name(child) not in ("qti-prompt", *GAP_CHOICES)]
    group.append(append_nodes(make("div", {"class": "qti-gap-content"}), rest, context))
    gaps, most = len(find_all(node, "qti-gap")), int(group.get("data-max", "0"))
    context.count_places(min(gaps, most or gaps))
    return group


def render_gap(node: etree._Element, context: RenderContext) -> etree._Element:
    """The place of one gap; the player turns it into a button."""
    opaque = context.identifiers.name_choice(node.get("identifier", ""))
    return copy_common(node, make("span", {"class": "qti-gap", "data-gap": opaque}, "\u2003\u2003"))


def render_associate(node: etree._Element, context: RenderContext) -> etree._Element:
    """Things of one list to put together two by two; the order within a pair means nothing."""
    group = make_group("qti-associate", "associate", node, context)
    group.attrib.update(read_limits(node, "associations", context))
    bank = make("ul", {"class": "qti-associate-choices"})
    for choice in order_choices(node, "qti-simple-associable-choice", context):
        bank.append(_make_choice("li", choice, context))
    group.append(bank)
    if group.get("data-max") == group.get("data-min"):
        context.count_places(int(group.get("data-max", "0")))
    return group


def _make_choice(tag: str, choice: etree._Element, context: RenderContext) -> etree._Element:
    opaque = context.identifiers.name_choice(choice.get("identifier", ""))
    most = read_count(choice, "match-max", 1, context)
    return render_into(make(tag, {"data-choice": opaque, "data-max": str(most)}), choice, context)


GAPS: dict[str, Renderer] = {
    "qti-gap-match-interaction": render_gap_match,
    "qti-gap": render_gap,
    "qti-associate-interaction": render_associate,
}
