"""The hub takes certificates. One verb, one transaction, one audit line; a repeat changes nothing."""
from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.rehearsals import Verdict, name_certificate, read_rehearsal
from testing_server.contracts.statements import verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.rehearsals.records import RehearsalRecord
from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import Step, post_progress
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.enrolment.queries import trusted_keys

WORK = "rehearsal"
WORDS = {Verdict.KEPT: "ready", Verdict.LOST: "stopped", Verdict.UNFINISHED: "attention"}
AHEAD_MS = 24 * 3_600_000


class CertificateRefused(Refusal):
    code = "bad_signature"
    status = 422
    message = _("Свидетельство о репетиции не подписано ключом этой школы или противоречит себе.")
    remedy = _("Проведите репетицию ещё раз на подключённом сервере школы.")


def take_certificate(session: Session, now_ms: int, school: str, envelope: bytes) -> str:
    """Keeps a certificate signed by the school itself; returns its number. Raises CertificateRefused."""
    try:
        statement = verify_statement(envelope, trusted_keys(session, school), PAYLOAD_TYPES["rehearsal"])
        found, name = read_rehearsal(statement.payload), name_certificate(envelope)
    except BadStatement as error:
        raise CertificateRefused(details={"reason": error.code}) from error
    if found.ended_at_ms > now_ms + AHEAD_MS:
        raise CertificateRefused(details={"reason": "ended_later_than_now"})
    if session.get(RehearsalRecord, name) is not None:
        return name
    newest = session.scalar(select(func.max(RehearsalRecord.ended_at_ms)).where(RehearsalRecord.school == school))
    session.add(RehearsalRecord(certificate=name, school=school, ended_at_ms=found.ended_at_ms, received_at_ms=now_ms,
                                verdict=found.verdict, envelope=envelope.decode()))
    if newest is None or found.ended_at_ms >= newest:
        post_progress(session, school, "", WORK, Step.TRAINING, WORDS[Verdict(found.verdict)], now_ms)
    append_audit(session, now_ms, f"school:{school}", "classroom", "rehearsal_received", name,
                 {"verdict": found.verdict, "seats": found.seats})
    return name
