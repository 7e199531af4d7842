"""Table of frozen protocols: the signed bytes are the protocol, the columns only find it."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class ProtocolRecord(Base):
    """One school's work; each version written once, the next one when a key was corrected after the signature."""

    __tablename__ = "marking_protocol"

    archive: Mapped[str] = mapped_column(ForeignKey("marking_work.archive"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, default=1)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(80))
    frozen_at_ms: Mapped[int] = mapped_column(BigInteger)
