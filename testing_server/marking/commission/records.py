"""Tables of commissions and of who sits in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class CommissionRecord(Base):
    """A commission marks one subject in one region; an empty region is the whole hub.

    `daily_limit`: answers an expert may mark a day, 0 for no limit. `control_every`: one answer of so many is a control
    answer, 0 for none. `pass_percent`: how much of the qualification set must agree; `needs_approval`: whether experts
    qualify before they mark.
    """

    __tablename__ = "commission"
    __table_args__ = (UniqueConstraint("subject", "region"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(120), default="")
    opens_at_ms: Mapped[int] = mapped_column(BigInteger)
    closes_at_ms: Mapped[int] = mapped_column(BigInteger)
    daily_limit: Mapped[int] = mapped_column(default=0)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    pass_percent: Mapped[int] = mapped_column(default=70)
    control_every: Mapped[int] = mapped_column(default=0)


class MemberRecord(Base):
    """An expert of a commission. `state`: practising, qualified, failed, approved, paused, removed; `reason`: why, in
    words the expert reads. `school`: the own school's id. `daily_limit`: 0 takes the commission's."""

    __tablename__ = "commission_member"

    commission: Mapped[str] = mapped_column(ForeignKey("commission.id"), primary_key=True)
    expert: Mapped[str] = mapped_column(String(80), primary_key=True)
    is_lead: Mapped[bool] = mapped_column(default=False)
    school: Mapped[str | None] = mapped_column(String(36))
    daily_limit: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    changed_at_ms: Mapped[int] = mapped_column(BigInteger)
    # what was marked before this moment no longer speaks about drift: the head has talked it over
    judged_from_ms: Mapped[int] = mapped_column(BigInteger, default=0)
