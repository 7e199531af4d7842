"""Declarations of an item or a test: takes its XML, gives what scoring needs of every variable, as plain data."""
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace

from lxml import etree

from task_bank.items.xml import find_children, local_name, locate
from task_bank.scoring.areas import Area, BadArea, read_area
from task_bank.scoring.errors import ScoringError
from task_bank.scoring.numbers import Number, read_number
from task_bank.scoring.tables import AreaMapping, Bounds, LookupTable, ResponseMapping, order_entries
from task_bank.scoring.values import NULL, NUMERIC, PAIRS, RECORD, TEXT, Atom, Value, of_number, read_atom

KINDS = {
    "qti-response-declaration": "response", "qti-outcome-declaration": "outcome",
    "qti-template-declaration": "template", "qti-context-declaration": "context",
}
CARDINALITIES = ("single", "multiple", "ordered", RECORD)
BASE_TYPES = (*NUMERIC, *TEXT, *PAIRS, "boolean", "identifier", "intOrIdentifier", "point")
TABLES = ("qti-match-table", "qti-interpolation-table")


@dataclass(frozen=True)
class Declaration:
    """A variable. `kind` is response, outcome, template or context; `fields` are base types of a record's fields.

    `wrong_key` is the text of a correct response that does not fit the base type, "" when all fit.
    """

    identifier: str
    kind: str
    cardinality: str
    base_type: str
    default: Value = NULL
    correct: Value = NULL
    mapping: ResponseMapping | None = None
    areas: AreaMapping | None = None
    table: LookupTable | None = None
    fields: Dictionary[str, str] = field(default_factory=dict)
    normal_minimum: Number | None = None
    normal_maximum: Number | None = None
    wrong_key: str = ""
    is_built_in: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether the variable holds one number."""
        return self.cardinality == "single" and self.base_type in ("integer", "float")

    @property
    def null(self) -> Value:
        """NULL of this variable's type."""
        return Value(self.cardinality, self.base_type)


@dataclass(frozen=True)
class Place:
    """Where declarations and rules stand: the item's identifier and its file, for errors.

    `instead`: name and line of the element that errors are told of, where rules are not written in that file.
    """

    item: str
    file: str | None = None
    instead: tuple[str | None, int | None] | None = None

    def error(self, node: etree._Element, message: str) -> ScoringError:
        """An error at an element."""
        return self.spot(node)(message)

    def spot(self, node: etree._Element) -> Callable[[str], ScoringError]:
        """What makes errors at an element later, without keeping the document."""
        item, file, (name, line) = self.item, self.file, self.instead or locate(node)
        return lambda message: ScoringError(item, name or "", message, file, line)


def read_declarations(root: etree._Element, place: Place) -> Dictionary[str, Declaration]:
    """Every variable declared by an item or a test, by identifier, in their order.

    An outcome of one number without a default starts at 0, anything else as NULL. Raises ScoringError for a default,
    a mapped value or an area that cannot be read, for a variable without a name and for one declared twice.
    """
    found: dict[str, Declaration] = {}
    for node in (node for node in root if local_name(node) in KINDS):
        declared = _read(node, place)
        if not declared.identifier:
            raise place.error(node, "has no identifier")
        if declared.identifier in found:
            raise place.error(node, f"{declared.identifier!r} is declared twice")
        found[declared.identifier] = declared
    return found


def start_values(declared: Dictionary[str, Declaration]) -> dict[str, Value]:
    """What variables begin with: their defaults, else NULL."""
    return {name: one.default if one.default.atoms else one.null for name, one in declared.items()}


def correct_values(declared: Dictionary[str, Declaration]) -> dict[str, Value]:
    """Right answers that are declared."""
    return {name: one.correct for name, one in declared.items() if one.correct.atoms}


def default_values(declared: Dictionary[str, Declaration]) -> dict[str, Value]:
    """Defaults that are declared."""
    return {name: one.default for name, one in declared.items() if one.default.atoms}


def _read(node: etree._Element, place: Place) -> Declaration:
    cardinality, base_type = node.get("cardinality", "single"), node.get("base-type", "")
    for name, value, known in (("cardinality", cardinality, CARDINALITIES), ("base-type", base_type, BASE_TYPES)):
        if value not in known:
            raise place.error(node, f"{name} {value!r} is not known; it is one of {', '.join(filter(None, known))}")
    defaults, wrong = _read_values(node, "qti-default-value", cardinality, base_type)
    if wrong:
        raise place.error(node, f"default {wrong!r} is no {base_type}")
    correct, wrong_key = _read_values(node, "qti-correct-response", cardinality, base_type)
    declared = Declaration(
        node.get("identifier", ""), KINDS[local_name(node)], cardinality, base_type, defaults, correct,
        _read_mapping(node, base_type, place), _read_areas(node, place), _read_table(node, base_type, place),
        _read_fields(node), read_number(node.get("normal-minimum", "")), read_number(node.get("normal-maximum", "")),
        wrong_key,
    )
    if declared.kind == "outcome" and declared.is_numeric and declared.default.is_null:
        return replace(declared, default=of_number(0, base_type))
    return declared


def _read_values(node: etree._Element, name: str, cardinality: str, base_type: str) -> tuple[Value, str]:
    """A default or correct value, and the first text in it that does not fit the base type ("" when all fit)."""
    atoms: list[Atom] = []
    wrong = ""
    for child in (child for parent in find_children(node, name) for child in find_children(parent, "qti-value")):
        text = read_verbatim(child)
        atom = read_atom(text, child.get("base-type", "string") if cardinality == RECORD else base_type)
        if atom is None:
            wrong = wrong or text.strip()
        elif cardinality == RECORD:
            atoms.append((child.get("field-identifier", ""), Value("single", child.get("base-type", ""), (atom,))))
        else:
            atoms.append(atom)
    many = cardinality == "single" and len(atoms) > 1
    return Value("multiple" if many else cardinality, base_type, tuple(atoms)), wrong


def _read_fields(node: etree._Element) -> Dictionary[str, str]:
    values = (child for child in node.iter() if local_name(child) == "qti-value")
    return {str(child.get("field-identifier")): child.get("base-type", "string")
            for child in values if child.get("field-identifier") is not None}


def read_verbatim(node: etree._Element) -> str:
    """Text of a value; line breaks around it are the file's layout, not part of the text."""
    text = "".join(str(part) for part in node.itertext())
    return text.strip() if "\n" in text else text


def _read_mapping(node: etree._Element, base_type: str, place: Place) -> ResponseMapping | None:
    for mapping in find_children(node, "qti-mapping"):
        exact: dict[Atom, tuple[int, Number]] = {}
        folded: dict[str, tuple[int, Number]] = {}
        nothing: Number | None = None
        for at, entry in enumerate(find_children(mapping, "qti-map-entry")):
            key = read_atom(entry.get("map-key", ""), base_type)
            points = _read_needed(entry, "mapped-value", place)
            # The default of case-sensitive is false in QTI 3.0; it is about texts only.
            with_case = is_true(entry, "case-sensitive", False, place.error)
            if isinstance(key, str) and base_type == "string" and not with_case:
                folded.setdefault(key.casefold(), (at, points))
            elif key is not None:
                exact.setdefault(key, (at, points))
            elif nothing is None and not entry.get("map-key", "").strip():
                nothing = points
        default, bounds = _read_default_points(mapping, place), _read_bounds(mapping, place)
        return ResponseMapping(exact, folded, default, bounds, nothing)
    return None


def _read_areas(node: etree._Element, place: Place) -> AreaMapping | None:
    for mapping in find_children(node, "qti-area-mapping"):
        entries = tuple((read_area_of(entry, place.error), _read_needed(entry, "mapped-value", place))
                        for entry in find_children(mapping, "qti-area-map-entry"))
        return AreaMapping(entries, _read_default_points(mapping, place), _read_bounds(mapping, place))
    return None


def read_area_of(node: etree._Element, error: Callable[[etree._Element, str], ScoringError]) -> Area:
    """The area an element describes by shape and coords. Raises ScoringError."""
    try:
        return read_area(node.get("shape", "default"), node.get("coords", ""))
    except BadArea as problem:
        raise error(node, str(problem)) from problem


def _read_bounds(mapping: etree._Element, place: Place) -> Bounds:
    low, high = (_read_needed(mapping, name, place) if mapping.get(name, "").strip() else None
                 for name in ("lower-bound", "upper-bound"))
    if low is not None and high is not None and low > high:
        raise place.error(mapping, f"lower-bound {mapping.get('lower-bound')} is above the upper-bound")
    return Bounds(low, high)


def _read_default_points(mapping: etree._Element, place: Place) -> Number:
    return _read_needed(mapping, "default-value", place) if mapping.get("default-value") else 0


def _read_needed(node: etree._Element, name: str, place: Place) -> Number:
    number = read_number(node.get(name, ""))
    if number is None:
        raise place.error(node, f"{name} {node.get(name, '')!r} is not a number")
    return number


def _read_table(node: etree._Element, base_type: str, place: Place) -> LookupTable | None:
    for table in (child for child in node if local_name(child) in TABLES):
        is_match = local_name(table) == TABLES[0]
        entries = [_read_entry(entry, base_type, place) for entry in _elements(table)]
        otherwise = _read_target(table, "default-value", base_type, place)
        return LookupTable(is_match, order_entries(entries, is_match), otherwise)
    return None


def _read_entry(entry: etree._Element, base_type: str, place: Place) -> tuple[Number, bool, Value]:
    source = _read_needed(entry, "source-value", place)
    with_boundary = is_true(entry, "include-boundary", True, place.error)
    return source, with_boundary, _read_target(entry, "target-value", base_type, place)


def _read_target(node: etree._Element, name: str, base_type: str, place: Place) -> Value:
    written = node.get(name, "")
    atom = read_atom(written, base_type)
    if atom is None and written.strip():
        raise place.error(node, f"{name} {written!r} is no {base_type}")
    return Value("single", base_type, () if atom is None else (atom,))


def _elements(parent: etree._Element) -> Iterable[etree._Element]:
    return (child for child in parent if local_name(child))


def is_true(
    node: etree._Element, name: str, unless_given: bool, error: Callable[[etree._Element, str], ScoringError]
) -> bool:
    """A boolean attribute, however it is capitalised. Raises ScoringError."""
    written = node.get(name, "").strip()
    found = {"true": True, "1": True, "false": False, "0": False, "": unless_given}.get(written.lower())
    if found is None:
        raise error(node, f"{name} {written!r} is neither true nor false")
    return found
