"""Table of sheets."""
from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class SheetRecord(Base):
    """One version of what a school told; none is ever changed but for `is_newest`.

    `kind`: application, schedule or "questionnaire:<id>"; `content`: JSON; `verb`: filled, corrected or confirmed;
    `level`: of who did it; `confirmed`: how many of the campaign's steps are behind it; `shape`: rules.compute_shape
    of the content, by which a country is counted.
    """

    __tablename__ = "sheet"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    verb: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(Milliseconds)
    confirmed: Mapped[int] = mapped_column(default=0)
    is_newest: Mapped[bool] = mapped_column(default=True)
    shape: Mapped[int] = mapped_column(BigInteger, default=0)

    # holds all that counting reads
    __table_args__ = (Index("ix_sheet_counted", "campaign", "kind", "is_newest", "school", "shape", "confirmed"),)
