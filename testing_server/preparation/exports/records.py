"""Table of exports: what was asked for by whom, how far it is, where its file lies."""
from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class ExportRecord(Base):
    """`state`: waiting, running, ready or stopped (then `reason`, in words); `done` of `whole` rows are written.

    `territory`: "" for the country; `sha256`: of what lies in the store, also of an attempt that did not come to its
    end; `changed_at_ms`: when the worker was heard of last.
    """

    __tablename__ = "export"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, str]] = mapped_column(JSON)
    owner: Mapped[str] = mapped_column(String(120), index=True)
    territory: Mapped[str] = mapped_column(String(401))
    language: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    done: Mapped[int] = mapped_column(default=0)
    whole: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(String(500), default="")
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds)
    changed_at_ms: Mapped[int] = mapped_column(Milliseconds)
