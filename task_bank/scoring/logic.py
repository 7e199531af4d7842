"""Expressions about truth: three values, true, false and NULL, as the standard has them."""
from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator, of_one, of_two
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, match_values, of_boolean


def is_null(value: Value) -> Value:
    """isNull: true for NULL, an empty text, an empty container."""
    return of_boolean(not value.atoms)


def match(one: Value, other: Value) -> Value:
    """match: the same value or container."""
    return of_boolean(match_values(one, other))


def build_not(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """not: NULL stays NULL."""
    truth = compilation.truth_of(node, operands[0])

    def evaluate(scope: Scope) -> Value:
        found = truth(scope)
        return NULL if found is None else of_boolean(not found)

    return evaluate


def build_and(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """and: one false decides, else one NULL makes it NULL."""
    return _build_decided_by(False, node, operands, compilation)


def build_or(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """or: one true decides, else one NULL makes it NULL."""
    return _build_decided_by(True, node, operands, compilation)


def _build_decided_by(
    deciding: bool, node: etree._Element, operands: list[Evaluate], compilation: Compilation
) -> Evaluate:
    truths = [compilation.truth_of(node, operand) for operand in operands]
    decided, otherwise = of_boolean(deciding), of_boolean(not deciding)

    def evaluate(scope: Scope) -> Value:
        result = otherwise
        for truth in truths:
            found = truth(scope)
            if found is deciding:
                return decided
            if found is None:
                result = NULL
        return result

    return evaluate


def build_any_n(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """anyN: true when at least min and at most max are true; NULL while the unknown ones could still decide."""
    least = compilation.measure_whole(node, "min")
    most = compilation.measure_whole(node, "max")
    truths = [compilation.truth_of(node, operand) for operand in operands]

    def evaluate(scope: Scope) -> Value:
        low, high = least(scope), most(scope)
        found = [truth(scope) for truth in truths]
        return NULL if low is None or high is None else of_boolean(_count(found, low, high))

    return evaluate


def _count(truths: list[bool | None], least: int, most: int) -> bool | None:
    surely = truths.count(True)
    maybe = surely + truths.count(None)
    if maybe < least or surely > most or least > most:
        return False
    return True if surely >= least and maybe <= most else None


LOGIC = {
    "qti-is-null": of_one(is_null),
    "qti-match": of_two(match),
    "qti-not": Operator(build_not, 1, 1),
    "qti-and": Operator(build_and, 1),
    "qti-or": Operator(build_or, 1),
    "qti-any-n": Operator(build_any_n, 1),
}
