"""Declarations at work: mappings, areas, tables, defaults, records, built-in variables."""
from decimal import Decimal
from typing import Any

import pytest

from task_bank.scoring import Response, ScoringError, compile_item, score_item
from tests.task_bank.scoring.build import (
    base, declare, evaluate, item, name_of, of, set_outcome, truth, values, var, whole)


def entry(key: str, points: object, **more: str) -> str:
    return of("map-entry", map_key=key, mapped_value=points, **more)


def mapped(given: Response, mapping: str, base_type: str = "identifier", cardinality: str = "multiple") -> Any:
    declared = declare("response", "R", base_type, cardinality, mapping)
    return evaluate(of("map-response", identifier="R"), responses={"R": given}, declarations=declared)


POINTS = of("mapping", entry("A", 0), entry("B", 1), entry("C", "0.5"), entry("D", 0))
BOUNDED = of("mapping", entry("A", 3), entry("B", 2), entry("C", -4), default_value=-1, lower_bound=0, upper_bound=4)


@pytest.mark.parametrize("given, points", [(["C", "B"], "1.5"), (["B", "B", "C"], "1.5"), (["X"], "0"), ([], "0")])
def test_the_example_of_the_standard(given: Response, points: str) -> None:
    assert mapped(given, POINTS) == Decimal(points)
    assert mapped("C", POINTS, cardinality="single") == Decimal("0.5")


@pytest.mark.parametrize("given, points", [
    (["A"], 3), (["A", "B"], 4), (["A", "C"], 0), (["A", "B", "C"], 1), (["A", "D"], 2), (["D"], 0), (None, 0),
    (["D", "E"], 0), (["A", "B", "D"], 4)])
def test_defaults_are_summed_before_the_bounds(given: Response, points: int) -> None:
    assert mapped(given, BOUNDED) == points


def test_texts_are_mapped_in_any_case_unless_the_entry_says_otherwise() -> None:
    mapping = of("mapping", entry("York", 1), entry("york", "0.5", case_sensitive="true"), entry("LEEDS", 2,
                 case_sensitive="true"), default_value="0.25")
    found = [mapped(one, mapping, "string", "single") for one in ("YORK", "york", "York", "LEEDS", "leeds", "x")]
    assert found == [1, 1, 1, 2, Decimal("0.25"), Decimal("0.25")]


@pytest.mark.parametrize("base_type, key, given", [
    ("integer", "7", "07"), ("float", "0.5", "0,50"), ("pair", "A B", "B A"), ("directedPair", "A  B", "A B"),
    ("boolean", "true", True), ("point", "1 2", "1 2"),
])
def test_keys_are_read_in_the_type_of_the_response(base_type: str, key: str, given: Response) -> None:
    assert mapped(given, of("mapping", entry(key, 2)), base_type, "single") == 2


@pytest.mark.parametrize("mapping", [of("mapping", entry("A", "two")), of("mapping", of("map-entry", map_key="A")),
                                     of("mapping", entry("A", 1), default_value="much")])
def test_points_that_are_no_number_are_an_error(mapping: str) -> None:
    with pytest.raises(ScoringError, match="is not a number"):
        mapped("A", mapping)


def area(shape: str, coords: str, points: object) -> str:
    return of("area-map-entry", shape=shape, coords=coords, mapped_value=points)


AREAS = (area("circle", "10,10,5", 2), area("rect", "8,8,30,30", 1), area("poly", "50,0,60,0,60,10,50,10", 4))


@pytest.mark.parametrize("given, points", [
    (["10 10"], 2), (["20 20"], 1), (["10 10", "20 20"], 3),
    (["20 20", "25 25"], 1), (["55 5", "20 20"], 5), (["99 99"], -1),
    (["99 99", "98 98"], -2), (["55 5", "99 99"], 3), (None, -1), (["55 5", "20 20", "10 10"], 6),
])
def test_each_area_counts_once_and_a_point_outside_takes_the_default(given: Response, points: int) -> None:
    mapping = of("area-mapping", *AREAS, default_value=-1, upper_bound=6)
    declared = declare("response", "R", "point", "multiple", mapping)
    assert evaluate(of("map-response-point", identifier="R"), responses={"R": given}, declarations=declared) == points


def test_a_catch_all_listed_last_takes_only_what_no_area_before_it_holds() -> None:
    mapping = of("area-mapping", area("circle", "10,10,5", 2), area("default", "", -1))
    declared = declare("response", "R", "point", "multiple", mapping)
    for given, points in ((["10 10"], 2), (["90 90"], -1), (["10 10", "90 90", "80 80"], 1)):
        found = evaluate(of("map-response-point", identifier="R"), responses={"R": given}, declarations=declared)
        assert found == points


def test_an_entry_for_the_empty_text_is_about_no_answer() -> None:
    mapping = of("mapping", entry("", 3), entry("A", 1), default_value=-1)
    assert [mapped(one, mapping, "string", "single") for one in (None, "", "A", "x")] == [3, 3, 1, -1]


def test_a_single_point_takes_the_first_area() -> None:
    declared = declare("response", "R", "point", "single", of("area-mapping", *AREAS))
    assert evaluate(of("map-response-point", identifier="R"), responses={"R": "10 10"}, declarations=declared) == 2


def row(kind: str, source: object, target: object, **more: str) -> str:
    return of(f"{kind}-table-entry", source_value=source, target_value=target, **more)


def looked_up(table: str, source: str, base_type: str = "identifier") -> Any:
    xml = item(declare("outcome", "GRADE", base_type, inside=table),
               of("lookup-outcome-value", source, identifier="GRADE"))
    return score_item(xml, {})["GRADE"]


GRADES = [row("interpolation", 80, "A"), row("interpolation", 60, "B", include_boundary="false"),
          row("interpolation", 0, "C")]


@pytest.mark.parametrize("raw, grade", [
    (100, "A"), (80, "A"), (79.5, "B"), (60, "C"), (60.01, "B"), (0, "C"), (-1, "none")])
def test_an_interpolation_table_grades_whichever_way_it_is_written(raw: float, grade: str) -> None:
    for rows in (GRADES, GRADES[::-1]):
        assert looked_up(of("interpolation-table", *rows, default_value="none"), base(raw)) == grade


def test_a_table_in_no_order_is_read_as_it_is_written() -> None:
    rows = [row("interpolation", 80, "B", include_boundary="false"), row("interpolation", 90, "A"),
            row("interpolation", 0, "D")]
    table = of("interpolation-table", *rows, default_value="F")
    assert [looked_up(table, base(raw)) for raw in (95, 85, 80, 0, -1)] == ["B", "B", "D", "D", "F"]


def test_a_match_table_wants_the_very_number() -> None:
    table = of("match-table", row("match", 1, "one"), row("match", 2, "two"), default_value="many")
    assert [looked_up(table, whole(n)) for n in (1, 2, 3)] == ["one", "two", "many"]
    assert looked_up(of("match-table", row("match", 1, "one")), whole(5)) is None
    assert looked_up(table, "<qti-null/>") == "many"


def test_outcomes_start_as_declared() -> None:
    declared = (declare("outcome", "SCORE") + declare("outcome", "N", "integer") + declare("outcome", "T", "string")
                + declare("outcome", "MANY", "float", "multiple")
                + declare("outcome", "D", "boolean", inside=of("default-value", values("true")))
                + declare("outcome", "LIST", "identifier", "ordered", of("default-value", values("A", "B")))
                + declare("outcome", "P", "pair", inside=of("default-value", values("A B"))))
    assert score_item(item(declared), {}) == {
        "SCORE": 0, "N": 0, "T": None, "MANY": None, "D": True, "LIST": ["A", "B"], "P": "A B",
        "completionStatus": "unknown"}
    assert list(score_item(item(declared), {}))[-2:] == ["P", "completionStatus"]


def test_a_default_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ScoringError, match="default 'much' is no float"):
        score_item(item(declare("outcome", "SCORE", inside=of("default-value", values("much")))), {})


def test_a_key_that_does_not_fit_is_an_error_where_it_is_used() -> None:
    declared = declare("response", "R", "integer", inside=of("correct-response", values("B")))
    assert evaluate(whole(1), declarations=declared) == 1
    with pytest.raises(ScoringError, match="the right answer 'B' of 'R' is no integer"):
        truth(of("match", var("R"), of("correct", identifier="R")), declarations=declared)


def test_a_response_nobody_gave_has_its_default_and_null_is_no_answer() -> None:
    declared = declare("response", "R", "integer", inside=of("default-value", values(5)))
    assert evaluate(var("R"), declarations=declared) == 5
    assert evaluate(of("default", identifier="R"), responses={"R": "7"}, declarations=declared) == 5
    assert truth(of("is-null", var("R")), responses={"R": None}, declarations=declared) is True


def test_built_in_variables() -> None:
    assert evaluate(var("numAttempts"), "integer") == 1 and evaluate(var("duration")) == 0
    assert evaluate(var("numAttempts"), "integer", responses={"numAttempts": 3}) == 3
    late = of("duration-gte", var("duration"), base("PT1M", "duration"))
    assert [truth(late, responses={"duration": given}) for given in (59.5, "60", "PT2M")] == [False, True, True]
    xml = item(declare("outcome", "SCORE"), set_outcome("completionStatus", name_of("completed")))
    assert score_item(xml, {}) == {"SCORE": 0, "completionStatus": "completed"}


def test_an_end_attempt_that_was_not_pressed_is_false() -> None:
    hint = '<qti-end-attempt-interaction response-identifier="HINT" title="Hint"/>'
    xml = item(declare("response", "HINT", "boolean") + declare("outcome", "PRESSED", "boolean"),
               set_outcome("PRESSED", var("HINT"))).replace(
        b"<qti-item-body/>", f"<qti-item-body><p>{hint}</p></qti-item-body>".encode())
    assert [score_item(xml, given)["PRESSED"] for given in ({}, {"HINT": True}, {"HINT": "true"})] == [
        False, True, True]


RECORD = declare("response", "R", "", "record")


@pytest.mark.parametrize("field, base_type, typed, value", [
    ("stringValue", "string", "3.50", "3.50"), ("floatValue", "float", "3.50", Decimal("3.5")),
    ("integerValue", "integer", "42", 42), ("integerValue", "integer", "42.0", None),
    ("leftDigits", "integer", "42.5", 2),
    ("rightDigits", "integer", "42.50", 2), ("ndp", "integer", "0.07", 2), ("nsf", "integer", "0.070", 2),
    ("ndp", "integer", "0012.30e-1", 3), ("ndp", "integer", "1.25e3", 0),
    ("exponent", "integer", "4.2e-5", -5), ("exponent", "integer", "42", None),
    ("floatValue", "float", "about 3", None),
])
def test_a_typed_number_is_a_record(field: str, base_type: str, typed: str, value: Any) -> None:
    expression = of("field-value", var("R"), field_identifier=field)
    assert evaluate(expression, base_type, responses={"R": typed}, declarations=RECORD) == value


def test_records_come_as_objects_or_as_a_pci_writes_them() -> None:
    given: list[Response] = [
        {"x": 2, "word": "hi", "done": True},
        {"record": [{"name": "x", "base": {"integer": 2}}, {"name": "word", "base": {"string": "hi"}},
                    {"name": "done", "base": {"boolean": True}}]}]
    xml = item(RECORD + declare("outcome", "COPY", "", "record"), set_outcome("COPY", var("R")))
    for one in given:
        assert score_item(xml, {"R": one})["COPY"] == {"x": 2, "word": "hi", "done": True}
    assert score_item(xml, {"R": None})["COPY"] is None


def test_a_record_outcome_prints_as_an_object() -> None:
    fields = (of("value", "3", field_identifier="n", base_type="integer")
              + of("value", "0.5", field_identifier="share", base_type="float"))
    xml = item(declare("outcome", "BOTH", "", "record", of("default-value", fields)))
    assert score_item(xml, {})["BOTH"] == {"n": 3, "share": Decimal("0.5")}


def test_what_is_no_value_is_no_answer() -> None:
    declared = declare("response", "R", "string", "multiple")
    given: Response = [["A"], {"a": 1}, None]
    assert evaluate(of("container-size", var("R")), responses={"R": given}, declarations=declared) == 0


def typed_item(base_type: str, cardinality: str = "single", **attributes: str) -> bytes:
    entry = of("text-entry-interaction", response_identifier="R", **attributes)
    return item(
        declare("response", "R", base_type, cardinality) + declare("response", "RAW", "string")
        + declare("outcome", "V", "integer") + declare("outcome", "TEXT", "string"),
        set_outcome("V", var("R")) + set_outcome("TEXT", var("RAW")),
    ).replace(b"<qti-item-body/>", f"<qti-item-body><p>{entry}</p></qti-item-body>".encode())


@pytest.mark.parametrize("typed, value", [("FF", 255), ("ff", 255), ("10", 16), ("-A", -10), (255, 255), ("G", None),
                                          ("1_0", None), ("", None)])
def test_an_entry_of_another_base_is_read_in_it(typed: Response, value: int | None) -> None:
    assert score_item(typed_item("integer", base="16"), {"R": typed})["V"] == value


@pytest.mark.parametrize("base_type, cardinality, number_base", [
    ("float", "single", "16"), ("", "record", "2"), ("integer", "single", "1"), ("integer", "single", "ten")])
def test_a_base_that_cannot_be_scored_is_refused(base_type: str, cardinality: str, number_base: str) -> None:
    with pytest.raises(ScoringError, match="qti-text-entry-interaction"):
        compile_item(typed_item(base_type, cardinality, base=number_base))


def test_a_typed_text_goes_to_its_second_response_unless_that_is_given() -> None:
    xml = typed_item("integer", string_identifier="RAW")
    assert score_item(xml, {"R": "02"})["TEXT"] == "02"
    assert score_item(xml, {"R": "02", "RAW": "two"})["TEXT"] == "two"
    assert score_item(xml, {})["TEXT"] is None


@pytest.mark.parametrize("given, size", [("A", 1), (["A"], 1), (["A", "B"], 2), ({"base": {"identifier": "A"}}, 1),
                                         ({"list": {"identifier": ["A", "B"]}}, 2), (7, 1), ({"base": None}, 0)])
def test_answers_of_another_form_are_read_where_they_can_be(given: Response, size: int) -> None:
    declared = declare("response", "R", "identifier", "multiple")
    assert evaluate(of("container-size", var("R")), responses={"R": given}, declarations=declared) == size


def test_several_answers_to_a_single_question_match_no_key() -> None:
    declared = declare("response", "R", "identifier", inside=of("correct-response", values("A")))
    expression = of("match", var("R"), of("correct", identifier="R"))
    assert [truth(expression, responses={"R": given}, declarations=declared) for given in (["A"], ["A", "B"])] == [
        True, False]


def test_scoring_changes_nothing_in_a_compiled_item() -> None:
    compiled = compile_item(item(declare("response", "R") + declare("outcome", "SCORE"),
                                 set_outcome("SCORE", of("sum", var("SCORE"), var("R"), whole(1)))))
    assert [compiled.score({"R": "2"})["SCORE"] for _ in range(3)] == [3, 3, 3]
    assert compiled.score({})["SCORE"] is None


@pytest.mark.parametrize("declared, rule, element", [
    (declare("outcome", "V", cardinality="singel"), "", "qti-outcome-declaration"),
    (declare("outcome", "V", "floot"), "", "qti-outcome-declaration"),
    (declare("outcome", "V"), set_outcome("V", of("is-null", of("null"))), "qti-set-outcome-value"),
    (declare("outcome", "V"), set_outcome("V", base("3 4", "point")), "qti-set-outcome-value"),
    (declare("outcome", "V"), set_outcome("V", of("index", of("ordered", base(1)), n="1.5")), "qti-index"),
    (declare("outcome", "V"), set_outcome("V", of("field-value", of("null"))), "qti-field-value"),
    (declare("outcome", "V", "boolean"), set_outcome("V", of("pattern-match", base("a", "string"))),
     "qti-pattern-match"),
])
def test_what_can_never_be_evaluated_is_an_error_and_no_null(declared: str, rule: str, element: str) -> None:
    with pytest.raises(ScoringError) as raised:
        score_item(item(declared, rule), {})
    assert raised.value.element == element


@pytest.mark.parametrize("base_type, given, found", [
    ("point", "102 113", "102 113"), ("point", "102,113", "102 113"), ("point", [102, 113], "102 113"),
    ("point", {"base": {"point": [102, 113]}}, "102 113"), ("point", {"list": {"point": [[102, 113]]}}, "102 113"),
    ("pair", {"base": {"pair": ["A", "P"]}}, "A P"), ("pair", {"list": {"pair": [["P", "A"]]}}, "A P"),
    ("directedPair", {"list": {"directedPair": [["P", "A"]]}}, "P A"), ("directedPair", {"base": None}, None),
    ("pair", ["A"], None), ("directedPair", "A P X", None), ("point", "102 113 4", None), ("point", "1,2,3", None),
])
def test_pairs_and_points_are_read_in_every_form_they_are_written(
    base_type: str, given: Response, found: str | None
) -> None:
    declared = declare("response", "R", base_type)
    assert evaluate(var("R"), base_type, responses={"R": given}, declarations=declared) == found
