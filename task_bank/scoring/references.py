"""Expressions that read something: variables, right answers, defaults, constants, mapped points."""
import math
from decimal import Decimal
from fractions import Fraction

from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator
from task_bank.scoring.declarations import BASE_TYPES, read_verbatim
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, of_number, read_atom

CONSTANTS = {"pi": Fraction(Decimal(repr(math.pi))), "e": Fraction(Decimal(repr(math.e)))}


def build_variable(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """variable."""
    return compilation.variable(node, node.get("identifier", ""))


def build_correct(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """correct: the declared right answer, NULL where none is declared."""
    declared = compilation.declared(node)
    if declared is None:
        return compilation.undeclared(node)
    if declared.wrong_key:
        message = f"the right answer {declared.wrong_key!r} of {declared.identifier!r} is no {declared.base_type}"
        return compilation.reject(node, message)
    identifier = declared.identifier
    return lambda scope: scope.correct.get(identifier, NULL)


def build_default(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """default: the declared default value."""
    declared = compilation.declared(node)
    if declared is None:
        return compilation.undeclared(node)
    identifier = declared.identifier
    return lambda scope: scope.defaults.get(identifier, NULL)


def build_base_value(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """baseValue: a constant; an empty text is NULL."""
    base_type, text = node.get("base-type", ""), read_verbatim(node)
    if base_type not in BASE_TYPES:
        known = ", ".join(filter(None, BASE_TYPES))
        raise compilation.error(node, f"base-type {base_type!r} is not known; it is one of {known}")
    atom = read_atom(text, base_type)
    constant = NULL if atom is None else Value("single", base_type, (atom,))
    if atom is None and text.strip() not in ("", "NaN", "INF", "-INF"):
        return compilation.reject(node, f"{text.strip()!r} is no {base_type}")
    return lambda scope: constant


def build_null(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """null."""
    return lambda scope: NULL


def build_math_constant(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """mathConstant: pi or e."""
    name = node.get("name", "")
    if name not in CONSTANTS:
        raise compilation.error(node, f"constant {name!r} is not known")
    constant = of_number(CONSTANTS[name])
    return lambda scope: constant


def build_map_response(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """mapResponse: points by the mapping; without one 0, as every player has it, and a problem to tell of."""
    declared = compilation.declared(node)
    if declared is None:
        return compilation.undeclared(node)
    if declared.mapping is None:
        compilation.note(node, f"{declared.identifier!r} has no qti-mapping: every answer gets 0")
    identifier, mapping = declared.identifier, declared.mapping

    def evaluate(scope: Scope) -> Value:
        return of_number(0 if mapping is None else mapping.map_value(scope.values[identifier]))

    return evaluate


def build_map_response_point(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """mapResponsePoint: points by the areas hit; as mapResponse where there are none."""
    declared = compilation.declared(node)
    if declared is None:
        return compilation.undeclared(node)
    if declared.areas is None:
        compilation.note(node, f"{declared.identifier!r} has no qti-area-mapping: every answer gets 0")
    identifier, areas = declared.identifier, declared.areas

    def evaluate(scope: Scope) -> Value:
        return of_number(0 if areas is None else areas.map_points(scope.values[identifier]))

    return evaluate


REFERENCES = {
    "qti-variable": Operator(build_variable),
    "qti-correct": Operator(build_correct),
    "qti-default": Operator(build_default),
    "qti-base-value": Operator(build_base_value),
    "qti-null": Operator(build_null),
    "qti-math-constant": Operator(build_math_constant),
    "qti-map-response": Operator(build_map_response),
    "qti-map-response-point": Operator(build_map_response_point),
}
