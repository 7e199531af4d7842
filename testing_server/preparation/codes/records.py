"""Tables of codes and logins. There is no place for a name here."""
from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class CandidateCodeRecord(Base):
    """One code; `place` is its number on the printed list."""

    __tablename__ = "candidate_code"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), primary_key=True)
    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    place: Mapped[int]
    is_reserve: Mapped[bool]
    issued_at_ms: Mapped[int] = mapped_column(Milliseconds)


class CandidateLoginRecord(Base):
    """What a candidate types on one day."""

    __tablename__ = "candidate_login"
    __table_args__ = (UniqueConstraint("campaign", "school", "day", "code"),)

    school: Mapped[str] = mapped_column(String(36), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    login: Mapped[str] = mapped_column(String(8), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(5))
