"""Expressions of outcome processing: takes the items of a test session, gives their variables, counts and limits.

QTI 3.0 information model: testVariables, outcomeMinimum, outcomeMaximum, numberCorrect and its kin.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator
from task_bank.scoring.declarations import Declaration
from task_bank.scoring.item_references import ItemReference, read_subset
from task_bank.scoring.numbers import Number
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, is_number, match_values, of_number


class Session(NamedTuple):
    """One selected item while its test is scored; `shown` to the candidate or not."""

    reference: ItemReference
    variables: dict[str, Declaration]
    start: dict[str, Value]
    values: dict[str, Value]
    shown: bool

    def named(self, identifier: str) -> str:
        """An item's own name of a variable that the test may call otherwise."""
        return self.reference.sources.get(identifier, identifier)

    def weigh(self, value: Value, weight: str) -> Value:
        """A number times the item's weight of this name, 1 where the item has none; anything else as it is."""
        factor = self.reference.weights.get(weight)
        if factor is None or not all(map(is_number, value.atoms)):
            return value
        return Value(value.cardinality, "float", tuple(_times(atom, factor) for atom in value.atoms))

    @property
    def asked(self) -> list[Declaration]:
        """The responses an item declares itself."""
        return [one for one in self.variables.values() if one.kind == "response" and not one.is_built_in]


def _times(atom: object, factor: Number) -> Number:
    product = of_number(atom * factor)  # type: ignore[operator]
    return product.atoms[0] if product.atoms else 0  # type: ignore[return-value]


@dataclass
class TestCompilation(Compilation):
    """As of an item; variables of items are named by reference and variable, `Q01.SCORE`."""

    def variable(self, node: etree._Element, identifier: str) -> Evaluate:
        """The value of a test's outcome or of an item's variable, weighted where the element says so."""
        if identifier in self.variables:
            return super().variable(node, identifier)
        session_name, _, name = identifier.rpartition(".")
        if not session_name:
            return self.reject(node, f"variable {identifier!r} is not declared")
        weight, error = node.get("weight-identifier", ""), self.spot(node)

        def evaluate(scope: Scope) -> Value:
            session = scope.sessions.get(session_name)
            if session is None:
                return NULL  # not selected for this candidate
            own = session.named(name)
            if own not in session.values:
                raise error(f"item {session_name!r} has no variable {own!r}")
            return session.weigh(session.values[own], weight) if weight else session.values[own]

        return evaluate


def build_test_variables(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """testVariables: one variable of every item, NULLs and items without it left out."""
    identifier, weight = node.get("variable-identifier", ""), node.get("weight-identifier", "")
    wanted, select = node.get("base-type"), _read_selection(node)
    types = (wanted,) if wanted else ("integer", "float")

    def evaluate(scope: Scope) -> Value:
        found = [value for value in _pick(select(scope), identifier, weight, types) if value.atoms]
        whole = all(value.base_type == "integer" for value in found)
        base_type = wanted or ("integer" if whole else "float")
        return Value("multiple", base_type, tuple(value.atoms[0] for value in found))

    return evaluate


def _pick(sessions: Iterator[Session], identifier: str, weight: str, types: tuple[str, ...]) -> Iterator[Value]:
    for session in sessions:
        declared = session.variables.get(session.named(identifier))
        if declared is not None and declared.cardinality == "single" and declared.base_type in types:
            value = session.values[declared.identifier]
            yield session.weigh(value, weight) if weight else value


def build_outcome_minimum(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """outcomeMinimum: the declared lowest value of an outcome in every item that has one."""
    limits = _read_limits(node, lambda declared: declared.normal_minimum)
    return lambda scope: _as_container([limit for limit in limits(scope) if limit is not None])


def build_outcome_maximum(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """outcomeMaximum: the declared highest value of an outcome in every item; NULL when one has none."""
    limits = _read_limits(node, lambda declared: declared.normal_maximum)

    def evaluate(scope: Scope) -> Value:
        found = limits(scope)
        known = [limit for limit in found if limit is not None]
        return NULL if len(known) < len(found) else _as_container(known)

    return evaluate


def _read_limits(
    node: etree._Element, read: Callable[[Declaration], Number | None]
) -> Callable[[Scope], list[Value | None]]:
    """What gives a limit of the outcome that an element names, for every item it is about; None without one."""
    identifier, weight = node.get("outcome-identifier", ""), node.get("weight-identifier", "")
    select = _read_selection(node)

    def limit(session: Session) -> Value | None:
        declared = session.variables.get(session.named(identifier))
        found = read(declared) if declared is not None and declared.is_numeric else None
        return None if found is None else session.weigh(of_number(found), weight)

    return lambda scope: [limit(session) for session in select(scope)]


def _as_container(values: list[Value]) -> Value:
    return Value("multiple", "float", tuple(value.atoms[0] for value in values))


def count_sessions(fits: Callable[[Session], bool]) -> Operator:
    """An operator that counts the items of a subset that fit."""

    def build(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
        select = _read_selection(node)
        return lambda scope: of_number(sum(map(fits, select(scope))), "integer")

    return Operator(build)


def _read_selection(node: etree._Element) -> Callable[[Scope], Iterator[Session]]:
    subset = read_subset(node)
    return lambda scope: (one for one in scope.sessions.values() if subset.has(one.reference))


def is_correct(session: Session) -> bool:
    """Every response matches its key; an item where one has no key is neither correct nor incorrect."""
    return session.shown and _has_key(session) and all(_matches(session, one) for one in session.asked)


def is_incorrect(session: Session) -> bool:
    """At least one response does not match its key."""
    return session.shown and _has_key(session) and not all(_matches(session, one) for one in session.asked)


def is_responded(session: Session) -> bool:
    """At least one response is not what it was at the start."""
    return session.shown and any(
        session.values[one.identifier] != session.start[one.identifier] for one in session.asked)


def _has_key(session: Session) -> bool:
    return bool(session.asked) and all(one.correct.atoms for one in session.asked)


def _matches(session: Session, declared: Declaration) -> bool:
    return match_values(session.values[declared.identifier], declared.correct) is True


OUTCOME_EXPRESSIONS = {
    "qti-test-variables": Operator(build_test_variables),
    "qti-outcome-minimum": Operator(build_outcome_minimum),
    "qti-outcome-maximum": Operator(build_outcome_maximum),
    "qti-number-correct": count_sessions(is_correct),
    "qti-number-incorrect": count_sessions(is_incorrect),
    "qti-number-presented": count_sessions(lambda session: session.shown),
    "qti-number-responded": count_sessions(is_responded),
    "qti-number-selected": count_sessions(lambda session: True),
}
