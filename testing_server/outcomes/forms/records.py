"""Table of result forms: every version of every school's form of a work; none is ever changed but for `is_newest`."""
from __future__ import annotations

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class ResultFormRecord(Base):
    """One version.

    `content`: JSON {"rows", "absent", "warnings"}; `source`: uploaded, expert or marking; `protocol`: SHA-256 of the
    signed protocol it was filled from, "" for one that was typed. `timing`: timely, late or closed, as the campaign's
    rule judged the moment; `results_from`: the day its results are shown from, "" for at once.
    """

    __tablename__ = "result_form"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    work: Mapped[str] = mapped_column(String(80), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    rows: Mapped[int]
    source: Mapped[str] = mapped_column(String(20))
    protocol: Mapped[str] = mapped_column(String(64), default="")
    timing: Mapped[str] = mapped_column(String(10))
    results_from: Mapped[str] = mapped_column(String(10), default="")
    by: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(Milliseconds)
    is_newest: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (Index("ix_result_form_newest", "campaign", "work", "is_newest"),)
