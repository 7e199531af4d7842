"""The items a test refers to: takes a test's XML, gives references with their weights, categories and sections."""
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from task_bank.items.xml import find_all, find_children, local_name
from task_bank.scoring.declarations import Place
from task_bank.scoring.numbers import Number, read_number

ABOVE = ("qti-assessment-section", "qti-test-part")


@dataclass(frozen=True)
class ItemReference:
    """One qti-assessment-item-ref. `sources` are an item's own variable names by what the test calls them."""

    identifier: str
    categories: frozenset[str]
    sections: frozenset[str]
    weights: Mapping[str, Number] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subset:
    """Which items an expression is about; None and nothing mean all."""

    section: str | None
    included: frozenset[str]
    excluded: frozenset[str]

    def has(self, reference: ItemReference) -> bool:
        """Whether an item belongs to it."""
        in_section = self.section is None or self.section in reference.sections
        wanted = not self.included or bool(self.included & reference.categories)
        return in_section and wanted and not self.excluded & reference.categories


def read_references(root: etree._Element, place: Place) -> dict[str, ItemReference]:
    """Item references by identifier, in the order of the test. Raises ScoringError for a weight that is no number."""
    nodes = find_all(root, "qti-assessment-item-ref")
    return {node.get("identifier", ""): _read_reference(node, place) for node in nodes}


def _read_reference(node: etree._Element, place: Place) -> ItemReference:
    weights = {one.get("identifier", ""): _read_weight(one, place) for one in find_children(node, "qti-weight")}
    sources = {one.get("target-identifier", ""): one.get("source-identifier", "")
               for one in find_children(node, "qti-variable-mapping")}
    above = (one.get("identifier", "") for one in node.iterancestors() if local_name(one) in ABOVE)
    return ItemReference(
        node.get("identifier", ""), read_words(node, "category"), frozenset(above), weights, sources)


def _read_weight(node: etree._Element, place: Place) -> Number:
    weight = read_number(node.get("value", ""))
    if weight is None:
        raise place.error(node, f"value {node.get('value', '')!r} is not a number")
    return weight


def read_words(node: etree._Element, name: str) -> frozenset[str]:
    """A list of names in an attribute."""
    return frozenset(node.get(name, "").split())


def read_subset(node: etree._Element) -> Subset:
    """The items an expression of outcome processing is about."""
    return Subset(node.get("section-identifier") or None, read_words(node, "include-category"),
                  read_words(node, "exclude-category"))
