"""Tables of archives and their bundles, rosters, sittings, attempts, leases and directives."""
from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import read_unverified
from testing_server.foundation.storage import Base, Milliseconds

MATERIALS = "materials"


class ArchiveRecord(Base):
    """An archive of materials or of criteria.

    `state`: offered (by the hub), fetching, kept (here, closed), opening, opened, damaged.
    `statement`: signed envelope; `checks`: JSON {number: {"ok", "trouble"}}; `assessment_json`: its public part.
    `standing`: what the hub says of it, valid or withdrawn; `moved_from`: the day it was meant for before it was moved,
    "" when it never was; `reason`: of the last such change; `version`: of the statement; `lock`: cipher or none.
    """

    __tablename__ = "room_archive"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    assessment: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(Text)
    day: Mapped[str] = mapped_column(String(10))
    opens_at_ms: Mapped[int] = mapped_column(Milliseconds)
    statement: Mapped[str] = mapped_column(Text)
    vouched: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20), default="kept")
    done: Mapped[int] = mapped_column(default=0)
    whole: Mapped[int] = mapped_column(default=0)
    checks: Mapped[str] = mapped_column(Text, default="{}")
    assessment_json: Mapped[str] = mapped_column(Text, default="")
    trouble: Mapped[str] = mapped_column(Text, default="")
    kept_at_ms: Mapped[int] = mapped_column(Milliseconds)
    version: Mapped[int] = mapped_column(default=1)
    standing: Mapped[str] = mapped_column(String(20), default="valid")
    reason: Mapped[str] = mapped_column(Text, default="")
    moved_from: Mapped[str] = mapped_column(String(10), default="")
    lock: Mapped[str] = mapped_column(String(10), default="cipher")

    @property
    def kind(self) -> str:
        """materials or criteria, as its statement says; what was only offered without one is materials."""
        try:
            return str(read_unverified(self.statement.encode()).read().get("kind", MATERIALS))
        except BadStatement:
            return MATERIALS


class RosterRecord(Base):
    """A day's roster from the hub; only the highest version of a day and campaign is kept. `payload`: JSON."""

    __tablename__ = "room_roster"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)
    envelope: Mapped[str] = mapped_column(Text)
    vouched: Mapped[bool] = mapped_column(default=False)
    kept_at_ms: Mapped[int] = mapped_column(Milliseconds)


class SittingRecord(Base):
    """One assessment in one room at one time. `claim`: signed envelope; `version` grows with every change."""

    __tablename__ = "room_sitting"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    archive: Mapped[str] = mapped_column(String(64))
    assessment: Mapped[str] = mapped_column(String(80))
    campaign: Mapped[str] = mapped_column(String(80))
    room: Mapped[str] = mapped_column(String(120))
    day: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(30), index=True)
    generation: Mapped[int] = mapped_column(Milliseconds, default=0)
    claim: Mapped[str] = mapped_column(Text, default="")
    pace: Mapped[int] = mapped_column(default=1)
    training: Mapped[bool] = mapped_column(default=False)
    opens_at_ms: Mapped[int] = mapped_column(Milliseconds)
    closes_at_ms: Mapped[int] = mapped_column(Milliseconds)
    version: Mapped[int] = mapped_column(default=1)
    made_at_ms: Mapped[int] = mapped_column(Milliseconds)
    opened_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    started_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    closed_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class AttemptRecord(Base):
    """One candidate's run. `workstation`: where it sits now; `reason`: why absent, spoiled or written off."""

    __tablename__ = "room_attempt"
    __table_args__ = (UniqueConstraint("sitting", "code"), UniqueConstraint("sitting", "login"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting: Mapped[str] = mapped_column(String(36), index=True)
    code: Mapped[str] = mapped_column(String(10))
    login: Mapped[str] = mapped_column(String(10), index=True)
    variant: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    workstation: Mapped[str | None] = mapped_column(String(36), index=True)
    moves: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    seated_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    started_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    finished_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class IncidentRecord(Base):
    """What went wrong, when, what was done; `attempt` None = the whole room. No names."""

    __tablename__ = "room_incident"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting: Mapped[str] = mapped_column(String(36), index=True)
    attempt: Mapped[str | None] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(120))
    at_ms: Mapped[int] = mapped_column(Milliseconds)


class CommandRecord(Base):
    """The reply to a command by its Idempotency-Key, so that a repeated click is one command."""

    __tablename__ = "room_command"

    sitting: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    reply: Mapped[str] = mapped_column(Text)
    at_ms: Mapped[int] = mapped_column(Milliseconds)


class LeaseRecord(Base):
    """Who may write for an attempt. `grant`: the JSON text whose SHA-256 chains event 1; `acked`: gap-free.

    `head_number`, `head_digest`: the highest event stored, whether or not there is a hole before it.
    """

    __tablename__ = "room_lease"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    lease: Mapped[int] = mapped_column(Milliseconds, primary_key=True)
    workstation: Mapped[str] = mapped_column(String(36))
    journal: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(20))
    grant: Mapped[str] = mapped_column(Text)
    acked: Mapped[int] = mapped_column(default=0)
    head_number: Mapped[int] = mapped_column(default=0)
    head_digest: Mapped[str] = mapped_column(String(64), default="")
    granted_at_ms: Mapped[int] = mapped_column(Milliseconds)


class DirectiveRecord(Base):
    """A fact for the seat; `text`: its JSON as sent; `applied_at_ms`: when the kiosk confirmed it."""

    __tablename__ = "room_directive"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    generation: Mapped[int] = mapped_column(Milliseconds, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(Text)
    at_ms: Mapped[int] = mapped_column(Milliseconds)
    applied_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class BundleRecord(Base):
    """One age file of a variant (`variant` set) or of a medium (`plain` set) and the identity that opens it."""

    __tablename__ = "room_bundle"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    archive: Mapped[str] = mapped_column(String(64), index=True)
    variant: Mapped[str] = mapped_column(String(10), default="")
    plain: Mapped[str] = mapped_column(String(64), default="")
    type: Mapped[str] = mapped_column(String(80), default="")
    bytes: Mapped[int]
    identity: Mapped[str] = mapped_column(String(100))
    media: Mapped[str] = mapped_column(Text, default="[]")
