"""What renderers of interactions have in common: prompts, options, limits, numbers as authors write them."""
from lxml import etree

from task_bank.items.rendering.context import RenderContext, copy_class, make
from task_bank.items.rendering.flow import render_into, show_original
from task_bank.items.xml import PackageError, find_children


def make_group(css: str, kind: str, node: etree._Element, context: RenderContext) -> etree._Element:
    """The element of an interaction of several parts, with its prompt as its name."""
    group = make("div", {"class": css, "role": "group", **context.declare(node, kind)})
    append_prompt(group, node, context)
    return copy_class(node, group)


def append_prompt(group: etree._Element, node: etree._Element, context: RenderContext) -> str | None:
    """Add the prompt; gives the id it is known by, None without one."""
    if not find_children(node, "qti-prompt"):
        return None
    name = f"{context.identifiers.item}-{context.interactions[-1]['id']}-prompt"
    group.append(fill_prompt(make("div", {"class": "qti-prompt", "id": name}), node, context))
    if group.get("role") == "group":
        group.set("aria-labelledby", name)
    return name


def fill_prompt(target: etree._Element, node: etree._Element, context: RenderContext) -> etree._Element:
    """Put the content of the prompt into an element."""
    for prompt in find_children(node, "qti-prompt"):
        render_into(target, prompt, context)
    return target


def make_option(
    css: str, opaque: str, interaction: dict[str, str], choice: etree._Element, context: RenderContext
) -> etree._Element:
    """A radio button or checkbox with its text. `interaction` holds the attributes of its interaction."""
    single = interaction["data-cardinality"] == "single"
    name = f"{context.identifiers.item}-{interaction['data-response']}"
    button = make("input", {"type": "radio" if single else "checkbox", "name": name, "value": opaque})
    text = render_into(make("span", {"class": f"{css}-text"}), choice, context)
    return show_original(make("label", {"class": css}, button, text), choice, context)


def order_choices(node: etree._Element, name: str, context: RenderContext) -> list[etree._Element]:
    """The choices in the order of delivery: shuffled, unless the author forbids it."""
    choices = find_children(node, name)
    return choices if node.get("shuffle") == "false" else context.shuffle(choices)


def read_limits(node: etree._Element, of: str, context: RenderContext) -> dict[str, str]:
    """`data-max` and `data-min` of an interaction (`of` is choices or associations); 0 means none.

    Whoever writes no maximum means one for a single answer and no limit for several: the standard's own default
    (1 everywhere) would forbid answers its own examples ask for. Raises PackageError for limits that contradict.
    """
    usual = 1 if context.interactions[-1]["cardinality"] == "single" else 0
    least, most = read_count(node, f"min-{of}", 0, context), read_count(node, f"max-{of}", usual, context)
    if most and least > most:
        raise PackageError(context.file, f"min-{of} is {least}, max-{of} is {most}", node)
    return {"data-max": str(most), "data-min": str(least)}


def read_count(node: etree._Element, attribute: str, usual: int, context: RenderContext) -> int:
    """A whole number that is not negative. Raises PackageError naming file and element."""
    written = node.get(attribute, str(usual)).strip()
    if not (written.isascii() and written.isdigit() and len(written) < 7):
        raise PackageError(context.file, f"{attribute} is {written[:20]!r}, not a whole number", node)
    return int(written)
