"""A check names what is wrong with a package, one line each."""
from pathlib import Path
from typing import Any

import pytest

from task_bank.items import read_package
from task_bank.items.check import check_package
from tests.task_bank.builders import (
    CHOICE,
    KINDS,
    make_assessment,
    make_choice,
    make_item,
    make_outcome,
    make_package,
    make_package_of_kinds,
    make_position,
    make_response,
)

SAMPLES = Path(__file__).parents[2] / "task_bank" / "samples"


def check(item: bytes | None = None, position: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    """Lines of a check without the advice to write more parallel items."""
    placed = make_position(**(position or {}))
    package = make_package({"task-01": item or make_choice()}, make_assessment([placed], **changes))
    return [str(finding) for finding in check_package(package) if "parallel items" not in finding.message]


def test_a_sound_package_has_nothing_but_advice() -> None:
    assert check() == []
    findings = check_package(make_package_of_kinds())
    assert {finding.severity for finding in findings} == {"warning"}
    assert len([finding for finding in findings if "parallel items" in finding.message]) == len(KINDS)


@pytest.mark.parametrize("name", ["english_grade_7", "german_grade_7", "french_grade_7", "metapredmet"])
def test_the_demonstration_works_are_sound(name: str) -> None:
    assert [str(one) for one in check_package(read_package(SAMPLES / name)) if one.severity == "error"] == []


def test_a_small_pool_is_a_warning_and_an_empty_one_an_error() -> None:
    small = check_package(make_package())
    assert [str(one) for one in small] == [
        "warning: assessment.json: position 1 has 1 parallel items, 4 are advised"
    ]
    empty = check_package(make_package(assessment=make_assessment([make_position(pool=())])))
    assert "error: assessment.json: position 1 has no items" in map(str, empty)


@pytest.mark.parametrize("item, said", [
    (make_item("<qti-gauge-interaction response-identifier='R'/>"), "<qti-gauge-interaction>: is not supported"),
    (make_choice(body=CHOICE + "<p><img src='x.png' alt=''/></p>"), "<img>: items/x.png is not in the package"),
    (make_choice(points=2), "MAXSCORE is 2, position 1 has 1 points"),
    (make_choice(responses=make_response()), "response 'RESPONSE' has no key"),
    (make_choice(responses=make_response(key="absent")), "names 'absent', which is no choice of it"),
    (make_choice(responses=make_response("OTHER", "right")), "response 'RESPONSE' is not declared"),
    (make_choice(body=CHOICE + CHOICE), "response 'RESPONSE' is asked for twice"),
    (make_choice(name="other"), "item 'task-01' is not in the manifest"),
    (make_item(CHOICE, make_response(key="right")), "has neither scoring rules nor criteria"),
    (make_item("<p>Read</p>", template="match_correct"), "asks for nothing"),
    (make_item(CHOICE, make_response(key="right"), "<qti-wrong/>"), "<qti-wrong>: is not a rule"),
    (make_item(CHOICE, make_response(key="right"), outcomes=make_outcome(default="1"), rules="<qti-exit-response/>"),
     "no answer at all gives 1 points"),
    (make_choice(body='<p class="answer">x</p>' + CHOICE), "class answer does not reach the candidate"),
    (make_choice(body=CHOICE.replace("max-choices", 'shuffle="false" max-choices')), "the first choice is right"),
])
def test_faults_of_an_item_are_named(item: bytes, said: str) -> None:
    assert any(said in line for line in check(item)), check(item)


@pytest.mark.parametrize("changes, said", [
    ({"total_points": 5}, "points of positions make 1, total_points is 5"),
    ({"scale": [{"mark": 2, "from": 1}]}, "the scale has no mark from 0 points"),
    ({"scale": [{"mark": 3, "from": 0}, {"mark": 2, "from": 1}]}, "does not rise"),
    ({"scale": [{"mark": 2, "from": 0}, {"mark": 3, "from": 9}]}, "needs more points than there are"),
    ({"criteria": {"x": {"criteria": [{"id": "К1", "max": 1}], "rules": [{"kind": "odd"}]}}}, "rule 'odd'"),
    ({"criteria": {"x": {"criteria": [{"id": "К1", "max": 2, "levels": [{"points": 2}]}]}}}, "every number of points"),
    ({"criteria": {"x": {"criteria": [{"id": "К1", "max": -1}]}}}, "criteria 'x' are incomplete"),
    ({"criteria": {"x": {"criteria": [{"id": "К1", "max": 10 ** 12}]}}}, "criteria 'x' are incomplete"),
    ({"criteria": {"x": {"criteria": [{"id": "К1", "max": 1, "levels": [{"points": []}]}]}}}, "are incomplete"),
    ({"criteria": {"x": {"criteria": {}}}}, "are incomplete"),
    ({"scale": [{"mark": 2}]}, "needs a mark and the points"),
])
def test_faults_of_an_assessment_are_named(changes: dict[str, Any], said: str) -> None:
    assert any(said in line for line in check(**changes)), check(**changes)


@pytest.mark.parametrize("position, said", [
    ({"criteria": "essay"}, "criteria 'essay' are missing"),
    ({"number": 3}, "positions are numbered [3]"),
    ({"pool": ("task-01", "task-01")}, "task-01 stands twice in the pool"),
    ({"kind": "speaking"}, "speaking times must stand with it"),
    ({"listening": {"read_s": 1, "plays": 1}}, "listening times must stand with it"),
])
def test_faults_of_a_position_are_named(position: dict[str, Any], said: str) -> None:
    assert any(said in line for line in check(position=position)), check(position=position)


ESSAY = {"criteria": [{"id": "К1", "max": 2, "levels": [{"points": 0}, {"points": 1}, {"points": 2}]}]}


def test_what_people_mark_needs_fitting_criteria_and_says_so_in_the_item() -> None:
    body = '<qti-extended-text-interaction response-identifier="RESPONSE"/>'
    human = make_outcome(more='external-scored="human"')
    declared = make_response(base_type="string")
    sound = make_item(body, declared, outcomes=human, points=2)
    position, criteria = {"criteria": "essay", "points": 2}, {"criteria": {"essay": ESSAY}}
    assert check(sound, position, **criteria) == []
    silent = make_item(body, declared, points=2)
    assert any('needs external-scored="human"' in line for line in check(silent, position, **criteria))
    assert any("its criteria give 2" in line for line in check(sound, {**position, "points": 3}, **criteria))


def test_times_in_an_item_agree_with_the_assessment() -> None:
    body = (
        '<qti-portable-custom-interaction response-identifier="REC" data-recording-seconds="60" '
        'custom-interaction-type-identifier="urn:testing-server:speaking"/>'
    )
    item = make_item(
        body, make_response("REC", base_type="file"), outcomes=make_outcome(more='external-scored="human"'), points=2
    )
    position = {
        "kind": "speaking", "criteria": "essay", "points": 2, "speaking": {"prepare_s": 90, "record_s": 90},
    }
    lines = check(item, position, criteria={"essay": ESSAY})
    assert [line for line in lines if "data-recording-seconds is 60, record_s of position 1 is 90" in line] == lines


def test_the_test_file_agrees_with_the_assessment() -> None:
    test = (
        b'<qti-assessment-test xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="t">'
        b'<qti-time-limits max-time="60"/><qti-assessment-item-ref identifier="gone" href="x"/></qti-assessment-test>'
    )
    lines = [str(one) for one in check_package(make_package(**{"assessment-test_dot_xml": test}))]
    assert any("max-time is 60, duration_s in assessment.json is 600" in line for line in lines)
    assert any("item 'task-01' of a pool is not in the test" in line for line in lines)
    assert any("item 'gone' is in no pool" in line for line in lines)
