"""Response processing gives the points the standard gives."""
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from task_bank.items import BrokenXml
from task_bank.scoring import Response, ScoringError, restore_responses, score_item
from tests.task_bank.builders import (
    KINDS,
    RIGHT,
    make_choice,
    make_item,
    make_mapping,
    make_outcome,
    make_pairs,
    make_response,
)
from tests.task_bank.form_kinds import FORM_WRONG

WRONG: dict[str, Response] = {
    "choice": "wrong", "multiple": ["right"], "inline": "wrong", "text": "moscow", "number": "3,51",
    "match-table": ["row-b col-1"], "match-list": ["col-1 row-a"], "order": ["step-2", "step-1", "step-3"],
    "gaps": ["w-extra g-one"], "hottext": ["fact", "view", "fact-2"],
    "hotspot": ["lake", "wood"], "hotspot-one": "rest", "select-point": ["10 10", "390 290"],
    "graphic-gaps": ["g-house lake", "g-ship town"], "graphic-associate": ["hill lake"],
    "graphic-order": ["town", "hill", "lake", "wood"], "position-object": ["20 20"],
    **FORM_WRONG,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_right_answer_gives_all_points_a_wrong_or_no_answer_none(kind: str) -> None:
    full = score_item(KINDS[kind], {"RESPONSE": RIGHT[kind]})
    assert full["SCORE"] == full["MAXSCORE"]
    for answer in (WRONG[kind], None, [], ""):
        assert score_item(KINDS[kind], {"RESPONSE": answer})["SCORE"] == 0
    assert score_item(KINDS[kind], {})["SCORE"] == 0


def evaluate(expression: str, response: Response = None, **declared: str) -> Any:
    """The value of one expression, as the outcome V (its base type may be given)."""
    rules = f'<qti-set-outcome-value identifier="V">{expression}</qti-set-outcome-value>'
    base_type = declared.pop("outcome", "float")
    item = make_item(
        "", make_response(**({"base_type": "float"} | declared)), rules, outcomes=make_outcome("V", base_type=base_type)
    )
    return score_item(item, {"RESPONSE": response})["V"]


def number(value: str, base_type: str = "float") -> str:
    return f'<qti-base-value base-type="{base_type}">{value}</qti-base-value>'


def truth(expression: str, response: Response = None, **declared: str) -> Any:
    return evaluate(expression, response, outcome="boolean", **declared)


def of(name: str, *inside: str, attributes: str = "") -> str:
    return f"<qti-{name} {attributes}>{''.join(inside)}</qti-{name}>"


TRUE, FALSE, NULL = number("true", "boolean"), number("false", "boolean"), "<qti-null/>"
ANSWER = '<qti-variable identifier="RESPONSE"/>'


@pytest.mark.parametrize("expression, value", [
    (of("sum", number("0.1"), number("0.2")), "0.3"),
    (of("sum", of("multiple", number("1"), number("2")), number("3")), "6"),
    (of("product", number("3"), number("0.5")), "1.5"),
    (of("product", of("divide", number("1"), number("3")), number("3")), "1"),
    (of("subtract", number("1"), number("0.9")), "0.1"),
    (of("divide", number("1"), number("8")), "0.125"),
    (of("power", number("2"), number("10")), "1024"),
    (of("power", number("4"), number("0.5")), "2"),
    (of("integer-divide", number("-7"), number("2")), "-4"),
    (of("integer-modulus", number("-7"), number("2")), "1"),
    (of("truncate", number("-6.8")), "-6"),
    (of("round", number("6.5")), "7"),
    (of("round", number("-6.5")), "-6"),
    (of("round-to", number("0.55555"), attributes='rounding-mode="decimalPlaces" figures="2"'), "0.56"),
    (of("round-to", number("1234.5"), attributes='rounding-mode="significantFigures" figures="2"'), "1200"),
    (of("min", number("3"), number("-1")), "-1"),
    (of("max", of("ordered", number("3"), number("7"))), "7"),
    (of("gcd", number("12", "integer"), number("18", "integer")), "6"),
    (of("lcm", number("4", "integer"), number("6", "integer")), "12"),
    (of("container-size", NULL), "0"),
    (of("container-size", of("multiple", number("1"), number("1"))), "2"),
    (of("index", of("ordered", number("5"), number("6")), attributes='n="2"'), "6"),
])
def test_numbers_are_exact(expression: str, value: str) -> None:
    assert evaluate(expression) == Decimal(value)


@pytest.mark.parametrize("expression", [
    of("sum", number("1"), NULL), of("product", NULL), of("divide", number("1"), number("0")),
    of("integer-divide", number("1"), number("0")), of("integer-modulus", number("1"), number("0")),
    of("power", number("0"), number("-1")), of("power", number("-1"), number("0.5")),
    of("power", number("10"), number("1e9")), of("round", NULL), of("max", number("1"), NULL),
    of("index", of("ordered", number("5")), attributes='n="2"'), number(""), number("NaN"),
])
def test_what_has_no_number_is_null(expression: str) -> None:
    assert evaluate(expression) is None


@pytest.mark.parametrize("expression, value", [
    (of("and", TRUE, TRUE), True), (of("and", TRUE, FALSE, NULL), False), (of("and", TRUE, NULL), None),
    (of("or", FALSE, TRUE, NULL), True), (of("or", FALSE, NULL), None), (of("or", FALSE, FALSE), False),
    (of("not", FALSE), True), (of("not", NULL), None), (of("is-null", NULL), True), (of("is-null", TRUE), False),
    (of("any-n", TRUE, FALSE, NULL, attributes='min="1" max="2"'), True),
    (of("any-n", TRUE, FALSE, NULL, attributes='min="2" max="2"'), None),
    (of("any-n", TRUE, TRUE, NULL, attributes='min="0" max="1"'), False),
    (of("lt", number("1"), number("2")), True), (of("lte", number("2"), number("2")), True),
    (of("gt", number("1"), number("2")), False), (of("gte", number("1"), NULL), None),
    (of("equal", number("10"), number("10.0")), True),
    (of("equal", number("10"), number("9"), attributes='tolerance-mode="absolute" tolerance="1 0"'), True),
    (of("equal", number("10"), number("11"), attributes='tolerance-mode="absolute" tolerance="1 0"'), False),
    (of("equal", number("10"), number("9"),
        attributes='tolerance-mode="absolute" tolerance="1" include-lower-bound="false"'), False),
    (of("equal", number("200"), number("210"), attributes='tolerance-mode="relative" tolerance="5"'), True),
    (of("equal-rounded", number("3.175"), number("3.183"),
        attributes='rounding-mode="significantFigures" figures="3"'), True),
    (of("equal-rounded", number("3.175"), number("3.19"), attributes='rounding-mode="decimalPlaces" figures="2"'),
     False),
    (of("match", of("multiple", number("1"), number("2")), of("multiple", number("2"), number("1"))), True),
    (of("match", of("ordered", number("1"), number("2")), of("ordered", number("2"), number("1"))), False),
    (of("match", NULL, number("1")), None),
    (of("member", number("2"), of("multiple", number("1"), number("2"))), True),
    (of("member", number("2"), NULL), None),
    (of("contains", of("multiple", number("1"), number("2")), of("multiple", number("2"), number("2"))), False),
    (of("contains", of("ordered", *map(number, "123")), of("ordered", *map(number, "23"))), True),
    (of("contains", of("ordered", *map(number, "123")), of("ordered", *map(number, "13"))), False),
    (of("match", of("delete", number("1"), of("multiple", *map(number, "121"))), of("multiple", number("2"))), True),
    (of("string-match", number("Abc", "string"), number("abc", "string"), attributes='case-sensitive="false"'), True),
    (of("string-match", number("Abc", "string"), number("abc", "string"), attributes='case-sensitive="true"'), False),
    (of("substring", number("bc", "string"), number("abcd", "string"), attributes='case-sensitive="true"'), True),
    (of("pattern-match", number("A12", "string"), attributes='pattern="[A-Z][0-9]+"'), True),
    (of("pattern-match", number("A12x", "string"), attributes='pattern="[A-Z][0-9]+"'), False),
    (of("inside", number("5 5", "point"), attributes='shape="circle" coords="4,4,2"'), True),
    (of("inside", number("9 5", "point"), attributes='shape="rect" coords="0,0,8,8"'), False),
    (of("inside", number("1 1", "point"), attributes='shape="poly" coords="0,0,4,0,0,4"'), True),
])
def test_logic_keeps_null_as_the_standard_says(expression: str, value: bool | None) -> None:
    assert truth(expression) is value


@pytest.mark.parametrize("typed, value", [
    ("3,5", "3.5"), (" 3.5 ", "3.5"), ("−2", "-2"), ("1 000", "1000"), ("+5", "5"), ("1e2", "100"), ("05", "5"),
])
def test_numbers_are_read_as_people_type_them(typed: str, value: str) -> None:
    assert evaluate(ANSWER, typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["", " ", "abc", "3,5,1", "NaN", "Infinity", "1e999999999", "двадцать"])
def test_what_is_no_number_is_no_answer(typed: str) -> None:
    assert truth(of("is-null", ANSWER), typed) is True


def test_a_condition_takes_the_first_branch_that_is_true() -> None:
    def branch(kind: str, limit: str, points: str) -> str:
        condition = of("lt", ANSWER, number(limit)) if limit else ""
        outcome = f'<qti-set-outcome-value identifier="SCORE">{number(points)}</qti-set-outcome-value>'
        return of(f"response-{kind}", condition, outcome)

    rules = of("response-condition", branch("if", "1", "5"), branch("else-if", "2", "6"), branch("else", "", "7"))
    item = make_item("", make_response(base_type="float"), rules)
    scores = [score_item(item, {"RESPONSE": answer})["SCORE"] for answer in ("0", "1", "2", None)]
    assert scores == [5, 6, 7, 7]


def test_exit_response_ends_the_rules() -> None:
    first = f'<qti-set-outcome-value identifier="SCORE">{number("1")}</qti-set-outcome-value>'
    item = make_item("", make_response(), first + "<qti-exit-response/>" + first.replace("1<", "9<"))
    assert score_item(item, {})["SCORE"] == 1


MAPPED = {"A": "1", "B": "2.5", "C": "-1"}


@pytest.mark.parametrize("answer, points", [
    (["A"], "1"), (["A", "B"], "3"), (["A", "A"], "1"), (["C"], "0"), (["X"], "0.5"), (["A", "C"], "0"), (None, "0"),
])
def test_mappings_count_each_value_once_within_bounds(answer: Response, points: str) -> None:
    mapping = make_mapping(MAPPED, 'lower-bound="0" upper-bound="3" default-value="0.5"')
    item = make_item("", make_response(cardinality="multiple", more=mapping), template="map_response")
    assert score_item(item, {"RESPONSE": answer})["SCORE"] == Decimal(points)


def test_a_mapping_may_ignore_case() -> None:
    mapping = make_mapping({"Волга": "1"}).replace("/>", ' case-sensitive="false"/>')
    item = make_item("", make_response(base_type="string", more=mapping), template="map_response")
    assert score_item(item, {"RESPONSE": "ВОЛГА"})["SCORE"] == 1


def test_a_mapping_that_is_not_there_gives_nothing() -> None:
    assert score_item(make_item("", make_response(), template="map_response"), {"RESPONSE": "A"})["SCORE"] == 0


def test_an_empty_template_gives_nothing() -> None:
    empty = b"</qti-item-body><qti-response-processing template=''/>"
    item = make_item("", make_response()).replace(b"</qti-item-body>", empty)
    assert score_item(item, {"RESPONSE": "A"})["SCORE"] == 0


@pytest.mark.parametrize("template, answer, score, feedback", [
    ("CC2_match", "right", 1, None), ("CC2_match", "wrong", 0, None),
    ("CC2_match_basic", "right", 10, "correct"), ("CC2_match_basic", "wrong", 0, "incorrect"),
])
def test_templates_of_common_cartridge(template: str, answer: str, score: int, feedback: str | None) -> None:
    outcomes = make_outcome() + make_outcome("FEEDBACKBASIC", base_type="identifier")
    item = make_item("", make_response(key="right"), template=template, outcomes=outcomes, points=10)
    scored = score_item(item, {"RESPONSE": answer})
    assert (scored["SCORE"], scored["FEEDBACKBASIC"]) == (score, feedback)


TABLE = (
    '<qti-interpolation-table default-value="0"><qti-interpolation-table-entry source-value="4" target-value="2"/>'
    '<qti-interpolation-table-entry source-value="2" target-value="1" include-boundary="false"/>'
    "</qti-interpolation-table>"
)


@pytest.mark.parametrize("raw, score", [("5", 2), ("4", 2), ("3", 1), ("2", 0), ("0", 0), (None, 0)])
def test_a_table_turns_a_sum_into_points(raw: Response, score: int) -> None:
    outcome = make_outcome().replace("</qti-outcome", f"{TABLE}</qti-outcome")
    rules = f'<qti-lookup-outcome-value identifier="SCORE">{ANSWER}</qti-lookup-outcome-value>'
    item = make_item("", make_response(base_type="integer"), rules, outcomes=outcome)
    assert score_item(item, {"RESPONSE": raw})["SCORE"] == score


@pytest.mark.parametrize("rules, element", [
    ("<qti-wrong/>", "qti-wrong"),
    (f'<qti-set-outcome-value identifier="SCORE">{of("random-integer")}</qti-set-outcome-value>', "qti-random-integer"),
    (f'<qti-set-outcome-value identifier="GONE">{NULL}</qti-set-outcome-value>', "qti-set-outcome-value"),
    ('<qti-set-outcome-value identifier="SCORE"/>', "qti-set-outcome-value"),
    ('<qti-set-outcome-value identifier="SCORE"><qti-variable identifier="GONE"/></qti-set-outcome-value>',
     "qti-variable"),
    (f'<qti-set-outcome-value identifier="SCORE">{of("sum", of("match", NULL))}</qti-set-outcome-value>', "qti-match"),
    (f"<qti-response-condition>{of('response-else')}</qti-response-condition>", "qti-response-else"),
    ('<qti-set-outcome-value identifier="SCORE"><qti-custom-operator definition="x:Odd"/></qti-set-outcome-value>',
     "qti-custom-operator"),
])
def test_what_cannot_be_scored_is_named_with_item_and_element(rules: str, element: str) -> None:
    with pytest.raises(ScoringError) as caught:
        score_item(make_item("", make_response(), rules), {"RESPONSE": "A"})
    assert caught.value.element == element and caught.value.item == "task-01"


def test_an_unknown_branch_is_refused_even_when_it_would_not_run() -> None:
    rules = of("response-condition", of("response-if", FALSE, "<qti-wrong/>"))
    with pytest.raises(ScoringError, match="qti-wrong"):
        score_item(make_item("", make_response(), rules), {})


@pytest.mark.parametrize("xml", [b"", b"<qti-assessment-item>", b"<!DOCTYPE x []><x/>"])
def test_what_is_no_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(BrokenXml):
        score_item(xml, {})


def test_a_page_is_not_an_item() -> None:
    with pytest.raises(ScoringError, match="<html>: is not a QTI 3 item"):
        score_item(b"<html/>", {})


def test_pairs_without_direction_match_either_way() -> None:
    item = make_item("", make_response(key="A B", cardinality="multiple", base_type="pair"), template="match_correct")
    assert score_item(item, {"RESPONSE": ["B A"]})["SCORE"] == 1


@given(st.lists(st.sampled_from(["row-a col-1", "row-b col-0", "row-a col-0", "row-b col-2"]), max_size=6))
def test_points_of_pairs_never_leave_their_range(answer: list[str]) -> None:
    item = make_item("", make_pairs({"row-a col-1": "1", "row-b col-0": "1"}), template="map_response", points=2)
    expected = len({"row-a col-1", "row-b col-0"} & set(answer))
    assert score_item(item, {"RESPONSE": answer})["SCORE"] == expected


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=8) | st.integers(), st.lists, max_leaves=6))
def test_no_answer_makes_scoring_fall(answer: Any) -> None:
    for kind in ("choice", "number", "gaps", "order"):
        assert score_item(KINDS[kind], {"RESPONSE": answer})["SCORE"] in (0, 1, 2)


def test_delivered_names_are_turned_back_and_forged_ones_dropped() -> None:
    key = {"item": "gaps", "responses": {"r1": "RESPONSE"}, "identifiers": {"c1": "w-cat", "c2": "g-one"}}
    assert restore_responses(key, {"r1": ["c1 c2", "w-dog g-two", "c9 c2"]}, KINDS["gaps"]) == {
        "RESPONSE": ["w-cat g-one"]
    }
    assert restore_responses(key, {}, KINDS["gaps"]) == {"RESPONSE": None}


def test_typed_words_stay_as_typed() -> None:
    key = {"item": "text", "responses": {"r1": "RESPONSE"}, "identifiers": {"c1": "x"}}
    assert restore_responses(key, {"r1": "c1"}, KINDS["text"]) == {"RESPONSE": "c1"}


def test_a_choice_scores_the_same_for_an_item_of_any_name() -> None:
    assert score_item(make_choice("other"), {"RESPONSE": "right"})["SCORE"] == 1
