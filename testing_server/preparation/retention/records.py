"""Tables of retention: what is kept longer and why, what was ordered to be deleted, files that wait for their end."""
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class HoldRecord(Base):
    """`territory`: "" for the country; `until_ms`: None until it is lifted; `lifted_at_ms`: None while it holds."""

    __tablename__ = "retention_hold"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    territory: Mapped[str] = mapped_column(String(401))
    reason: Mapped[str] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(Milliseconds)
    until_ms: Mapped[int | None] = mapped_column(Milliseconds)
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    lifted_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class DeletionRecord(Base):
    """One order to delete a kind in a territory. `before_ms`: what came later stays; `state`: running or done;
    `schools`, `things`, `size_bytes`: what has gone so far."""

    __tablename__ = "retention_deletion"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    territory: Mapped[str] = mapped_column(String(401))
    before_ms: Mapped[int] = mapped_column(Milliseconds)
    by: Mapped[str] = mapped_column(String(80))
    ordered_at_ms: Mapped[int] = mapped_column(Milliseconds)
    state: Mapped[str] = mapped_column(String(20), index=True)
    schools: Mapped[int] = mapped_column(default=0)
    things: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    ended_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class CondemnedFileRecord(Base):
    """A file that a deletion no longer refers to. `going_at_ms`: when the worker was told to remove it, None before."""

    __tablename__ = "condemned_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    deletion: Mapped[str] = mapped_column(String(36), index=True)
    going_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
