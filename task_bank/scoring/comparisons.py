"""Expressions that compare numbers, durations and points. One NULL makes the result NULL."""
import operator
from collections.abc import Callable
from fractions import Fraction

from lxml import etree

from task_bank.scoring.arithmetic import Rounding, read_rounding
from task_bank.scoring.compilation import Compilation, Evaluate, Measure, Operator, of_two
from task_bank.scoring.declarations import is_true, read_area_of
from task_bank.scoring.numbers import Number, read_duration
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, of_boolean, to_number


def compare_numbers(compare: Callable[[Number, Number], bool]) -> Operator:
    """An operator that compares two single numbers."""

    def operation(one: Value, other: Value) -> Value:
        first, second = to_number(one), to_number(other)
        return NULL if first is None or second is None else of_boolean(compare(first, second))

    return of_two(operation)


def compare_durations(compare: Callable[[Number, Number], bool]) -> Operator:
    """An operator that compares two durations."""

    def operation(one: Value, other: Value) -> Value:
        first, second = _to_seconds(one), _to_seconds(other)
        return NULL if first is None or second is None else of_boolean(compare(first, second))

    return of_two(operation)


def _to_seconds(value: Value) -> Number | None:
    atom = value.atoms[0] if len(value.atoms) == 1 else None
    return read_duration(atom) if isinstance(atom, str) else to_number(value)


def build_equal(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """equal, exactly or with an absolute or relative (per cent) tolerance around the first value."""
    mode = node.get("tolerance-mode", "exact")
    if mode == "exact":
        return compare_numbers(operator.eq).build(node, operands, compilation)
    if mode not in ("absolute", "relative"):
        raise compilation.error(node, f"tolerance-mode {mode!r} is not known")
    below, above = _read_tolerance(node, compilation)
    with_low = is_true(node, "include-lower-bound", True, compilation.error)
    with_high = is_true(node, "include-upper-bound", True, compilation.error)
    (one, other), error = operands[:2], compilation.spot(node)

    def evaluate(scope: Scope) -> Value:
        first, second, down, up = to_number(one(scope)), to_number(other(scope)), below(scope), above(scope)
        if first is None or second is None or down is None or up is None:
            return NULL
        if down < 0 or up < 0:
            raise error("tolerance is negative")
        # To the letter of the standard, x * (1 - t / 100) to x * (1 + t / 100) is empty for a negative x.
        unit = Fraction(first, 100) if mode == "relative" else 1
        return of_boolean(_lies_between(second, first - down * unit, first + up * unit, with_low, with_high))

    return evaluate


def _lies_between(number: Number, low: Number, high: Number, with_low: bool, with_high: bool) -> bool:
    return (low < number or with_low and low == number) and (number < high or with_high and number == high)


def _read_tolerance(node: etree._Element, compilation: Compilation) -> tuple[Measure, Measure]:
    words = node.get("tolerance", "").split()
    if not 1 <= len(words) <= 2:
        raise compilation.error(node, "tolerance needs one or two numbers")
    measures = [compilation.measure_text(node, word, "tolerance") for word in words]
    return measures[0], measures[-1]


def build_equal_rounded(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """equalRounded: equal after rounding both."""
    rounding: Callable[[Scope], Rounding | None] = read_rounding(node, compilation)
    one, other = operands[:2]

    def evaluate(scope: Scope) -> Value:
        first, second, round_it = to_number(one(scope)), to_number(other(scope)), rounding(scope)
        if first is None or second is None or round_it is None:
            return NULL
        return of_boolean(round_it(first) == round_it(second))

    return evaluate


def build_inside(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """inside: whether the point, or any point of a container, lies in the area."""
    area = read_area_of(node, compilation.error)
    points = operands[0]

    def evaluate(scope: Scope) -> Value:
        atoms = points(scope).atoms
        return of_boolean(any(map(area.holds, atoms))) if atoms else NULL

    return evaluate


COMPARISONS = {
    "qti-lt": compare_numbers(operator.lt),
    "qti-lte": compare_numbers(operator.le),
    "qti-gt": compare_numbers(operator.gt),
    "qti-gte": compare_numbers(operator.ge),
    "qti-duration-lt": compare_durations(operator.lt),
    "qti-duration-gte": compare_durations(operator.ge),
    "qti-equal": Operator(build_equal, 2, 2),
    "qti-equal-rounded": Operator(build_equal_rounded, 2, 2),
    "qti-inside": Operator(build_inside, 1, 1),
}
