"""Table of progress: the newest state of each step of each school."""
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base


class ProgressRecord(Base):
    """One step of one school."""

    __tablename__ = "progress"

    school: Mapped[str] = mapped_column(String(80), primary_key=True)
    step: Mapped[str] = mapped_column(String(120), primary_key=True)
    state: Mapped[str] = mapped_column(String(40))
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)
