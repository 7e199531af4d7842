"""HTML of what is typed or set: takes redacted QTI elements, gives native fields, lists and sliders."""
from decimal import Decimal, InvalidOperation

from lxml import etree

from task_bank.items.rendering.context import RenderContext, Renderer, copy_class, make
from task_bank.items.rendering.interaction_parts import (
    append_prompt, make_group, make_option, order_choices, read_count
)
from task_bank.items.xml import PackageError, find_first, local_name, read_text

NUMERIC = {"integer": "numeric", "float": "decimal"}
UNTOUCHED = {"autocomplete": "off", "autocapitalize": "off", "autocorrect": "off", "spellcheck": "false"}
# What a list of plain texts can show without losing anything.
PLAIN = frozenset("span em strong b i u s small cite q abbr code bdi kbd samp var dfn".split())
MOST_STRINGS = 20
USUAL_STRINGS = 5
MOST_STEPS = 100_000


def render_inline_choice(node: etree._Element, context: RenderContext) -> etree._Element:
    """A gap with a short list: a select; radio buttons in the line when options hold pictures or formulas."""
    attributes = context.declare(node, "inline_choice")
    choices = order_choices(node, "qti-inline-choice", context)
    plain = all(local_name(part) in PLAIN for choice in choices for part in choice.iterdescendants())
    if not plain:
        return _make_inline_options(node, choices, attributes, context)
    select = make("select", {"class": "qti-inline-choice", **attributes})
    label = find_first(node, "qti-label")
    select.append(make("option", {"value": ""}, (read_text(label) if label is not None else "") or "…"))
    for choice in choices:
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        select.append(make("option", {"value": opaque}, read_text(choice)))
    return copy_class(node, select)


def _make_inline_options(
    node: etree._Element, choices: list[etree._Element], attributes: dict[str, str], context: RenderContext
) -> etree._Element:
    group = make("span", {"class": "qti-inline-options", "role": "radiogroup", **attributes})
    for choice in choices:
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        group.append(make_option("qti-inline-option", opaque, attributes, choice, context))
    return copy_class(node, group)


def render_text_entry(node: etree._Element, context: RenderContext) -> etree._Element:
    """A gap to type into; numbers get the numeric keyboard of a touch screen."""
    attributes = {"type": "text", "class": "qti-text-entry", **context.declare(node, "text_entry")}
    mode = NUMERIC.get(context.interactions[-1]["base_type"])
    if mode:
        attributes["inputmode"] = mode
    length = max(1, min(read_count(node, "expected-length", 12, context), 60))
    attributes.update(size=str(length), maxlength="500", dir="auto", **UNTOUCHED)
    return _add_placeholder(node, make("input", attributes))


def render_extended_text(node: etree._Element, context: RenderContext) -> etree._Element:
    """A long written answer, or several: one field for each string a candidate may give."""
    several = _count_strings(node, context)
    group = make("div", {"class": "qti-extended-text"})
    attributes = context.declare(node, "extended_text")
    if several:
        group.attrib.update({"role": "group", "data-several": "", **attributes})
    name = append_prompt(group, node, context)
    field = _describe_area(node, context)
    if several:
        group.extend([_add_placeholder(node, make("textarea", field)) for _ in range(several)])
        return copy_class(node, group)
    if name:
        field["aria-labelledby"] = name
    group.append(_add_placeholder(node, make("textarea", {**field, **attributes})))
    return copy_class(node, group)


def _count_strings(node: etree._Element, context: RenderContext) -> int:
    """How many fields an answer of several strings has, 0 for a single answer."""
    cardinality, _ = context.declarations.get(node.get("response-identifier", ""), ("single", "string"))
    if cardinality == "single":
        return 0
    least = read_count(node, "min-strings", 0, context)
    most = read_count(node, "max-strings", 0, context) or max(least, USUAL_STRINGS)
    return min(most, MOST_STRINGS)


def _describe_area(node: etree._Element, context: RenderContext) -> dict[str, str]:
    several = _count_strings(node, context)
    length = read_count(node, "expected-length", 0, context)
    usual = 2 if several else max(8, min(length // 70, 30))
    rows = min(max(read_count(node, "expected-lines", usual, context), 1 if several else 2), 30)
    described = {"rows": str(rows), "maxlength": "20000", "dir": "auto", **UNTOUCHED}
    if (node.get("format") or "").lower() == "preformatted":
        described["class"] = "qti-preformatted"
    return described


def _add_placeholder(node: etree._Element, control: etree._Element) -> etree._Element:
    if node.get("placeholder-text"):
        control.set("placeholder", node.get("placeholder-text", ""))
    return copy_class(node, control)


def render_slider(node: etree._Element, context: RenderContext) -> etree._Element:
    """A number on a scale. What it shows first is no answer: the player sends nothing until it is moved.

    Raises PackageError for bounds or steps that are no numbers, or that make no scale.
    """
    group = make_group("qti-slider", "slider", node, context)
    low, high, step = _read_scale(node, context)
    reverse = node.get("reverse") == "true"
    field = {"type": "range", "min": f"{low:f}", "max": f"{high:f}", "step": f"{step:f}", "value": f"{low:f}"}
    if group.get("aria-labelledby"):
        field["aria-labelledby"] = group.get("aria-labelledby", "")
    ends = [make("span", {"class": "qti-slider-end"}, f"{bound:f}") for bound in (low, high)]
    line = make("div", {"class": "qti-slider-line"}, ends[0], make("input", field), ends[1])
    group.set("data-step-labels", "true" if node.get("step-label") == "true" else "false")
    if reverse:
        group.set("class", f"{group.get('class')} qti-reverse")
    group.append(line)
    return group


def _read_scale(node: etree._Element, context: RenderContext) -> tuple[Decimal, Decimal, Decimal]:
    whole = context.interactions[-1]["base_type"] == "integer"
    low, high = (_read_number(node, name, None, context) for name in ("lower-bound", "upper-bound"))
    step = _read_number(node, "step", "0", context) or _usual_step(low, high, whole)
    if low >= high or step < 0 or (high - low) / step > MOST_STEPS:
        raise PackageError(context.file, f"from {low:f} to {high:f} by {step:f} is no scale", node)
    if whole and any(number != number.to_integral_value() for number in (low, step)):
        raise PackageError(context.file, "answers are whole numbers, its scale is not", node)
    return low, high, step


def _usual_step(low: Decimal, high: Decimal, whole: bool) -> Decimal:
    """Whole numbers go by one; without a step a scale of others is nearly continuous: some hundreds of round steps."""
    return Decimal(1) if whole or high <= low else Decimal(10) ** ((high - low).adjusted() - 2)


def _read_number(node: etree._Element, attribute: str, usual: str | None, context: RenderContext) -> Decimal:
    written = node.get(attribute, usual)
    try:
        number = Decimal((written or "").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise PackageError(context.file, f"{attribute} is {written!r}, not a number", node)
    return number


FIELDS: dict[str, Renderer] = {
    "qti-inline-choice-interaction": render_inline_choice,
    "qti-text-entry-interaction": render_text_entry,
    "qti-extended-text-interaction": render_extended_text,
    "qti-slider-interaction": render_slider,
}
