"""Outcome processing: takes a test's XML and how its items ended, gives the test's outcomes."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from task_bank.items.xml import find_children, local_name, parse_xml
from task_bank.scoring.declarations import Declaration, Place, default_values, read_declarations, start_values
from task_bank.scoring.expressions import EXPRESSIONS
from task_bank.scoring.item import CompiledItem
from task_bank.scoring.item_references import ItemReference, read_references
from task_bank.scoring.outcome_expressions import OUTCOME_EXPRESSIONS, Session, TestCompilation
from task_bank.scoring.rules import Dialect, ExitProcessing, Run, build_lookup, build_set_value, compile_rules
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import Outcome, Response, Value, of_number, read_response, write_outcome

OF_ITEMS_ONLY = ("qti-correct", "qti-map-response", "qti-map-response-point")
OPERATORS = {
    **{name: one for name, one in EXPRESSIONS.items() if name not in OF_ITEMS_ONLY}, **OUTCOME_EXPRESSIONS,
}
OUTCOME = Dialect("outcome", "qti-exit-test", {
    "qti-set-outcome-value": build_set_value("outcome"),
    "qti-lookup-outcome-value": build_lookup,
})
DURATION = Declaration("duration", "response", "single", "duration", of_number(0, "duration"), is_built_in=True)


class UnknownItem(ValueError):
    """A session names an item that the test does not refer to."""


@dataclass(frozen=True)
class ItemSession:
    """How one selected item of a test ended.

    `responses` are the candidate's answers, None when the item was never shown; `marked` are outcomes that people
    gave, by identifier: they stand in place of what the item's own rules give.
    """

    item: CompiledItem
    responses: Mapping[str, Response] | None
    marked: Mapping[str, Response] = field(default_factory=dict)


@dataclass(frozen=True)
class CompiledTest:
    """A test ready to score."""

    identifier: str
    variables: Mapping[str, Declaration]
    references: Mapping[str, ItemReference]
    run: Run

    def score(self, sessions: Mapping[str, ItemSession], seed: int = 0) -> dict[str, Outcome]:
        """Outcomes of the test; see score_test."""
        opened = {name: self._open(name, session, seed) for name, session in sessions.items()}
        chance = Random(f"outcomes {seed}")
        scope = Scope(start_values(self.variables), {}, default_values(self.variables), chance, opened)
        try:
            self.run(scope)
        except ExitProcessing:
            pass
        declared = ((name, one) for name, one in self.variables.items() if one.kind == "outcome")
        return {name: write_outcome(scope.values[name], one.cardinality) for name, one in declared}

    def _open(self, name: str, session: ItemSession, seed: int) -> Session:
        reference = self.references.get(name) or self.references.get(name.rpartition(".")[0])
        if reference is None:
            raise UnknownItem(f"{self.identifier}: the test has no item {name!r}")
        item = session.item
        start = item.open({}, seed).values
        values = dict(start) if session.responses is None else item.evaluate(session.responses, seed)
        values |= _read_marked(item, session.marked)
        return Session(reference, dict(item.variables), start, values, session.responses is not None)


def _read_marked(item: CompiledItem, marked: Mapping[str, Response]) -> dict[str, Value]:
    known = {name: item.variables[name] for name in marked if name in item.variables}
    return {name: read_response(marked[name], one.cardinality, one.base_type) for name, one in known.items()}


def score_test(
    xml: bytes, sessions: Mapping[str, ItemSession], name: str = "test", seed: int = 0
) -> dict[str, Outcome]:
    """Outcomes of a test, in the order they are declared.

    `sessions` are the selected items by the identifier of their reference (`Q01`, or `Q01.2` for the second of one
    that was drawn more than once). Raises ScoringError naming test and element, UnknownItem, BrokenXml.
    """
    return compile_test(xml, name).score(sessions, seed)


def compile_test(xml: bytes, name: str = "test") -> CompiledTest:
    """A test ready to score. Raises ScoringError naming test and element, BrokenXml."""
    root = parse_xml(xml, name)
    place = Place(root.get("identifier", "test"), name)
    if local_name(root) != "qti-assessment-test":
        raise place.error(root, "is not a QTI 3 test")
    variables = {**read_declarations(root, place), DURATION.identifier: DURATION}
    compilation = TestCompilation(place, variables, OPERATORS)
    rules = [node for processing in find_children(root, "qti-outcome-processing") for node in processing]
    run = compile_rules(rules, OUTCOME, compilation)
    return CompiledTest(place.item, variables, read_references(root, place), run)
