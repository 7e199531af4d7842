"""Functions of mathOperator and statsOperator. Outside a function's domain the result is NULL."""
import math
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator
from task_bank.scoring.numbers import Number, of_float
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, of_number, to_number, to_numbers

_ROOT = Context(prec=40)

# What QTI's information model lists for mathOperator; reciprocal functions are NULL where their divisor is 0.
FLOATS: dict[str, Callable[[float], float]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "sec": lambda x: 1 / math.cos(x), "csc": lambda x: 1 / math.sin(x), "cot": lambda x: 1 / math.tan(x),
    "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "asec": lambda x: math.acos(1 / x), "acsc": lambda x: math.asin(1 / x),
    "acot": lambda x: math.atan(1 / x) if x else math.pi / 2,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "sech": lambda x: 1 / math.cosh(x), "csch": lambda x: 1 / math.sinh(x), "coth": lambda x: 1 / math.tanh(x),
    "log": math.log10, "ln": math.log, "exp": math.exp,
    "toDegrees": math.degrees, "toRadians": math.radians,
}
EXACT: dict[str, Callable[[Any], int]] = {
    "floor": math.floor, "ceil": math.ceil, "signum": lambda number: (number > 0) - (number < 0),
}


def build_math_operator(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """mathOperator: one function of a number, atan2 of two."""
    name = node.get("name", "")
    compute = _find_function(name)
    if compute is None:
        raise compilation.error(node, f"function {name!r} is not known")
    wanted = 2 if name == "atan2" else 1
    if len(operands) < wanted:
        raise compilation.error(node, f"{name} needs {wanted} expressions inside")

    def evaluate(scope: Scope) -> Value:
        values = [operand(scope) for operand in operands[:wanted]]
        numbers = [number for number in map(to_number, values) if number is not None]
        return compute(values[0].base_type, *numbers) if len(numbers) == wanted else NULL

    return evaluate


def _find_function(name: str) -> Callable[..., Value] | None:
    if name in EXACT:
        return lambda base_type, number: of_number(EXACT[name](number), "integer")
    if name == "abs":
        return lambda base_type, number: of_number(abs(number), base_type or "float")
    if name == "atan2":
        return lambda base_type, one, other: of_number(of_float(lambda: math.atan2(one, other)))
    if name in FLOATS:
        return lambda base_type, number: of_number(of_float(lambda: FLOATS[name](float(number))))
    return None


def build_stats_operator(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """statsOperator: mean, variance or standard deviation of a container."""
    name = node.get("name", "")
    if name not in STATISTICS:
        raise compilation.error(node, f"function {name!r} is not known")
    compute = STATISTICS[name]

    def evaluate(scope: Scope) -> Value:
        numbers = to_numbers([operand(scope) for operand in operands])
        return of_number(compute(numbers)) if numbers else NULL

    return evaluate


def mean(numbers: list[Number]) -> Number:
    """Mean of one number or more."""
    return Fraction(sum(numbers)) / len(numbers)


def population_variance(numbers: list[Number]) -> Number:
    """Mean square of the distance from the mean."""
    return _squares(numbers) / len(numbers)


def sample_variance(numbers: list[Number]) -> Number | None:
    """As population_variance with one less in the divisor; NULL for a single number."""
    return _squares(numbers) / (len(numbers) - 1) if len(numbers) > 1 else None


def _squares(numbers: list[Number]) -> Fraction:
    middle = mean(numbers)
    return Fraction(sum((number - middle) * (number - middle) for number in numbers))


def square_root(number: Number | None) -> Number | None:
    """A square root: exact where there is one, else to 40 digits."""
    if number is None:
        return None
    high, low = math.isqrt(number.numerator), math.isqrt(number.denominator)
    if high * high == number.numerator and low * low == number.denominator:
        return Fraction(high, low)
    quotient = _ROOT.divide(Decimal(number.numerator), Decimal(number.denominator))
    return Fraction(_ROOT.sqrt(quotient))


STATISTICS: dict[str, Callable[[list[Number]], Number | None]] = {
    "mean": mean,
    "popVariance": population_variance,
    "popSD": lambda numbers: square_root(population_variance(numbers)),
    "sampleVariance": sample_variance,
    "sampleSD": lambda numbers: square_root(sample_variance(numbers)),
}

MATHEMATICS = {
    "qti-math-operator": Operator(build_math_operator, 1, 2),
    "qti-stats-operator": Operator(build_stats_operator, 1),
}
