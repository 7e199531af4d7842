"""Commands of an organizer: to one, to a group, to all. Takes a session, targets and a body; gives what was told.

A command is one transaction; under one Idempotency-Key it is carried out once, a repeat gets the first reply. Where two
organizers give the same command at the same moment, the second does nothing that the first has done.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.contracts.fold import AttemptState
from testing_server.contracts.states import check_move
from testing_server.exam_day.sittings.actions import (
    chain_of, find_attempt, find_sitting, list_attempts, move_sitting, read_json, record_incident)
from testing_server.exam_day.sittings.directives import add_directive, find_needs
from testing_server.exam_day.sittings.leases import find_newest, grant_lease, revoke
from testing_server.exam_day.sittings.outages import OUTAGE, count_returned_ms, measure_outage
from testing_server.exam_day.sittings.planning import plan_work, read_needs
from testing_server.exam_day.sittings.queries import list_bundles, read_assessment
from testing_server.exam_day.sittings.records import (
    ArchiveRecord, AttemptRecord, CommandRecord, DirectiveRecord, SittingRecord)
from testing_server.exam_day.sittings.repeats import Doing, RepeatRefused, check_repeat
from testing_server.exam_day.sittings.rules import (
    ADMITTING, AT_WORK, FENCED, BadCommand, Fenced, NothingToDo, NotOpen, NoVariants, SeatOccupied, read_reason,
    read_seconds)
from testing_server.exam_day.workstations.actions import find_workstation
from testing_server.foundation.audit import append_audit

ALL = "all"
TELL_AGAIN = "tell_again"
# What these do is undone by another of the same set only: given twice in a row, the second changes nothing.
UNDONE_BY = {
    DirectiveKind.PAUSE: (DirectiveKind.PAUSE, DirectiveKind.RESUME),
    DirectiveKind.RESUME: (DirectiveKind.PAUSE, DirectiveKind.RESUME),
    DirectiveKind.FINISH: (DirectiveKind.FINISH, DirectiveKind.START),
}
# These go by what the candidate has done.
BY_DOINGS = frozenset({DirectiveKind.CREDIT, DirectiveKind.NEXT_ITEM, DirectiveKind.REPEAT_ITEM})


@dataclass(frozen=True)
class Command:
    """`targets`: attempt ids, or "all"; `key`: Idempotency-Key, "" for none; `doings`: by attempt, for BY_DOINGS."""

    kind: str
    targets: Sequence[str] | str
    body: dict[str, Any]
    by: str
    key: str = ""
    doings: Mapping[str, Doing] = field(default_factory=dict)


@dataclass
class Acting:
    """One command on its way through its targets."""

    session: Session
    now_ms: int
    sitting: SittingRecord
    command: Command
    told: list[dict[str, Any]]
    refused: list[tuple[str, RepeatRefused]] = field(default_factory=list)

    def tell(self, attempt: AttemptRecord, kind: str, body: dict[str, Any]) -> None:
        """A directive for the seat."""
        directive = add_directive(self.session, self.now_ms, attempt.id, self.sitting.generation, kind, body)
        self.told.append({"attempt": attempt.id, "generation": directive.generation, "number": directive.number,
                          "workstation": attempt.workstation})

    def note(self, attempt: AttemptRecord) -> None:
        """A change without a directive."""
        self.told.append({"attempt": attempt.id, "workstation": attempt.workstation})


def carry_out(session: Session, now_ms: int, sitting_id: str, command: Command) -> dict[str, Any]:
    """{"kind", "told": [{attempt, generation?, number?, workstation}], "refused": [{attempt, code}], "version"}.

    Raises NotOpen, Fenced, NothingToDo, BadCommand, ReasonMissing, MoveRefused, RepeatRefused.
    """
    if command.key and (known := session.get(CommandRecord, (sitting_id, command.key))):
        repeated: dict[str, Any] = read_json(known.reply)
        return repeated
    sitting = find_sitting(session, sitting_id)
    check_leads(sitting)
    rule = COMMANDS.get(command.kind)
    if rule is None:
        raise BadCommand(details={"kind": command.kind})
    acting = Acting(session, now_ms, sitting, command, [])
    for attempt in _find_targets(session, sitting, command, rule.states):
        rule.act(acting, attempt)
    if not acting.told:
        raise acting.refused[0][1] if acting.refused else NothingToDo()
    _follow(acting)
    refused = [{"attempt": attempt, "code": refusal.code} for attempt, refusal in acting.refused]
    reply = {"kind": command.kind, "told": acting.told, "refused": refused, "version": sitting.version}
    if command.key:
        session.add(CommandRecord(sitting=sitting_id, key=command.key, at_ms=now_ms,
                                  reply=msgspec.json.encode(reply).decode()))
    return reply


def check_leads(sitting: SittingRecord) -> None:
    """Raises Fenced once another server leads the sitting."""
    if sitting.state == FENCED:
        raise Fenced()


def _find_targets(session: Session, sitting: SittingRecord, command: Command,
                  states: frozenset[str]) -> list[AttemptRecord]:
    attempts = list_attempts(session, sitting.id)
    if command.targets == ALL:
        return [attempt for attempt in attempts if attempt.state in states]
    chosen = [attempt for attempt in attempts if attempt.id in command.targets]
    if len(chosen) != len(set(command.targets)):
        raise BadCommand(details={"targets": "unknown"})
    return [attempt for attempt in chosen if attempt.state in states]


def _follow(acting: Acting) -> None:
    """What a command to candidates means for the sitting, and its audit line."""
    sitting, kind = acting.sitting, acting.command.kind
    everybody = acting.command.targets == ALL
    if kind == DirectiveKind.START and sitting.state == "open":
        sitting.started_at_ms = acting.now_ms
        move_sitting(acting.session, acting.now_ms, sitting, "running", acting.command.by)
    elif kind == DirectiveKind.PAUSE and everybody and sitting.state == "running":
        move_sitting(acting.session, acting.now_ms, sitting, "paused", acting.command.by)
    elif kind == DirectiveKind.RESUME and sitting.state == "paused":
        move_sitting(acting.session, acting.now_ms, sitting, "running", acting.command.by)
    sitting.version += 1
    details = {key: value for key, value in acting.command.body.items() if isinstance(value, str | int)}
    targets = [told["attempt"] for told in acting.told]
    append_audit(acting.session, acting.now_ms, chain_of(sitting.id), acting.command.by, f"command_{kind}",
                 sitting.id, {**details, "attempts": targets})


def _start(acting: Acting, attempt: AttemptRecord) -> None:
    sitting, session = acting.sitting, acting.session
    if sitting.state not in ADMITTING:
        raise NotOpen()
    if attempt.state != "reopened" and _has_directive(session, attempt.id, DirectiveKind.START):
        return
    archive = session.get_one(ArchiveRecord, sitting.archive)
    assessment = read_assessment(archive)
    bundles = list_bundles(session, sitting.archive, attempt.variant)
    if not bundles:
        # a server that has just taken over may still be opening its archive
        raise NoVariants(details={"variant": attempt.variant})
    timeline = plan_work(assessment, find_needs(session, attempt.id))
    acting.tell(attempt, DirectiveKind.START, {
        "pace": sitting.pace, "duration_s": timeline.duration_s, "plan": timeline.describe_for_seat(),
        "window_ends_at_ms": sitting.closes_at_ms,
        "on_move": assessment.get("on_move", "continue"), "auto_credit_s": assessment.get("auto_credit_s", 300),
        "variant": attempt.variant, "variant_bundle": bundles[0].sha256,
        "media": {bundle.plain: bundle.sha256 for bundle in bundles[1:]},
        "keys": {bundle.sha256: bundle.identity for bundle in bundles}})


def _has_directive(session: Session, attempt: str, kind: str) -> bool:
    return session.scalars(select(DirectiveRecord.number).where(
        DirectiveRecord.attempt == attempt, DirectiveRecord.kind == kind).limit(1)).first() is not None


def _pause(acting: Acting, attempt: AttemptRecord) -> None:
    if not _is_done_already(acting, attempt):
        acting.tell(attempt, DirectiveKind.PAUSE, {"reason": str(acting.command.body.get("reason", ""))[:300]})


def _resume(acting: Acting, attempt: AttemptRecord) -> None:
    if not _is_done_already(acting, attempt):
        acting.tell(attempt, DirectiveKind.RESUME, {"reason": str(acting.command.body.get("reason", ""))[:300]})


def _is_done_already(acting: Acting, attempt: AttemptRecord) -> bool:
    """Whether the seat was already told this very command last, of this kind and of what undoes it.

    What it has confirmed counts by its state: a server that took over may not know every order of the one before.
    """
    kind = acting.command.kind
    last = acting.session.execute(select(DirectiveRecord.kind, DirectiveRecord.applied_at_ms).where(
        DirectiveRecord.attempt == attempt.id, DirectiveRecord.kind.in_(UNDONE_BY[DirectiveKind(kind)]))
        .order_by(DirectiveRecord.generation.desc(), DirectiveRecord.number.desc()).limit(1)).first()
    if last is not None and (last.kind != kind or last.applied_at_ms is None):
        return bool(last.kind == kind)
    return kind == DirectiveKind.RESUME and attempt.state != "paused"


def _extra_time(acting: Acting, attempt: AttemptRecord) -> None:
    acting.tell(attempt, DirectiveKind.EXTRA_TIME, {"seconds": read_seconds(acting.command.body.get("seconds"))})


def _credit(acting: Acting, attempt: AttemptRecord) -> None:
    """So many seconds; or, for an outage, exactly what was measured and not given back yet."""
    if not acting.command.body.get(OUTAGE):
        acting.tell(attempt, DirectiveKind.CREDIT, {"ms": read_seconds(acting.command.body.get("seconds")) * 1000})
        return
    doing = acting.command.doings.get(attempt.id)
    owed_ms = measure_outage(doing.state, count_returned(acting.session, attempt.id)).owed_ms if doing else 0
    if owed_ms:
        acting.tell(attempt, DirectiveKind.CREDIT, {"ms": owed_ms, OUTAGE: True})


def count_returned(session: Session, attempt: str) -> int:
    """Milliseconds that organizers have given back for outages."""
    texts = session.scalars(select(DirectiveRecord.text).where(
        DirectiveRecord.attempt == attempt, DirectiveRecord.kind == DirectiveKind.CREDIT))
    return count_returned_ms(msgspec.json.decode(text, type=Directive).body for text in texts)


def _needs(acting: Acting, attempt: AttemptRecord) -> None:
    """What the candidate needs, before the start: the start plans with it. Raises NeedsRefused."""
    archive = acting.session.get_one(ArchiveRecord, acting.sitting.archive)
    needs = read_needs(acting.command.body)
    plan_work(read_assessment(archive), needs)
    acting.tell(attempt, DirectiveKind.NEEDS, needs)


def _message(acting: Acting, attempt: AttemptRecord) -> None:
    acting.tell(attempt, DirectiveKind.MESSAGE, {"text": read_reason(acting.command.body.get("text"))})


def _note_door(acting: Acting, attempt: AttemptRecord) -> None:
    """The organizer saw the candidate go out of the room, or come back."""
    acting.tell(attempt, acting.command.kind, {})


def _finish(acting: Acting, attempt: AttemptRecord) -> None:
    if _is_done_already(acting, attempt):
        return
    acting.tell(attempt, DirectiveKind.FINISH, {"reason": read_reason(acting.command.body.get("reason", "organizer"))})


def _next_item(acting: Acting, attempt: AttemptRecord) -> None:
    """On from the item the candidate is at; while the seat has not confirmed that, the same is not told twice."""
    item = _read_item(acting, attempt)
    waiting = acting.session.scalars(select(DirectiveRecord.text).where(
        DirectiveRecord.attempt == attempt.id, DirectiveRecord.kind == DirectiveKind.NEXT_ITEM,
        DirectiveRecord.applied_at_ms.is_(None)))
    if all(msgspec.json.decode(text, type=Directive).body.get("item") != item for text in waiting):
        acting.tell(attempt, DirectiveKind.NEXT_ITEM, {"item": item})


def _repeat_item(acting: Acting, attempt: AttemptRecord) -> None:
    """An item once more, where the work's rule allows it; who may not is named in the reply."""
    assessment = read_assessment(acting.session.get_one(ArchiveRecord, acting.sitting.archive))
    item = _read_item(acting, attempt)
    try:
        check_repeat(assessment, acting.command.doings.get(attempt.id, NOTHING_KNOWN), item)
    except RepeatRefused as refusal:
        acting.refused.append((attempt.id, refusal))
        return
    acting.tell(attempt, DirectiveKind.REPEAT_ITEM, {"item": item})


def _read_item(acting: Acting, attempt: AttemptRecord) -> str:
    """The item that was named, else the one the candidate is at."""
    return str(acting.command.body.get("item", "")) or acting.command.doings.get(attempt.id, NOTHING_KNOWN).state.item


def _tell_again(acting: Acting, attempt: AttemptRecord) -> None:
    """The seat is hinted at what it has not confirmed: the same directives, no new one, so nothing happens twice."""
    if acting.session.scalars(select(DirectiveRecord.number).where(
            DirectiveRecord.attempt == attempt.id, DirectiveRecord.applied_at_ms.is_(None)).limit(1)).first():
        acting.note(attempt)


def _move(acting: Acting, attempt: AttemptRecord) -> None:
    """A lease for the new workstation; the old one ends when the new seat opens its own."""
    session = acting.session
    workstation = find_workstation(session, str(acting.command.body.get("workstation", "")))
    newest = find_newest(session, attempt.id)
    if newest is not None and newest.workstation == workstation.id:
        raise BadCommand(details={"workstation": "same"})
    _check_empty(session, workstation.id, attempt.id)
    if newest is not None and newest.state == "granted":
        # granted and never opened: nothing was written under it
        check_move("lease", newest.state, "void")
        newest.state = "void"
    lease = grant_lease(session, acting.now_ms, acting.sitting, attempt, workstation.id, "", "move",
                        acting.command.by)
    acting.tell(attempt, DirectiveKind.MOVE, {"workstation": workstation.id, "lease": lease.lease,
                                              "seat": workstation.seat})
    attempt.workstation = workstation.id
    attempt.moves += 1


def _check_empty(session: Session, workstation: str, attempt: str) -> None:
    busy = session.scalars(select(AttemptRecord).where(
        AttemptRecord.workstation == workstation, AttemptRecord.id != attempt,
        AttemptRecord.state.in_(AT_WORK | {"seated", "checked"})).limit(1)).first()
    if busy is not None:
        raise SeatOccupied()


def _absent(acting: Acting, attempt: AttemptRecord) -> None:
    _set_state(acting, attempt, "absent", str(acting.command.body.get("reason", "")))


def _return_absent(acting: Acting, attempt: AttemptRecord) -> None:
    _set_state(acting, attempt, "assigned", "")


def _spoil(acting: Acting, attempt: AttemptRecord) -> None:
    reason = read_reason(acting.command.body.get("reason"))
    if attempt.state in AT_WORK:
        acting.tell(attempt, DirectiveKind.FINISH, {"reason": "spoiled"})
    _set_state(acting, attempt, "spoiled", reason)
    record_incident(acting.session, acting.now_ms, acting.sitting, attempt.id, "spoiled", reason, acting.command.by)


def _reopen(acting: Acting, attempt: AttemptRecord) -> None:
    """Back to work: a new lease, because the finished one is closed, and a start that says so."""
    reason = read_reason(acting.command.body.get("reason"))
    newest = find_newest(acting.session, attempt.id)
    _set_state(acting, attempt, "reopened", reason)
    attempt.finished_at_ms = None
    if newest is not None:
        revoke(newest)
        grant_lease(acting.session, acting.now_ms, acting.sitting, attempt, newest.workstation, "", "recover",
                    acting.command.by)
    _start(acting, attempt)


def _set_state(acting: Acting, attempt: AttemptRecord, wanted: str, reason: str) -> None:
    check_move("attempt", attempt.state, wanted)
    attempt.state, attempt.reason = wanted, reason[:500]
    acting.note(attempt)


def record_room_incident(session: Session, now_ms: int, sitting_id: str, attempt_id: str | None, text: str,
                         by: str) -> int:
    """An organizer's incident; returns the sitting's version. Raises ReasonMissing, NotFound."""
    sitting = find_sitting(session, sitting_id)
    check_leads(sitting)
    if attempt_id and find_attempt(session, attempt_id).sitting != sitting_id:
        raise BadCommand(details={"attempt": "unknown"})
    record_incident(session, now_ms, sitting, attempt_id or None, "organizer", read_reason(text), by)
    return sitting.version


@dataclass(frozen=True)
class Rule:
    """What a command does to one candidate, and to candidates in which states it applies."""

    act: Callable[[Acting, AttemptRecord], None]
    states: frozenset[str]


NOTHING_KNOWN = Doing(AttemptState())
SEATED = frozenset({"seated", "checked"})
COMMANDS: dict[str, Rule] = {
    DirectiveKind.START: Rule(_start, SEATED | {"reopened"}),
    DirectiveKind.PAUSE: Rule(_pause, frozenset({"started", "interrupted", "reopened"})),
    DirectiveKind.RESUME: Rule(_resume, frozenset({"paused", "started", "interrupted"})),
    DirectiveKind.NEEDS: Rule(_needs, SEATED | {"assigned"}),
    DirectiveKind.EXTRA_TIME: Rule(_extra_time, SEATED | AT_WORK),
    DirectiveKind.CREDIT: Rule(_credit, AT_WORK),
    DirectiveKind.LEAVE_ROOM: Rule(_note_door, AT_WORK),
    DirectiveKind.RETURN_TO_ROOM: Rule(_note_door, AT_WORK),
    DirectiveKind.MESSAGE: Rule(_message, SEATED | AT_WORK),
    DirectiveKind.FINISH: Rule(_finish, AT_WORK),
    DirectiveKind.NEXT_ITEM: Rule(_next_item, AT_WORK),
    DirectiveKind.REPEAT_ITEM: Rule(_repeat_item, AT_WORK),
    DirectiveKind.MOVE: Rule(_move, SEATED | AT_WORK),
    "absent": Rule(_absent, frozenset({"assigned"})),
    "present": Rule(_return_absent, frozenset({"absent"})),
    "spoiled": Rule(_spoil, frozenset({"assigned", "finished", "absent"}) | SEATED | AT_WORK),
    "reopen": Rule(_reopen, frozenset({"finished"})),
    TELL_AGAIN: Rule(_tell_again, SEATED | AT_WORK),
}
