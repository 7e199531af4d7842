"""Table of ciphers told by telephone. There is no place for a cipher in it."""
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class ToldCipherRecord(Base):
    """One cipher asked for by telephone. `source`: hub (two coordinators) or kit (two holders, the hub was down)."""

    __tablename__ = "told_cipher"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    archive: Mapped[str] = mapped_column(String(64), index=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    source: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500), default="")
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    first_read_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    second_read_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
