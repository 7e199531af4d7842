"""Table of the one school of a classroom server."""
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base, Milliseconds


class SchoolRecord(Base):
    """One row. `certificate` and `hub_keys` are signed envelopes (text), empty before enrolment."""

    __tablename__ = "room_school"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    room: Mapped[str] = mapped_column(String(120), default="")
    zone: Mapped[str] = mapped_column(String(60), default="")
    hub_url: Mapped[str] = mapped_column(String(300), default="")
    certificate: Mapped[str] = mapped_column(Text, default="")
    hub_keys: Mapped[str] = mapped_column(Text, default="")
    root_fingerprint: Mapped[str] = mapped_column(String(64), default="")
    made_at_ms: Mapped[int] = mapped_column(Milliseconds)
