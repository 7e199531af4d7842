"""Table of the hub: certificates of rehearsals that schools have sent. No codes, no names."""
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class RehearsalRecord(Base):
    """`certificate`: SHA-256 of the signed bytes; `envelope` the signed statement itself, verified when it came."""

    __tablename__ = "school_rehearsal"

    certificate: Mapped[str] = mapped_column(String(64), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    ended_at_ms: Mapped[int] = mapped_column(Milliseconds)
    received_at_ms: Mapped[int] = mapped_column(Milliseconds)
    verdict: Mapped[str] = mapped_column(String(20))
    envelope: Mapped[str] = mapped_column(Text)
