"""Reading all that was kept of one seat. Takes a session and an attempt; gives moments and its recordings."""
from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import Directive
from testing_server.contracts.events import read_event
from testing_server.contracts.fold import AttemptState, fold
from testing_server.exam_day.replay.rules import Moment, Received, Told, tell_seat
from testing_server.exam_day.responses.queries import Recording, list_recordings
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.actions import chain_of
from testing_server.exam_day.sittings.records import AttemptRecord, DirectiveRecord, SittingRecord
from testing_server.foundation.audit import AuditLine, read_audit

ORDER = "command_"


@dataclass(frozen=True)
class Replay:
    """`state`: the fold of everything; `recordings`: by (lease, number of recording_started)."""

    moments: list[Moment]
    recordings: dict[tuple[int, int], Recording]
    state: AttemptState


def read_replay(session: Session, sitting: SittingRecord, attempt: AttemptRecord) -> Replay:
    """Everything of one attempt, oldest first."""
    rows = session.execute(select(EventRecord.line, EventRecord.received_at_ms).where(
        EventRecord.attempt == attempt.id).order_by(EventRecord.lease, EventRecord.number))
    received = [Received(read_event(line.encode()), at_ms) for line, at_ms in rows]
    directives = list(session.scalars(select(DirectiveRecord).where(DirectiveRecord.attempt == attempt.id)))
    facts = [msgspec.json.decode(one.text, type=Directive) for one in directives]
    state = fold([one.event for one in received], facts, (sitting.opens_at_ms, sitting.closes_at_ms))
    acts = list_acts(read_audit(session, chain_of(sitting.id)), attempt, directives)
    recordings = {(one.lease, one.number): one for one in list_recordings(session, [attempt.id])}
    return Replay(tell_seat(received, acts, [*state.after_move, *state.out_of_window]), recordings, state)


def list_acts(audit: list[AuditLine], attempt: AttemptRecord, directives: list[DirectiveRecord]) -> list[Told]:
    """Lines of the audit that name this candidate, each with what the seat confirmed of it.

    A directive and the line of its command are written in one transaction, at one time.
    """
    orders = {(one.at_ms, one.kind): one for one in directives}
    acts: list[Told] = []
    for line in audit:
        if not _is_about(line, attempt):
            continue
        verb = line.verb.removeprefix(ORDER)
        order = orders.pop((line.at_ms, verb), None)
        details = {name: value for name, value in line.details.items() if name != "attempts"}
        acts.append(Told(line.at_ms, line.verb, line.actor, details, order is not None,
                         order.applied_at_ms if order else None))
    # what the server itself told the seat, or a server before this one whose audit did not reach us
    acts += [Told(one.at_ms, f"{ORDER}{one.kind}", "", {}, True, one.applied_at_ms) for one in orders.values()]
    return acts


def _is_about(line: AuditLine, attempt: AttemptRecord) -> bool:
    return line.subject in (attempt.id, attempt.code) or attempt.id in line.details.get("attempts", ())
