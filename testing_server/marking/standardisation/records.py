"""Table of standard answers: answers whose points the head has agreed with the leading experts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class StandardRecord(Base):
    """One standard answer. `use`: practice | qualification | control; `points`: agreed ones; `comment`: why so."""

    __tablename__ = "marking_standard"

    answer: Mapped[str] = mapped_column(ForeignKey("marking_answer.id"), primary_key=True)
    lot: Mapped[int] = mapped_column(ForeignKey("marking_lot.id"), index=True)
    use: Mapped[str] = mapped_column(String(20))
    points: Mapped[dict[str, Any]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(BigInteger)
