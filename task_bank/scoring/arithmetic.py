"""Expressions that compute, in exact numbers: one NULL makes the result NULL, as does what has no number."""
import math
from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator, of_all, of_one, of_two
from task_bank.scoring.numbers import Number, of_float
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, of_number, to_number, to_numbers

Rounding = Callable[[Number], Number]
MOST_BITS = 20_000  # of an exact power; beyond it a double is exact enough, or cannot hold it
MOST_FIGURES = 400


def fold_numbers(combine: Callable[[list[Number]], Number | None]) -> Operator:
    """An operator over all numbers of all its values, containers included; integers give an integer."""

    def operation(values: list[Value]) -> Value:
        numbers = to_numbers(values)
        if numbers is None:
            return NULL
        whole = all(value.base_type == "integer" for value in values)
        return of_number(combine(numbers), "integer" if whole else "float")

    return of_all(operation)


def combine_two(combine: Callable[[Number, Number], Number | None], base_type: str = "") -> Operator:
    """An operator over two single numbers; without a base type integers give an integer."""

    def operation(one: Value, other: Value) -> Value:
        first, second = to_number(one), to_number(other)
        if first is None or second is None:
            return NULL
        whole = one.base_type == other.base_type == "integer"
        return of_number(combine(first, second), base_type or ("integer" if whole else "float"))

    return of_two(operation)


def change_one(change: Callable[[Number], Number], base_type: str) -> Operator:
    """An operator over one number."""

    def operation(value: Value) -> Value:
        number = to_number(value)
        return NULL if number is None else of_number(change(number), base_type)

    return of_one(operation)


def divide(one: Number, other: Number) -> Number | None:
    """divide; NULL by zero."""
    return Fraction(one) / other if other else None


def divide_whole(one: Number, other: Number) -> Number | None:
    """integerDivide, rounded down; NULL by zero."""
    return one // other if other else None


def remainder(one: Number, other: Number) -> Number | None:
    """integerModulus: x - y * floor(x / y); NULL by zero."""
    return one - other * (one // other) if other else None


def raise_to(one: Number, other: Number) -> Number | None:
    """power; NULL where there is no such real number or no double could hold it."""
    if one == 0 and other < 0:
        return None
    if isinstance(other, int) and _bits(one) * abs(other) <= MOST_BITS:
        return Fraction(one) ** other
    if one < 0 and isinstance(other, Fraction):
        return None
    return of_float(lambda: math.pow(one, other))


def _bits(number: Number) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def round_half_up(number: Number) -> Number:
    """round: the nearest whole number, halves towards positive infinity."""
    return math.floor(number + Fraction(1, 2))


def greatest_divisor(numbers: list[Number]) -> Number | None:
    """gcd of whole numbers; NULL for any other."""
    return math.gcd(*numbers) if all(isinstance(one, int) for one in numbers) else None  # type: ignore[arg-type]


def least_multiple(numbers: list[Number]) -> Number | None:
    """lcm of whole numbers, 0 when one is 0; NULL for any other."""
    return math.lcm(*numbers) if all(isinstance(one, int) for one in numbers) else None  # type: ignore[arg-type]


def multiply(numbers: list[Number]) -> Number:
    """product."""
    return reduce(lambda one, other: one * other, numbers)


def build_round_to(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """roundTo significant figures or decimal places."""
    rounding, value = read_rounding(node, compilation), operands[0]

    def evaluate(scope: Scope) -> Value:
        number, round_it = to_number(value(scope)), rounding(scope)
        return NULL if number is None or round_it is None else of_number(round_it(number))

    return evaluate


def read_rounding(node: etree._Element, compilation: Compilation) -> Callable[[Scope], Rounding | None]:
    """The rounding an element asks for by rounding-mode and figures; None where there is no such rounding.

    The deciding digit is looked at without the sign: 5 and more round away from zero. Without figures there are
    three of them.
    """
    mode = node.get("rounding-mode", "significantFigures")
    if mode not in ("significantFigures", "decimalPlaces"):
        raise compilation.error(node, f"rounding-mode {mode!r} is not known")
    figures = compilation.measure_whole(node, "figures", "3")
    by_figures, error = mode == "significantFigures", compilation.spot(node)

    def read(scope: Scope) -> Rounding | None:
        wanted = figures(scope)
        if wanted is None or wanted < (1 if by_figures else 0):
            return None
        if wanted > MOST_FIGURES:
            raise error(f"figures {wanted} is out of range")
        return lambda number: round_number(number, wanted, by_figures)

    return read


def round_number(number: Number, figures: int, by_figures: bool) -> Number:
    """A number rounded to figures or to decimal places, halves away from zero."""
    if number == 0:
        return number
    size = number if number > 0 else -number
    scale = Fraction(10) ** (figures - 1 - _exponent(size) if by_figures else figures)
    whole = math.floor(size * scale + Fraction(1, 2))
    return whole / scale if number > 0 else -whole / scale


def _exponent(number: Number) -> int:
    """Power of ten of the first digit of a positive number."""
    guess = len(str(number.numerator)) - len(str(number.denominator))
    return guess if number >= Fraction(10) ** guess else guess - 1


ARITHMETIC = {
    "qti-sum": fold_numbers(sum),
    "qti-product": fold_numbers(multiply),
    "qti-min": fold_numbers(min),
    "qti-max": fold_numbers(max),
    "qti-gcd": fold_numbers(greatest_divisor),
    "qti-lcm": fold_numbers(least_multiple),
    "qti-subtract": combine_two(lambda one, other: one - other),
    "qti-divide": combine_two(divide, "float"),
    "qti-power": combine_two(raise_to, "float"),
    "qti-integer-divide": combine_two(divide_whole, "integer"),
    "qti-integer-modulus": combine_two(remainder, "integer"),
    "qti-truncate": change_one(math.trunc, "integer"),
    "qti-round": change_one(round_half_up, "integer"),
    "qti-integer-to-float": change_one(lambda number: number, "float"),
    "qti-round-to": Operator(build_round_to, 1),
}
