"""Values of QTI variables: takes texts and JSON, gives typed values, and writes them back.

A NULL, an empty string and an empty container are the same thing in QTI: a value without atoms.
"""
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from task_bank.scoring.numbers import Number, read_duration, read_number, settle, write_number, write_plain

Atom = str | bool | int | Fraction | tuple[Any, ...]
Response = str | int | float | bool | list[Any] | dict[str, Any] | None
Outcome = str | int | bool | Decimal | list[Any] | dict[str, Any] | None

NUMERIC = ("integer", "float", "duration")
TEXT = ("string", "uri", "file", "")
PAIRS = ("pair", "directedPair")
RECORD = "record"


class Value(NamedTuple):
    """`cardinality` is single, multiple, ordered or record; no atoms means NULL.

    Atoms: str, bool, int or Fraction, a pair or point as a tuple; of a record (field name, single Value).
    """

    cardinality: str
    base_type: str
    atoms: tuple[Atom, ...] = ()

    @property
    def is_null(self) -> bool:
        """Whether there is nothing here."""
        return not self.atoms


NULL = Value("single", "")
TRUE, FALSE = Value("single", "boolean", (True,)), Value("single", "boolean", (False,))


def of_boolean(truth: bool | None) -> Value:
    """A boolean; None becomes NULL."""
    return NULL if truth is None else TRUE if truth else FALSE


def of_number(number: Number | None, base_type: str = "float") -> Value:
    """A number; None becomes NULL."""
    settled = None if number is None else settle(number)
    return NULL if settled is None else Value("single", base_type, (settled,))


def of_text(text: str, base_type: str = "string") -> Value:
    """A text; an empty one is NULL."""
    return Value("single", base_type, (text,) if text else ())


def normalise(text: str) -> str:
    """One spelling of each letter, whichever keyboard typed it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def read_atom(text: str, base_type: str) -> Atom | None:
    """One value from its text; None when the text is empty or does not fit the base type."""
    if base_type in TEXT:
        return normalise(text) or None
    if base_type in NUMERIC:
        return read_duration(text) if base_type == "duration" else read_number(text)
    words = text.split()
    if not words:
        return None
    if base_type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(words[0])
    if base_type in PAIRS or base_type == "point":
        return _read_tuple(words, base_type)
    return " ".join(words)


def _read_tuple(words: list[str], base_type: str) -> Atom | None:
    if base_type == "point":
        numbers = [read_number(word) for word in (words if len(words) > 1 else words[0].split(","))]
        return tuple(numbers) if len(numbers) == 2 and None not in numbers else None
    if len(words) != 2:
        return None
    return tuple(sorted(words) if base_type == "pair" else words)


def read_response(given: Response, cardinality: str, base_type: str) -> Value:
    """A candidate's answer as a value: string, number, boolean, list of these, or null; a PCI's JSON form too.

    A text that does not fit the base type is no answer. One value for a container is a container of one; several
    for a single variable happen in the wild and stay several, so that they match no single key.
    """
    if type(given) is str:
        atom = read_atom(given, base_type)
        return Value(cardinality, base_type, () if atom is None else (atom,))
    if isinstance(given, dict):
        given = _open_form(given)
    listed = given if isinstance(given, list) else [given]
    if base_type == "point" and len(listed) == 2 and all(type(one) in (int, float) for one in listed):
        listed = [" ".join(map(str, listed))]
    texts = [write_json_text(one) for one in listed if isinstance(one, str | int | float)]
    atoms = tuple(atom for text in texts if (atom := read_atom(text, base_type)) is not None)
    return Value("multiple" if cardinality == "single" and len(atoms) > 1 else cardinality, base_type, atoms)


def _open_form(given: dict[str, Any]) -> Response:
    """What a PCI's JSON form holds; pairs and points are lists of two there, here texts of two words."""
    for form in ("base", "list"):
        inner = given.get(form)
        if isinstance(inner, dict) and inner:
            kind, value = next(iter(inner.items()))
            if kind not in (*PAIRS, "point"):
                return value
            couples = [value] if form == "base" else value if isinstance(value, list) else []
            return [" ".join(map(str, one)) if isinstance(one, list) else one for one in couples]
    return None


def write_json_text(one: Any) -> str:
    """A JSON scalar as QTI writes it."""
    if type(one) is str:
        return one
    return ("true" if one else "false") if isinstance(one, bool) else str(one)


def write_outcome(value: Value, cardinality: str) -> Outcome:
    """A value as JSON: numbers exact (15 digits where a fraction does not end), pairs as "a b", records as objects."""
    atoms = value.atoms
    if not atoms:
        return None
    if cardinality == "single":
        return _write_atom(atoms[0])
    if cardinality == RECORD:
        return {name: write_outcome(field, field.cardinality) for name, field in fields_of(value).items()}
    return [_write_atom(atom) for atom in atoms]


def _write_atom(atom: Atom) -> Outcome:
    if isinstance(atom, Fraction):
        return write_number(atom)
    return write_text(atom) if isinstance(atom, tuple) else atom


def write_text(atom: Atom) -> str:
    """An atom as QTI writes it."""
    if isinstance(atom, str):
        return atom
    if isinstance(atom, bool):
        return "true" if atom else "false"
    if isinstance(atom, tuple):
        return " ".join(write_text(part) for part in atom)
    return write_plain(atom)


def write_texts(value: Value) -> list[str]:
    """The atoms of a value that is no record, as texts that read back to the same value."""
    return [write_text(atom) for atom in value.atoms]


def fields_of(value: Value) -> Mapping[str, Value]:
    """Fields of a record by name; empty for anything else."""
    return dict(value.atoms) if value.cardinality == RECORD else {}  # type: ignore[arg-type]


def is_number(atom: object) -> bool:
    """Whether an atom is a number (True and False are not)."""
    return type(atom) is int or type(atom) is Fraction


def to_number(value: Value) -> Number | None:
    """The number in a value of one atom; text that reads as a number counts as one."""
    atoms = value.atoms
    if len(atoms) != 1:
        return None
    atom = atoms[0]
    if type(atom) is int or type(atom) is Fraction:
        return atom
    return read_number(atom) if type(atom) is str else None


def to_numbers(values: Sequence[Value]) -> list[Number] | None:
    """Every number of every value, containers included; None when one of them is NULL or no number."""
    numbers: list[Number] = []
    for value in values:
        if not value.atoms:
            return None
        for atom in value.atoms:
            number = to_number(Value("single", value.base_type, (atom,)))
            if number is None:
                return None
            numbers.append(number)
    return numbers


def to_text(value: Value) -> str | None:
    """The text of a value of one atom; None for NULL and for several."""
    return write_text(value.atoms[0]) if len(value.atoms) == 1 else None


def are_equal(one: Atom, other: Atom) -> bool:
    """Whether two atoms are the same; a text is compared with the text or number it stands for."""
    if type(one) is type(other):
        return one == other
    if is_number(one) and is_number(other):
        return one == other
    if isinstance(one, str) == isinstance(other, str):
        return False
    text, typed = (one, other) if isinstance(one, str) else (other, one)
    return read_number(str(text)) == typed if is_number(typed) else " ".join(str(text).split()) == write_text(typed)


def match_values(one: Value, other: Value) -> bool | None:
    """The expression `match`: same value, same container; None when either is NULL."""
    if not one.atoms or not other.atoms:
        return None
    if len(one.atoms) != len(other.atoms):
        return False
    if len(one.atoms) == 1 or "ordered" in (one.cardinality, other.cardinality):
        return all(map(are_equal, one.atoms, other.atoms))
    if one.cardinality == RECORD:
        return fields_of(one) == fields_of(other)
    return Counter(one.atoms) == Counter(other.atoms) or has_all(one.atoms, other.atoms)


def has_all(whole: Sequence[Atom], part: Sequence[Atom]) -> bool:
    """Whether every atom of the second stands in the first at least as often."""
    left = list(whole)
    for atom in part:
        found = next((place for place, one in enumerate(left) if are_equal(one, atom)), None)
        if found is None:
            return False
        left.pop(found)
    return True
