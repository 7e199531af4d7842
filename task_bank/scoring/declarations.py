"""Declarations of an item: takes its XML, gives what is needed of response and outcome variables to score."""
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from fractions import Fraction

from lxml import etree

from task_bank.items.xml import find_all, find_children
from task_bank.scoring.values import NULL, Value, are_equal, of_number, read_atom, read_number


class ScoringError(ValueError):
    """An item cannot be scored; the text names the item and the element."""

    def __init__(self, item: str, element: str, message: str) -> None:
        super().__init__(f"{item}: <{element}>: {message}")
        self.item, self.element = item, element


@dataclass(frozen=True)
class MapEntry:
    """One line of a mapping."""

    key: str
    points: Fraction
    case_sensitive: bool


@dataclass(frozen=True)
class ResponseMapping:
    """Points by value, with bounds for a sum over a container."""

    entries: tuple[MapEntry, ...]
    default: Fraction
    lower: Fraction | None
    upper: Fraction | None

    def map_value(self, value: Value) -> Fraction:
        """Points of a response; each distinct value of a container counts once."""
        if value.cardinality == "single":
            return self._map_text(value, 0) if value.atoms else self.default
        distinct: list[int] = []
        for place, atom in enumerate(value.atoms):
            if not any(are_equal(atom, value.atoms[known]) for known in distinct):
                distinct.append(place)
        return self.bound(sum((self._map_text(value, place) for place in distinct), Fraction(0)))

    def bound(self, total: Fraction) -> Fraction:
        """Keep a total within the bounds."""
        low = total if self.lower is None else max(total, self.lower)
        return low if self.upper is None else min(low, self.upper)

    def _map_text(self, value: Value, place: int) -> Fraction:
        for entry in self.entries:
            if _entry_fits(entry, value.atoms[place], value.base_type):
                return entry.points
        return self.default


@dataclass(frozen=True)
class Area:
    """One line of an area mapping."""

    shape: str
    coords: tuple[Fraction, ...]
    points: Fraction


@dataclass(frozen=True)
class Declaration:
    """A response or outcome variable."""

    identifier: str
    cardinality: str
    base_type: str
    default: Value = NULL
    correct: Value = NULL
    mapping: ResponseMapping | None = None
    areas: tuple[Area, ...] | None = None
    table: etree._Element | None = field(default=None, compare=False)

    @property
    def is_numeric(self) -> bool:
        """Whether the variable holds one number."""
        return self.cardinality == "single" and self.base_type in ("integer", "float")


def read_responses(root: etree._Element) -> Dictionary[str, Declaration]:
    """Response declarations by identifier."""
    return {one.identifier: one for one in map(_read, find_all(root, "qti-response-declaration"))}


def read_outcomes(root: etree._Element) -> Dictionary[str, Declaration]:
    """Outcome declarations by identifier. A number without a default starts at 0, anything else as NULL."""
    return {one.identifier: one for one in map(_read_outcome, find_all(root, "qti-outcome-declaration"))}


def _read_outcome(node: etree._Element) -> Declaration:
    declared = _read(node)
    if not declared.is_numeric or not declared.default.is_null:
        return declared
    fields = {**declared.__dict__, "default": of_number(0, declared.base_type)}
    return Declaration(**fields)


def _read(node: etree._Element) -> Declaration:
    cardinality, base_type = node.get("cardinality", "single"), node.get("base-type", "")
    tables = find_all(node, "qti-match-table") + find_all(node, "qti-interpolation-table")
    return Declaration(
        node.get("identifier", ""),
        cardinality,
        base_type,
        _read_values(node, "qti-default-value", cardinality, base_type),
        _read_values(node, "qti-correct-response", cardinality, base_type),
        _read_mapping(node),
        _read_areas(node),
        tables[0] if tables else None,
    )


def _read_values(node: etree._Element, name: str, cardinality: str, base_type: str) -> Value:
    atoms = []
    for parent in find_children(node, name):
        for child in find_children(parent, "qti-value"):
            atom = read_atom(read_verbatim(child), base_type)
            atoms += [] if atom is None else [atom]
    many = cardinality == "single" and len(atoms) > 1
    return Value("multiple" if many else cardinality, base_type, tuple(atoms))


def read_verbatim(node: etree._Element) -> str:
    """Text of a value; line breaks around it are the file's layout, not part of the text."""
    text = "".join(str(part) for part in node.itertext())
    return text.strip() if "\n" in text else text


def _read_mapping(node: etree._Element) -> ResponseMapping | None:
    for mapping in find_children(node, "qti-mapping"):
        entries = tuple(
            MapEntry(
                entry.get("map-key", ""),
                read_number(entry.get("mapped-value", "0")) or Fraction(0),
                entry.get("case-sensitive", "true") != "false",
            )
            for entry in find_children(mapping, "qti-map-entry")
        )
        default = read_number(mapping.get("default-value", "0")) or Fraction(0)
        return ResponseMapping(entries, default, _bound(mapping, "lower"), _bound(mapping, "upper"))
    return None


def _bound(mapping: etree._Element, side: str) -> Fraction | None:
    return read_number(mapping.get(f"{side}-bound", ""))


def _read_areas(node: etree._Element) -> tuple[Area, ...] | None:
    for mapping in find_children(node, "qti-area-mapping"):
        return tuple(
            Area(
                entry.get("shape", "default"),
                tuple(read_number(part) or Fraction(0) for part in entry.get("coords", "").split(",") if part),
                read_number(entry.get("mapped-value", "0")) or Fraction(0),
            )
            for entry in find_children(mapping, "qti-area-map-entry")
        )
    return None


def _entry_fits(entry: MapEntry, atom: object, base_type: str) -> bool:
    key = read_atom(entry.key, base_type)
    if key is None:
        return False
    if isinstance(atom, str) and isinstance(key, str) and not entry.case_sensitive:
        return key.casefold() == atom.casefold()
    return key == atom
