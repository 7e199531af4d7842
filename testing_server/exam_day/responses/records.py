"""Tables of events and recordings."""
from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base, Milliseconds


class EventRecord(Base):
    """One event; `line` is the very line the kiosk wrote. `row` grows in the order of arrival.

    No other index: each costs a page of its own for every seat in every commit.
    """

    __tablename__ = "room_event"
    __table_args__ = (UniqueConstraint("attempt", "lease", "number"),)

    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    attempt: Mapped[str] = mapped_column(String(36))
    lease: Mapped[int] = mapped_column(Milliseconds)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    line: Mapped[str] = mapped_column(Text)
    received_at_ms: Mapped[int] = mapped_column(Milliseconds)


class EventConflictRecord(Base):
    """An event kept aside: the same identity with another digest, or one that follows such a one."""

    __tablename__ = "room_event_conflict"
    __table_args__ = (UniqueConstraint("attempt", "lease", "number", "digest"),)

    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    attempt: Mapped[str] = mapped_column(String(36))
    lease: Mapped[int] = mapped_column(Milliseconds)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    line: Mapped[str] = mapped_column(Text)
    received_at_ms: Mapped[int] = mapped_column(Milliseconds)


class AnswerFileRecord(Base):
    """A file given as an answer. `state`: expected, whole or written_off (with its `reason`)."""

    __tablename__ = "room_answer_file"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    item: Mapped[str] = mapped_column(String(80))
    response: Mapped[str] = mapped_column(String(80))
    bytes: Mapped[int]
    type: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")


class RecordingRecord(Base):
    """A spoken response. `state` by contracts.states; `verdict` heard at the seat, `server_verdict` here."""

    __tablename__ = "room_recording"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    lease: Mapped[int] = mapped_column(Milliseconds, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(80), default="")
    response: Mapped[str] = mapped_column(String(80), default="")
    rate_hz: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20), index=True)
    bytes: Mapped[int] = mapped_column(default=0)
    samples: Mapped[int] = mapped_column(default=0)
    pcm_sha256: Mapped[str] = mapped_column(String(64), default="")
    durable_bytes: Mapped[int] = mapped_column(default=0)
    flac_sha256: Mapped[str] = mapped_column(String(64), default="")
    verdict: Mapped[str] = mapped_column(String(20), default="")
    server_verdict: Mapped[str] = mapped_column(String(20), default="")
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds, default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
