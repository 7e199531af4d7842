"""Reading certificates. Takes a session; gives dataclasses."""
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.preparation.enrolment.records import EnrolmentCodeRecord, SchoolCertificateRecord
from testing_server.preparation.registry.queries import select_places


@dataclass(frozen=True)
class SchoolCertificate:
    """`envelope` is the signed statement; `public_key` the raw Ed25519 key as hex."""

    serial: int
    school: str
    key_id: str
    public_key: str
    not_before_ms: int
    not_after_ms: int
    envelope: bytes

    def is_valid_at(self, at_ms: int) -> bool:
        """Whether the certificate covers this moment."""
        return self.not_before_ms <= at_ms <= self.not_after_ms


@dataclass(frozen=True)
class EnrolmentState:
    """`word`: waiting (no code yet), running (code given out), attention (code expired), ready (enrolled)."""

    word: str
    at_ms: int | None


NOT_ENROLLED = EnrolmentState("waiting", None)


def list_certificates(session: Session, school: str) -> list[SchoolCertificate]:
    """Certificates of a school that are not revoked, newest first."""
    query = (select(SchoolCertificateRecord)
             .where(SchoolCertificateRecord.school == school, SchoolCertificateRecord.revoked_at_ms.is_(None))
             .order_by(SchoolCertificateRecord.serial.desc()))
    return [_describe(row) for row in session.scalars(query)]


def trusted_keys(session: Session, school: str) -> dict[str, bytes]:
    """key id -> raw public bytes of a school's certificates, as verify_statement takes it."""
    return {one.key_id: bytes.fromhex(one.public_key) for one in list_certificates(session, school)}


def read_enrolment_state(session: Session, school: str, now_ms: int) -> EnrolmentState:
    """How far a school's enrolment is."""
    certificates = list_certificates(session, school)
    if certificates:
        return EnrolmentState("ready", certificates[0].not_before_ms)
    code = session.scalar(select(EnrolmentCodeRecord).where(EnrolmentCodeRecord.school == school)
                          .order_by(EnrolmentCodeRecord.made_at_ms.desc()))
    if code is None:
        return NOT_ENROLLED
    return EnrolmentState("running" if code.expires_at_ms > now_ms else "attention", code.expires_at_ms)


def list_enrolment_states(session: Session, territory: str | None, now_ms: int) -> dict[str, EnrolmentState]:
    """School -> how far its enrolment is, of a territory's schools where it began; the others wait."""
    places = select_places(territory).subquery()
    schools = select(places.c.id)
    code, certificate = EnrolmentCodeRecord, SchoolCertificateRecord
    codes = session.execute(select(code.school, func.max(code.expires_at_ms)).where(
        code.school.in_(schools)).group_by(code.school))
    found = {school: EnrolmentState("running" if expires_at_ms > now_ms else "attention", expires_at_ms)
             for school, expires_at_ms in codes}
    enrolled = session.execute(select(certificate.school, func.max(certificate.not_before_ms)).where(
        certificate.school.in_(schools), certificate.revoked_at_ms.is_(None)).group_by(certificate.school))
    return found | {school: EnrolmentState("ready", not_before_ms) for school, not_before_ms in enrolled}


def _describe(row: SchoolCertificateRecord) -> SchoolCertificate:
    return SchoolCertificate(row.serial, row.school, row.key_id, row.public_key, row.not_before_ms,
                             row.not_after_ms, row.envelope)
