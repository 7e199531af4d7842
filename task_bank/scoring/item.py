"""Scoring of one item: takes its XML once, then a candidate's answers as often as wanted, gives its outcomes.

Pure and exact: a compiled item holds plain functions and data, is never changed by scoring and may be shared.
"""
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from lxml import etree

from task_bank.items.xml import find_all, find_children, local_name, locate, parse_xml
from task_bank.scoring.compilation import Compilation
from task_bank.scoring.declarations import (
    Declaration, Place, correct_values, default_values, read_declarations, start_values)
from task_bank.scoring.entries import Entry, read_entries, spread_entries
from task_bank.scoring.errors import ScoringError
from task_bank.scoring.expressions import EXPRESSIONS
from task_bank.scoring.records import read_record
from task_bank.scoring.rules import Dialect, ExitProcessing, Run, build_lookup, build_set_value, compile_rules
from task_bank.scoring.scope import Scope
from task_bank.scoring.standard_templates import find_standard_rules
from task_bank.scoring.template import TemplateRules, compile_template
from task_bank.scoring.values import (
    FALSE, RECORD, Outcome, Response, Value, of_number, of_text, read_response, write_outcome)

FindRules = Callable[[str], bytes | None]
COMPLETION = "completionStatus"
# "not_attempted" turns into "unknown" when the first attempt begins and stays so unless a rule sets it (ASI 2.2.2.3).
BUILT_IN = {one.identifier: replace(one, is_built_in=True) for one in (
    Declaration(COMPLETION, "outcome", "single", "identifier", of_text("unknown", "identifier")),
    Declaration("numAttempts", "response", "single", "integer", of_number(1, "integer")),
    Declaration("duration", "response", "single", "duration", of_number(0, "duration")),
    Declaration("QTI_CONTEXT", "context", RECORD, ""),
)}
RESPONSE = Dialect("response", "qti-exit-response", {
    "qti-set-outcome-value": build_set_value("outcome"),
    "qti-lookup-outcome-value": build_lookup,
})


@dataclass(frozen=True)
class CompiledItem:
    """An item ready to score. `variables` are all of its variables, built-in ones too, by identifier.

    `written` are names and cardinalities of its outcomes in the order they are declared, completionStatus last unless
    it is declared. `start`, `correct` and `defaults` are what a template item's rules may change for one attempt.
    `entries` are typed responses that stand for more than their text.
    `problems` are what would fail if it were reached: names that nobody declared, texts of the wrong type.
    """

    identifier: str
    variables: Mapping[str, Declaration]
    written: tuple[tuple[str, str], ...]
    start: Mapping[str, Value]
    correct: Mapping[str, Value]
    defaults: Mapping[str, Value]
    run: Run
    template: TemplateRules | None
    needs_chance: bool
    entries: tuple[Entry, ...]
    problems: tuple[ScoringError, ...]

    def score(self, responses: Mapping[str, Response], seed: int = 0) -> dict[str, Outcome]:
        """Outcomes for these answers; see score_item."""
        values = self.evaluate(responses, seed)
        return {name: write_outcome(values[name], cardinality) for name, cardinality in self.written}

    def evaluate(self, responses: Mapping[str, Response], seed: int = 0) -> dict[str, Value]:
        """Every variable after one attempt. Raises ScoringError."""
        scope = self.open(responses, seed)
        try:
            self.run(scope)
        except ExitProcessing:
            pass
        return scope.values

    def open(self, responses: Mapping[str, Response], seed: int = 0) -> Scope:
        """Variables of an attempt with these answers, before any rule."""
        scope = Scope(dict(self.start), self.correct, self.defaults)
        if self.template is not None:
            made = self.template.materialise(Random(f"template {seed}"))
            scope.values |= {**made.values, **made.defaults}
            scope.correct = {**self.correct, **made.correct}
            scope.defaults = {**self.defaults, **made.defaults}
        if self.needs_chance:
            scope.chance = Random(f"responses {seed}")
        if self.entries:
            responses = spread_entries(self.entries, responses)
        for name, given in responses.items():
            declared = self.variables.get(name)
            if declared is not None and declared.kind == "response":
                scope.values[name] = _read(given, declared)
        return scope


def _read(given: Response, declared: Declaration) -> Value:
    if declared.cardinality == RECORD:
        return read_record(given, declared.fields)
    return read_response(given, declared.cardinality, declared.base_type)


def score_item(xml: bytes, responses: Mapping[str, Response], name: str = "item", seed: int = 0) -> dict[str, Outcome]:
    """Outcomes of an item for these answers: declared ones in their order, then completionStatus.

    `responses` maps response identifier → string, number, boolean, list of these, object (record), or None (not
    answered). A missing one has its declared default; a text that does not fit the base type is no answer; names that
    the item does not declare are left out. numAttempts (1) and duration (0) may be given. Outcomes are int, Decimal,
    str, bool, list, dict or None. `seed` is for items that ask for chance. An adaptive item is scored as one attempt.
    Raises ScoringError naming item and element, BrokenXml.
    """
    return compile_cached(xml, name).score(responses, seed)


def compile_item(xml: bytes, name: str = "item", find_rules: FindRules = lambda address: None) -> CompiledItem:
    """An item ready to score. `name` is its file; `find_rules` gives the XML of rules that lie in the item's package.

    Raises ScoringError naming item and element, BrokenXml.
    """
    return compile_tree(parse_xml(xml, name), name, find_rules)


# Items are the same few for a whole school or country; what is kept is a few hundred kilobytes.
compile_cached = lru_cache(maxsize=512)(compile_item)


def compile_tree(
    root: etree._Element, name: str | None = None, find_rules: FindRules = lambda address: None
) -> CompiledItem:
    """As compile_item, of a parsed document."""
    place = Place(root.get("identifier", "item"), name)
    if local_name(root) != "qti-assessment-item":
        raise place.error(root, "is not a QTI 3 item")
    declared = read_declarations(root, place)
    variables = {**declared, **{name: one for name, one in BUILT_IN.items() if name not in declared}}
    compilation = Compilation(place, variables, EXPRESSIONS)
    template = compile_template(root, compilation)
    rules, compilation.place = _find_rules(root, compilation, find_rules)
    run = compile_rules(rules, RESPONSE, compilation)
    return CompiledItem(
        place.item, variables,
        tuple((name, one.cardinality) for name, one in variables.items() if one.kind == "outcome"),
        _start(root, variables), correct_values(variables), default_values(variables),
        run, template, compilation.needs_chance, read_entries(root, variables, place), tuple(compilation.problems),
    )


def check_scoring(root: etree._Element, name: str | None = None) -> None:
    """Refuse an item that cannot be scored whole, whatever the answers. Raises ScoringError naming the element."""
    problems = compile_tree(root, name).problems
    if problems:
        raise problems[0]


def _start(root: etree._Element, variables: Mapping[str, Declaration]) -> dict[str, Value]:
    """Values before any answer: defaults, else NULL; a response of an endAttempt that was not pressed is false."""
    values = start_values(variables)
    for node in find_all(root, "qti-end-attempt-interaction"):
        name = node.get("response-identifier", "")
        if name in values and not values[name].atoms:
            values[name] = FALSE
    return values


def _find_rules(
    root: etree._Element, compilation: Compilation, find_rules: FindRules
) -> tuple[Iterable[etree._Element], Place]:
    """The rules of an item, and where they stand: its own, else those of the template it names, else none."""
    place = compilation.place
    for node in find_children(root, "qti-response-processing"):
        addresses = [node.get(name, "").strip() for name in ("template", "template-location")]
        if any(local_name(child) for child in node) or not any(addresses):
            return list(node), place
        for address in filter(None, addresses):
            rules = find_standard_rules(address, set(compilation.variables))
            if rules is not None:
                return list(rules), replace(place, instead=locate(node))
            xml = find_rules(address)
            if xml is not None:
                return list(parse_xml(xml, address)), replace(place, file=address)
        raise compilation.error(node, f"template {addresses[0] or addresses[1]!r} is not known")
    return [], place
