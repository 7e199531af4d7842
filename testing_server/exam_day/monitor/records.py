"""Table of reports: the newest one of each sitting. No codes, no names."""
from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class SittingReportRecord(Base):
    """What a classroom server said last. `body`: the report's own JSON, known fields only.

    `changed_at_ms`: when what the board shows of it changed last; `watched_at_ms`: when a coordinator asked for this
    sitting last, at whichever process of the hub: the reply to the next report says so.
    """

    __tablename__ = "sitting_report"

    school: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    server_at_ms: Mapped[int] = mapped_column(Milliseconds)
    received_at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)
    changed_at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)
    watched_at_ms: Mapped[int] = mapped_column(Milliseconds, default=0)
    word: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)


class ReminderRecord(Base):
    """What a coordinator reminded a school of. `step`: of the board; `seen_at_ms`: when the school had read it."""

    __tablename__ = "reminder"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    campaign: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(120))
    at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)
    seen_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    seen_by: Mapped[str] = mapped_column(String(120), default="")
