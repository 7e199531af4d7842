"""HTML of graphic interactions: takes redacted QTI elements, gives a picture with regions the player makes answerable.

Every region is a native control (radio button, checkbox or button) beside an SVG shape of the same opaque name. The
player lays the controls over their shapes; without it they stand below the picture, numbered in reading order.
Limits travel as data-max and data-min, 0 meaning none.
"""
from collections.abc import Callable

from lxml import etree

from task_bank.items.rendering.context import RenderContext, Renderer, make
from task_bank.items.rendering.flow import render_into, render_node, show_original
from task_bank.items.rendering.graphics_picture import IMAGES, Picture, render_picture
from task_bank.items.rendering.graphics_regions import Region, draw_region, read_regions
from task_bank.items.redaction.redact import UnsupportedElement
from task_bank.items.xml import PackageError, find_children, local_name, read_text

HOTSPOTS = "qti-hotspot-choice"
ASSOCIABLE = "qti-associable-hotspot"
GAP_CHOICES = ("qti-gap-text", "qti-gap-img")
STAGE = "qti-position-object-stage"
OBJECT = "qti-position-object-interaction"


def render_hotspot(node: etree._Element, context: RenderContext) -> etree._Element:
    """Regions to choose: radio buttons or checkboxes over a picture."""
    _refuse_others(node, (HOTSPOTS,), context)
    group = _make_group(node, "hotspot", "choices", context)
    single = group.get("data-cardinality") == "single"
    if single:
        group.set("role", "radiogroup")
    name = f"{context.identifiers.item}-{group.get('data-response')}"
    group.append(_make_map(node, HOTSPOTS, context, lambda opaque: make("input", {
        "type": "radio" if single else "checkbox", "name": name, "value": opaque,
    })))
    return group


def render_graphic_order(node: etree._Element, context: RenderContext) -> etree._Element:
    """Regions to put in order: one button for each."""
    _refuse_others(node, (HOTSPOTS,), context)
    group = _make_group(node, "graphic_order", "choices", context)
    group.append(_make_map(node, HOTSPOTS, context))
    # Where the author sets no number, all regions are to be ordered.
    context.count_places(int(group.get("data-max", "0")) or len(find_children(node, HOTSPOTS)))
    return group


def render_graphic_associate(node: etree._Element, context: RenderContext) -> etree._Element:
    """Regions to join by lines, two by two."""
    _refuse_others(node, (ASSOCIABLE,), context)
    group = _make_group(node, "graphic_associate", "associations", context)
    group.append(_make_map(node, ASSOCIABLE, context))
    return group


def render_graphic_gap_match(node: etree._Element, context: RenderContext) -> etree._Element:
    """Words and pictures to put into regions. They are always shuffled."""
    _refuse_others(node, (ASSOCIABLE, *GAP_CHOICES), context)
    group = _make_group(node, "graphic_gap_match", "associations", context)
    bank = make("ul", {"class": "qti-gap-words"})
    for choice in context.shuffle([child for child in node if local_name(child) in GAP_CHOICES]):
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        most = _read_count(choice, "match-max", 1, context)
        bank.append(_make_gap_choice(choice, {"data-choice": opaque, "data-max": str(most)}, context))
    group.append(bank)
    group.append(_make_map(node, ASSOCIABLE, context))
    regions, most = len(find_children(node, ASSOCIABLE)), int(group.get("data-max", "0"))
    context.count_places(min(regions, most or regions))
    return group


def render_select_point(node: etree._Element, context: RenderContext) -> etree._Element:
    """A picture to point at; nothing of the areas that are right is known here."""
    _refuse_others(node, (), context)
    group = _make_group(node, "select_point", "choices", context)
    group.append(_make_holder(render_picture(node, context)))
    return group


def render_stage(node: etree._Element, context: RenderContext) -> etree._Element:
    """The picture on which the objects of one or more interactions are put."""
    _refuse_others(node, (OBJECT,), context)
    if not find_children(node, OBJECT):
        raise PackageError(context.file, "has nothing to put on it", STAGE)
    stage = make("div", {"class": "qti-stage"}, _make_holder(render_picture(node, context)))
    for child in find_children(node, OBJECT):
        stage.append(render_node(child, context))
    return stage


def render_position_object(node: etree._Element, context: RenderContext) -> etree._Element:
    """One picture to put on the stage, once or several times; `data-center` is its point that counts, in its pixels."""
    parent = node.getparent()
    if parent is None or local_name(parent) != STAGE:
        raise UnsupportedElement(context.file, f"stands outside a <{STAGE}>", local_name(node))
    _refuse_others(node, (), context)
    group = _make_group(node, "position_object", "choices", context)
    picture = render_picture(node, context)
    center = node.get("center-point", "").split() or [f"{picture.width / 2:g}", f"{picture.height / 2:g}"]
    if len(center) != 2 or not all(number.replace(".", "", 1).isdigit() for number in center):
        raise PackageError(context.file, "center-point is not two numbers", local_name(node))
    group.set("data-center", " ".join(center))
    group.append(make("div", {"class": "qti-supply"}, picture.element))
    return group


def _make_group(node: etree._Element, kind: str, counted: str, context: RenderContext) -> etree._Element:
    """The element of an interaction, with its limits and prompt. `counted` is "choices" or "associations"."""
    attributes = context.declare(node, kind)
    # The standard's default is 1; for several answers without a number written, the key would not fit into one.
    most = _read_count(node, f"max-{counted}", 1 if attributes["data-cardinality"] == "single" else 0, context)
    least = _read_count(node, f"min-{counted}", 0, context)
    attributes.update({"data-max": str(most), "data-min": str(least)})
    if least > 1:
        context.count_places(least)
    css = f"qti-graphic qti-{kind.replace('_', '-')}"
    group = make("div", {"class": css, "role": "group", **attributes})
    for prompt in find_children(node, "qti-prompt"):
        name = f"{context.identifiers.item}-{attributes['data-response']}-prompt"
        group.append(render_into(make("div", {"class": "qti-prompt", "id": name}), prompt, context))
        group.set("aria-labelledby", name)
    if node.get("class"):
        group.set("class", f"{css} {node.get('class')}")
    return group


def _make_map(
    node: etree._Element, name: str, context: RenderContext,
    make_control: Callable[[str], etree._Element] | None = None,
) -> etree._Element:
    """The picture with the shapes of its regions and one control for each, in reading order."""
    picture = render_picture(node, context)
    holder = _make_holder(picture)
    drawing, controls = holder[1], make("div", {"class": "qti-regions"})
    for number, region in enumerate(read_regions(find_children(node, name), picture, context), 1):
        opaque = context.identifiers.name_choice(region.node.get("identifier", ""))
        shape = draw_region(region)
        shape.set("data-region", opaque)
        # The region that is "everything else" lies under all others.
        drawing.insert(0 if region.shape == "default" else len(drawing), shape)
        control = _make_region(number, region, opaque, context, make_control)
        controls.append(show_original(control, region.node, context))
    holder.append(controls)
    return holder


def _make_region(
    number: int, region: Region, opaque: str, context: RenderContext,
    make_control: Callable[[str], etree._Element] | None,
) -> etree._Element:
    attributes = {"class": "qti-region", "data-choice": opaque}
    if local_name(region.node) == ASSOCIABLE:
        attributes["data-max"] = str(_read_count(region.node, "match-max", 1, context))
    badge = make("span", {"class": "qti-badge"}, str(number))
    names = [badge, " ", make("span", {"class": "qti-region-label"}, region.label)] if region.label else [badge]
    if make_control is None:
        return make("button", {"type": "button", **attributes}, *names)
    return make("label", attributes, make_control(opaque), *names)


def _make_holder(picture: Picture) -> etree._Element:
    box = f"0 0 {picture.width} {picture.height}"
    drawing = make("svg", {
        "class": "qti-shapes", "viewBox": box, "preserveAspectRatio": "none", "aria-hidden": "true",
        "focusable": "false",
    })
    size = {"data-width": str(picture.width), "data-height": str(picture.height)}
    return make("div", {"class": "qti-picture", **size}, picture.element, drawing)


def _make_gap_choice(choice: etree._Element, described: dict[str, str], context: RenderContext) -> etree._Element:
    line = make("li", described)
    if local_name(choice) == "qti-gap-img":
        line.append(render_picture(choice, context).element)
    else:
        line.text = read_text(choice)
    return show_original(line, choice, context)


def _read_count(node: etree._Element, name: str, default: int, context: RenderContext) -> int:
    written = node.get(name, str(default)).strip()
    if not (written.isascii() and written.isdigit() and len(written) < 7):
        raise PackageError(context.file, f"{name} is {written!r}, not a count", local_name(node))
    return int(written)


def _refuse_others(node: etree._Element, allowed: tuple[str, ...], context: RenderContext) -> None:
    """What has no place in a graphic interaction would be left out silently; it is refused instead."""
    for child in node:
        name = local_name(child)
        if context.redaction and name not in ("qti-prompt", *IMAGES, *allowed):
            raise UnsupportedElement(context.file, f"has no place in a <{local_name(node)}>", name)


GRAPHICS: dict[str, Renderer] = {
    "qti-hotspot-interaction": render_hotspot,
    "qti-select-point-interaction": render_select_point,
    "qti-graphic-gap-match-interaction": render_graphic_gap_match,
    "qti-graphic-associate-interaction": render_graphic_associate,
    "qti-graphic-order-interaction": render_graphic_order,
    STAGE: render_stage,
    OBJECT: render_position_object,
}
