"""Table of reserve days."""
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class ReserveDayRecord(Base):
    """A day outside a work's period that a school asks for. `state`: waiting, agreed or refused."""

    __tablename__ = "reserve_day"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    work: Mapped[str] = mapped_column(String(80), primary_key=True)
    form: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds)
    remark: Mapped[str] = mapped_column(String(500), default="")
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    decided_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
