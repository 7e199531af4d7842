"""Tables of room ledgers, of claims other than a sitting's present one, and of seats that must be heard from."""
from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base, Milliseconds


class LedgerRecord(Base):
    """The newest room ledger of a sitting. `digest`: of the facts inside; `envelope`: as workstations keep it."""

    __tablename__ = "room_ledger"

    sitting: Mapped[str] = mapped_column(String(36), primary_key=True)
    generation: Mapped[int] = mapped_column(Milliseconds)
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    made_at_ms: Mapped[int] = mapped_column(Milliseconds)


class ClaimRecord(Base):
    """A claim of a sitting that was met: of the servers before this one, or of the one after it."""

    __tablename__ = "room_claim"

    sitting: Mapped[str] = mapped_column(String(36), primary_key=True)
    generation: Mapped[int] = mapped_column(Milliseconds, primary_key=True)
    envelope: Mapped[str] = mapped_column(Text)
    met_at_ms: Mapped[int] = mapped_column(Milliseconds)


class AwaitedRecord(Base):
    """An attempt that a server which took over has to hear of. `state`: awaited, seen or written_off.

    `heads`: JSON {lease: highest number} as its workstation told; all of it must arrive.
    """

    __tablename__ = "room_awaited"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting: Mapped[str] = mapped_column(String(36), index=True)
    workstation: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(20))
    heads: Mapped[str] = mapped_column(Text, default="{}")
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(120), default="")
