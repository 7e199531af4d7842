"""Table of schools."""
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class SchoolRecord(Base):
    """One school or college. `zone` is an IANA name: 7:30 means its own morning."""

    __tablename__ = "school"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    municipality: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(200), index=True)
    zone: Mapped[str] = mapped_column(String(60))
    is_closed: Mapped[bool] = mapped_column(default=False)
    created_at_ms: Mapped[int] = mapped_column(Milliseconds)

    # regions are counted in the order of the one; the other tells the region of a school without its row
    __table_args__ = (Index("ix_school_place", "is_closed", "region", "municipality", "id"),
                      Index("ix_school_place_of", "id", "is_closed", "region", "municipality"))


class ZoneRequestRecord(Base):
    """One coordinator asks for another zone of a school, another decides. `state`: waiting, approved, refused."""

    __tablename__ = "school_zone_request"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    zone_was: Mapped[str] = mapped_column(String(60))
    zone: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at_ms: Mapped[int] = mapped_column(Milliseconds)
    state: Mapped[str] = mapped_column(String(20), index=True)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class RevisionRecord(Base):
    """One uploaded list of schools. `state`: reading, ready, wrong, applied, undone; `note`: why it could not be read.

    `territory`: of whoever uploaded it, None for the country; `read_rows`: lines read so far.
    """

    __tablename__ = "registry_revision"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    file: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    territory: Mapped[str | None] = mapped_column(String(401))
    made_by: Mapped[str] = mapped_column(String(80))
    made_at_ms: Mapped[int] = mapped_column(Milliseconds)
    state: Mapped[str] = mapped_column(String(20))
    read_rows: Mapped[int] = mapped_column(default=0)
    missing_rows: Mapped[int] = mapped_column(default=0)
    more_problems: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(500), default="")
    applied_by: Mapped[str | None] = mapped_column(String(80))
    applied_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
    undone_by: Mapped[str | None] = mapped_column(String(80))
    undone_at_ms: Mapped[int | None] = mapped_column(Milliseconds)


class RevisionRowRecord(Base):
    """One line of an uploaded list. `kind`: new, changed, closed, reopened or same; `school`: its id, made beforehand.

    What the line says, and beside it what the registry said when the line was read.
    """

    __tablename__ = "registry_revision_row"

    revision: Mapped[str] = mapped_column(String(36), primary_key=True)
    login: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    school: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(300))
    municipality: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(60))
    name_was: Mapped[str] = mapped_column(String(300), default="")
    municipality_was: Mapped[str] = mapped_column(String(200), default="")
    region_was: Mapped[str] = mapped_column(String(200), default="")
    zone_was: Mapped[str] = mapped_column(String(60), default="")


class RevisionProblemRecord(Base):
    """What is wrong with one cell of an uploaded list: `cell` as "C7", `problem` in words."""

    __tablename__ = "registry_revision_problem"

    revision: Mapped[str] = mapped_column(String(36), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cell: Mapped[str] = mapped_column(String(20))
    problem: Mapped[str] = mapped_column(String(400))
