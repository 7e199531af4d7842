"""What single operators give, with the examples and the edges of the information model."""
import math
import pickle
from decimal import Decimal
from typing import Any

import pytest

from task_bank.scoring import ScoringError, score_item
from tests.task_bank.scoring.build import (
    NULL, TRUE, base, declare, evaluate, item, name_of, of, set_outcome, text, truth, values, var, whole)

HALF = base("0.5")


@pytest.mark.parametrize("name, number, result", [
    ("sin", 0, 0), ("cos", 0, 1), ("tan", 0, 0), ("sec", 0, 1), ("csc", 0, None), ("cot", 0, None),
    ("asin", 2, None), ("acos", 1, 0), ("atan", 0, 0), ("asec", 1, 0), ("asec", 0, None), ("acsc", 0.5, None),
    ("acot", 0, math.pi / 2), ("acot", 1, math.pi / 4), ("sinh", 0, 0), ("cosh", 0, 1), ("tanh", 0, 0),
    ("sech", 0, 1), ("csch", 0, None), ("coth", 0, None), ("log", 1000, 3), ("log", 0, None), ("log", -1, None),
    ("ln", 1, 0), ("ln", 0, None), ("exp", 0, 1), ("exp", 1000, None), ("abs", -2.5, 2.5), ("signum", -7, -1),
    ("signum", 0, 0), ("floor", -2.5, -3), ("ceil", -2.5, -2), ("toDegrees", math.pi, 180),
    ("toRadians", 180, math.pi), ("csc", 1, 1 / math.sin(1)), ("coth", 2, 1 / math.tanh(2)),
])
def test_functions(name: str, number: float, result: float | None) -> None:
    found = evaluate(of("math-operator", base(number), name=name))
    assert found is None if result is None else abs(float(found) - result) < 1e-12


def test_a_function_of_two_numbers_and_one_that_nobody_knows() -> None:
    found = evaluate(of("math-operator", base(1), base(-1), name="atan2"))
    assert abs(float(found) - 3 * math.pi / 4) < 1e-12
    for wrong in (of("math-operator", base(1), name="atan2"), of("math-operator", base(1), name="gamma"),
                  of("stats-operator", base(1), name="median"), of("math-constant", name="phi")):
        with pytest.raises(ScoringError):
            evaluate(wrong)


@pytest.mark.parametrize("name, result", [
    ("mean", 5), ("popVariance", 4), ("popSD", 2), ("sampleVariance", Decimal("4.57142857142857")),
    ("sampleSD", Decimal("2.1380899352994")),
])
def test_statistics(name: str, result: Any) -> None:
    container = of("multiple", *(whole(n) for n in (2, 4, 4, 4, 5, 5, 7, 9)))
    assert abs(Decimal(evaluate(of("stats-operator", container, name=name))) - result) < Decimal("1e-12")


@pytest.mark.parametrize("number, mode, figures, result", [
    ("1234.5", "significantFigures", 2, "1200"), ("0.00098765", "significantFigures", 3, "0.000988"),
    ("1.25", "decimalPlaces", 1, "1.3"), ("-1.25", "decimalPlaces", 1, "-1.3"), ("1.005", "decimalPlaces", 2, "1.01"),
    ("2.5", "decimalPlaces", 0, "3"), ("-2.5", "decimalPlaces", 0, "-3"), ("9.99", "significantFigures", 2, "10"),
    ("0", "significantFigures", 2, "0"), ("-0.5", "significantFigures", 1, "-0.5"),
])
def test_rounding_looks_at_the_deciding_digit(number: str, mode: str, figures: int, result: str) -> None:
    assert evaluate(of("round-to", base(number), rounding_mode=mode, figures=figures)) == Decimal(result)


@pytest.mark.parametrize("number, result", [
    ("6.5", 7), ("6.49", 6), ("-6.5", -6), ("-6.51", -7), ("0.5", 1), ("-0.5", 0), ("7.4", 7)])
def test_round_takes_halves_up(number: str, result: int) -> None:
    assert evaluate(of("round", base(number)), "integer") == result


def test_whole_division_goes_down() -> None:
    assert [evaluate(of("integer-divide", whole(a), whole(b))) for a, b in ((7, 2), (-7, 2), (7, -2), (-7, -2))] == [
        3, -4, -4, 3]
    assert [evaluate(of("integer-modulus", whole(a), whole(b))) for a, b in ((7, 2), (-7, 2), (7, -2), (-7, -2))] == [
        1, 1, -1, -1]
    assert [evaluate(of("truncate", base(n))) for n in ("6.8", "-6.8")] == [6, -6]


@pytest.mark.parametrize("attributes, second, result", [
    ({"tolerance": "10", "tolerance_mode": "relative"}, "220", True),
    ({"tolerance": "10", "tolerance_mode": "relative", "include_upper_bound": "false"}, "220", False),
    ({"tolerance": "10 5", "tolerance_mode": "relative"}, "215", False),
    ({"tolerance": "1 2", "tolerance_mode": "absolute"}, "199", True),
    ({"tolerance": "1 2", "tolerance_mode": "absolute", "include_lower_bound": "false"}, "199", False),
    ({"tolerance": "T", "tolerance_mode": "absolute"}, "203", True),
    ({"tolerance": "{T}", "tolerance_mode": "absolute"}, "203.1", False),
    ({"tolerance_mode": "exact"}, "200.0", True),
])
def test_tolerance(attributes: dict[str, str], second: str, result: bool) -> None:
    declared = declare("template", "T", inside=of("default-value", values(3)))
    assert truth(of("equal", base(200), base(second), **attributes), declarations=declared) is result


@pytest.mark.parametrize("shape, coords, hit, missed", [
    ("rect", "0,0,10,20", "10 20", "11 20"), ("circle", "5,5,5", "5 10", "9 9"),
    ("ellipse", "10,10,10,5", "20 10", "10 16"), ("poly", "0,0,10,0,0,10", "1 1", "9 9"),
    ("poly", "0,0,10,0,10,10,0,10,0,0", "10 5", "11 5"), ("rect", "0 0 10 20", "0 0", "-1 0"),
])
def test_areas(shape: str, coords: str, hit: str, missed: str) -> None:
    inside = of("inside", base(hit, "point"), shape=shape, coords=coords)
    outside = of("inside", base(missed, "point"), shape=shape, coords=coords)
    assert (truth(inside), truth(outside)) == (True, False)
    both = of("multiple", base(missed, "point"), base(hit, "point"))
    assert truth(of("inside", both, shape=shape, coords=coords)) is True


@pytest.mark.parametrize("shape, coords", [
    ("rect", "0,0,1"), ("circle", "a,b,c"), ("star", "1,2"), ("poly", "1,2,3,4")])
def test_a_shape_that_is_none_is_named(shape: str, coords: str) -> None:
    with pytest.raises(ScoringError, match="qti-inside"):
        truth(of("inside", base("1 1", "point"), shape=shape, coords=coords))


@pytest.mark.parametrize("pattern, given, fits", [
    ("[A-Z][a-z]+", "Москва", False), (r"\p{Lu}\p{Ll}+", "Москва", True), (r"\i\c*", "_name-1", True),
    ("[a-z-[aeiou]]+", "rhythm", True), ("[a-z-[aeiou]]+", "rat", False), ("a.b", "a\nb", False),
    (r"\d{1,2}[.]\d{1,2}", "31.12", True), (r"\w+", "a_b", False), (r"^\s*5\s*$", " 5 ", True), ("$5", "$5", True),
    ("cat|dog", "dogs", False), (r"\p{IsCyrillic}+", "да", True), (r"[\-\]]+", "-]", True), ("[a||b]", "|", True),
])
def test_patterns_are_those_of_xml_schema(pattern: str, given: str, fits: bool) -> None:
    assert truth(of("pattern-match", var("T"), pattern=pattern), responses={"T": given},
                 declarations=declare("response", "T", "string")) is fits


def test_a_pattern_may_stand_in_a_variable() -> None:
    declared = declare("template", "P", "string", inside=of("default-value", values("a+")))
    assert truth(of("pattern-match", text("aaa"), pattern="{P}"), declarations=declared) is True
    assert truth(of("pattern-match", text("b"), pattern="P"), declarations=declared) is False


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*", "\\"])
def test_a_pattern_that_is_none_is_named(pattern: str) -> None:
    with pytest.raises(ScoringError, match="qti-pattern-match"):
        truth(of("pattern-match", text("a"), pattern=pattern))


def test_a_pattern_cannot_run_for_ever() -> None:
    with pytest.raises(ScoringError, match="takes too long"):
        truth(of("pattern-match", text("a" * 60 + "b"), pattern="(a|aa)+"))


@pytest.mark.parametrize("expression, result", [
    (of("string-match", text("Straße"), text("STRASSE"), case_sensitive="false"), True),
    (of("string-match", text("abcd"), text("BC"), case_sensitive="false", substring="true"), True),
    (of("string-match", text("bc"), text("abcd"), case_sensitive="true", substring="true"), False),
    (of("substring", text("Sell"), text("Shell"), case_sensitive="false"), False),
    (of("contains", of("multiple", *map(name_of, "ABBC")), of("multiple", *map(name_of, "BB"))), True),
    (of("contains", of("multiple", *map(name_of, "ABC")), of("multiple", *map(name_of, "BB"))), False),
    (of("contains", of("ordered", *map(name_of, "ABC")), of("ordered", *map(name_of, "CA"))), False),
    (of("match", base("A B", "pair"), base("B A", "pair")), True),
    (of("match", base("A B", "directedPair"), base("B A", "directedPair")), False),
    (of("match", whole(2), base("2.0")), True), (of("match", text("2"), whole(2)), True),
    (of("duration-lt", base("PT1M", "duration"), base("61", "duration")), True),
    (of("duration-gte", base("P1DT1S", "duration"), base("PT24H", "duration")), True),
])
def test_texts_containers_and_durations(expression: str, result: bool) -> None:
    assert truth(expression) is result


def test_every_value_of_a_container_is_counted() -> None:
    container = of("multiple", base("0.1"), base("0.2"), base("0.3"))
    assert evaluate(of("sum", container, base("0.1"))) == Decimal("0.7")
    assert evaluate(of("product", container)) == Decimal("0.006")
    assert evaluate(of("repeat", var("F"), whole(2), number_repeats=2), "integer", "ordered", {"F": "1"},
                    declare("response", "F", "integer")) == [1, 2, 1, 2]


def test_numbers_print_as_they_are() -> None:
    assert evaluate(of("divide", whole(1), whole(3))) == Decimal("0.333333333333333")
    assert evaluate(of("product", of("divide", whole(1), whole(3)), whole(3))) == 1
    assert evaluate(of("divide", whole(1), whole(8)), "float") == Decimal("0.125")
    assert evaluate(whole(3), "integer") == 3 and evaluate(base("3.0")) == 3
    assert evaluate(of("math-constant", name="pi")) == Decimal("3.141592653589793")


def test_the_same_seed_gives_the_same_chance() -> None:
    for expression in (of("random-integer", min=2, max=11, step=3), of("random-float", min=1, max=2),
                       of("random", of("multiple", whole(1), whole(2), whole(3)))):
        drawn = [evaluate(expression, seed=seed) for seed in range(30)]
        assert drawn == [evaluate(expression, seed=seed) for seed in range(30)] and len(set(drawn)) > 1
    assert {evaluate(of("random-integer", min=2, max=11, step=3), seed=seed) for seed in range(60)} == {2, 5, 8, 11}
    assert all(1 <= evaluate(of("random-float", min=1, max=2), seed=seed) <= 2 for seed in range(20))
    with pytest.raises(ScoringError, match="no number from 3 to 1"):
        evaluate(of("random-integer", min=3, max=1))


@pytest.mark.parametrize("name, given, result", [
    ("qade:Trim", " a ", "a"), ("qade:ToAscii", "café", "cafe"), ("Trim", " ", None)])
def test_custom_operators_of_public_banks(name: str, given: str, result: Any) -> None:
    expression = of("custom-operator", var("T"), definition=name)
    assert evaluate(expression, "string", responses={"T": given}, declarations=declare("response", "T", "string")) == (
        result)


def test_a_value_goes_into_an_outcome_of_its_type() -> None:
    declared = declare("response", "R", "identifier", "multiple")
    assert evaluate(text("3.5")) == Decimal("3.5") and evaluate(whole(3), "string") == "3"
    assert evaluate(name_of("A"), "identifier", "multiple") == ["A"] and evaluate(TRUE, "identifier") == "true"
    assert evaluate(var("R"), "identifier", responses={"R": ["A"]}, declarations=declared) == "A"
    with pytest.raises(ScoringError, match="'V' holds one value and would get 2"):
        evaluate(var("R"), "identifier", responses={"R": ["A", "B"]}, declarations=declared)


def test_what_fails_only_when_it_is_reached_is_no_matter_until_then() -> None:
    gone = set_outcome("GONE", NULL)
    rules = of("response-condition", of("response-if", of("is-null", var("R")), set_outcome("SCORE", whole(2))),
               of("response-else", gone))
    xml = item(declare("response", "R") + declare("outcome", "SCORE"), rules)
    assert score_item(xml, {})["SCORE"] == 2
    with pytest.raises(ScoringError, match="outcome 'GONE' is not declared") as caught:
        score_item(xml, {"R": "1"}, "odd.xml")
    problem = caught.value
    assert (problem.element, problem.file, problem.item) == ("qti-set-outcome-value", "odd.xml", "task-01")
    assert problem.line == 1 and str(pickle.loads(pickle.dumps(problem))) == str(problem)


@pytest.mark.parametrize("expression", [
    of("and", whole(1)), of("not", text("a")), of("index", of("ordered"), n=""), of("any-n", TRUE, min="1"),
    of("equal", base(1), base(1), tolerance_mode="absolute"), of("equal", base(1), base(1), tolerance_mode="odd"),
    of("equal", base(1), base(1), tolerance_mode="absolute", tolerance="-1"), base("abc"), base("yes", "boolean"),
    of("round-to", base(1), figures=2, rounding_mode="odd"), of("repeat", TRUE, number_repeats=10 ** 9),
    of("correct", identifier="GONE"), of("map-response", identifier="GONE"), of("default", identifier="GONE"),
])
def test_what_cannot_be_evaluated_is_an_error_never_a_silent_nothing(expression: str) -> None:
    with pytest.raises(ScoringError):
        evaluate(expression)
