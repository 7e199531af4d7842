"""Tables of the desk. Marks are events: a row is added, none is ever changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testing_server.foundation.storage import Base


class MarkingWorkRecord(Base):
    """One school's work whose criteria are open; `archive` is its materials archive.

    `region` and `subject` say which heads it belongs to; both stay as they were when the work was opened.
    """

    __tablename__ = "marking_work"

    archive: Mapped[str] = mapped_column(String(64), primary_key=True)
    school: Mapped[str] = mapped_column(String(36), index=True)
    campaign: Mapped[str] = mapped_column(String(80))
    assessment: Mapped[str] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(120), default="", index=True)
    subject: Mapped[str] = mapped_column(String(80), default="")
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    rounds: Mapped[int]
    # how it is marked: MarkingRules as data, fixed when the work is opened; empty for works opened before that
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
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


class LotRecord(Base):
    """A queue of its own: one position of one assessment in one region; third markings of it wait in another lot.

    `subject` and `region` say which commission marks it.
    """

    __tablename__ = "marking_lot"
    __table_args__ = (UniqueConstraint("campaign", "assessment", "position", "region", "is_third"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(String(80))
    assessment: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    subject: Mapped[str] = mapped_column(String(80), default="")
    region: Mapped[str] = mapped_column(String(120), default="")
    is_third: Mapped[bool] = mapped_column(default=False)
    # who takes what waits here: any | lead | head
    takers: Mapped[str] = mapped_column(String(20), default="any")
    own_school: Mapped[bool] = mapped_column(default=True)


class AssignmentRecord(Base):
    """One marking of one answer in one round; states and moves stand in contracts/states.py.

    `copy`: the login whose own copy it is (practice, qualification and control answers are marked by everybody), empty
    for a live marking, of which there is one per answer and round. `draw`: place in the queue, drawn by lot.
    `asked`: the criteria a third marking is about, None for all. `barred`: experts who marked it before it was ordered
    anew.
    """

    __tablename__ = "marking_assignment"
    __table_args__ = (
        UniqueConstraint("answer", "round", "copy"),
        Index("ix_marking_assignment_lot_state_draw", "lot", "state", "draw"),
        Index("ix_marking_assignment_expert_state", "expert", "state"),
        Index("ix_marking_assignment_state_taken_until_ms", "state", "taken_until_ms"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    answer: Mapped[str] = mapped_column(ForeignKey("marking_answer.id"))
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    expert: Mapped[str | None] = mapped_column(String(80))
    taken_at_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    taken_until_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    version: Mapped[int] = mapped_column(default=0)
    lot: Mapped[int | None] = mapped_column(ForeignKey("marking_lot.id"))
    draw: Mapped[int] = mapped_column(BigInteger, default=0)
    school: Mapped[str] = mapped_column(String(36), default="")
    purpose: Mapped[str] = mapped_column(String(20), default="live")
    copy: Mapped[str] = mapped_column(String(80), default="")
    asked: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    barred: Mapped[list[str]] = mapped_column(JSON, default=list)
    # the offline kit it travels in, None while it is marked here
    kit: Mapped[str | None] = mapped_column(String(36), index=True)


class ExpertRecord(Base):
    """What an expert did so far; the row is locked while the next answer is chosen, so two windows get one answer.

    `lot`: where the last answer came from; `given`: answers ever given; `marked` of the `day` (YYYY-MM-DD, Moscow).
    """

    __tablename__ = "marking_expert"

    login: Mapped[str] = mapped_column(String(80), primary_key=True)
    lot: Mapped[int | None]
    given: Mapped[int] = mapped_column(default=0)
    day: Mapped[str] = mapped_column(String(10), default="")
    marked: Mapped[int] = mapped_column(default=0)


class PairRecord(Base):
    """How many answers two experts (`one` < `other`) were given together: pairs are kept varied by it."""

    __tablename__ = "marking_pair"

    one: Mapped[str] = mapped_column(String(80), primary_key=True)
    other: Mapped[str] = mapped_column(String(80), primary_key=True)
    answers: Mapped[int] = mapped_column(default=0)


class DecisionRecord(Base):
    """Points that the head gave an answer: they stand instead of what the rounds would give. The newest holds.

    `kind`: referral (what an expert could not mark) | standard (agreed for standardisation).
    """

    __tablename__ = "marking_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[str] = mapped_column(ForeignKey("marking_answer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    points: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(BigInteger)


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
    # where a criterion was decided: criterion → {"recording": sha256, "at_ms"}
    moments: Mapped[dict[str, Any]] = mapped_column(JSON)
    # remarks tied to a place: [{"recording": sha256, "at_ms"} or {"response", "from", "to"}, "text", "criterion"]
    notes: Mapped[list[Any] | None] = mapped_column(JSON)
