"""Template processing: takes a template item and chance, gives its variables, right answers and defaults.

QTI 3.0 information model, TemplateProcessing. The result is what makes one plain parallel item of a template.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from lxml import etree

from task_bank.items.xml import find_children
from task_bank.scoring.compilation import Compilation
from task_bank.scoring.declarations import (
    Declaration, Place, correct_values, default_values, read_declarations, start_values)
from task_bank.scoring.errors import ScoringError
from task_bank.scoring.expressions import EXPRESSIONS
from task_bank.scoring.rules import (
    Dialect, ExitProcessing, Run, build_set_value, compile_only_expression, compile_rules, fit)
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import Value

MOST_TRIES = 1000


@dataclass(frozen=True)
class Materialised:
    """What template processing gave: values of template variables, and the right answers and defaults it changed.

    `values` has every template variable; `correct` and `defaults` only what a rule set. All by identifier.
    """

    values: Mapping[str, Value]
    correct: Mapping[str, Value]
    defaults: Mapping[str, Value]


class ConstraintBroken(Exception):
    """A template constraint is not true; processing starts again."""


@dataclass(frozen=True)
class TemplateRules:
    """Compiled template processing of one item. `error` is for constraints that are never met."""

    run: Run
    variables: Mapping[str, Declaration]
    error: Callable[[str], ScoringError]

    def materialise(self, chance: Random) -> Materialised:
        """Run the rules until every constraint is met. Raises ScoringError, also when that never happens."""
        start, correct = start_values(self.variables), correct_values(self.variables)
        defaults = default_values(self.variables)
        for _ in range(MOST_TRIES):
            scope = Scope(dict(start), correct, defaults, chance)
            try:
                self.run(scope)
            except ExitProcessing:
                pass
            except ConstraintBroken:
                continue
            return Materialised(
                template_values(self.variables, scope.values), _changed(scope.correct, correct),
                _changed(scope.defaults, defaults))
        raise self.error(f"no values meet its constraints in {MOST_TRIES} tries")


def run_template_processing(root: etree._Element, random: Random, file: str | None = None) -> Materialised:
    """Variables of a template item as this chance gives them; without template processing the declared defaults.

    Raises ScoringError naming item and element.
    """
    place = Place(root.get("identifier", "item"), file)
    declared = read_declarations(root, place)
    rules = compile_template(root, Compilation(place, declared, EXPRESSIONS))
    if rules is None:
        return Materialised(template_values(declared, start_values(declared)), {}, {})
    return rules.materialise(random)


def template_values(declared: Mapping[str, Declaration], values: Mapping[str, Value]) -> dict[str, Value]:
    """Values of the template variables alone."""
    return {name: values[name] for name, one in declared.items() if one.kind == "template"}


def _changed(now: Mapping[str, Value], before: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in now.items() if value is not before.get(name)}


def compile_template(root: etree._Element, compilation: Compilation) -> TemplateRules | None:
    """The template processing of an item, None without one. Raises ScoringError."""
    for node in find_children(root, "qti-template-processing"):
        rules = compile_rules(node, TEMPLATE, compilation)
        return TemplateRules(rules, compilation.variables, compilation.spot(node))
    return None


def build_constraint(node: etree._Element, compilation: Compilation) -> Run:
    """templateConstraint: unless it is true, everything starts again."""
    truth = compilation.truth_of(node, compile_only_expression(node, compilation))

    def run(scope: Scope) -> None:
        if not truth(scope):
            raise ConstraintBroken

    return run


def build_set_correct(node: etree._Element, compilation: Compilation) -> Run:
    """setCorrectResponse: the right answer of a response."""
    return _build_setting(node, compilation, ("response",), "correct")


def build_set_default(node: etree._Element, compilation: Compilation) -> Run:
    """setDefaultValue: the default of a response or an outcome."""
    return _build_setting(node, compilation, ("response", "outcome"), "defaults")


def _build_setting(node: etree._Element, compilation: Compilation, kinds: tuple[str, ...], where: str) -> Run:
    value, declared, error = (
        compile_only_expression(node, compilation), compilation.declared(node), compilation.spot(node))
    if declared is None or declared.kind not in kinds:
        return compilation.reject(node, f"{kinds[0]} {node.get('identifier', '')!r} is not declared")

    def run(scope: Scope) -> None:
        fitting = fit(value(scope), declared)
        if fitting is None:
            raise error(f"{declared.identifier!r} holds one value and would get several")
        setattr(scope, where, {**getattr(scope, where), declared.identifier: fitting})

    return run


TEMPLATE = Dialect("template", "qti-exit-template", {
    "qti-set-template-value": build_set_value("template"),
    "qti-set-correct-response": build_set_correct,
    "qti-set-default-value": build_set_default,
    "qti-template-constraint": build_constraint,
})
