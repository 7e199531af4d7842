"""Rules: takes the rules of response, template or outcome processing, gives one function that runs them on a scope.

The three kinds differ in names only: conditions of if, else-if and else, fragments, an exit, and what they set.
"""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lxml import etree

from task_bank.items.xml import local_name
from task_bank.scoring.compilation import Compilation, Evaluate
from task_bank.scoring.declarations import Declaration
from task_bank.scoring.operands import find_unfit
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NUMERIC, RECORD, TEXT, Atom, Value, read_atom, to_number, write_text

Run = Callable[[Scope], None]
BuildRule = Callable[[etree._Element, Compilation], Run]


class ExitProcessing(Exception):
    """An exit rule was met; nothing after it runs."""


@dataclass(frozen=True)
class Dialect:
    """Names of one kind of processing, and its other rules by element name."""

    kind: str
    exit: str
    others: dict[str, BuildRule] = field(default_factory=dict)

    @property
    def condition(self) -> str:
        """The element that holds branches."""
        return f"qti-{self.kind}-condition"

    def branch(self, name: str) -> str:
        """An element of a branch: if, else-if or else."""
        return f"qti-{self.kind}-{name}"


def compile_rules(nodes: Iterable[etree._Element], dialect: Dialect, compilation: Compilation) -> Run:
    """One function that runs rules one after another. Raises ScoringError for a rule nobody knows.

    The function raises ScoringError, ExitProcessing.
    """
    steps = [compile_rule(node, dialect, compilation) for node in nodes if local_name(node)]

    def run(scope: Scope) -> None:
        for step in steps:
            step(scope)

    return steps[0] if len(steps) == 1 else run


def compile_rule(node: etree._Element, dialect: Dialect, compilation: Compilation) -> Run:
    """The function of one rule."""
    name = local_name(node)
    if name == dialect.condition:
        return compile_condition(node, dialect, compilation)
    if name == f"qti-{dialect.kind}-processing-fragment":
        return compile_rules(node, dialect, compilation)
    if name == dialect.exit:
        return leave
    if name not in dialect.others:
        raise compilation.error(node, "is not a rule this system scores")
    return dialect.others[name](node, compilation)


def leave(scope: Scope) -> None:
    """An exit rule."""
    raise ExitProcessing


def compile_condition(node: etree._Element, dialect: Dialect, compilation: Compilation) -> Run:
    """The first branch whose condition is true runs; if first, else-if after it, else last. Raises ScoringError."""
    nodes = [child for child in node if local_name(child)]
    if not nodes:
        raise compilation.error(node, "is empty")
    branches = []
    for place, child in enumerate(nodes):
        _check_place(child, place, len(nodes), dialect, compilation)
        branches.append(_compile_branch(child, dialect, compilation))

    def run(scope: Scope) -> None:
        for condition, rules in branches:
            if condition is None or condition(scope):
                rules(scope)
                return

    return run


def _check_place(node: etree._Element, place: int, count: int, dialect: Dialect, compilation: Compilation) -> None:
    name = local_name(node)
    names = [dialect.branch("if")] if place == 0 else [dialect.branch("else-if"), dialect.branch("else")]
    if name not in names or (name == dialect.branch("else") and place < count - 1):
        raise compilation.error(node, "stands at a wrong place in a condition")


def _compile_branch(
    node: etree._Element, dialect: Dialect, compilation: Compilation
) -> tuple[Callable[[Scope], bool | None] | None, Run]:
    inside = [child for child in node if local_name(child)]
    if local_name(node) == dialect.branch("else"):
        return None, compile_rules(inside, dialect, compilation)
    if not inside:
        raise compilation.error(node, "has no condition")
    return compilation.truth(inside[0]), compile_rules(inside[1:], dialect, compilation)


def compile_only_expression(node: etree._Element, compilation: Compilation) -> Evaluate:
    """The one expression inside a rule. Raises ScoringError."""
    inside = [child for child in node if local_name(child)]
    if len(inside) != 1:
        raise compilation.error(node, "needs one expression inside")
    return compilation.compile_operand(node, inside[0])


def build_set_value(kind: str) -> BuildRule:
    """setOutcomeValue and setTemplateValue: a variable of this kind gets the value of an expression."""

    def build(node: etree._Element, compilation: Compilation) -> Run:
        value, declared = compile_only_expression(node, compilation), compilation.declared(node)
        if declared is None or declared.kind != kind:
            return compilation.reject(node, f"{kind} {node.get('identifier', '')!r} is not declared")
        unfit = find_unfit(declared, next(child for child in node if local_name(child)), compilation.variables)
        if unfit is not None:
            return compilation.reject(node, unfit)
        return compile_assignment(node, declared, value, compilation)

    return build


def compile_assignment(
    node: etree._Element, declared: Declaration, value: Evaluate, compilation: Compilation
) -> Run:
    """Gives a declared variable the value of an expression, in the variable's own type."""
    identifier, cardinality, base_type = declared.identifier, declared.cardinality, declared.base_type
    error = compilation.spot(node)

    def run(scope: Scope) -> None:
        found = value(scope)
        if found.cardinality != cardinality or found.base_type != base_type:
            if not all(_suits(atom, base_type) for atom in found.atoms):
                raise error(f"{identifier!r} is {base_type} and would get a {found.base_type or found.cardinality}")
            fitting = fit(found, declared)
            if fitting is None:
                raise error(f"{identifier!r} holds one value and would get {len(found.atoms)}")
            found = fitting
        scope.values[identifier] = found

    return run


def _suits(atom: Atom, base_type: str) -> bool:
    """Whether a value can stand in a variable of this type; of a text its words decide later."""
    if base_type in NUMERIC:
        return not isinstance(atom, bool | tuple)
    return base_type != "boolean" or isinstance(atom, bool | str)


def fit(value: Value, declared: Declaration) -> Value | None:
    """A value in a variable's type; None when several values would have to fit into one."""
    if declared.cardinality == RECORD:
        return value if value.cardinality == RECORD else declared.null
    if declared.cardinality == "single" and len(value.atoms) > 1:
        return None
    atoms = value.atoms
    if declared.base_type != value.base_type and declared.base_type:
        atoms = tuple(atom for atom in (_fit_atom(atom, declared.base_type) for atom in atoms) if atom is not None)
    return Value(declared.cardinality, declared.base_type or value.base_type, atoms)


def _fit_atom(atom: Atom, base_type: str) -> Atom | None:
    if base_type in NUMERIC and isinstance(atom, str):
        return to_number(Value("single", base_type, (atom,)))
    if base_type in NUMERIC:
        return None if isinstance(atom, (bool, tuple)) else atom
    if base_type in TEXT or base_type == "identifier":
        return write_text(atom)
    return read_atom(atom, base_type) if isinstance(atom, str) else atom


def build_lookup(node: etree._Element, compilation: Compilation) -> Run:
    """lookupOutcomeValue: an outcome gets the target that its table has for a number."""
    value, declared = compile_only_expression(node, compilation), compilation.declared(node)
    if declared is None or declared.kind != "outcome":
        return compilation.reject(node, f"outcome {node.get('identifier', '')!r} is not declared")
    if declared.table is None:
        return compilation.reject(node, f"outcome {declared.identifier!r} has no table")
    identifier, table = declared.identifier, declared.table

    def run(scope: Scope) -> None:
        scope.values[identifier] = table.look_up(to_number(value(scope)))

    return run
