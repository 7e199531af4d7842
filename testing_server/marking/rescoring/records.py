"""Tables of rescoring. A rescore is a row that is added; none is ever changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class CorrectionRecord(Base):
    """A corrected item of an assessment: its XML, who and why. `state`: drafted, applied, dropped.

    `region`: whose answers it scores again; empty for those of every region.
    """

    __tablename__ = "key_correction"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    assessment: Mapped[str] = mapped_column(String(80), index=True)
    item: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(120), default="")
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))
    drafted_at_ms: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20))
    applied_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    answers: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)


class RescoreRecord(Base):
    """One answer scored again: points and outcomes before and after, decimals as text."""

    __tablename__ = "rescore"

    id: Mapped[int] = mapped_column(primary_key=True)
    correction: Mapped[str] = mapped_column(ForeignKey("key_correction.id"), index=True)
    attempt: Mapped[str] = mapped_column(ForeignKey("marking_attempt.attempt"), index=True)
    position: Mapped[int]
    before_points: Mapped[str] = mapped_column(String(40))
    before_outcomes: Mapped[dict[str, Any]] = mapped_column(JSON)
    after_points: Mapped[str] = mapped_column(String(40))
    after_outcomes: Mapped[dict[str, Any]] = mapped_column(JSON)
