"""Tables of response packages and of what workstations deleted because of their receipts."""
from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base, Milliseconds


class PurgeRecord(Base):
    """What became of the order to delete an attempt from a workstation. `result`: a word of receipts.PurgeResult, ""
    until the workstation has answered; `generation`, `number`: of the directive."""

    __tablename__ = "room_purge"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    workstation: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting: Mapped[str] = mapped_column(String(36), index=True)
    generation: Mapped[int] = mapped_column(Milliseconds)
    number: Mapped[int]
    result: Mapped[str] = mapped_column(String(40), default="")
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds)
    answered_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class PackageRecord(Base):
    """One package of a sitting. `state`: making, made, sending, sent, receipted, quarantined or failed.

    `id` is the package id once it is made, before that a name of its own; `manifest` and `receipt` are texts.
    """

    __tablename__ = "room_package"
    __table_args__ = (UniqueConstraint("sitting", "sequence"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sitting: Mapped[str] = mapped_column(String(36), index=True)
    sequence: Mapped[int]
    previous: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20))
    bytes: Mapped[int] = mapped_column(Milliseconds, default=0)
    sent_bytes: Mapped[int] = mapped_column(Milliseconds, default=0)
    manifest: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[str] = mapped_column(Text, default="")
    trouble: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[str] = mapped_column(String(120), default="")
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds)
    made_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    receipted_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
