"""Expressions about truth, containers and texts: operands in, a value out; NULL as the standard says."""
import re
import unicodedata

from lxml import etree

from task_bank.scoring.declarations import ScoringError
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import (
    NULL,
    Value,
    are_equal,
    match_values,
    of_boolean,
    of_number,
    read_number,
    to_truth,
)

Operands = list[Value]


def is_null(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """True for NULL, an empty text, an empty container."""
    return of_boolean(operands[0].is_null)


def negate(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """not: NULL stays NULL."""
    truth = to_truth(operands[0])
    return of_boolean(None if truth is None else not truth)


def all_true(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """and: one false decides, else one NULL makes it NULL."""
    truths = [to_truth(one) for one in operands]
    return of_boolean(False if False in truths else None if None in truths else True)


def any_true(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """or: one true decides, else one NULL makes it NULL."""
    truths = [to_truth(one) for one in operands]
    return of_boolean(True if True in truths else None if None in truths else False)


def any_n_true(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """anyN: NULL while the unknown ones could still decide."""
    truths = [to_truth(one) for one in operands]
    surely, maybe = truths.count(True), truths.count(True) + truths.count(None)
    least = scope.number_of(node.get("min", "0"), "qti-any-n")
    most = scope.number_of(node.get("max", "0"), "qti-any-n")
    if maybe < least or surely > most:
        return of_boolean(False)
    return of_boolean(True if surely >= least and maybe <= most else None)


def match(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """match: the same value or container."""
    return of_boolean(match_values(operands[0], operands[1]))


def collect(cardinality: str, operands: Operands) -> Value:
    """multiple and ordered: a container of all values given; NULLs are left out."""
    filled = [one for one in operands if not one.is_null]
    atoms = tuple(atom for one in filled for atom in one.atoms)
    return Value(cardinality, filled[0].base_type if filled else "", atoms)


def collect_multiple(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """multiple."""
    return collect("multiple", operands)


def collect_ordered(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """ordered."""
    return collect("ordered", operands)


def container_size(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """Number of values; 0 for NULL."""
    return of_number(len(operands[0].atoms), "integer")


def pick_index(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """The n-th value, counted from 1; NULL outside."""
    place = int(scope.number_of(node.get("n", "1"), "qti-index"))
    if not 1 <= place <= len(operands[0].atoms):
        return NULL
    return Value("single", operands[0].base_type, (operands[0].atoms[place - 1],))


def is_member(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """member: whether the first value is in the second container."""
    one, container = operands
    if one.is_null or container.is_null:
        return NULL
    return of_boolean(any(are_equal(one.atoms[0], atom) for atom in container.atoms))


def delete(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """delete: the second container without every occurrence of the first value."""
    one, container = operands
    if one.is_null or container.is_null:
        return NULL
    kept = tuple(atom for atom in container.atoms if not are_equal(one.atoms[0], atom))
    return Value(container.cardinality, container.base_type, kept)


def contains(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """contains: the second container lies in the first (as a run of values when ordered)."""
    whole, part = operands
    if whole.is_null or part.is_null:
        return NULL
    if whole.cardinality == "ordered":
        size = len(part.atoms)
        runs = (whole.atoms[at:at + size] for at in range(len(whole.atoms) - size + 1))
        return of_boolean(any(all(map(are_equal, run, part.atoms)) for run in runs))
    left = list(whole.atoms)
    for atom in part.atoms:
        found = next((place for place, one in enumerate(left) if are_equal(one, atom)), None)
        if found is None:
            return of_boolean(False)
        left.pop(found)
    return of_boolean(True)


def match_string(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """stringMatch: equal texts, or (deprecated) the second inside the first."""
    if any(one.is_null for one in operands):
        return NULL
    one, other = (_fold(str(operand.atoms[0]), node) for operand in operands)
    return of_boolean(other in one if node.get("substring") == "true" else one == other)


def find_substring(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """substring: the first text stands somewhere in the second."""
    if any(one.is_null for one in operands):
        return NULL
    one, other = (_fold(str(operand.atoms[0]), node) for operand in operands)
    return of_boolean(one in other)


def match_pattern(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """patternMatch: the whole text fits the pattern."""
    if operands[0].is_null:
        return NULL
    pattern = node.get("pattern", "")
    try:
        return of_boolean(re.fullmatch(pattern, str(operands[0].atoms[0])) is not None)
    except re.error as error:
        raise ScoringError(scope.item, "qti-pattern-match", f"pattern {pattern!r}: {error}") from error


def run_custom_operator(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """A few custom operators met in public banks; any other is an error."""
    definition = node.get("definition") or node.get("class") or ""
    name = re.split(r"[:./#]", definition)[-1].lower()
    if name not in ("trim", "toascii", "parsecommadecimal", "parsedecimal"):
        raise ScoringError(scope.item, "qti-custom-operator", f"{definition!r} is not known")
    if operands[0].is_null:
        return NULL
    text = str(operands[0].atoms[0])
    if name.startswith("parse"):
        return of_number(read_number(text))
    changed = text.strip() if name == "trim" else _to_ascii(text)
    return Value("single", "string", (changed,) if changed else ())


def _to_ascii(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))


def _fold(text: str, node: etree._Element) -> str:
    return text if node.get("case-sensitive", "true") == "true" else text.casefold()
