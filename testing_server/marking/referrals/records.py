"""Table of referrals: who could not mark what, why, and what the head decided."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class ReferralRecord(Base):
    """One referral. `kind`: one of rules.KINDS; `decision`: empty while it waits, then queue, points or zero.

    `sent_to`: whom the head passed it on to (coordinator, or an expert's login), with the `note`.
    """

    __tablename__ = "marking_referral"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(ForeignKey("marking_assignment.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    decision: Mapped[str] = mapped_column(String(20), default="", index=True)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    sent_to: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
