"""A rule that can never be evaluated is an error naming item and element, whatever was answered."""
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree

from task_bank.cli import main
from task_bank.scoring import ScoringError, check_scoring, compile_test, score_item
from tests.task_bank.builders import QTI
from tests.task_bank.scoring.build import (
    FALSE, NULL, TRUE, base, declare, evaluate, item, name_of, of, set_outcome, text, truth, values, var, whole)

DECLARED = (
    declare("response", "B", "boolean") + declare("response", "I", "identifier") + declare("response", "P", "pair")
    + declare("response", "T", "string") + declare("response", "S", "point", "multiple")
    + declare("response", "R", "", "record") + declare("response", "F", "float", "multiple")
)
NOT_NUMBERS = (TRUE, text("abc"), name_of("A"), base("A B", "pair"), base("1 2", "point"), var("B"), var("I"), var("P"),
               var("R"), of("is-null", NULL), of("multiple", TRUE), of("index", var("S"), n=1),
               of("correct", identifier="B"), of("default", identifier="B"), of("delete", whole(1), var("S")),
               of("random", of("ordered", name_of("A"))))
FOLDS = ("sum", "product", "min", "max", "gcd", "lcm")
ONES = ("truncate", "round", "integer-to-float")
TWOS = ("subtract", "divide", "power", "integer-divide", "integer-modulus")
COMPARISONS = ("lt", "lte", "gt", "gte", "equal", "duration-lt", "duration-gte")


def refuse(expression: str, base_type: str = "float", responses: Any = None) -> str:
    """The error of an expression, the same at scoring without any answer and at import."""
    with pytest.raises(ScoringError) as caught:
        evaluate(expression, base_type, declarations=DECLARED, responses=responses)
    declared = DECLARED + declare("outcome", "V", base_type)
    with pytest.raises(ScoringError):
        check_scoring(etree.fromstring(item(declared, set_outcome("V", expression))))
    assert caught.value.item == "task-01"
    return str(caught.value)


@pytest.mark.parametrize("inside", NOT_NUMBERS)
def test_what_is_no_number_cannot_be_computed_with(inside: str) -> None:
    for name in FOLDS:
        assert f"<qti-{name}>: takes numbers" in refuse(of(name, whole(1), inside))
        assert f"<qti-{name}>: takes numbers" in refuse(of(name, NULL, inside))
    for name in TWOS:
        assert f"<qti-{name}>: takes numbers" in refuse(of(name, inside, whole(1)))
    for name in ONES:
        assert f"<qti-{name}>: takes numbers" in refuse(of(name, inside))
    assert "<qti-round-to>" in refuse(of("round-to", inside, figures=1))
    assert "<qti-math-operator>" in refuse(of("math-operator", inside, name="sin"))
    assert "<qti-stats-operator>" in refuse(of("stats-operator", inside, name="mean"))


@pytest.mark.parametrize("inside", NOT_NUMBERS)
def test_what_is_no_number_cannot_be_compared_as_one(inside: str) -> None:
    for name in COMPARISONS:
        assert f"<qti-{name}>: takes numbers" in refuse(of(name, whole(1), inside), "boolean")
    assert "<qti-equal-rounded>" in refuse(of("equal-rounded", inside, whole(1), figures=1), "boolean")
    assert "<qti-equal>" in refuse(
        of("equal", inside, whole(1), tolerance_mode="absolute", tolerance="1"), "boolean")


@pytest.mark.parametrize("inside", (whole(1), text("true"), var("I"), var("T"), of("sum", whole(1))))
def test_what_is_no_truth_cannot_be_asked(inside: str) -> None:
    for name in ("and", "or", "not"):
        assert f"<qti-{name}>: takes true or false" in refuse(of(name, inside), "boolean")
    assert "<qti-any-n>" in refuse(of("any-n", inside, min=0, max=1), "boolean")


def test_points_and_records_are_needed_where_they_are_needed() -> None:
    assert "takes points" in refuse(of("inside", var("I"), shape="default", coords=""), "boolean")
    assert "takes a record" in refuse(of("field-value", var("T"), field_identifier="a"), "string")


@pytest.mark.parametrize("base_type, inside", [
    ("float", TRUE), ("float", text("abc")), ("integer", name_of("A")), ("integer", var("I")), ("duration", var("B")),
    ("float", of("match", whole(1), whole(1))), ("boolean", whole(1)), ("boolean", name_of("true")),
])
def test_a_variable_gets_only_what_it_can_hold(base_type: str, inside: str) -> None:
    assert "<qti-set-outcome-value>: 'V' takes" in refuse(inside, base_type)


@pytest.mark.parametrize("base_type", ["string", "boolean", "identifier", "point"])
def test_a_number_in_an_attribute_is_the_name_of_a_number(base_type: str) -> None:
    declared = declare("template", "N", base_type)
    with pytest.raises(ScoringError, match=f"<qti-index>: n names 'N', which is {base_type} and no number"):
        evaluate(of("index", of("ordered", whole(1)), n="{N}"), declarations=declared)


def test_a_field_of_unknown_type_is_judged_when_it_is_there() -> None:
    field = of("field-value", var("R"), field_identifier="a")
    assert evaluate(of("sum", field, whole(1)), declarations=DECLARED, responses={"R": {"a": 2}}) == 3
    assert evaluate(of("sum", field, whole(1)), declarations=DECLARED) is None
    with pytest.raises(ScoringError, match="<qti-sum>: takes numbers and got something else"):
        evaluate(of("sum", field, whole(1)), declarations=DECLARED, responses={"R": {"a": True}})
    with pytest.raises(ScoringError, match="'V' is boolean and would get"):
        evaluate(field, "boolean", declarations=DECLARED, responses={"R": {"a": 2}})


def test_texts_that_candidates_type_are_numbers_or_nothing() -> None:
    for given, result in (("2", 3), ("2,5", None), ("abc", None), (None, None)):
        found = evaluate(of("sum", var("T"), whole(1)), declarations=DECLARED, responses={"T": given})
        assert found == result or given == "2,5"
    assert evaluate(of("sum", text("2"), whole(1))) == 3
    assert truth(of("gte", var("F"), whole(2)), declarations=DECLARED, responses={"F": ["2"]}) is True


@pytest.mark.parametrize("expression", [
    of("match", TRUE, FALSE, TRUE), of("not", TRUE, TRUE), of("subtract", *[whole(1)] * 3), of("is-null", NULL, NULL)])
def test_more_inside_than_an_expression_takes_is_an_error(expression: str) -> None:
    with pytest.raises(ScoringError, match="expressions inside, takes"):
        evaluate(expression)


@pytest.mark.parametrize("twice", [
    declare("outcome", "SCORE") * 2, declare("response", "R", "identifier") * 2,
    declare("response", "SCORE") + declare("outcome", "SCORE"),
    declare("outcome", "SCORE", inside=of("default-value", values(1))) + declare("outcome", "SCORE", "integer"),
])
def test_a_variable_declared_twice_refuses_the_item(twice: str) -> None:
    with pytest.raises(ScoringError, match="declaration>: '(SCORE|R)' is declared twice \\(item task-01"):
        score_item(item(twice), {}, "a.xml")


def test_an_outcome_of_a_test_declared_twice_refuses_it() -> None:
    declared = declare("outcome", "TOTAL") * 2
    with pytest.raises(ScoringError, match="'TOTAL' is declared twice"):
        compile_test(f'<qti-assessment-test {QTI} identifier="t">{declared}</qti-assessment-test>'.encode())


def test_a_variable_without_a_name_refuses_the_item() -> None:
    with pytest.raises(ScoringError, match="has no identifier"):
        score_item(item(of("outcome-declaration", cardinality="single", base_type="float")), {})


def test_the_command_says_file_line_element_and_item(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{}")
    (tmp_path / "a.xml").write_bytes(item(declare("outcome", "SCORE"), set_outcome("SCORE", of("sum", TRUE, whole(1)))))
    result = CliRunner().invoke(main, ["score", str(tmp_path / "a.xml"), "--responses", str(tmp_path / "r.json")])
    assert result.exit_code == 1
    assert "a.xml:1: <qti-sum>: takes numbers" in result.stdout and "(item task-01)" in result.stdout


def test_rules_of_a_standard_template_are_told_of_where_the_item_asks_for_them() -> None:
    xml = item(declare("response", "OTHER", "identifier") + declare("outcome", "SCORE")).replace(
        b"<qti-item-body/>", b"\n<qti-item-body/>\n<qti-response-processing template='rptemplates/match_correct.xml'/>")
    with pytest.raises(ScoringError, match="a.xml:3: <qti-response-processing>: variable 'RESPONSE' is not declared"):
        score_item(xml, {}, "a.xml")


def test_mapped_without_a_mapping_is_nothing_at_scoring_and_refused_at_import() -> None:
    for name, kind in (("map-response", "qti-mapping"), ("map-response-point", "qti-area-mapping")):
        rules = set_outcome("SCORE", of(name, identifier="R"))
        xml = item(declare("response", "R", "point") + declare("outcome", "SCORE"), rules)
        assert score_item(xml, {"R": "1 2"})["SCORE"] == 0
        with pytest.raises(ScoringError, match=f"<qti-{name}>: 'R' has no {kind}"):
            check_scoring(etree.fromstring(xml))


@pytest.mark.parametrize("bounds, message", [
    ({"lower_bound": "high"}, "lower-bound 'high' is not a number"),
    ({"upper_bound": "low"}, "upper-bound 'low' is not a number"),
    ({"lower_bound": 5, "upper_bound": 1}, "lower-bound 5 is above the upper-bound"),
])
def test_bounds_of_a_mapping_are_numbers_in_their_order(bounds: dict[str, object], message: str) -> None:
    inside = of("mapping", of("map-entry", map_key="A", mapped_value=1), **bounds)
    with pytest.raises(ScoringError, match=message):
        score_item(item(declare("response", "R", "identifier", inside=inside)), {})


@pytest.mark.parametrize("table", ["match", "interpolation"])
def test_a_table_gives_values_of_its_outcome(table: str) -> None:
    for entry, otherwise in (("much", "0"), ("1", "much")):
        rows = of(f"{table}-table", of(f"{table}-table-entry", source_value=1, target_value=entry),
                  default_value=otherwise)
        with pytest.raises(ScoringError, match="'much' is no float"):
            score_item(item(declare("outcome", "MARK", inside=rows)), {})


def test_every_number_that_a_double_holds_is_read() -> None:
    assert [evaluate(base(one)) for one in ("1.79e308", "-1e308", "1e-300")] == [
        Decimal("1.79e308"), Decimal("-1e308"), Decimal("1e-300")]
    assert evaluate(of("sum", base("1e308"), base("1e308"))) is None
    with pytest.raises(ScoringError, match="'1e309' is no float"):
        evaluate(base("1e309"))


def test_flags_are_true_or_false() -> None:
    same = (text("a"), text("A"))
    assert truth(of("string-match", *same, case_sensitive="FALSE")) is True
    with pytest.raises(ScoringError, match="<qti-string-match>: case-sensitive 'no' is neither true nor false"):
        truth(of("string-match", *same, case_sensitive="no"))
    with pytest.raises(ScoringError, match="include-lower-bound 'yes'"):
        truth(of("equal", whole(1), whole(1), tolerance_mode="absolute", tolerance=1, include_lower_bound="yes"))
