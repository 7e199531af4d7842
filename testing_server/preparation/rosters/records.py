"""Table of days on which a school works."""
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class ExamDayRecord(Base):
    """One day of one school; its window was computed once. `digest` is of the roster without its version.

    `forgotten_at_ms`: when its roster was deleted because its term had passed; the window stays.
    """

    __tablename__ = "exam_day"

    school: Mapped[str] = mapped_column(String(36), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80))
    opens_at_ms: Mapped[int] = mapped_column(Milliseconds)
    closes_at_ms: Mapped[int] = mapped_column(Milliseconds)
    version: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)
    forgotten_at_ms: Mapped[int | None] = mapped_column(Milliseconds)
