"""Expressions about numbers, in exact fractions: operands in, a value out; one NULL makes the result NULL."""
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from lxml import etree

from task_bank.scoring.declarations import ScoringError
from task_bank.scoring.logic import Operands
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, of_boolean, of_number, to_number, to_numbers

Operation = Callable[[etree._Element, Operands, Scope], Value]
LARGEST_POWER = 1000


def fold_numbers(combine: Callable[[list[Fraction]], Fraction]) -> Operation:
    """An operation over all numbers of all operands, containers included."""

    def operate(node: etree._Element, operands: Operands, scope: Scope) -> Value:
        numbers = [number for operand in operands for number in to_numbers(operand)]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers) or not known:
            return NULL
        return of_number(combine(known), _common_type(operands))

    return operate


def combine_two(combine: Callable[[Fraction, Fraction], Fraction | None], base_type: str = "float") -> Operation:
    """An operation over two single numbers."""

    def operate(node: etree._Element, operands: Operands, scope: Scope) -> Value:
        one, other = to_number(operands[0]), to_number(operands[1])
        return NULL if one is None or other is None else of_number(combine(one, other), base_type)

    return operate


def compare_two(compare: Callable[[Fraction, Fraction], bool]) -> Operation:
    """A comparison of two single numbers."""

    def operate(node: etree._Element, operands: Operands, scope: Scope) -> Value:
        one, other = to_number(operands[0]), to_number(operands[1])
        return NULL if one is None or other is None else of_boolean(compare(one, other))

    return operate


def change_one(change: Callable[[Fraction], Fraction | int], base_type: str) -> Operation:
    """An operation over one number."""

    def operate(node: etree._Element, operands: Operands, scope: Scope) -> Value:
        number = to_number(operands[0])
        return NULL if number is None else of_number(change(number), base_type)

    return operate


def divide(one: Fraction, other: Fraction) -> Fraction | None:
    """Division; NULL by zero."""
    return one / other if other else None


def divide_whole(one: Fraction, other: Fraction) -> Fraction | None:
    """Whole division, rounded down; NULL by zero."""
    return Fraction(one // other) if other else None


def remainder(one: Fraction, other: Fraction) -> Fraction | None:
    """Remainder of whole division; NULL by zero."""
    return one - other * (one // other) if other else None


def raise_to(one: Fraction, other: Fraction) -> Fraction | None:
    """Power; NULL where there is no such real number or it is out of any sensible range."""
    if abs(other) > LARGEST_POWER or (one == 0 and other < 0):
        return None
    if other.denominator == 1:
        return one ** int(other)
    if one < 0:
        return None
    return Fraction(Decimal(repr(float(one) ** float(other))))


def equal(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """equal, with exact, absolute or relative tolerance."""
    one, other = to_number(operands[0]), to_number(operands[1])
    if one is None or other is None:
        return NULL
    mode = node.get("tolerance-mode", "exact")
    if mode == "exact":
        return of_boolean(one == other)
    below, above = _read_tolerance(node, scope)
    if mode == "relative":
        below, above = abs(one) * below / 100, abs(one) * above / 100
    low = one - below < other or (node.get("include-lower-bound") != "false" and one - below == other)
    high = other < one + above or (node.get("include-upper-bound") != "false" and one + above == other)
    return of_boolean(low and high)


def equal_rounded(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """equalRounded: equal after rounding both."""
    one, other = to_number(operands[0]), to_number(operands[1])
    if one is None or other is None:
        return NULL
    return of_boolean(_round_as(node, one, scope) == _round_as(node, other, scope))


def round_to(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """roundTo significant figures or decimal places."""
    number = to_number(operands[0])
    return NULL if number is None else of_number(_round_as(node, number, scope))


def round_half_up(number: Fraction) -> int:
    """The nearest whole number, halves upwards."""
    return math.floor(number + Fraction(1, 2))


def greatest_divisor(numbers: list[Fraction]) -> Fraction:
    """gcd of whole numbers."""
    return Fraction(math.gcd(*map(int, numbers)))


def least_multiple(numbers: list[Fraction]) -> Fraction:
    """lcm of whole numbers."""
    return Fraction(math.lcm(*map(int, numbers)))


def multiply(numbers: list[Fraction]) -> Fraction:
    """Product."""
    return reduce(lambda one, other: one * other, numbers)


def _round_as(node: etree._Element, number: Fraction, scope: Scope) -> Fraction:
    figures = int(scope.number_of(node.get("figures", "3"), "qti-round-to"))
    if not -100 <= figures <= 100:
        raise ScoringError(scope.item, "qti-round-to", f"figures {figures} is out of range")
    if node.get("rounding-mode", "significantFigures") == "decimalPlaces":
        places = figures
    elif number == 0:
        return number
    else:
        places = figures - 1 - _exponent(abs(number))
    scale = Fraction(10) ** places
    return Fraction(round_half_up(number * scale)) / scale


def _exponent(number: Fraction) -> int:
    """Power of ten of the first digit."""
    guess = len(str(number.numerator)) - len(str(number.denominator))
    return guess if number >= Fraction(10) ** guess else guess - 1


def _read_tolerance(node: etree._Element, scope: Scope) -> tuple[Fraction, Fraction]:
    numbers = [scope.number_of(part, "qti-equal") for part in node.get("tolerance", "").split()]
    if not 1 <= len(numbers) <= 2 or min(numbers) < 0:
        raise ScoringError(scope.item, "qti-equal", "tolerance is missing or negative")
    return numbers[0], numbers[-1]


def _common_type(operands: Operands) -> str:
    return "integer" if all(one.base_type == "integer" for one in operands) else "float"
