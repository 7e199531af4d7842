"""Tables of progress: the newest word on each step, one line of all steps for each school, counts, last contacts."""
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage.base import Base, Milliseconds


class ProgressRecord(Base):
    """One step of one school. `campaign`: "" for what holds in all of them; `work`: "" for a step that is one whole."""

    __tablename__ = "progress"

    school: Mapped[str] = mapped_column(String(80), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    work: Mapped[str] = mapped_column(String(120), primary_key=True)
    state: Mapped[str] = mapped_column(String(40))
    at_ms: Mapped[int] = mapped_column(Milliseconds)


class ProgressLineRecord(Base):
    """All steps of a school in a campaign, one letter each (rules.write_line): the board reads forty thousand of them.

    The line of a campaign holds the words posted for all campaigns too.
    """

    __tablename__ = "progress_line"

    school: Mapped[str] = mapped_column(String(80), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    line: Mapped[str] = mapped_column(String(20))
    changed_at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)


class TallyRecord(Base):
    """How much of a step is done at a school, counted. `who`: a login, "" for what lies before everybody; `topic`: the
    subject; `thirds`, `thirds_left`: those of `done` and `left` that are a third time."""

    __tablename__ = "progress_tally"

    school: Mapped[str] = mapped_column(String(80), primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    work: Mapped[str] = mapped_column(String(120), primary_key=True)
    who: Mapped[str] = mapped_column(String(120), primary_key=True)
    topic: Mapped[str] = mapped_column(String(80))
    done: Mapped[int]
    left: Mapped[int]
    thirds: Mapped[int]
    thirds_left: Mapped[int]
    changed_at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)


class SchoolContactRecord(Base):
    """When a school was heard of last, to half a minute."""

    __tablename__ = "school_contact"

    school: Mapped[str] = mapped_column(String(80), primary_key=True)
    at_ms: Mapped[int] = mapped_column(Milliseconds, index=True)
