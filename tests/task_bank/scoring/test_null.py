"""NULL: what every operator gives when one of its operands is NULL, as the information model has it."""
from decimal import Decimal
from typing import Any

import pytest

from tests.task_bank.scoring.build import FALSE, NULL, TRUE, base, evaluate, name_of, of, text, truth, var, whole

NUMBERS = of("multiple", whole(3), whole(5))
POINT = base("5 5", "point")
TWO_NUMBERS = ("subtract", "divide", "power", "integer-divide", "integer-modulus", "sum", "product", "min", "max",
               "gcd", "lcm")
ONE_NUMBER = ("truncate", "round", "integer-to-float", "sum", "product", "min", "max", "gcd", "lcm")
COMPARISONS = ("lt", "lte", "gt", "gte", "equal", "duration-lt", "duration-gte", "match")


@pytest.mark.parametrize("name", TWO_NUMBERS)
def test_a_null_operand_makes_a_number_null(name: str) -> None:
    assert evaluate(of(name, whole(4), whole(2))) is not None
    for inside in ((NULL, whole(2)), (whole(4), NULL), (NULL, NULL)):
        assert evaluate(of(name, *inside)) is None


@pytest.mark.parametrize("name", ONE_NUMBER)
def test_a_function_of_null_is_null(name: str) -> None:
    assert evaluate(of(name, whole(4))) == 4
    assert evaluate(of(name, NULL)) is None


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_with_null_is_null(name: str) -> None:
    assert truth(of(name, whole(4), whole(4))) is not None
    for inside in ((NULL, whole(4)), (whole(4), NULL), (NULL, NULL)):
        assert truth(of(name, *inside)) is None


@pytest.mark.parametrize("attributes", [
    {"tolerance_mode": "absolute", "tolerance": "1"}, {"tolerance_mode": "relative", "tolerance": "1 2"}])
def test_a_tolerant_comparison_with_null_is_null(attributes: dict[str, str]) -> None:
    assert truth(of("equal", NULL, whole(1), **attributes)) is None


U = NULL
TRIPLES: list[tuple[str, str, Any, Any]] = [
    (TRUE, TRUE, True, True), (TRUE, FALSE, False, True), (FALSE, FALSE, False, False), (TRUE, U, None, True),
    (U, TRUE, None, True), (FALSE, U, False, None), (U, FALSE, False, None), (U, U, None, None),
]


@pytest.mark.parametrize("one, other, both, either", TRIPLES)
def test_and_or_have_three_values(one: str, other: str, both: Any, either: Any) -> None:
    assert truth(of("and", one, other)) is both
    assert truth(of("or", one, other)) is either


def test_not_has_three_values() -> None:
    assert [truth(of("not", one)) for one in (TRUE, FALSE, NULL)] == [False, True, None]


@pytest.mark.parametrize("least, most, inside, result", [
    (2, 3, (TRUE, TRUE, NULL), True), (3, 3, (TRUE, TRUE, NULL), None), (0, 1, (TRUE, NULL), None),
    (0, 0, (TRUE, NULL), False), (2, 2, (FALSE, NULL), False), (0, 2, (NULL, NULL), True), (1, 1, (NULL,), None),
])
def test_any_n_is_null_only_while_it_is_open(least: int, most: int, inside: tuple[str, ...], result: Any) -> None:
    assert truth(of("any-n", *inside, min=least, max=most)) is result


@pytest.mark.parametrize("expression, result", [
    (of("is-null", NULL), True), (of("is-null", text("")), True), (of("is-null", of("multiple")), True),
    (of("is-null", whole(0)), False), (of("is-null", FALSE), False),
    (of("member", NULL, NUMBERS), None), (of("member", whole(3), NULL), None), (of("member", whole(4), NUMBERS), False),
    (of("contains", NULL, NUMBERS), None), (of("contains", NUMBERS, NULL), None),
    (of("string-match", NULL, text("a"), case_sensitive="true"), None),
    (of("string-match", text("a"), text(""), case_sensitive="true"), None),
    (of("substring", NULL, text("a"), case_sensitive="true"), None),
    (of("substring", text("a"), NULL, case_sensitive="true"), None),
    (of("pattern-match", NULL, pattern=".*"), None), (of("pattern-match", text(""), pattern=".*"), None),
    (of("inside", NULL, shape="default", coords=""), None), (of("inside", POINT, shape="default", coords=""), True),
    (of("equal-rounded", NULL, whole(1), figures=2), None), (of("equal-rounded", whole(1), NULL, figures=2), None),
    (of("equal-rounded", whole(1), whole(1), figures=0), None),
])
def test_truths_with_null(expression: str, result: Any) -> None:
    assert truth(expression) is result


@pytest.mark.parametrize("expression, result", [
    (of("container-size", NULL), 0), (of("index", NULL, n=1), None), (of("index", NUMBERS, n=3), None),
    (of("index", NUMBERS, n=0), None), (of("random", NULL), None), (of("repeat", whole(1), number_repeats=0), None),
    (of("container-size", of("repeat", NULL, whole(1), number_repeats=3)), 3),
    (of("container-size", of("multiple", NULL, whole(1), NULL)), 1), (of("container-size", of("ordered")), 0),
    (of("container-size", of("delete", NULL, NUMBERS)), 0), (of("container-size", of("delete", whole(3), NULL)), 0),
    (of("field-value", NULL, field_identifier="a"), None),
    (of("divide", whole(1), whole(0)), None), (of("integer-divide", whole(1), whole(0)), None),
    (of("integer-modulus", whole(1), whole(0)), None), (of("power", whole(0), whole(-1)), None),
    (of("power", whole(-1), base("0.5")), None), (of("power", whole(0), whole(0)), 1),
    (of("round-to", whole(12), figures=0, rounding_mode="significantFigures"), None),
    (of("round-to", whole(12), figures=-1, rounding_mode="decimalPlaces"), None),
    (of("round-to", NULL, figures=2), None), (of("gcd", base("1.5")), None), (of("lcm", whole(4), base("0.5")), None),
    (of("gcd", whole(0), whole(0)), 0), (of("lcm", whole(0), whole(3)), 0),
    (of("stats-operator", NULL, name="mean"), None),
    (of("stats-operator", of("multiple", whole(1)), name="sampleSD"), None),
    (of("math-operator", NULL, name="sin"), None), (of("math-operator", whole(1), NULL, name="atan2"), None),
    (of("random-integer", min="N", max=3), None), (of("random-float", min=0, max="N"), None),
    (of("sum", text("")), None), (of("sum", of("ordered")), None),
])
def test_numbers_with_null(expression: str, result: Any) -> None:
    declared = '<qti-response-declaration identifier="N" cardinality="single" base-type="integer"/>'
    assert evaluate(expression, declarations=declared) == result


def test_null_is_no_condition() -> None:
    """Neither NULL nor its negation opens a branch."""
    for condition in (of("match", NULL, name_of("A")), of("not", of("match", NULL, name_of("A")))):
        assert truth(condition) is None


def test_an_unanswered_response_is_null_whatever_stands_for_it() -> None:
    declared = ('<qti-response-declaration identifier="R" cardinality="multiple" base-type="float"/>')
    for given in (None, [], "", " ", [None], [""], "abc", {}):
        assert truth(of("is-null", var("R")), responses={"R": given}, declarations=declared) is True


def test_a_number_that_no_double_could_hold_is_null() -> None:
    huge = of("power", whole(10), whole(300))
    assert evaluate(huge) == Decimal(10) ** 300
    assert evaluate(of("product", huge, huge)) is None
    assert evaluate(of("power", huge, whole(5))) is None
    assert evaluate(of("power", base("1.000001"), whole(10 ** 9))) is None
