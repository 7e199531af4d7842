"""Tables of workstations, of pairings that are going on and of pairing files."""
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base, Milliseconds


class PairingRecord(Base):
    """One conversation of protocol.md §1; keys and nonces are lower-case hex. state: waiting, green or red."""

    __tablename__ = "room_pairing"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    public_key: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    nonce_server: Mapped[str] = mapped_column(String(64))
    nonce_kiosk: Mapped[str] = mapped_column(String(64), default="")
    host_name: Mapped[str] = mapped_column(String(120), default="")
    software: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    workstation: Mapped[str | None] = mapped_column(String(36))
    begun_at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)


class WorkstationRecord(Base):
    """A paired computer. `state`: paired, ready, blocked or removed; occupied and silent are seen, not stored.

    `certificate`: signed envelope; `check`: JSON of the last check report.
    """

    __tablename__ = "room_workstation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    public_key: Mapped[str] = mapped_column(String(64), unique=True)
    seat: Mapped[str] = mapped_column(String(40))
    host_name: Mapped[str] = mapped_column(String(120), default="")
    certificate: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    check: Mapped[str] = mapped_column(Text, default="")
    checked_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    paired_at_ms: Mapped[int] = mapped_column(Milliseconds)


class PairingFileRecord(Base):
    """A file on a stick that pairs `uses` computers until `expires_at_ms`; its token is kept as a digest only."""

    __tablename__ = "room_pairing_file"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    uses: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(120))
    made_at_ms: Mapped[int] = mapped_column(Milliseconds)
    expires_at_ms: Mapped[int] = mapped_column(Milliseconds)
    is_withdrawn: Mapped[bool] = mapped_column(default=False)


class PairingFileUseRecord(Base):
    """A computer that a pairing file was spent on; the same computer again finds its row."""

    __tablename__ = "room_pairing_file_use"

    file: Mapped[str] = mapped_column(String(36), primary_key=True)
    public_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at_ms: Mapped[int] = mapped_column(Milliseconds)
