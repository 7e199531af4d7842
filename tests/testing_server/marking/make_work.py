"""A small work of three positions: one for the machine, two for people."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from task_bank.scoring import restore_responses, score_item
from testing_server.marking.gathering.actions import WorkToMark, add_attempts, open_work
from testing_server.marking.gathering.rules import CriteriaBook, HeardRecording, SubmittedAttempt, sort_attempt
from testing_server.marking.review.settling import MarkingRules

ARCHIVE = "a" * 64
NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
CHOICE = f"""<qti-assessment-item xmlns="{NAMESPACE}" identifier="choice-01" title="t" adaptive="false"
 time-dependent="false"><qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">
 <qti-correct-response><qti-value>right</qti-value></qti-correct-response></qti-response-declaration>
 <qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"><qti-default-value>
 <qti-value>0</qti-value></qti-default-value></qti-outcome-declaration><qti-item-body/><qti-response-processing
 template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct"/></qti-assessment-item>""".encode()
SPEAKING = f"""<qti-assessment-item xmlns="{NAMESPACE}" identifier="photo-01" title="t" adaptive="false"
 time-dependent="false"><qti-response-declaration identifier="RECORDING" cardinality="single" base-type="file"/>
 <qti-item-body/></qti-assessment-item>""".encode()
TEXT = f"""<qti-assessment-item xmlns="{NAMESPACE}" identifier="essay-01" title="t" adaptive="false"
 time-dependent="false"><qti-response-declaration identifier="TEXT" cardinality="single" base-type="string"/>
 <qti-item-body/></qti-assessment-item>""".encode()


def make_criterion(name: str) -> dict[str, Any]:
    return {"id": name, "title": name, "max": 2, "levels": [{"points": n, "text": str(n)} for n in (2, 1, 0)]}


def make_definition() -> dict[str, Any]:
    """assessment.json of 1 + 4 + 2 points."""
    return {
        "format": "assessment/1", "id": "tiny", "title": {"ru": "Работа", "en": "Work"}, "content_language": "en",
        "subject": "english",
        "counted": False, "total_points": 7, "scale": [{"mark": 2, "from": 0}, {"mark": 5, "from": 4}],
        "positions": [
            {"number": 1, "kind": "written", "points": 1, "title": {"ru": "Выбор", "en": "Choice"}},
            {"number": 2, "kind": "speaking", "points": 4, "title": {"ru": "Речь", "en": "Speech"},
             "criteria": "photo"},
            {"number": 3, "kind": "written", "points": 2, "title": {"ru": "Текст", "en": "Text"}, "criteria": "text"}],
        "criteria": {
            "photo": {"criteria": [make_criterion("К1"), make_criterion("К2")],
                      "rules": [{"kind": "zeroes_item", "criterion": "К1", "when": 0}]},
            "text": {"criteria": [make_criterion("К1")], "rules": []}},
    }


def make_book() -> CriteriaBook:
    """One variant with opaque names."""
    keys = [{"id": "i1", "item": "choice-01", "position": 1, "identifiers": {"c1": "wrong", "c2": "right"},
             "responses": {"r1": "RESPONSE"}},
            {"id": "i2", "item": "photo-01", "position": 2, "identifiers": {}, "responses": {"r1": "RECORDING"}},
            {"id": "i3", "item": "essay-01", "position": 3, "identifiers": {}, "responses": {"r1": "TEXT"}}]
    prompt = {"item": {"html": "<p>Task</p>", "interactions": []}, "guidance": "<p>Listen</p>"}
    return CriteriaBook(make_definition(), {"48213": {"number": "48213", "items": keys}},
                        {"choice-01": CHOICE, "photo-01": SPEAKING, "essay-01": TEXT},
                        {"photo-01": prompt, "essay-01": prompt})


def make_attempt(number: int = 1, **responses: str) -> SubmittedAttempt:
    """An attempt that spoke for 12 seconds; responses by "item__response"."""
    given = {name.replace("__", "/"): value for name, value in responses.items()}
    return SubmittedAttempt(
        attempt=f"attempt-{number}", code=f"1000{number}", variant="48213", package="p" * 64, responses=given,
        recordings=[HeardRecording("i2", "r1", f"{number}" * 64, 12, "heard")])


def make_open_work(rounds: int = 1, school: str = "school-1", rules: MarkingRules | None = None,
                   archive: str = ARCHIVE) -> WorkToMark:
    return WorkToMark(archive, school, "demo-2026", rules or MarkingRules(rounds=rounds), make_book(), "Region")


def save_work(session: Session, now_ms: int, *attempts: SubmittedAttempt, rounds: int = 1,
              school: str = "school-1", rules: MarkingRules | None = None, archive: str = ARCHIVE) -> int:
    """Opens the work and gathers the attempts."""
    work = make_open_work(rounds, school, rules, archive)
    open_work(session, now_ms, work)
    found = [(attempt, sort_attempt(attempt, work.book, score_item, restore_responses)) for attempt in attempts]
    return add_attempts(session, now_ms, work, found)
