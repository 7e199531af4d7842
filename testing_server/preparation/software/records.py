"""Table of files offered to schools. The files themselves lie in the data folder."""
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class OfferedFileRecord(Base):
    """One file of a campaign. `kind`: software or training; `sha256`: as it was when it was offered; `due_ms`: until
    when the campaign wanted it, None for no rule; `late_reason`: why it came later, "" where it did not."""

    __tablename__ = "offered_file"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(80))
    offered_at_ms: Mapped[int] = mapped_column(Milliseconds)
    due_ms: Mapped[int | None] = mapped_column(Milliseconds)
    late_reason: Mapped[str] = mapped_column(String(500), default="")
