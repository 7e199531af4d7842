"""What cannot run on a seat is refused with its reason or left out with a warning; nothing is half shown."""
import re
from typing import Any

import pytest

from task_bank.items import UnsupportedElement
from task_bank.items.redaction.policy import list_left_out
from task_bank.items.redaction.redact import redact
from task_bank.items.xml import parse_xml, read_text
from tests.task_bank.builders import CHOICE, TEXT, make_choice, make_item, make_outcome, make_response
from tests.task_bank.test_render import render_body


def show(xml: bytes) -> str:
    return read_text(redact(parse_xml(xml, "a.xml"), "a.xml"))


def warn(xml: bytes) -> list[tuple[str | None, str]]:
    return [(found.element, found.message) for found in list_left_out(parse_xml(xml, "a.xml"), "a.xml")]


def make_feedback(name: str, outcome: str, way: str, text: str) -> str:
    return (
        f'<qti-feedback-block identifier="{name}" outcome-identifier="{outcome}" show-hide="{way}">'
        f"<qti-content-body><p>{text}</p></qti-content-body></qti-feedback-block>"
    )


def test_feedback_stands_as_it_does_before_any_scoring() -> None:
    body = CHOICE + "".join(make_feedback(*one) for one in (
        ("intro", "PHASE", "show", "SHOWN-1"), ("end", "PHASE", "show", "GONE-1"),
        ("intro", "PHASE", "hide", "GONE-2"), ("end", "PHASE", "hide", "SHOWN-2"),
        ("right", "UNSET", "show", "GONE-3"), ("right", "UNSET", "hide", "SHOWN-3"),
    ))
    outcomes = make_outcome() + make_outcome("PHASE", "intro", "identifier") + make_outcome("UNSET", "", "identifier")
    xml = make_choice(body=body, outcomes=outcomes)
    assert re.findall(r"(?:SHOWN|GONE)-\d", show(xml)) == ["SHOWN-1", "SHOWN-2", "SHOWN-3"]
    assert sorted(message.split(":")[0] for _, message in warn(xml)) == (
        ["is never shown"] * 3 + ["is shown from the beginning"] * 3
    )


def test_a_question_inside_feedback_that_is_never_shown_is_refused() -> None:
    for hidden in (make_feedback("a", "NONE", "show", TEXT), f'<div class="qti-hide">{TEXT}</div>'):
        with pytest.raises(UnsupportedElement, match="never shows") as caught:
            show(make_choice(body=CHOICE + hidden))
        assert caught.value.element == "qti-text-entry-interaction" and caught.value.line


@pytest.mark.parametrize("part, element, reason", [
    ("<qti-end-attempt-interaction response-identifier='R'/>", "qti-end-attempt-interaction", "needs scoring"),
    ("<p><qti-printed-variable identifier='A'/></p>", "qti-printed-variable", "made from a template"),
    ("<qti-template-block identifier='A' template-identifier='B'/>", "qti-template-block", "made from a template"),
    ("<qti-custom-interaction response-identifier='R'/>", "qti-custom-interaction", "no seat runs"),
    ("<qti-portable-custom-interaction response-identifier='R' custom-interaction-type-identifier='urn:other'/>",
     "qti-portable-custom-interaction", "urn:testing-server:speaking"),
    ("<video src='a.mp4'/>", "video", "moving pictures"),
    ("<audio src='a.mp3'/>", "audio", "plays are counted"),
    ("<p><a href='http://x/'>x</a></p>", "a", "leads out"),
    ("<m:math xmlns:m='http://www.w3.org/1998/Math/MathML'><m:menclose><m:mi>x</m:mi></m:menclose></m:math>",
     "menclose", "lose its mark"),
    ("<p><blink>x</blink></p>", "blink", "is not supported"),
])
def test_what_a_seat_cannot_show_whole_is_refused_with_its_reason(part: str, element: str, reason: str) -> None:
    with pytest.raises(UnsupportedElement, match=reason) as caught:
        render_body(part)
    assert caught.value.element == element and caught.value.line


@pytest.mark.parametrize("changes, reason", [
    ({"attributes": 'adaptive="true"'}, "adaptive"),
    ({"responses": make_response(key="right", cardinality="record")}, "cardinality record"),
    ({"body": TEXT.replace("pattern-mask", 'base="2" pattern-mask')}, "base 2"),
    ({"body": TEXT.replace("pattern-mask", 'string-identifier="S" pattern-mask')}, "second response"),
    ({"body": "<qti-extended-text-interaction response-identifier='R' format='xhtml'/>"}, "formatted text"),
])
def test_ways_of_asking_that_have_no_answer_here_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsupportedElement, match=reason):
        show(make_choice(**changes))


def test_what_is_left_out_is_told() -> None:
    body = (
        TEXT + "<qti-rubric-block view='candidate scorer' use='scoring'><p>Points</p></qti-rubric-block>"
        "<qti-rubric-block view='scorer' use='scoring'><p>Points</p></qti-rubric-block>"
    )
    parts = (
        make_response() + "<qti-stylesheet href='a.css' type='text/css'/><qti-catalog-info/>"
        "<qti-modal-feedback identifier='a' outcome-identifier='B' show-hide='show'>Well done</qti-modal-feedback>"
    )
    xml = make_item(body, parts)
    assert "Points" not in show(xml) and "Well done" not in show(xml)
    assert [element for element, _ in warn(xml)] == [
        "qti-stylesheet", "qti-catalog-info", "qti-modal-feedback", "qti-text-entry-interaction", "qti-rubric-block",
    ]


def test_what_the_author_hid_from_everybody_does_not_travel() -> None:
    assert show(make_choice(body='<p class="qti-hide">KEY</p><p class="qti-visually-hidden">HELP</p>' + CHOICE)) \
        .startswith("HELP")


def test_rubrics_for_candidates_are_shown_and_others_are_not() -> None:
    rubric = "<qti-rubric-block view='{}' use='{}'><qti-content-body><p>{}</p></qti-content-body></qti-rubric-block>"
    body = "".join(rubric.format(*one) for one in (
        ("candidate", "instructions", "SEEN-1"), ("candidate tutor", "navigation", "SEEN-2"),
        ("tutor", "instructions", "KEY"), ("author proctor testConstructor", "instructions", "KEY"),
        ("candidate", "scoring", "KEY"),
    ))
    assert re.findall(r"SEEN-\d|KEY", show(make_choice(body=body + CHOICE))) == ["SEEN-1", "SEEN-2"]
