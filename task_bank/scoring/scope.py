"""What expressions of one scoring see: takes declarations and answers, gives variables by name."""
from dataclasses import dataclass, field
from fractions import Fraction

from task_bank.scoring.declarations import Declaration, ScoringError
from task_bank.scoring.values import Value, of_number

BUILT_IN = {
    "completionStatus": Value("single", "identifier", ("completed",)),
    "numAttempts": of_number(1, "integer"),
    "duration": of_number(0, "duration"),
}


@dataclass
class Scope:
    """Variables of one item while it is being scored."""

    item: str
    declared_responses: dict[str, Declaration]
    declared_outcomes: dict[str, Declaration]
    responses: dict[str, Value]
    outcomes: dict[str, Value] = field(default_factory=dict)

    def variable(self, identifier: str, element: str) -> Value:
        """The value of a variable. Raises ScoringError for a name nobody declared."""
        for known in (self.outcomes, self.responses, BUILT_IN):
            if identifier in known:
                return known[identifier]
        raise ScoringError(self.item, element, f"variable {identifier!r} is not declared")

    def declaration(self, identifier: str, element: str) -> Declaration:
        """A declared variable. Raises ScoringError."""
        found = self.declared_responses.get(identifier) or self.declared_outcomes.get(identifier)
        if found is None:
            raise ScoringError(self.item, element, f"variable {identifier!r} is not declared")
        return found

    def number_of(self, text: str, element: str) -> Fraction:
        """A number written in an attribute, or the variable it names. Raises ScoringError."""
        from_text = of_attribute(text)
        if from_text is not None:
            return from_text
        atoms = self.variable(text.strip("{}"), element).atoms
        if len(atoms) != 1 or not isinstance(atoms[0], Fraction):
            raise ScoringError(self.item, element, f"{text!r} is not a number")
        return atoms[0]


def of_attribute(text: str) -> Fraction | None:
    """A number written in an attribute; None when it is a name."""
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        return None
