"""What an expression takes and gives: takes the XML of its operands, says which can never be evaluated.

Judged by what is declared, not by what a candidate answered: an item whose sum adds a truth is wrong for everybody, and
must not pass as NULL until somebody answers. Texts that candidates type may be numbers or not; they stay NULL if not.
"""
from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from task_bank.items.xml import local_name
from task_bank.scoring.declarations import Declaration, read_verbatim
from task_bank.scoring.numbers import read_duration, read_number
from task_bank.scoring.values import NUMERIC, RECORD, Atom, Value

NUMBER_LIKE = (*NUMERIC, "string", "intOrIdentifier")


class Kind(NamedTuple):
    """What is known of a value before any answer; "" where it is not known."""

    cardinality: str = ""
    base_type: str = ""


class Taken(NamedTuple):
    """What an operator needs of its operands: words for the error, fitting base types.

    A container where one value is needed is nobody's error until it holds several: makers of items declare a typed
    number as multiple, and one value in a container is that value.
    """

    what: str
    base_types: tuple[str, ...]


NUMBER = Taken("numbers", NUMBER_LIKE)
TRUTH = Taken("true or false", ("boolean",))
POINTS = Taken("points", ("point",))
A_RECORD = Taken("a record", ())
JUDGING = ("match", "is-null", "and", "or", "not", "any-n", "inside", "member", "contains", "string-match", "substring",
           "pattern-match")
FOLDS = ("sum", "product", "min", "max", "gcd", "lcm", "stats-operator")
COMPUTING = ("subtract", "divide", "power", "integer-divide", "integer-modulus", "truncate", "round", "round-to",
             "integer-to-float", "math-operator")
COMPARING = ("lt", "lte", "gt", "gte", "equal", "equal-rounded", "duration-lt", "duration-gte")
TAKEN: Mapping[str, Taken] = {
    **{f"qti-{name}": NUMBER for name in (*FOLDS, *COMPUTING, *COMPARING)},
    **{f"qti-{name}": TRUTH for name in ("and", "or", "not", "any-n")},
    "qti-inside": POINTS, "qti-field-value": A_RECORD, "qti-lookup-outcome-value": NUMBER,
}
GIVEN: Mapping[str, Kind] = {
    **{f"qti-{name}": Kind("single", "boolean") for name in (*JUDGING, *COMPARING)},
    **{f"qti-{name}": Kind("single", "float") for name in (*FOLDS, *COMPUTING, "map-response", "map-response-point",
                                                           "random-integer", "random-float", "math-constant")},
    "qti-container-size": Kind("single", "integer"),
}
NAMING = ("qti-variable", "qti-correct", "qti-default")
# Of these the result is of the type of an operand: its place, and the cardinality ("" is the operand's own).
PASSING = {"qti-multiple": (0, "multiple"), "qti-ordered": (0, "ordered"), "qti-repeat": (0, "ordered"),
           "qti-index": (0, "single"), "qti-random": (0, "single"), "qti-delete": (1, "")}


def find_kind(node: etree._Element, variables: Mapping[str, Declaration]) -> Kind:
    """What an expression gives, as far as it is known."""
    name = local_name(node)
    if name == "qti-base-value":
        return Kind("single", node.get("base-type", ""))
    if name in NAMING:
        declared = variables.get(node.get("identifier", ""))
        return Kind(declared.cardinality, declared.base_type) if declared is not None else Kind()
    if name in PASSING:
        place, cardinality = PASSING[name]
        inside = [child for child in node if local_name(child)]
        passed = find_kind(inside[place], variables) if place < len(inside) else Kind()
        return Kind(cardinality or passed.cardinality, passed.base_type)
    return GIVEN.get(name, Kind())


def find_misfit(parent: etree._Element, node: etree._Element, variables: Mapping[str, Declaration]) -> str | None:
    """Why an operand can never be what its operator takes; None when it may be."""
    taken = TAKEN.get(local_name(parent))
    return None if taken is None else _judge(taken, node, variables)


def find_unfit(
    declared: Declaration, node: etree._Element, variables: Mapping[str, Declaration]
) -> str | None:
    """Why an expression can never be the value of a variable; None when it may be."""
    taken = NUMBER if declared.base_type in NUMERIC else TRUTH if declared.base_type == "boolean" else None
    if taken is None or declared.cardinality == RECORD:
        return None
    misfit = _judge(taken, node, variables)
    return misfit and f"{declared.identifier!r} {misfit}"


def _judge(taken: Taken, node: etree._Element, variables: Mapping[str, Declaration]) -> str | None:
    kind = find_kind(node, variables)
    if taken is A_RECORD:
        return _say(taken, node, f"a {kind.cardinality} value") if kind.cardinality not in ("", RECORD) else None
    if kind.cardinality == RECORD:
        return _say(taken, node, "a record")
    if kind.base_type and kind.base_type not in taken.base_types:
        return _say(taken, node, f"a value of base-type {kind.base_type}")
    if taken is NUMBER and local_name(node) == "qti-base-value" and kind.base_type == "string":
        text = read_verbatim(node)
        if text.strip() and read_number(text) is None and read_duration(text) is None:
            return _say(taken, node, f"the text {text!r}")
    return None


def needs_watching(parent: etree._Element, node: etree._Element, variables: Mapping[str, Declaration]) -> bool:
    """Whether a number is needed and only an answer will tell what the operand is."""
    taken = TAKEN.get(local_name(parent))
    return taken is NUMBER and not find_kind(node, variables).base_type and local_name(node) != "qti-null"


def find_stranger(value: Value) -> Atom | None:
    """The first atom that is neither a number nor a text: True or False, a pair, a point, a field."""
    return next((atom for atom in value.atoms if isinstance(atom, bool | tuple)), None)


def say_stranger(parent: etree._Element) -> str:
    """What is wrong when find_stranger found one."""
    return f"takes {TAKEN[local_name(parent)].what} and got something else"


def _say(taken: Taken, node: etree._Element, found: str) -> str:
    return f"takes {taken.what}, {local_name(node)} inside gives {found}"
