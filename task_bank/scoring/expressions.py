"""Evaluation of QTI expressions: takes an element and the variables, gives a value."""
import math
from fractions import Fraction

from lxml import etree

from task_bank.items.xml import local_name
from task_bank.scoring import arithmetic, logic
from task_bank.scoring.areas import is_inside, map_points
from task_bank.scoring.arithmetic import Operation, change_one, combine_two, compare_two, fold_numbers
from task_bank.scoring.declarations import ScoringError, read_verbatim
from task_bank.scoring.logic import Operands
from task_bank.scoring.scope import Scope, of_attribute
from task_bank.scoring.values import NULL, Value, of_boolean, of_number, read_atom


def evaluate(node: etree._Element, scope: Scope) -> Value:
    """The value of an expression. Raises ScoringError naming the element it cannot evaluate."""
    name = local_name(node)
    operation = EXPRESSIONS.get(name)
    if operation is None:
        raise ScoringError(scope.item, name, "is not an expression this system scores")
    operands = [evaluate(child, scope) for child in node if local_name(child)]
    if len(operands) < OPERANDS.get(name, 0):
        raise ScoringError(scope.item, name, f"needs {OPERANDS[name]} expressions inside")
    return operation(node, operands, scope)


def read_variable(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """variable."""
    return scope.variable(node.get("identifier", ""), "qti-variable")


def read_correct(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """correct: the declared right answer, NULL where none is declared."""
    return scope.declaration(node.get("identifier", ""), "qti-correct").correct


def read_default(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """default: the declared default value."""
    return scope.declaration(node.get("identifier", ""), "qti-default").default


def read_base_value(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """baseValue: a constant."""
    base_type = node.get("base-type", "")
    atom = read_atom(read_verbatim(node), base_type)
    return NULL if atom is None else Value("single", base_type, (atom,))


def read_null(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """null."""
    return NULL


def read_constant(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """mathConstant: pi or e."""
    known = {"pi": math.pi, "e": math.e}
    name = node.get("name", "")
    if name not in known:
        raise ScoringError(scope.item, "qti-math-constant", f"{name!r} is not known")
    return of_number(Fraction(repr(known[name])))


def map_response(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """mapResponse: points by the mapping; 0 where there is no mapping."""
    identifier = node.get("identifier", "")
    mapping = scope.declaration(identifier, "qti-map-response").mapping
    value = scope.variable(identifier, "qti-map-response")
    return of_number(Fraction(0) if mapping is None else mapping.map_value(value))


def map_response_point(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """mapResponsePoint: points by the areas hit; 0 where there are none."""
    identifier = node.get("identifier", "")
    areas = scope.declaration(identifier, "qti-map-response-point").areas
    return of_number(map_points(scope.variable(identifier, "qti-map-response-point"), areas or ()))


def lie_inside(node: etree._Element, operands: Operands, scope: Scope) -> Value:
    """inside: whether any of the points lies in the area."""
    if operands[0].is_null:
        return NULL
    coords = tuple(of_attribute(part) or Fraction(0) for part in node.get("coords", "").split(",") if part)
    shape = node.get("shape", "default")
    return of_boolean(any(is_inside(point, shape, coords) for point in operands[0].atoms))


EXPRESSIONS: dict[str, Operation] = {
    "qti-variable": read_variable,
    "qti-correct": read_correct,
    "qti-default": read_default,
    "qti-base-value": read_base_value,
    "qti-null": read_null,
    "qti-math-constant": read_constant,
    "qti-map-response": map_response,
    "qti-map-response-point": map_response_point,
    "qti-inside": lie_inside,
    "qti-is-null": logic.is_null,
    "qti-not": logic.negate,
    "qti-and": logic.all_true,
    "qti-or": logic.any_true,
    "qti-any-n": logic.any_n_true,
    "qti-match": logic.match,
    "qti-multiple": logic.collect_multiple,
    "qti-ordered": logic.collect_ordered,
    "qti-container-size": logic.container_size,
    "qti-index": logic.pick_index,
    "qti-member": logic.is_member,
    "qti-delete": logic.delete,
    "qti-contains": logic.contains,
    "qti-string-match": logic.match_string,
    "qti-substring": logic.find_substring,
    "qti-pattern-match": logic.match_pattern,
    "qti-custom-operator": logic.run_custom_operator,
    "qti-equal": arithmetic.equal,
    "qti-equal-rounded": arithmetic.equal_rounded,
    "qti-lt": compare_two(lambda one, other: one < other),
    "qti-lte": compare_two(lambda one, other: one <= other),
    "qti-gt": compare_two(lambda one, other: one > other),
    "qti-gte": compare_two(lambda one, other: one >= other),
    "qti-sum": fold_numbers(lambda numbers: sum(numbers, Fraction(0))),
    "qti-product": fold_numbers(arithmetic.multiply),
    "qti-min": fold_numbers(min),
    "qti-max": fold_numbers(max),
    "qti-gcd": fold_numbers(arithmetic.greatest_divisor),
    "qti-lcm": fold_numbers(arithmetic.least_multiple),
    "qti-subtract": combine_two(lambda one, other: one - other),
    "qti-divide": combine_two(arithmetic.divide),
    "qti-power": combine_two(arithmetic.raise_to),
    "qti-integer-divide": combine_two(arithmetic.divide_whole, "integer"),
    "qti-integer-modulus": combine_two(arithmetic.remainder, "integer"),
    "qti-truncate": change_one(math.trunc, "integer"),
    "qti-round": change_one(arithmetic.round_half_up, "integer"),
    "qti-integer-to-float": change_one(lambda number: number, "float"),
    "qti-round-to": arithmetic.round_to,
}

OPERANDS = {
    **{f"qti-{name}": 1 for name in (
        "is-null not container-size index pattern-match truncate round round-to integer-to-float inside "
        "custom-operator"
    ).split()},
    **{f"qti-{name}": 2 for name in (
        "match member delete contains string-match substring equal equal-rounded lt lte gt gte subtract divide "
        "power integer-divide integer-modulus"
    ).split()},
}
