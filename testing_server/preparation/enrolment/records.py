"""Tables of enrolment: one-time codes (hashed) and the certificates they led to."""
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class EnrolmentCodeRecord(Base):
    """A code given out; `used_key` is the key id it enrolled, so that a repeated request gets the same answer."""

    __tablename__ = "enrolment_code"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    made_at_ms: Mapped[int] = mapped_column(Milliseconds)
    expires_at_ms: Mapped[int] = mapped_column(Milliseconds)
    used_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    used_key: Mapped[str | None] = mapped_column(String(32))


class SchoolCertificateRecord(Base):
    """A certificate as it was signed; the columns repeat what it says."""

    __tablename__ = "school_certificate"

    serial: Mapped[int] = mapped_column(primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    key_id: Mapped[str] = mapped_column(String(32), unique=True)
    public_key: Mapped[str] = mapped_column(String(64))
    not_before_ms: Mapped[int] = mapped_column(Milliseconds)
    not_after_ms: Mapped[int] = mapped_column(Milliseconds)
    revoked_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
