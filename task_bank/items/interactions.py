"""HTML of interactions: takes redacted QTI elements, gives elements the player makes answerable.

The HTML is native wherever a native control exists (radio, checkbox, select, text), so it can be read and
operated by keyboard and screen reader before a line of script runs.
"""
from lxml import etree

from task_bank.items.context import RenderContext, Renderer, make
from task_bank.items.flow import append_content, append_nodes, render_into, show_original
from task_bank.items.redaction import UnsupportedElement
from task_bank.items.xml import PackageError, find_all, find_children, local_name, read_text

NUMERIC = {"integer": "numeric", "float": "decimal"}


def render_choice(node: etree._Element, context: RenderContext) -> etree._Element:
    """Single or multiple choice: a fieldset of radio buttons or checkboxes."""
    attributes = context.declare(node, "choice")
    attributes["data-max"] = node.get("max-choices", "1")
    group = make("fieldset", {"class": "qti-choice", **attributes})
    group.append(make("legend", {"class": "qti-prompt"}))
    _fill_prompt(group[0], node, context)
    options = make("div", {"class": "qti-options"})
    for choice in _order_choices(node, "qti-simple-choice", context):
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        options.append(_make_option("qti-option", opaque, attributes, choice, context))
    group.append(options)
    return _copy_class(node, group)


def render_inline_choice(node: etree._Element, context: RenderContext) -> etree._Element:
    """A gap with a short list: a select."""
    select = make("select", {"class": "qti-inline-choice", **context.declare(node, "inline_choice")})
    select.append(make("option", {"value": ""}, "…"))
    for choice in _order_choices(node, "qti-inline-choice", context):
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        select.append(make("option", {"value": opaque}, read_text(choice)))
    return select


def render_text_entry(node: etree._Element, context: RenderContext) -> etree._Element:
    """A gap to type into; numbers get the numeric keyboard of a touch screen."""
    attributes = {"type": "text", "class": "qti-text-entry", **context.declare(node, "text_entry")}
    mode = NUMERIC.get(context.interactions[-1]["base_type"])
    if mode:
        attributes["inputmode"] = mode
    length = min(int(node.get("expected-length") or 12), 60)
    attributes.update(size=str(length), maxlength="500", autocomplete="off", autocapitalize="off")
    attributes.update(autocorrect="off", spellcheck="false")
    return _add_placeholder(node, make("input", attributes))


def render_extended_text(node: etree._Element, context: RenderContext) -> etree._Element:
    """A long written answer."""
    group = make("div", {"class": "qti-extended-text"})
    attributes = context.declare(node, "extended_text")
    _append_prompt(group, node, context)
    rows = min(max(int(node.get("expected-lines") or 8), 2), 30)
    attributes.update(rows=str(rows), maxlength="20000", spellcheck="false", autocomplete="off")
    if len(group):
        attributes["aria-labelledby"] = group[0].get("id", "")
    group.append(_add_placeholder(node, make("textarea", attributes)))
    return _copy_class(node, group)


def render_order(node: etree._Element, context: RenderContext) -> etree._Element:
    """Sentences or events to put in order. Always shuffled: the written order usually is the key."""
    group = make("div", {"class": "qti-order", "role": "group", **context.declare(node, "order")})
    _append_prompt(group, node, context)
    steps = make("ol", {"class": "qti-order-list"})
    for choice in context.shuffle(find_children(node, "qti-simple-choice")):
        opaque = context.identifiers.name_choice(choice.get("identifier", ""))
        text = append_content(make("div", {"class": "qti-order-text"}), choice, context)
        steps.append(make("li", {"data-choice": opaque}, text))
    group.append(steps)
    return _copy_class(node, group)


def render_gap_match(node: etree._Element, context: RenderContext) -> etree._Element:
    """Words to put into the gaps of a text. The word bank is always shuffled."""
    group = make("div", {"class": "qti-gap-match", "role": "group", **context.declare(node, "gap_match")})
    _append_prompt(group, node, context)
    bank = make("ul", {"class": "qti-gap-words"})
    for word in context.shuffle(find_children(node, "qti-gap-text")):
        opaque = context.identifiers.name_choice(word.get("identifier", ""))
        described = {"data-choice": opaque, "data-max": word.get("match-max", "1")}
        bank.append(make("li", described, read_text(word)))
    group.append(bank)
    rest = [child for child in node if local_name(child) not in ("qti-prompt", "qti-gap-text")]
    group.append(append_nodes(make("div", {"class": "qti-gap-content"}), rest, context))
    return _copy_class(node, group)


def render_gap(node: etree._Element, context: RenderContext) -> etree._Element:
    """The place of one gap; the player turns it into a button."""
    opaque = context.identifiers.name_choice(node.get("identifier", ""))
    return make("span", {"class": "qti-gap", "data-gap": opaque}, "\u2003\u2003")


def render_hottext(node: etree._Element, context: RenderContext) -> etree._Element:
    """A text in which words or sentences can be picked."""
    attributes = context.declare(node, "hottext")
    attributes["data-max"] = node.get("max-choices", "1")
    group = make("div", {"class": "qti-hottext-group", "role": "group", **attributes})
    _append_prompt(group, node, context)
    rest = [child for child in node if local_name(child) != "qti-prompt"]
    group.append(append_nodes(make("div", {"class": "qti-hottext-content"}), rest, context))
    return _copy_class(node, group)


def render_hottext_choice(node: etree._Element, context: RenderContext) -> etree._Element:
    """One word or sentence that can be picked."""
    if not context.interactions:
        raise UnsupportedElement(context.file, "stands outside its interaction", node)
    opaque = context.identifiers.name_choice(node.get("identifier", ""))
    current = context.interactions[-1]
    attributes = {"data-response": current["id"], "data-cardinality": current["cardinality"]}
    return _make_option("qti-hottext", opaque, attributes, node, context)


def render_media(node: etree._Element, context: RenderContext) -> etree._Element:
    """Listening: only a slot; the kiosk's screen draws the player and counts the plays."""
    sources = [source.get("src") for source in [*find_all(node, "audio"), *find_all(node, "source")]]
    href = next((source for source in sources if source), None)
    if href is None:
        raise PackageError(context.file, "has no sound", node)
    response = context.identifiers.name_response(node.get("response-identifier", ""))
    found = {"response": response, "media": context.add_media(href, "source")}
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


def _order_choices(node: etree._Element, name: str, context: RenderContext) -> list[etree._Element]:
    choices = find_children(node, name)
    return choices if node.get("shuffle") == "false" else context.shuffle(choices)


def _make_option(
    css: str, opaque: str, interaction: dict[str, str], choice: etree._Element, context: RenderContext
) -> etree._Element:
    single = interaction["data-cardinality"] == "single"
    name = f"{context.identifiers.item}-{interaction['data-response']}"
    button = make("input", {"type": "radio" if single else "checkbox", "name": name, "value": opaque})
    text = render_into(make("span", {"class": f"{css}-text"}), choice, context)
    return show_original(make("label", {"class": css}, button, text), choice, context)


def _fill_prompt(target: etree._Element, node: etree._Element, context: RenderContext) -> None:
    for prompt in find_children(node, "qti-prompt"):
        render_into(target, prompt, context)


def _append_prompt(group: etree._Element, node: etree._Element, context: RenderContext) -> None:
    if find_children(node, "qti-prompt"):
        name = f"{context.identifiers.item}-{context.interactions[-1]['id']}-prompt"
        group.append(make("div", {"class": "qti-prompt", "id": name}))
        _fill_prompt(group[0], node, context)
        if group.get("role") == "group":
            group.set("aria-labelledby", name)


def _add_placeholder(node: etree._Element, control: etree._Element) -> etree._Element:
    if node.get("placeholder-text"):
        control.set("placeholder", node.get("placeholder-text", ""))
    return _copy_class(node, control)


def _copy_class(node: etree._Element, target: etree._Element) -> etree._Element:
    classes = [part for part in (target.get("class"), node.get("class")) if part]
    if classes:
        target.set("class", " ".join(classes))
    return target


INTERACTIONS: dict[str, Renderer] = {
    "qti-choice-interaction": render_choice,
    "qti-inline-choice-interaction": render_inline_choice,
    "qti-text-entry-interaction": render_text_entry,
    "qti-extended-text-interaction": render_extended_text,
    "qti-order-interaction": render_order,
    "qti-gap-match-interaction": render_gap_match,
    "qti-gap": render_gap,
    "qti-hottext-interaction": render_hottext,
    "qti-hottext": render_hottext_choice,
    "qti-media-interaction": render_media,
    "qti-portable-custom-interaction": render_speaking,
}
