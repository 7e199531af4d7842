"""Records: takes what a candidate gave for a variable of record cardinality, gives its fields."""
import re
from collections.abc import Iterator, Mapping
from typing import Any

from task_bank.scoring.numbers import read_number
from task_bank.scoring.values import RECORD, Response, Value, of_number, of_text, read_response

_TYPED = re.compile(r"\s*[+-]?(\d*)(?:([.,])(\d*))?(?:[eE]([+-]?\d+))?\s*")


def read_record(given: Response, fields: Mapping[str, str]) -> Value:
    """A record value. `fields` are base types that the declaration tells by field name.

    `given` is an object field → value, a PCI's {"record": [{"name", "base": {type: value}}]}, or the text typed into
    an entry: then the fields are those the standard has for a number (stringValue, floatValue, integerValue,
    leftDigits, rightDigits, ndp, nsf, exponent).
    """
    if isinstance(given, str):
        return Value(RECORD, "", tuple(read_typed(given)) if given else ())
    if not isinstance(given, dict):
        return Value(RECORD, "")
    listed = given.get("record")
    pairs = _read_listed(listed) if isinstance(listed, list) else _read_plain(given, fields)
    return Value(RECORD, "", tuple((name, value) for name, value in pairs if value.atoms))


def _read_plain(given: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    for name, one in given.items():
        base_type = fields.get(name) or _guess_type(one)
        yield name, read_response(one, "single", base_type)


def _read_listed(listed: list[Any]) -> Iterator[tuple[str, Value]]:
    for one in listed:
        for form, cardinality in (("base", "single"), ("list", "ordered")):
            inner = one.get(form) if isinstance(one, dict) else None
            if isinstance(inner, dict):
                base_type, given = next(iter(inner.items()), ("string", None))
                yield str(one.get("name", "")), read_response(given, cardinality, str(base_type))


def _guess_type(one: Any) -> str:
    if isinstance(one, bool):
        return "boolean"
    return {int: "integer", float: "float"}.get(type(one), "string")


def read_typed(text: str) -> Iterator[tuple[str, Value]]:
    """Fields of a number as it was typed; only its text when it is no number."""
    yield "stringValue", of_text(text)
    number, parts = read_number(text), _TYPED.fullmatch(text)
    if number is None or parts is None:
        return
    left, point, right, exponent = parts.groups()
    right, digits = right or "", (left + (right or "")).lstrip("0")
    yield "floatValue", of_number(number)
    if point is None and exponent is None:
        yield "integerValue", of_number(number, "integer")
    yield "leftDigits", of_number(len(left), "integer")
    yield "rightDigits", of_number(len(right), "integer")
    yield "ndp", of_number(max(len(right) - int(exponent or 0), 0), "integer")
    yield "nsf", of_number(len(digits) if point else len(digits.rstrip("0")), "integer")
    if exponent is not None:
        yield "exponent", of_number(int(exponent), "integer")
