"""Tables of the desk. Marks are events: a row is added, none is ever changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class MarkingWorkRecord(Base):
    """One school's work whose criteria are open; `archive` is its materials archive."""

    __tablename__ = "marking_work"

    archive: Mapped[str] = mapped_column(String(64), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    campaign: Mapped[str] = mapped_column(String(80))
    assessment: Mapped[str] = mapped_column(String(80))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    rounds: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    opened_at_ms: Mapped[int] = mapped_column(BigInteger)


class MarkingAttemptRecord(Base):
    """One candidate's attempt of a work: whom the points belong to, by code only."""

    __tablename__ = "marking_attempt"

    attempt: Mapped[str] = mapped_column(String(36), primary_key=True)
    archive: Mapped[str] = mapped_column(ForeignKey("marking_work.archive"), index=True)
    code: Mapped[str] = mapped_column(String(10))
    variant: Mapped[str] = mapped_column(String(10))
    package: Mapped[str] = mapped_column(String(64))
    # position -> "answered" | "empty": an empty answer and a zero are told apart in the form
    answered: Mapped[dict[str, Any]] = mapped_column(JSON)


class MarkingPromptRecord(Base):
    """What the expert sees of an item: the task itself and the guidance for markers, rendered once."""

    __tablename__ = "marking_prompt"

    archive: Mapped[str] = mapped_column(ForeignKey("marking_work.archive"), primary_key=True)
    item: Mapped[str] = mapped_column(String(120), primary_key=True)
    # the delivered form with the author's identifiers, as the player takes it
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    guidance: Mapped[str] = mapped_column(Text)


class MarkingAnswerRecord(Base):
    """One nameless answer for people. `content` = {"responses": {…}, "recordings": [{sha256, seconds, verdict}]}."""

    __tablename__ = "marking_answer"
    __table_args__ = (UniqueConstraint("attempt", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    archive: Mapped[str] = mapped_column(ForeignKey("marking_work.archive"), index=True)
    attempt: Mapped[str] = mapped_column(ForeignKey("marking_attempt.attempt"))
    position: Mapped[int]
    item: Mapped[str] = mapped_column(String(120))
    criteria: Mapped[str] = mapped_column(String(80))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class MachineScoreRecord(Base):
    """Points given by an item's own response processing; decimals as text, so that none is lost.

    `responses` are the answers by the author's names: with them a corrected key can score again. `correction` is the
    one whose key gave these points, None for the key that was sealed.
    """

    __tablename__ = "machine_score"
    __table_args__ = (UniqueConstraint("attempt", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[str] = mapped_column(ForeignKey("marking_attempt.attempt"))
    position: Mapped[int]
    points: Mapped[str] = mapped_column(String(40))
    outcomes: Mapped[dict[str, Any]] = mapped_column(JSON)
    item: Mapped[str] = mapped_column(String(120), index=True)
    responses: Mapped[dict[str, Any]] = mapped_column(JSON)
    correction: Mapped[str | None] = mapped_column(String(36))


class AssignmentRecord(Base):
    """One marking of one answer in one round; states and moves stand in contracts/states.py."""

    __tablename__ = "marking_assignment"
    __table_args__ = (UniqueConstraint("answer", "round"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    answer: Mapped[str] = mapped_column(ForeignKey("marking_answer.id"))
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    expert: Mapped[str | None] = mapped_column(String(80), index=True)
    taken_until_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    version: Mapped[int] = mapped_column(default=0)


class MarkEventRecord(Base):
    """What an expert did with an assignment: saved, undone, referred, returned. Append-only."""

    __tablename__ = "mark_event"
    __table_args__ = (UniqueConstraint("assignment", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(ForeignKey("marking_assignment.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    expert: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[dict[str, Any]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(Text, default="")
    # seconds of the recording at which a criterion was decided, by criterion
    moments: Mapped[dict[str, Any]] = mapped_column(JSON)
