"""The ground of compiling: what is known of an item or a test while its XML is turned into functions.

Compiled expressions are functions from a Scope to a Value; they keep nothing of the XML. An element that is unknown or
out of place makes compiling fail. A name that nobody declared fails when it is reached, and is noted in `problems`.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NoReturn

from lxml import etree

from task_bank.items.xml import local_name
from task_bank.scoring.declarations import Declaration, Place
from task_bank.scoring.errors import ScoringError
from task_bank.scoring.numbers import Number, read_number
from task_bank.scoring.operands import find_misfit, find_stranger, needs_watching, say_stranger
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NUMERIC, Value, to_number

Evaluate = Callable[[Scope], Value]
Measure = Callable[[Scope], Number | None]


@dataclass
class Compilation:
    """Declared variables (built-in ones too), expressions that may stand here, and what was noticed on the way."""

    place: Place
    variables: Mapping[str, Declaration]
    operators: Mapping[str, "Operator"]
    problems: list[ScoringError] = field(default_factory=list)
    needs_chance: bool = False

    def error(self, node: etree._Element, message: str) -> ScoringError:
        """An error at an element."""
        return self.place.error(node, message)

    def spot(self, node: etree._Element) -> Callable[[str], ScoringError]:
        """What makes errors at an element while rules run."""
        return self.place.spot(node)

    def note(self, node: etree._Element, message: str) -> None:
        """A problem that refuses the item at import and does not stop its scoring."""
        self.problems.append(self.place.error(node, message))

    def reject(self, node: etree._Element, message: str) -> Callable[[Scope], NoReturn]:
        """A function that raises when it is reached; the problem is noted at once."""
        error = self.place.spot(node)
        self.note(node, message)

        def fail(scope: Scope) -> NoReturn:
            raise error(message)

        return fail

    def compile(self, node: etree._Element) -> Evaluate:
        """The function of an expression. Raises ScoringError for an element nobody knows or too few inside."""
        operator = self.operators.get(local_name(node))
        if operator is None:
            raise self.error(node, "is not an expression this system scores")
        operands = [self.compile_operand(node, child) for child in node if local_name(child)]
        if len(operands) < operator.least:
            raise self.error(node, f"needs {operator.least} expressions inside")
        if operator.most is not None and len(operands) > operator.most:
            raise self.error(node, f"has {len(operands)} expressions inside, takes {operator.most}")
        return operator.build(node, operands, self)

    def compile_operand(self, parent: etree._Element, node: etree._Element) -> Evaluate:
        """The function of an expression inside another, or inside a rule, that takes only what fits it."""
        value, misfit = self.compile(node), find_misfit(parent, node, self.variables)
        if misfit is not None:
            return self.reject(parent, misfit)
        if not needs_watching(parent, node, self.variables):
            return value
        error, message = self.place.spot(parent), say_stranger(parent)

        def watch(scope: Scope) -> Value:
            found = value(scope)
            if find_stranger(found) is not None:
                raise error(message)
            return found

        return watch

    def variable(self, node: etree._Element, identifier: str) -> Evaluate:
        """The value of a variable by name."""
        if identifier not in self.variables:
            return self.reject(node, f"variable {identifier!r} is not declared")
        return lambda scope: scope.values[identifier]

    def declared(self, node: etree._Element) -> Declaration | None:
        """The declaration an element's `identifier` names, if there is one."""
        return self.variables.get(node.get("identifier", ""))

    def undeclared(self, node: etree._Element) -> Evaluate:
        """What an expression becomes that names a variable nobody declared."""
        return self.reject(node, f"variable {node.get('identifier', '')!r} is not declared")

    def measure(self, node: etree._Element, name: str, unless_given: str = "") -> Measure:
        """A number in an attribute, or of the variable it names (with or without braces). NULL gives None."""
        return self.measure_text(node, node.get(name, unless_given), name)

    def measure_text(self, node: etree._Element, text: str, name: str) -> Measure:
        """As `measure`, of a text. Raises ScoringError for an empty one."""
        constant = read_number(text)
        if constant is not None:
            return lambda scope: constant
        if not text.strip():
            raise self.error(node, f"has no {name}")
        named = text.strip().strip("{}")
        declared = self.variables.get(named)
        if declared is not None and declared.base_type not in NUMERIC:
            return self.reject(node, f"{name} names {named!r}, which is {declared.base_type} and no number")
        value = self.variable(node, named)
        return lambda scope: to_number(value(scope))

    def measure_whole(self, node: etree._Element, name: str, unless_given: str = "") -> Callable[[Scope], int | None]:
        """As `measure`, of a whole number; a variable of anything else gives None. Raises ScoringError."""
        if isinstance(read_number(node.get(name, unless_given)), Fraction):
            raise self.error(node, f"{name} {node.get(name)!r} is not a whole number")
        number = self.measure(node, name, unless_given)

        def evaluate(scope: Scope) -> int | None:
            found = number(scope)
            return None if found is None or isinstance(found, Fraction) else found

        return evaluate

    def truth(self, node: etree._Element) -> Callable[[Scope], bool | None]:
        """The truth an expression gives, None for NULL. What it gives must be a boolean."""
        return self.truth_of(node, self.compile(node))

    def truth_of(self, node: etree._Element, value: Evaluate) -> Callable[[Scope], bool | None]:
        """As `truth`, of a compiled expression; `node` is for the error."""
        error = self.place.spot(node)

        def evaluate(scope: Scope) -> bool | None:
            atoms = value(scope).atoms
            if not atoms:
                return None
            if len(atoms) == 1 and isinstance(atoms[0], bool):
                return atoms[0]
            raise error("gets a value that is not true or false")

        return evaluate


Build = Callable[[etree._Element, list[Evaluate], Compilation], Evaluate]


@dataclass(frozen=True)
class Operator:
    """How one kind of expression is compiled, and how many expressions it takes inside; `most` None is any number."""

    build: Build
    least: int = 0
    most: int | None = None


def of_one(operation: Callable[[Value], Value]) -> Operator:
    """An operator that is a function of one value."""

    def build(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
        only = operands[0]
        return lambda scope: operation(only(scope))

    return Operator(build, 1, 1)


def of_two(operation: Callable[[Value, Value], Value]) -> Operator:
    """An operator that is a function of two values."""

    def build(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
        one, other = operands[:2]
        return lambda scope: operation(one(scope), other(scope))

    return Operator(build, 2, 2)


def of_all(operation: Callable[[list[Value]], Value], least: int = 1) -> Operator:
    """An operator that is a function of any number of values."""

    def build(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
        return lambda scope: operation([operand(scope) for operand in operands])

    return Operator(build, least)
