"""Response rules: takes the rules of an item and its variables, changes the outcomes as the rules say."""
from collections.abc import Iterable
from fractions import Fraction

from lxml import etree

from task_bank.items.xml import find_children, local_name
from task_bank.scoring.declarations import Declaration, ScoringError
from task_bank.scoring.expressions import EXPRESSIONS, evaluate
from task_bank.scoring.scope import Scope, of_attribute
from task_bank.scoring.values import NULL, Value, match_values, of_number, read_atom, to_number, to_truth

CONDITION, FRAGMENT, EXIT = "qti-response-condition", "qti-response-processing-fragment", "qti-exit-response"
SET, LOOKUP = "qti-set-outcome-value", "qti-lookup-outcome-value"
BRANCHES = ("qti-response-if", "qti-response-else-if", "qti-response-else")
RULES = (CONDITION, FRAGMENT, EXIT, SET, LOOKUP)

MATCH, MAP, MAP_POINT = "match_correct", "map_response", "map_response_point"
TEMPLATES = {
    "match_correct": MATCH,
    "cc2_match": MATCH,
    "map_response": MAP,
    "map_response_point": MAP_POINT,
    "cc2_match_basic": "cc2_match_basic",
    "cc2_map_response": "cc2_map_response",
}

BUILT_IN_OUTCOMES = {"completionStatus": Declaration("completionStatus", "single", "identifier")}


class ExitResponse(Exception):
    """The rule exit-response was met; nothing after it runs."""


def check_rules(rules: Iterable[etree._Element], item: str) -> None:
    """Refuse rules and expressions that are unknown or out of place, before any of them runs.

    Raises ScoringError naming the element.
    """
    for child in rules:
        name = local_name(child)
        if name in (CONDITION, FRAGMENT):
            check_branches(child, item) if name == CONDITION else check_rules(child, item)
        elif name in (SET, LOOKUP):
            check_expressions(child, item)
        elif name and name != EXIT:
            raise ScoringError(item, name, "is not a rule this system scores")


def check_branches(condition: etree._Element, item: str) -> None:
    """if first, else-if after it, else last. Raises ScoringError."""
    branches = [child for child in condition if local_name(child)]
    if not branches:
        raise ScoringError(item, CONDITION, "is empty")
    for place, branch in enumerate(branches):
        name = local_name(branch)
        first, last = place == 0, place == len(branches) - 1
        if name not in BRANCHES or (name == BRANCHES[0]) != first or (name == BRANCHES[2] and not last):
            raise ScoringError(item, name, "stands at a wrong place in a condition")
        inside = [child for child in branch if local_name(child)]
        conditions = inside[:1] if name != BRANCHES[2] else []
        if name != BRANCHES[2] and not inside:
            raise ScoringError(item, name, "has no condition")
        check_expressions(conditions, item)
        check_rules(inside[len(conditions):], item)


def check_expressions(nodes: Iterable[etree._Element], item: str) -> None:
    """Every expression must be known, and all inside it. Raises ScoringError."""
    for node in nodes:
        name = local_name(node)
        if name and name not in EXPRESSIONS:
            raise ScoringError(item, name, "is not an expression this system scores")
        if name:
            check_expressions(node, item)


def run_rules(rules: Iterable[etree._Element], scope: Scope) -> None:
    """Run rules one after another. Raises ScoringError, ExitResponse."""
    for rule in rules:
        name = local_name(rule)
        if name == EXIT:
            raise ExitResponse
        if name == CONDITION:
            _run_condition(rule, scope)
        elif name == FRAGMENT:
            run_rules(rule, scope)
        elif name in (SET, LOOKUP):
            _set_outcome(rule, scope)


def _run_condition(condition: etree._Element, scope: Scope) -> None:
    for branch in condition:
        inside = [child for child in branch if local_name(child)]
        if local_name(branch) == BRANCHES[2]:
            return run_rules(inside, scope)
        if local_name(branch) and to_truth(evaluate(inside[0], scope)):
            return run_rules(inside[1:], scope)


def _set_outcome(rule: etree._Element, scope: Scope) -> None:
    name, identifier = local_name(rule), rule.get("identifier", "")
    declared = scope.declared_outcomes.get(identifier) or BUILT_IN_OUTCOMES.get(identifier)
    if declared is None:
        raise ScoringError(scope.item, name, f"outcome {identifier!r} is not declared")
    expressions = [child for child in rule if local_name(child)]
    if len(expressions) != 1:
        raise ScoringError(scope.item, name, "needs one expression inside")
    value = evaluate(expressions[0], scope)
    if name == LOOKUP:
        value = look_up(declared, to_number(value), scope)
    scope.outcomes[identifier] = Value(declared.cardinality, declared.base_type or value.base_type, value.atoms)


def look_up(declared: Declaration, number: Fraction | None, scope: Scope) -> Value:
    """The target of the first fitting line of an outcome's table, else the table's default."""
    table = declared.table
    if table is None:
        raise ScoringError(scope.item, LOOKUP, f"outcome {declared.identifier!r} has no table")
    for entry in [child for child in table if local_name(child)]:
        if number is not None and _fits(entry, number):
            return _read_target(entry.get("target-value", ""), declared)
    return _read_target(table.get("default-value", ""), declared)


def _fits(entry: etree._Element, number: Fraction) -> bool:
    source = of_attribute(entry.get("source-value", "")) or Fraction(0)
    if local_name(entry) == "qti-match-table-entry":
        return number == source
    return number > source or (number == source and entry.get("include-boundary", "true") != "false")


def _read_target(text: str, declared: Declaration) -> Value:
    atom = read_atom(text, declared.base_type)
    return NULL if atom is None else Value("single", declared.base_type, (atom,))


def run_template(address: str, scope: Scope) -> None:
    """Run a standard template by its address, whichever of the published addresses it is.

    Raises ScoringError for an unknown template or an item without RESPONSE.
    """
    stem = address.rstrip("/").split("/")[-1].removesuffix(".xml").lower()
    if stem not in TEMPLATES:
        raise ScoringError(scope.item, "qti-response-processing", f"template {address!r} is not known")
    kind = TEMPLATES[stem]
    response = scope.variable("RESPONSE", "qti-response-processing")
    if kind in (MATCH, "cc2_match_basic"):
        _score_match(kind, response, scope)
    else:
        _score_map(kind, response, scope)


def _score_match(kind: str, response: Value, scope: Scope) -> None:
    correct = scope.declaration("RESPONSE", "qti-response-processing").correct
    right = bool(match_values(response, correct))
    full = to_number(scope.outcomes["MAXSCORE"]) if kind != MATCH and "MAXSCORE" in scope.outcomes else None
    _store("SCORE", of_number((full if full is not None else 1) if right else 0), scope)
    if kind != MATCH:
        _tell("FEEDBACKBASIC", right, scope)


def _score_map(kind: str, response: Value, scope: Scope) -> None:
    declared = scope.declaration("RESPONSE", "qti-response-processing")
    expression = etree.Element("qti-map-response-point" if kind == MAP_POINT else "qti-map-response")
    expression.set("identifier", declared.identifier)
    score = of_number(0) if response.is_null else evaluate(expression, scope)
    _store("SCORE", score, scope)
    if kind == "cc2_map_response" and "MAXSCORE" in scope.outcomes:
        _tell("FEEDBACK", to_number(score) == to_number(scope.outcomes["MAXSCORE"]), scope)


def _tell(identifier: str, right: bool, scope: Scope) -> None:
    _store(identifier, Value("single", "identifier", ("correct" if right else "incorrect",)), scope)


def _store(identifier: str, value: Value, scope: Scope) -> None:
    declared = scope.declared_outcomes.get(identifier)
    if declared is not None:
        scope.outcomes[identifier] = Value(declared.cardinality, declared.base_type, value.atoms)


def find_rules(root: etree._Element) -> etree._Element | None:
    """The response processing of an item, None without one."""
    return next(iter(find_children(root, "qti-response-processing")), None)
