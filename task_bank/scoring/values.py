"""Values of QTI variables: takes texts and JSON, gives typed values; numbers are exact fractions.

A NULL, an empty string and an empty container are the same thing in QTI: a value without atoms.
"""
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

Atom = str | bool | Fraction | tuple[Any, ...]
Response = str | int | float | bool | list[Any] | dict[str, Any] | None
Outcome = str | int | bool | Decimal | list[Any] | None

NUMERIC = ("integer", "float", "duration")
TEXT = ("string", "uri", "file", "")
LARGEST_EXPONENT = 100
_OUTPUT = Context(prec=15)


@dataclass(frozen=True)
class Value:
    """`cardinality` is single, multiple or ordered; no atoms means NULL."""

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


def of_number(number: Fraction | int | None, base_type: str = "float") -> Value:
    """A number; None becomes NULL."""
    return NULL if number is None else Value("single", base_type, (Fraction(number),))


def read_number(text: str) -> Fraction | None:
    """A number as people type it ("3,5", "−2", "1 000") or as XML writes it; None when it is none."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".").replace("\u2212", "-")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        return None
    return Fraction(number)


def read_atom(text: str, base_type: str) -> Atom | None:
    """One value from its text; None when the text is empty or does not fit the base type."""
    if base_type in TEXT:
        return unicodedata.normalize("NFC", text) or None
    words = text.split()
    if not words:
        return None
    if base_type in NUMERIC:
        return read_number(text)
    if base_type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(words[0])
    if base_type == "point":
        numbers = [read_number(word) for word in words]
        return tuple(numbers) if len(numbers) == 2 and None not in numbers else None
    if base_type in ("pair", "directedPair"):
        return tuple(sorted(words) if base_type == "pair" else words)
    return " ".join(words)


def read_response(given: Response, cardinality: str, base_type: str) -> Value:
    """A candidate's answer (string, list of strings, null; numbers and PCI records too) as a value."""
    if isinstance(given, dict):
        inner = given.get("base") or given.get("list") or {}
        given = next(iter(inner.values()), None)
    listed = given if isinstance(given, list) else [given]
    texts = [_write_text(one) for one in listed if one is not None]
    atoms = tuple(atom for text in texts if (atom := read_atom(text, base_type)) is not None)
    # A list for a variable declared single happens in the wild; its values are a set then.
    return Value("multiple" if cardinality == "single" and len(atoms) > 1 else cardinality, base_type, atoms)


def _write_text(one: Any) -> str:
    if isinstance(one, bool):
        return "true" if one else "false"
    return one if isinstance(one, str) else str(one)


def write_outcome(value: Value, cardinality: str) -> Outcome:
    """A value as JSON: numbers exact (15 digits where a fraction does not end), pairs as "a b"."""
    written = [_write_atom(atom, value.base_type) for atom in value.atoms]
    if cardinality == "single":
        return written[0] if written else None
    return written or None


def _write_atom(atom: Atom, base_type: str) -> Outcome:
    if isinstance(atom, Fraction):
        return int(atom) if base_type == "integer" and atom.denominator == 1 else to_decimal(atom)
    if isinstance(atom, tuple):
        return " ".join(str(part) for part in atom)
    return atom


def to_decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal: exact when it ends, else to 15 digits."""
    odd = number.denominator
    for factor in (2, 5):
        while odd % factor == 0:
            odd //= factor
    context = Context(prec=400) if odd == 1 else _OUTPUT
    quotient = context.divide(Decimal(number.numerator), Decimal(number.denominator))
    return quotient.quantize(Decimal(1)) if quotient == quotient.to_integral_value() else quotient


def to_number(value: Value) -> Fraction | None:
    """The number in a single value; text that reads as a number counts as one."""
    atom = value.atoms[0] if value.atoms else None
    if isinstance(atom, Fraction):
        return atom
    return read_number(atom) if isinstance(atom, str) else None


def to_numbers(value: Value) -> list[Fraction | None]:
    """Every number of a value; [None] for NULL."""
    if value.is_null:
        return [None]
    return [to_number(Value("single", value.base_type, (atom,))) for atom in value.atoms]


def to_truth(value: Value) -> bool | None:
    """True, False, or None for NULL."""
    return None if value.is_null else bool(value.atoms[0])


def are_equal(one: Atom, other: Atom) -> bool:
    """Whether two atoms are the same; a text and a number are compared as numbers."""
    if isinstance(one, Fraction) and isinstance(other, str):
        return read_number(other) == one
    if isinstance(other, Fraction) and isinstance(one, str):
        return read_number(one) == other
    if isinstance(one, tuple) and isinstance(other, str):
        return one == tuple(other.split())
    if isinstance(other, tuple) and isinstance(one, str):
        return other == tuple(one.split())
    return one == other


def match_values(one: Value, other: Value) -> bool | None:
    """The expression `match`: same value, same container; None when either is NULL."""
    if one.is_null or other.is_null:
        return None
    if len(one.atoms) != len(other.atoms):
        return False
    if "ordered" in (one.cardinality, other.cardinality) or len(one.atoms) == 1:
        return all(map(are_equal, one.atoms, other.atoms))
    return Counter(map(_as_key, one.atoms)) == Counter(map(_as_key, other.atoms))


def _as_key(atom: Atom) -> str:
    return " ".join(atom) if isinstance(atom, tuple) and isinstance(atom[0], str) else str(atom)
