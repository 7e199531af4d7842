"""Items and results of other makers, where they lie beside the project, score as their makers say.

The folder is found by the variable QTI_ITEMS, else beside the project; elsewhere these tests are skipped.
"""
import os
from pathlib import Path

import pytest
from lxml import etree

from task_bank.scoring import Response, ScoringError, score_item

ITEMS = Path(os.environ.get("QTI_ITEMS", Path(__file__).parents[3] / "shared" / "qti-items"))
CITO, KENNISNET = ITEMS / "citolab-qti-scoring-engine", ITEMS / "kennisnet-php-qti3"
pytestmark = pytest.mark.skipif(not CITO.is_dir(), reason="items of other makers are not here")

SPOTS = ["hs", "hs-workaround"]
GAPS = ["2gaps", "2gaps-workaround"]
EXPECTED = [
    ("gap-match-item", "gap-match-result", 1),
    ("gap-match-item", "gap-match-result-fout", 0),
    *[(item, f"hs-result-correct-{n}", 1) for item in SPOTS for n in (1, 2)],
    *[(item, f"hs-result-incorrect-{n}", 0) for item in SPOTS for n in (1, 2)],
    *[(item, f"2gaps-result-correct-{n}", 1) for item in GAPS for n in (1, 2)],
    *[(item, f"2gaps-result-incorrect-{n}", 0) for item in GAPS for n in (1, 2, 3)],
    ("d3fc4cde-5dc0-451c-b2a5-3df3ba554e3e", "assessmentresult_DOE", 0),
    ("e726a093-a5dd-456e-8cc4-fd987cd05438", "result_numeric", 3),
    ("sum_item", "sum_result", 1),
]


def read_result(name: str, item: str) -> dict[str, Response]:
    """Candidate responses of one item in a results file."""
    responses: dict[str, Response] = {}
    for result in etree.parse(CITO / f"{name}.xml").iter("{*}itemResult"):
        for variable in result.findall("{*}responseVariable") if result.get("identifier") == item else ():
            values = [value.text or "" for value in variable.iter("{*}value")]
            responses[str(variable.get("identifier"))] = values if len(values) > 1 else values[0]
    return responses


@pytest.mark.parametrize("item, result, score", EXPECTED)
def test_results_score_as_their_makers_say(item: str, result: str, score: int) -> None:
    xml = (CITO / f"{item}.xml").read_bytes()
    responses = read_result(result, etree.fromstring(xml).get("identifier", ""))
    assert responses
    assert score_item(xml, responses)["SCORE"] == score


@pytest.mark.parametrize("item, responses, score", [
    ("match-correct-template", {"RESPONSE": "Test"}, "1"),
    ("map-response-template", {"RESPONSE": ["A1 B1", "A2 B2"]}, "2"),
    ("map-response-point-template", {"RESPONSE": ["408 427"]}, "1"),
    ("simple-match-processing", {"RESPONSE": ["A1 B1", "A2 B2"]}, "1"),
    ("various-expressions", {"RESPONSE": ["A1 B1", "A2 B2"]}, "0.556"),
    ("outcome-declaration-without-default", {"RESPONSE": "CHOICE1"}, "1"),
    ("default-value-wrong-tag", {"RESPONSE": "CHOICE1"}, "1"),
    ("without-response-processing", {"RESPONSE": "text"}, "0"),
    ("various-expressions", {"RESPONSE": ["A1 B1"]}, "1"), ("with-else-if", {"RESPONSE": ["A1 B1"]}, "0.5"),
    ("number-comparison-expressions", {"RESPONSE": ["2"]}, "1"),
    ("number-comparison-expressions", {"RESPONSE": ["0,45"]}, "0.7"),
    ("number-comparison-expressions", {"RESPONSE": "0.1"}, "0.3"),
    ("select-point-processing", {"RESPONSE": ["408 427", "500 250", "130 200"]}, "1"),
    ("select-point-processing", {"RESPONSE": ["408 427", "409 428"]}, "0.333333333333333"),
    ("simple-multiple-choice-processing1", {"RESPONSE": ["choice1", "choice2", "choice3"]}, "2"),
    ("simple-multiple-choice-processing2", {"RESPONSE": ["choice1", "choice2", "choice4"]}, "0"),
    ("empty-correct-response-value", {"RESPONSE": ["A1 B1"]}, "0.5"), ("simple-choice-processing", {}, "0"),
    ("missing-outcome-declaration-maxscore", {"RESPONSE": "CHOICE1"}, "1"),
    ("non-existing-outcome", {"RESPONSE": ["A1 B1"]}, "0.5"),
])
def test_rules_of_all_sorts_run(item: str, responses: dict[str, Response], score: str) -> None:
    assert str(score_item((KENNISNET / f"{item}.xml").read_bytes(), responses)["SCORE"]) == score


@pytest.mark.parametrize("item, element", [
    ("wrong-expression-element", "qti-wrong-element"),
    ("wrong-processing-element", "qti-wrong-element"),
    ("else-if-after-else", "qti-response-else"),
])
def test_broken_rules_are_refused_by_element(item: str, element: str) -> None:
    with pytest.raises(ScoringError) as caught:
        score_item((KENNISNET / f"{item}.xml").read_bytes(), {"RESPONSE": "CHOICE1"})
    assert caught.value.element == element


def test_an_adaptive_item_is_scored_as_one_attempt() -> None:
    xml = (KENNISNET / "complex-response-processing.xml").read_bytes()
    assert score_item(xml, {"RESPONSE1": "OPTION2"})["BODY"] == ["part2", "option2"]


def test_an_outcome_nobody_declared_is_an_error_when_it_is_reached() -> None:
    with pytest.raises(ScoringError, match="'NON-EXISTING' is not declared"):
        score_item((KENNISNET / "non-existing-outcome.xml").read_bytes(), {"RESPONSE": ["A1 B1", "A2 B2"]})


def test_no_item_and_no_answer_makes_scoring_fall() -> None:
    for path in [*CITO.glob("*.xml"), *KENNISNET.glob("*.xml")]:
        for responses in ({}, {"RESPONSE": "A"}, {"RESPONSE": ["A B", "1 2"]}):
            try:
                score_item(path.read_bytes(), responses, path.name)
            except ScoringError as error:
                assert error.element.startswith("qti-") or error.element == "assessmentResult"
