"""Table of frozen protocols: the signed bytes are the protocol, the columns only find it."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class ProtocolRecord(Base):
    """One school's work; written once."""

    __tablename__ = "marking_protocol"

    archive: Mapped[str] = mapped_column(ForeignKey("marking_work.archive"), primary_key=True)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(80))
    frozen_at_ms: Mapped[int] = mapped_column(BigInteger)
