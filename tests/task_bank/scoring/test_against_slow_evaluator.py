"""Generated expressions have the value that an independent evaluator, written from the standard's words, gives them."""
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from task_bank.scoring import Response
from tests.task_bank.scoring.build import FALSE, NULL, TRUE, base, declare, evaluate, name_of, of, text, var, whole
from tests.task_bank.scoring.slow_evaluator import Slow

DECLARED = (
    declare("response", "F") + declare("response", "I", "integer") + declare("response", "B", "boolean")
    + declare("response", "T", "string") + declare("response", "M", "identifier", "multiple")
    + declare("response", "O", "identifier", "ordered") + declare("response", "NUMBERS", "float", "multiple")
)
NAMES, WORDS = ("A", "B", "C"), ("ab", "Abc", "bc", "b")
MODES, FLAGS = ("significantFigures", "decimalPlaces"), ("true", "false")
decimals = st.integers(-4000, 4000).map(lambda n: str(Decimal(n) / 100))
integers = st.integers(-30, 30)


class Writer:
    """Writes expressions of each type, not deeper than `depth`; every choice is drawn."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def pick(self, *offered: Any) -> Any:
        return self.draw(st.sampled_from(offered))

    def several(self, write: Callable[[int], str], depth: int, least: int = 1) -> list[str]:
        return [write(depth) for _ in range(self.draw(st.integers(least, 3)))]

    def name(self, depth: int = 0) -> str:
        return str(self.pick(*map(name_of, NAMES), NULL))

    def text(self, depth: int = 0) -> str:
        return str(self.pick(*map(text, WORDS), var("T"), NULL))

    def container(self, depth: int) -> str:
        kind = self.pick("variable", "multiple", "ordered", "delete", "join", "repeat") if depth else "variable"
        if kind == "variable":
            return str(self.pick(var("M"), var("O"), NULL))
        if kind == "delete":
            return of("delete", self.name(), self.container(depth - 1))
        if kind == "repeat":
            return of("repeat", self.name(), number_repeats=self.draw(st.integers(-1, 3)))
        if kind == "join":
            return of(self.pick("multiple", "ordered"), *self.several(self.container, depth - 1))
        return of(kind, *self.several(self.name, 0, 0))

    def whole(self, depth: int) -> str:
        kinds = ("leaf", "container-size", "integer-divide", "integer-modulus", "gcd", "lcm")
        kind = self.pick(*kinds) if depth else "leaf"
        if kind == "leaf":
            return str(self.pick(whole(self.draw(integers)), var("I"), NULL))
        if kind == "container-size":
            return of(kind, self.container(depth - 1))
        if kind.startswith("integer"):
            return of(kind, self.whole(depth - 1), self.whole(depth - 1))
        return of(kind, *self.several(self.whole, depth - 1))

    def plain(self) -> str:
        return str(self.pick(base(self.draw(decimals)), var("F")))

    def number(self, depth: int) -> str:
        kind = self.pick("leaf", "whole", "fold", "subtract", "divide", "truncate", "round") if depth else "leaf"
        if kind == "leaf":
            return str(self.pick(self.plain(), var("NUMBERS"), NULL) if depth else self.plain())
        if kind == "whole":
            return self.whole(depth - 1)
        if kind == "fold":
            return of(self.pick("sum", "product", "min", "max"), *self.several(self.addend, depth - 1))
        if kind == "divide":
            return of(kind, self.single(depth - 1), base(self.draw(decimals)))
        inside = [self.single(depth - 1) for _ in range(2 if kind == "subtract" else 1)]
        return of(kind, *inside)

    def addend(self, depth: int) -> str:
        return str(self.pick(var("NUMBERS"), of("multiple", self.plain(), self.plain()), self.single(depth)))

    def single(self, depth: int) -> str:
        """A number that is no container."""
        found = self.number(depth)
        return of("max", found) if "NUMBERS" in found else found

    def truth(self, depth: int) -> str:
        kind = self.pick("leaf", "compare", "and", "or", "not", "any-n") if depth else "leaf"
        if kind == "leaf":
            return str(self.pick(TRUE, FALSE, NULL, var("B")))
        if kind == "compare":
            return self.comparison(depth - 1)
        if kind == "not":
            return of(kind, self.truth(depth - 1))
        limits = {"min": self.pick(0, 1, 2), "max": self.pick(0, 1, 2, 3)} if kind == "any-n" else {}
        return of(kind, *self.several(self.truth, depth - 1), **limits)

    def comparison(self, depth: int) -> str:
        writers: list[Callable[[int], str]] = [
            self.order, self.near, self.round_equal, self.inside, self.same_text, self.pattern, self.nothing]
        return str(self.pick(*writers)(depth))

    def order(self, depth: int) -> str:
        return of(self.pick("lt", "lte", "gt", "gte", "equal"), self.single(depth), self.single(depth))

    def near(self, depth: int) -> str:
        return of("equal", self.plain(), self.plain(), tolerance_mode=self.pick("absolute", "relative"),
                  tolerance=self.pick("1", "0.5 2", "10 0", "50"), include_lower_bound=self.pick(*FLAGS),
                  include_upper_bound=self.pick(*FLAGS))

    def round_equal(self, depth: int) -> str:
        return of("equal-rounded", self.plain(), self.plain(), rounding_mode=self.pick(*MODES),
                  figures=self.draw(st.integers(1, 4)))

    def inside(self, depth: int) -> str:
        kind = self.pick("match", "member", "contains")
        return of(kind, self.name() if kind == "member" else self.container(depth), self.container(depth))

    def same_text(self, depth: int) -> str:
        kind = self.pick("string-match", "substring")
        more = {"substring": self.pick(*FLAGS)} if kind == "string-match" else {}
        return of(kind, self.text(), self.text(), case_sensitive=self.pick(*FLAGS), **more)

    def pattern(self, depth: int) -> str:
        return of("pattern-match", self.text(), pattern=self.pick("[a-c]+", "A?b?.*", "b|ab", "Abc", "b{2}"))

    def nothing(self, depth: int) -> str:
        return of("is-null", self.pick(self.number, self.text, self.container)(depth))


@st.composite
def truths(draw: Any) -> str:
    return Writer(draw).truth(3)


@st.composite
def numbers(draw: Any) -> str:
    return Writer(draw).single(3)


@st.composite
def plain_numbers(draw: Any) -> str:
    return Writer(draw).plain()


@st.composite
def containers(draw: Any) -> str:
    return Writer(draw).container(3)


answers = st.fixed_dictionaries({
    "F": st.none() | decimals, "I": st.none() | integers, "B": st.none() | st.booleans(),
    "T": st.none() | st.sampled_from(WORDS),
    "M": st.lists(st.sampled_from(NAMES), max_size=3), "O": st.lists(st.sampled_from(NAMES), max_size=3),
    "NUMBERS": st.lists(decimals, max_size=3),
})


def slowly(expression: str, given_answers: dict[str, Any]) -> Any:
    known = {name: value or None for name, value in given_answers.items()}
    known["F"] = Fraction(given_answers["F"]) if given_answers["F"] is not None else None
    known["I"] = Fraction(given_answers["I"]) if given_answers["I"] is not None else None
    known["B"] = given_answers["B"]
    known["NUMBERS"] = [Fraction(one) for one in given_answers["NUMBERS"]] or None
    return Slow(known, {"O"}).value(etree.fromstring(expression))


def same_number(ours: Any, slow: Fraction | None) -> bool:
    """Numbers whose decimals do not end are written to 15 digits."""
    if ours is None or slow is None:
        return ours is None and slow is None
    return abs(Fraction(ours) - slow) <= abs(slow) / 10 ** 14


@settings(max_examples=400, deadline=None)
@given(truths(), answers)
def test_truths(expression: str, given_answers: dict[str, Response]) -> None:
    ours = evaluate(expression, "boolean", responses=given_answers, declarations=DECLARED)
    assert ours is slowly(expression, given_answers)


@settings(max_examples=400, deadline=None)
@given(numbers(), answers)
def test_numbers(expression: str, given_answers: dict[str, Response]) -> None:
    ours = evaluate(expression, responses=given_answers, declarations=DECLARED)
    assert same_number(ours, slowly(expression, given_answers))


@settings(max_examples=200, deadline=None)
@given(plain_numbers(), st.sampled_from(MODES), st.integers(1, 5), answers)
def test_rounding(number: str, mode: str, figures: int, given_answers: dict[str, Response]) -> None:
    expression = of("round-to", number, rounding_mode=mode, figures=figures)
    ours = evaluate(expression, responses=given_answers, declarations=DECLARED)
    assert same_number(ours, slowly(expression, given_answers))


@settings(max_examples=200, deadline=None)
@given(containers(), st.integers(0, 4), answers)
def test_containers(expression: str, place: int, given_answers: dict[str, Response]) -> None:
    assert evaluate(expression, "identifier", "ordered", given_answers, DECLARED) == slowly(expression, given_answers)
    picked = of("index", expression, n=place)
    assert evaluate(picked, "identifier", responses=given_answers, declarations=DECLARED) == slowly(
        picked, given_answers)
