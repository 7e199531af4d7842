"""Plain items of a template item: takes the item and a seed, gives parallel items without any template left.

Template variables become outcomes with a fixed value, so that rules which speak of them go on working as written;
what is printed, shown, hidden or set as the right answer is written into the item.
"""
import copy
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from lxml import etree

from task_bank.items.redaction.policy import UnsupportedElement
from task_bank.items.printed_values import BadFormat, print_value
from task_bank.items.xml import MATHML, QTI, PackageError, find_all, find_children, find_first, local_name, namespace
from task_bank.scoring import ScoringError, Value, run_template_processing, write_texts

DECLARATION, PROCESSING = "qti-template-declaration", "qti-template-processing"
PRINTED = "qti-printed-variable"
SHOWN_AS = {"qti-template-block": "div", "qti-template-inline": "span"}
TRIES_EACH = 10


@dataclass(frozen=True)
class ItemTemplate:
    """An item that is made anew for each candidate: identifier, path in its package, parsed document."""

    identifier: str
    path: str
    root: etree._Element


@dataclass(frozen=True)
class PlainItem:
    """One item made of a template; `path` lies beside the template's, so that its addresses stay right."""

    identifier: str
    path: str
    xml: bytes


def is_template(root: etree._Element) -> bool:
    """Whether an item is made anew for each candidate."""
    return any(find_first(root, name) is not None for name in (DECLARATION, PROCESSING))


def materialise(template: ItemTemplate, count: int, seed: int) -> list[PlainItem]:
    """At most `count` plain items, each different; fewer when chance does not give as many in ten tries each.

    The same seed gives the same items. Raises PackageError naming what cannot be made plain.
    """
    made: dict[bytes, PlainItem] = {}
    stem, ending = posixpath.splitext(template.path)
    for turn in range(count * TRIES_EACH):
        if len(made) == count:
            break
        number = len(made) + 1
        root = _make_plain(template, Random(f"clone/{template.identifier}/{seed}/{turn}"))
        root.set("identifier", "")
        known = etree.tostring(root)
        if known not in made:
            identifier = f"{template.identifier}-{number:02}"
            root.set("identifier", identifier)
            xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
            made[known] = PlainItem(identifier, f"{stem}-{number:02}{ending}", xml)
    return list(made.values())


def _make_plain(template: ItemTemplate, chance: Random) -> etree._Element:
    root = copy.deepcopy(template.root)
    try:
        made = run_template_processing(root, chance, template.path)
    except ScoringError as problem:
        raise PackageError(template.path, problem.message, problem.element or None, problem.line) from problem
    for name, value in made.correct.items():
        _set_values(root, name, "qti-correct-response", value, template.path)
    for name, value in made.defaults.items():
        _set_values(root, name, "qti-default-value", value, template.path)
    for node in list(root.iter()):
        _settle(node, made.values, template.path)
    _place_formulas(root, made.values)
    _fix_variables(root, made.values, template.path)
    return root


def _settle(node: etree._Element, values: Mapping[str, Value], file: str) -> None:
    """Print, show or hide one element."""
    name, switch = local_name(node), node.get("template-identifier") if local_name(node) else None
    if name == PRINTED and node.get("identifier") in values:
        _replace_by_text(node, _print(node, values, file))
    elif switch is not None:
        if switch not in values:
            raise UnsupportedElement(file, f"template variable {switch!r} is not declared", node)
        inside = node.get("identifier", "") in write_texts(values[switch])
        if inside != (node.get("show-hide", "show") == "show"):
            _replace_by_text(node, "")
        else:
            _show(node)


def _print(node: etree._Element, values: Mapping[str, Value], file: str) -> str:
    value, how = values[node.get("identifier", "")], {str(name): str(text) for name, text in node.attrib.items()}
    if value.cardinality == "record":
        raise UnsupportedElement(file, "a record is not printed", node)
    index = how.get("index", "")
    if index in values:  # the number of a value may stand in a variable of its own
        how["index"] = (write_texts(values[index]) or [""])[0]
    try:
        return print_value(value, how)
    except BadFormat as problem:
        raise UnsupportedElement(file, str(problem), node) from problem


def _show(node: etree._Element) -> None:
    for name in ("template-identifier", "show-hide"):
        node.attrib.pop(name, None)
    if local_name(node) in SHOWN_AS:
        node.attrib.pop("identifier", None)
        node.tag = f"{{{namespace(node) or QTI}}}{SHOWN_AS[local_name(node)]}"
    for body in find_children(node, "qti-content-body"):
        body.tag = f"{{{namespace(body) or QTI}}}div"


def _replace_by_text(node: etree._Element, text: str) -> None:
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    text += node.tail or ""
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text
    parent.remove(node)


def _place_formulas(root: etree._Element, values: Mapping[str, Value]) -> None:
    """Numbers for letters in formulas, for variables declared as mathematical ones."""
    known = {
        node.get("identifier", ""): ";".join(write_texts(values[node.get("identifier", "")]))
        for node in find_all(root, DECLARATION) if node.get("math-variable") == "true"
    }
    for node in root.iter(f"{{{MATHML}}}mi", f"{{{MATHML}}}ci"):
        text = known.get((node.text or "").strip())
        if text is not None:
            node.text = text
            node.tag = f"{{{MATHML}}}{'mn' if local_name(node) == 'mi' else 'cn'}"


def _fix_variables(root: etree._Element, values: Mapping[str, Value], file: str) -> None:
    for node in find_all(root, PROCESSING):
        _replace_by_text(node, "")
    for node in find_all(root, DECLARATION):
        value = values[node.get("identifier", "")]
        if value.is_null:
            _forget_variable(root, node)
            continue
        for name in ("math-variable", "param-variable"):
            node.attrib.pop(name, None)
        _write_values(node, "qti-default-value", value, file)
        node.tag = f"{{{namespace(node) or QTI}}}qti-outcome-declaration"
    _sort_declarations(root)


def _forget_variable(root: etree._Element, declaration: etree._Element) -> None:
    """A variable without a value: as an outcome a number would start at 0, so rules read NULL in its place."""
    for node in find_all(root, "qti-variable"):
        if node.get("identifier") == declaration.get("identifier"):
            node.tag = f"{{{namespace(node) or QTI}}}qti-null"
            node.attrib.clear()
    _replace_by_text(declaration, "")


def _sort_declarations(root: etree._Element) -> None:
    """Outcomes stand together, as the schema wants: what was a template variable stood after stylesheets."""
    outcomes = [node for node in root if local_name(node) == "qti-outcome-declaration"]
    others = [node for node in root if local_name(node) == "qti-response-declaration"]
    for place, node in enumerate([*others, *outcomes]):
        root.insert(place, node)


def _set_values(root: etree._Element, name: str, element: str, value: Value, file: str) -> None:
    for declared in _find_declarations(root, name):
        _write_values(declared, element, value, file)


def _find_declarations(root: etree._Element, name: str) -> Iterator[etree._Element]:
    for kind in ("qti-response-declaration", "qti-outcome-declaration"):
        yield from (node for node in find_all(root, kind) if node.get("identifier") == name)


def _write_values(declared: etree._Element, element: str, value: Value, file: str) -> None:
    """Put values into a declaration, in place of those of the same sort."""
    if value.cardinality == "record":
        raise UnsupportedElement(file, "template variables of cardinality record are not supported", declared)
    for old in find_children(declared, element):
        declared.remove(old)
    space = namespace(declared)
    tag = f"{{{space}}}" if space else ""
    written = declared.makeelement(f"{tag}{element}", {})
    for text in write_texts(value):
        etree.SubElement(written, f"{tag}qti-value").text = text
    # a default stands before the right answer, and both before a mapping
    place = len(find_children(declared, "qti-default-value")) if element == "qti-correct-response" else 0
    if len(written):
        declared.insert(place, written)
