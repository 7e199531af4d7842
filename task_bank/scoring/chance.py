"""Expressions of chance. The generator comes with the scope: the same seed gives the same values."""
from decimal import Decimal
from fractions import Fraction
from random import Random

from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, of_number


def build_random(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """random: one value of a container; NULL of NULL."""
    compilation.needs_chance = True
    container = operands[0]

    def evaluate(scope: Scope) -> Value:
        value = container(scope)
        return Value("single", value.base_type, (_chance(scope).choice(value.atoms),)) if value.atoms else NULL

    return evaluate


def build_random_integer(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """randomInteger: min + step * n, not above max."""
    compilation.needs_chance = True
    least = compilation.measure_whole(node, "min", "0")
    most, step = compilation.measure_whole(node, "max"), compilation.measure_whole(node, "step", "1")
    error = compilation.spot(node)

    def evaluate(scope: Scope) -> Value:
        low, high, by = least(scope), most(scope), step(scope)
        if low is None or high is None or by is None:
            return NULL
        if by < 1 or high < low:
            raise error(f"there is no number from {low} to {high} by {by}")
        return of_number(low + by * _chance(scope).randint(0, (high - low) // by), "integer")

    return evaluate


def build_random_float(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """randomFloat between min and max."""
    compilation.needs_chance = True
    least, most = compilation.measure(node, "min", "0"), compilation.measure(node, "max")

    def evaluate(scope: Scope) -> Value:
        low, high = least(scope), most(scope)
        if low is None or high is None:
            return NULL
        share = Fraction(Decimal(repr(_chance(scope).random())))
        return of_number(low + (high - low) * share)

    return evaluate


def _chance(scope: Scope) -> Random:
    assert scope.chance is not None  # whoever runs rules that need chance brings it
    return scope.chance


CHANCE = {
    "qti-random": Operator(build_random, 1),
    "qti-random-integer": Operator(build_random_integer),
    "qti-random-float": Operator(build_random_float),
}
