"""A standard answer beside what an expert gave it, with the scale of its criteria. Takes a session."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from testing_server.marking.review.records import MarkingAnswerRecord, MarkingWorkRecord
from testing_server.marking.standardisation.rules import Check
from testing_server.marking.standardisation.scales import find_tolerance


def make_check(session: Session, answer: str, given: Mapping[str, int], agreed: Mapping[str, int]) -> Check:
    """`tolerance`: by the scale of each criterion and the rules of the answer's work."""
    highest = read_highest(session, answer)
    work = _find_work(session, answer)
    tolerance = {name: find_tolerance(most, work.rules.get("third_from", 0)) for name, most in highest.items()}
    return Check(given, agreed, highest, tolerance)


def read_highest(session: Session, answer: str) -> dict[str, int]:
    """The most points of every criterion of an answer."""
    row = session.get_one(MarkingAnswerRecord, answer)
    definition = _find_work(session, answer).definition
    return {one["id"]: one["max"] for one in definition["criteria"][row.criteria]["criteria"]}


def _find_work(session: Session, answer: str) -> MarkingWorkRecord:
    return session.get_one(MarkingWorkRecord, session.get_one(MarkingAnswerRecord, answer).archive)
