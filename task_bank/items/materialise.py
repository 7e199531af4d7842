"""Plain items of a template item: takes the item and a seed, gives parallel items without any template left."""
from dataclasses import dataclass

from lxml import etree

from task_bank.items.redaction import UnsupportedElement
from task_bank.items.xml import find_first

TEMPLATE_ELEMENTS = ("qti-template-declaration", "qti-template-processing", "qti-set-correct-response")


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
    return any(find_first(root, name) is not None for name in TEMPLATE_ELEMENTS)


def materialise(template: ItemTemplate, count: int, seed: int) -> list[PlainItem]:
    """`count` different plain items; the same seed gives the same ones. Raises PackageError."""
    raise UnsupportedElement(template.path, "items made from templates are not supported", template.root)
