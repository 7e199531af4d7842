"""Giving out one-time codes and enrolling schools. One verb, one transaction, one audit line."""
import secrets
from collections.abc import Callable
from dataclasses import asdict

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import State, Step, post_progress
from testing_server.preparation.enrolment.records import EnrolmentCodeRecord, SchoolCertificateRecord
from testing_server.preparation.enrolment.rules import (
    CODE_LIFE_MS, CodeExpired, CodeUsed, CodeWrong, SchoolKeys, describe_certificate, digest_code, make_code,
    read_code)
from testing_server.preparation.registry.queries import School, find_school, read_school

WORK = "enrolment"


def make_enrolment_code(session: Session, now_ms: int, school: str, *, by: str = "system",
                        random_below: Callable[[int], int] = secrets.randbelow) -> str:
    """A new one-time code of a school, kept only as its hash; codes given out before and not used end here."""
    known = read_school(session, school)
    code = make_code(random_below)
    session.execute(delete(EnrolmentCodeRecord).where(
        EnrolmentCodeRecord.school == school, EnrolmentCodeRecord.used_at_ms.is_(None)))
    session.add(EnrolmentCodeRecord(digest=digest_code(school, code), school=school, made_at_ms=now_ms,
                                    expires_at_ms=now_ms + CODE_LIFE_MS))
    append_audit(session, now_ms, f"school:{school}", by, "enrolment_code_made", known.login)
    post_progress(session, school, "", WORK, Step.TRAINING, State.RUNNING, now_ms)
    return code


def enrol_school(session: Session, now_ms: int, signing: Ed25519PrivateKey, login: str, code: str,
                 keys: SchoolKeys) -> bytes:
    """The school's certificate (envelope). The same code with the same keys again gives the same certificate.

    Raises CodeWrong, CodeUsed, CodeExpired.
    """
    school = find_school(session, login)
    row = session.get(EnrolmentCodeRecord, digest_code(school.id, read_code(code))) if school else None
    if school is None or row is None:
        raise CodeWrong()
    if row.used_at_ms is not None:
        return _repeat_answer(session, row, keys)
    if row.expires_at_ms <= now_ms:
        raise CodeExpired()
    row.used_at_ms, row.used_key = now_ms, keys.key_id
    return _certify(session, now_ms, signing, school, keys)


def _repeat_answer(session: Session, row: EnrolmentCodeRecord, keys: SchoolKeys) -> bytes:
    if row.used_key != keys.key_id:
        raise CodeUsed()
    return session.scalars(select(SchoolCertificateRecord.envelope)
                           .where(SchoolCertificateRecord.key_id == keys.key_id)).one()


def _certify(session: Session, now_ms: int, signing: Ed25519PrivateKey, school: School, keys: SchoolKeys) -> bytes:
    serial = (session.scalar(select(func.max(SchoolCertificateRecord.serial))) or 0) + 1
    payload = describe_certificate(serial, asdict(school), keys, now_ms)
    envelope = sign_statement(payload, PAYLOAD_TYPES["school_certificate"], signing)
    session.add(SchoolCertificateRecord(
        serial=serial, school=school.id, key_id=keys.key_id, public_key=keys.signing, envelope=envelope,
        not_before_ms=payload["not_before_ms"], not_after_ms=payload["not_after_ms"]))
    append_audit(session, now_ms, f"school:{school.id}", school.login, "school_enrolled", keys.key_id,
                 {"serial": serial})
    post_progress(session, school.id, "", WORK, Step.TRAINING, State.READY, now_ms)
    return envelope
