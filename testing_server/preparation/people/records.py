"""Tables of credentials passed down, of experts' lists and of the numbers schools tell."""
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class CredentialBatchRecord(Base):
    """One file of credentials. Its passwords follow from `secret_locked`: with it gone, the file is gone.

    `kind`: region, municipality, municipalities, school or schools; `total` and `done`: accounts.
    """

    __tablename__ = "credential_batch"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    territory: Mapped[str | None] = mapped_column(String(401))
    ordered_by: Mapped[str] = mapped_column(String(80))
    ordered_at_ms: Mapped[int] = mapped_column(Milliseconds)
    expires_at_ms: Mapped[int] = mapped_column(Milliseconds)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    secret_locked: Mapped[bytes | None] = mapped_column(LargeBinary)


class CredentialRecord(Base):
    """One account's line of the trace. `territory`: of a coordinator, "region/municipality" of a school's organizer."""

    __tablename__ = "credential"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    batch: Mapped[str] = mapped_column(String(36), index=True)
    login: Mapped[str] = mapped_column(String(80), index=True)
    level: Mapped[str] = mapped_column(String(20))
    territory: Mapped[str] = mapped_column(String(401), index=True)
    school: Mapped[str | None] = mapped_column(String(36), index=True)
    title: Mapped[str] = mapped_column(String(401))
    issued_by: Mapped[str] = mapped_column(String(80))
    issued_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    fetched_by: Mapped[str | None] = mapped_column(String(80))
    fetched_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    used_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    replaced_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class ListedExpertRecord(Base):
    """One person in the list of experts of a subject and region; `account`: login of the account, "" while none."""

    __tablename__ = "listed_expert"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    region: Mapped[str] = mapped_column(String(200), index=True)
    municipality: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(200))
    school_login: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(80))
    listed_by: Mapped[str] = mapped_column(String(80))
    listed_at_ms: Mapped[int] = mapped_column(Milliseconds)


class SchoolNumbersRecord(Base):
    """What a school told of one campaign: rooms and workstations for the computer form."""

    __tablename__ = "school_numbers"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    rooms: Mapped[int]
    workstations: Mapped[int]
    told_by: Mapped[str] = mapped_column(String(80))
    told_at_ms: Mapped[int] = mapped_column(Milliseconds)


class ExpertNumberRecord(Base):
    """How many experts of a subject a school gives in one campaign."""

    __tablename__ = "expert_number"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    experts: Mapped[int]
