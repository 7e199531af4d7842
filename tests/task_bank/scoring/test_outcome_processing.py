"""Outcome processing of tests: variables of items by reference, weights, categories, sections, counts and limits."""
from decimal import Decimal
from typing import Any

import pytest

from task_bank.scoring import ItemSession, Response, ScoringError, UnknownItem, compile_item, score_test
from tests.task_bank.builders import QTI
from tests.task_bank.scoring.build import base, declare, item, of, set_outcome, values, var, whole

ITEM = compile_item(item(
    declare("response", "RESPONSE", "identifier", inside=of("correct-response", values("A")))
    + of("outcome-declaration", identifier="SCORE", cardinality="single", base_type="float", normal_maximum="2",
         normal_minimum="-1")
    + declare("outcome", "TRIES", "integer") + declare("outcome", "POINTS"),
    of("response-condition",
       of("response-if", of("match", var("RESPONSE"), of("correct", identifier="RESPONSE")),
          set_outcome("SCORE", base("1.5")), set_outcome("POINTS", base(7))))
    + set_outcome("TRIES", var("numAttempts"))))
OPEN = compile_item(item(declare("response", "ESSAY", "string") + declare("outcome", "SCORE")))


def reference(identifier: str, inside: str = "", category: str = "") -> str:
    return of("assessment-item-ref", inside, identifier=identifier, href=f"{identifier}.xml", category=category)


DOUBLE = of("weight", identifier="W", value="2")
SECTIONS = of(
    "test-part",
    of("assessment-section", reference("Q1", DOUBLE, "easy"), reference("Q2", category="easy hard"), identifier="S1")
    + of("assessment-section",
         of("assessment-section", reference("Q3", category="hard"), identifier="S2A"),
         reference("Q4", of("variable-mapping", source_identifier="POINTS", target_identifier="SCORE")),
         identifier="S2"),
    identifier="P1")


def session(answer: Response = "A", **marked: Response) -> ItemSession:
    return ItemSession(ITEM, {"RESPONSE": answer}, marked)


SESSIONS = {"Q1": session(), "Q2": session("B"), "Q3": session(None), "Q4": session()}


def score(rules: str, outcomes: str, sessions: dict[str, ItemSession] | None = None) -> dict[str, Any]:
    xml = (f'<qti-assessment-test {QTI} identifier="exam" title="t">{outcomes}{SECTIONS}'
           f"{of('outcome-processing', rules)}</qti-assessment-test>").encode()
    return score_test(xml, SESSIONS if sessions is None else sessions)


def value(expression: str, base_type: str = "float", cardinality: str = "single",
          sessions: dict[str, ItemSession] | None = None) -> Any:
    return score(set_outcome("V", expression), declare("outcome", "V", base_type, cardinality), sessions)["V"]


def variables(**attributes: str) -> str:
    return of("test-variables", variable_identifier="SCORE", **attributes)


@pytest.mark.parametrize("attributes, found", [
    ({}, ["1.5", "0", "0", "7"]), ({"weight_identifier": "W"}, ["3", "0", "0", "7"]),
    ({"include_category": "easy"}, ["1.5", "0"]), ({"exclude_category": "hard"}, ["1.5", "7"]),
    ({"include_category": "easy", "exclude_category": "hard"}, ["1.5"]), ({"section_identifier": "S2"}, ["0", "7"]),
    ({"section_identifier": "S2A"}, ["0"]), ({"section_identifier": "P1"}, ["1.5", "0", "0", "7"]),
    ({"base_type": "integer"}, None), ({"include_category": "none"}, None),
])
def test_variables_of_a_subset(attributes: dict[str, str], found: list[str] | None) -> None:
    expected = None if found is None else [Decimal(one) for one in found]
    assert value(variables(**attributes), cardinality="multiple") == expected


def test_a_total_with_weights() -> None:
    assert value(of("sum", variables(weight_identifier="W"))) == 10
    assert value(of("sum", variables(include_category="none"))) is None


@pytest.mark.parametrize("identifier, attributes, found", [
    ("Q1.SCORE", {}, "1.5"), ("Q1.SCORE", {"weight_identifier": "W"}, "3"),
    ("Q2.SCORE", {"weight_identifier": "W"}, "0"), ("Q4.SCORE", {}, "7"), ("Q1.TRIES", {}, "1"),
])
def test_variables_by_reference(identifier: str, attributes: dict[str, str], found: str) -> None:
    assert value(of("variable", identifier=identifier, **attributes)) == Decimal(found)


def test_an_item_that_was_not_drawn_is_null_and_one_drawn_twice_has_numbers() -> None:
    sessions = {"Q1.1": session(), "Q1.2": session("B")}
    assert value(of("is-null", var("Q2.SCORE")), "boolean", sessions=sessions) is True
    assert value(of("sum", var("Q1.1.SCORE"), var("Q1.2.SCORE")), sessions=sessions) == Decimal("1.5")
    assert value(variables(weight_identifier="W"), cardinality="multiple", sessions=sessions) == [3, 0]


COUNTS = {"number-correct": 2, "number-incorrect": 2, "number-presented": 4, "number-responded": 3,
          "number-selected": 4}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    assert value(of(name), "integer") == COUNTS[name]
    unseen = {**SESSIONS, "Q2": ItemSession(ITEM, None), "Q3": ItemSession(OPEN, {"ESSAY": "long"})}
    changed = {"number-correct": 2, "number-incorrect": 0, "number-presented": 3, "number-responded": 3,
               "number-selected": 4}
    assert value(of(name), "integer", sessions=unseen) == changed[name]
    assert value(of(name, include_category="easy"), "integer") == {
        "number-correct": 1, "number-incorrect": 1}.get(name, 2)


def test_limits_of_outcomes() -> None:
    maximum = of("outcome-maximum", outcome_identifier="SCORE", section_identifier="S1", weight_identifier="W")
    minimum = of("outcome-minimum", outcome_identifier="SCORE", section_identifier="S1")
    assert value(maximum, cardinality="multiple") == [4, 2]
    assert value(minimum, cardinality="multiple") == [-1, -1]
    mixed = {**SESSIONS, "Q2": ItemSession(OPEN, {})}
    assert value(maximum, cardinality="multiple", sessions=mixed) is None
    assert value(minimum, cardinality="multiple", sessions=mixed) == [-1]


def test_points_that_people_gave_stand() -> None:
    sessions = {"Q1": session("B", SCORE="2"), "Q2": ItemSession(OPEN, {"ESSAY": "x"}, {"SCORE": "3.5"})}
    assert value(of("sum", variables()), sessions=sessions) == Decimal("5.5")


def test_conditions_tables_and_exit() -> None:
    table = of("interpolation-table", of("interpolation-table-entry", source_value="8", target_value="5"),
               of("interpolation-table-entry", source_value="5", target_value="4"), default_value="2")
    outcomes = declare("outcome", "TOTAL") + declare("outcome", "MARK", "integer", inside=table) + declare(
        "outcome", "PASSED", "boolean") + declare("outcome", "LATE", "boolean")
    rules = (
        set_outcome("TOTAL", of("sum", variables()))
        + of("lookup-outcome-value", var("TOTAL"), identifier="MARK")
        + of("outcome-condition",
             of("outcome-if", of("gte", var("MARK"), whole(3)), set_outcome("PASSED", base("true", "boolean")),
                "<qti-exit-test/>"),
             of("outcome-else", set_outcome("PASSED", base("false", "boolean"))))
        + set_outcome("LATE", base("true", "boolean")))
    assert score(rules, outcomes) == {"TOTAL": Decimal("8.5"), "MARK": 5, "PASSED": True, "LATE": None}
    assert score(rules, outcomes, {"Q1": session()}) == {
        "TOTAL": Decimal("1.5"), "MARK": 2, "PASSED": False, "LATE": True}


@pytest.mark.parametrize("rule, element", [
    (set_outcome("GONE", whole(1)), "qti-set-outcome-value"), (set_outcome("V", var("GONE")), "qti-variable"),
    (set_outcome("V", var("Q1.GONE")), "qti-variable"), (of("response-condition"), "qti-response-condition"),
    (set_outcome("V", of("map-response", identifier="Q1")), "qti-map-response"),
])
def test_what_cannot_be_scored_is_named(rule: str, element: str) -> None:
    with pytest.raises(ScoringError) as caught:
        score(rule, declare("outcome", "V"))
    assert caught.value.element == element and caught.value.item == "exam"


def test_a_session_of_an_item_the_test_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownItem, match="'Q9'"):
        value(of("number-selected"), sessions={"Q9": session()})
    with pytest.raises(ScoringError, match="is not a QTI 3 test"):
        score_test(b"<qti-assessment-item/>", {})
