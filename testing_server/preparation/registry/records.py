"""Table of schools."""
from sqlalchemy import String
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
