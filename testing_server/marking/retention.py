"""What marking keeps of a campaign, and how it is deleted: answers with their marks, and later the protocols.

Only signed works are touched: while one is open or its points were corrected, its marks are needed. A protocol is what
result forms are filled from, so it goes with them; the work's own line stays, else the work would be gathered anew.
"""
from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, delete, func, select, true
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.marking.kits.records import KitEventRecord
from testing_server.marking.listening.store import ListeningStore
from testing_server.marking.protocol.records import ProtocolRecord
from testing_server.marking.referrals.records import ReferralRecord
from testing_server.marking.rescoring.records import RescoreRecord
from testing_server.marking.review.records import (
    AssignmentRecord, DecisionRecord, MachineScoreRecord, MarkEventRecord, MarkingAnswerRecord, MarkingAttemptRecord,
    MarkingPromptRecord, MarkingWorkRecord)
from testing_server.marking.standardisation.records import StandardRecord
from testing_server.preparation.retention.keepers import Amount, Keeper, register_companion, register_keeper
from testing_server.preparation.retention.needs import Need, register_need

SIGNED, OPEN, CORRECTED = "frozen", "open", "corrected"


def weigh_marking(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Answers that people marked and points that machines gave, of signed works, by school."""
    answers = (select(MarkingWorkRecord.school, func.count()).join(MarkingAnswerRecord)
               .where(*_signed(campaign, before_ms)).group_by(MarkingWorkRecord.school))
    scores = (select(MarkingWorkRecord.school, func.count())
              .join(MarkingAttemptRecord).join(MachineScoreRecord)
              .where(*_signed(campaign, before_ms)).group_by(MarkingWorkRecord.school))
    found: dict[str, Amount] = {}
    for query in (answers, scores):
        for school, things in session.execute(query):
            found[school] = found.get(school, Amount()) + Amount(things)
    return found


def weigh_protocols(session: Session, campaign: str, before_ms: int) -> dict[str, Amount]:
    """Signed protocols by school."""
    query = (select(MarkingWorkRecord.school, func.count(), func.sum(func.length(ProtocolRecord.envelope)))
             .join(ProtocolRecord, ProtocolRecord.archive == MarkingWorkRecord.archive)
             .where(*_signed(campaign, before_ms)).group_by(MarkingWorkRecord.school))
    return {school: Amount(things, int(size or 0)) for school, things, size in session.execute(query)}


def forget_marking(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                   by: str) -> Collection[str]:
    """Answers, marks, remarks, referrals, decisions, machines' points of a school's signed works."""
    things = weigh_marking(session, campaign, before_ms).get(school, Amount()).things
    works = _works(campaign, school, before_ms)
    answers = select(MarkingAnswerRecord.id).where(MarkingAnswerRecord.archive.in_(works))
    assignments = select(AssignmentRecord.id).where(AssignmentRecord.answer.in_(answers))
    attempts = select(MarkingAttemptRecord.attempt).where(MarkingAttemptRecord.archive.in_(works))
    for record, column, chosen in (
            (MarkEventRecord, MarkEventRecord.assignment, assignments),
            (ReferralRecord, ReferralRecord.assignment, assignments),
            (KitEventRecord, KitEventRecord.assignment, assignments),
            (AssignmentRecord, AssignmentRecord.answer, answers), (DecisionRecord, DecisionRecord.answer, answers),
            (StandardRecord, StandardRecord.answer, answers), (RescoreRecord, RescoreRecord.attempt, attempts),
            (MachineScoreRecord, MachineScoreRecord.attempt, attempts),
            (MarkingAnswerRecord, MarkingAnswerRecord.archive, works),
            (MarkingPromptRecord, MarkingPromptRecord.archive, works)):
        session.execute(delete(record).where(column.in_(chosen)).execution_options(synchronize_session=False))
    if things:
        append_audit(session, now_ms, f"school:{school}", by, "marking_deleted", campaign, {"answers": things})
    return ()


def forget_protocols(session: Session, now_ms: int, campaign: str, school: str, before_ms: int,
                     by: str) -> Collection[str]:
    """The signed bytes that result forms were filled from."""
    things = weigh_protocols(session, campaign, before_ms).get(school, Amount()).things
    session.execute(delete(ProtocolRecord).where(ProtocolRecord.archive.in_(_works(campaign, school, before_ms)))
                    .execution_options(synchronize_session=False))
    if things:
        append_audit(session, now_ms, f"school:{school}", by, "protocols_deleted", campaign, {"protocols": things})
    return ()


def remove_listening(data: Path, sha256: str) -> None:
    """The picture and the measures of a recording go with it."""
    ListeningStore(data).path(sha256).unlink(missing_ok=True)


def find_works(state: str, session: Session, campaign: str, now_ms: int, school: str | None) -> dict[str, int]:
    """Works in a state, by school."""
    row = MarkingWorkRecord
    query = (select(row.school, func.count())
             .where(row.campaign == campaign, row.state == state, row.school == school if school else true())
             .group_by(row.school))
    return {place: count for place, count in session.execute(query)}


def _signed(campaign: str, before_ms: int) -> tuple[ColumnElement[bool], ...]:
    return (MarkingWorkRecord.campaign == campaign, MarkingWorkRecord.state == SIGNED,
            MarkingWorkRecord.opened_at_ms <= before_ms)


def _works(campaign: str, school: str, before_ms: int) -> Select[Any]:
    return select(MarkingWorkRecord.archive).where(*_signed(campaign, before_ms), MarkingWorkRecord.school == school)


def register_keepers() -> None:
    """Once, with the mounts."""
    register_keeper(Keeper("marking answers", "marking", weigh_marking, forget_marking))
    register_keeper(Keeper("marking protocols", "result_forms", weigh_protocols, forget_protocols))
    register_companion("marking listening", remove_listening)
    register_need(Need("marking open", frozenset({"archives", "recordings", "packages"}),
                       _("проверка не закончена: протокол не подписан"), partial(find_works, OPEN)))
    register_need(Need("marking corrected",
                       frozenset({"archives", "codes", "recordings", "packages", "result_forms"}),
                       _("апелляция не закончена: исправленный протокол не подписан"),
                       partial(find_works, CORRECTED)))
