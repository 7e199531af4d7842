"""Tables of the room's plan, of planned seats and of waves."""
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base, Milliseconds


class RoomPlanRecord(Base):
    """The one room of this server. `cells`: JSON {seat: [row, place]}, both from 1, row 1 is nearest to the board."""

    __tablename__ = "room_plan"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    rows: Mapped[int]
    places: Mapped[int]
    cells: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(120))
    at_ms: Mapped[int] = mapped_column(Milliseconds)


class SeatingRecord(Base):
    """Where a candidate is meant to sit; where one really sits is the attempt's workstation."""

    __tablename__ = "room_seating"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting: Mapped[str] = mapped_column(String(36), index=True)
    seat: Mapped[str] = mapped_column(String(40))


class WaveRecord(Base):
    """A sitting that is one of several through the same headsets, and when it is meant to begin."""

    __tablename__ = "room_wave"

    sitting: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int]
    count: Mapped[int]
    begins_at_ms: Mapped[int] = mapped_column(Milliseconds)
