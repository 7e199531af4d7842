"""Tables of offline kits: what was given out, and every event that came back, counted or not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class KitRecord(Base):
    """One sealed bundle. `until_ms`: its answers go back to the queue then. State: issued, merged, closed."""

    __tablename__ = "marking_kit"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    expert: Mapped[str] = mapped_column(String(80), index=True)
    # hex of the Ed25519 key that signs what is done inside
    public_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    answers: Mapped[int]
    made_at_ms: Mapped[int] = mapped_column(BigInteger)
    until_ms: Mapped[int] = mapped_column(BigInteger)


class KitEventRecord(Base):
    """One signed event of a kit, once. `verdict`: counted, late or refused; `reason` says why it does not count."""

    __tablename__ = "marking_kit_event"

    kit: Mapped[str] = mapped_column(ForeignKey("marking_kit.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(20))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    # the envelope as it came, with its signature
    envelope: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(80))
    merged_at_ms: Mapped[int] = mapped_column(BigInteger)
