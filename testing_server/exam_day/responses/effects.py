"""What an event of a seat changes besides being stored: lease, attempt, directive, recording.

Takes one stored line. The answers themselves have no effect here: they are the fold's.
"""
from __future__ import annotations

import uuid
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.contracts.events import Event, EventKind, read_event
from testing_server.contracts.leases import LEASE_STEP
from testing_server.contracts.states import check_move
from testing_server.exam_day.responses.records import AnswerFileRecord, EventRecord, RecordingRecord
from testing_server.exam_day.responses.rules import Line, move_attempt
from testing_server.exam_day.sittings.actions import chain_of, move_sitting, record_incident
from testing_server.exam_day.sittings.directives import adopt_directive, confirm_directive
from testing_server.exam_day.sittings.leases import find_newest, list_leases, revoke
from testing_server.exam_day.sittings.records import AttemptRecord, LeaseRecord, SittingRecord
from testing_server.foundation.audit import append_audit


KINDS = frozenset(DirectiveKind)


def has_effect(line: Line) -> bool:
    """Whether anything but the stored event changes."""
    return line.event.kind in _EFFECTS


def take_effect(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, lease: LeaseRecord,
                line: Line) -> None:
    """Let the facts of one line take effect, once: it has just been stored for the first time."""
    effect = _EFFECTS.get(line.event.kind)
    if effect is not None:
        effect(session, now_ms, sitting, attempt, lease, line.event)


def _open_lease(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, lease: LeaseRecord,
                event: Event) -> None:
    if lease.state == "granted":
        check_move("lease", lease.state, "open")
        lease.state = "open"
    for older in list_leases(session, attempt.id):
        if older.lease < lease.lease:
            revoke(older)


def _apply_directive(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord,
                     lease: LeaseRecord, event: Event) -> None:
    body = event.body
    is_known = confirm_directive(session, attempt.id, body["generation"], body["number"], event.at_ms)
    if not is_known and body["generation"] < sitting.generation and body["kind"] in KINDS:
        _adopt_directive(session, now_ms, sitting, attempt, lease, event)
    _move_attempt(session, sitting, attempt, lease, event)
    if body["kind"] == "start":
        attempt.started_at_ms = attempt.started_at_ms or event.at_ms
        if sitting.state == "open":
            sitting.started_at_ms = sitting.started_at_ms or event.at_ms
            move_sitting(session, now_ms, sitting, "running", "server")


def _adopt_directive(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord,
                     lease: LeaseRecord, event: Event) -> None:
    """An order of the server before, of which no ledger told: it stands in the room's facts all the same."""
    body = event.body
    adopt_directive(session, Directive(attempt=attempt.id, generation=body["generation"], number=body["number"],
                                       kind=body["kind"], at_ms=event.at_ms, body=body["body"]))
    append_audit(session, now_ms, chain_of(sitting.id), f"workstation:{lease.workstation}", "directive_adopted",
                 attempt.code, {"kind": body["kind"][:40], "generation": body["generation"], "number": body["number"]})


def _move_attempt(session: Session, sitting: SittingRecord, attempt: AttemptRecord, lease: LeaseRecord,
                  event: Event) -> None:
    newest = find_newest(session, attempt.id)
    if newest is None or newest.lease == lease.lease:
        attempt.state = move_attempt(attempt.state, event)
    elif newest.workstation == lease.workstation and newest.lease // LEASE_STEP > lease.lease // LEASE_STEP:
        # the same seat went on under a server that took over, before it had sent all of this
        for one in [event, *_list_later_moves(session, event)]:
            attempt.state = move_attempt(attempt.state, one)


def _list_later_moves(session: Session, event: Event) -> list[Event]:
    """What moved the attempt under newer leases."""
    lines = session.scalars(select(EventRecord.line).where(
        EventRecord.attempt == event.attempt, EventRecord.lease > event.lease,
        EventRecord.kind.in_((EventKind.DIRECTIVE_APPLIED, EventKind.ATTEMPT_FINISHED))).order_by(
            EventRecord.lease, EventRecord.number))
    return [read_event(line.encode()) for line in lines]


def _finish(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, lease: LeaseRecord,
            event: Event) -> None:
    newest = find_newest(session, attempt.id)
    if newest is not None and newest.lease != lease.lease:
        return
    attempt.state = move_attempt(attempt.state, event)
    attempt.finished_at_ms = event.at_ms
    if lease.state == "open":
        check_move("lease", lease.state, "closed")
        lease.state = "closed"


def _find_recording(session: Session, attempt: str, lease: int, number: int) -> RecordingRecord:
    recording = session.get(RecordingRecord, (attempt, lease, number))
    if recording is None:
        # a commit may arrive before the beginning, when batches overtake each other
        recording = RecordingRecord(attempt=attempt, lease=lease, number=number, state="recording", item="",
                                    response="", rate_hz=0, bytes=0, samples=0, pcm_sha256="", durable_bytes=0,
                                    flac_sha256="", verdict="", server_verdict="", asked_at_ms=0, reason="")
        session.add(recording)
    return recording


def _start_recording(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord,
                     lease: LeaseRecord, event: Event) -> None:
    recording = _find_recording(session, attempt.id, event.lease, event.number)
    recording.item, recording.response = event.body["item"], event.body["response"]
    recording.rate_hz = event.body["rate_hz"]
    session.flush()


def _commit_recording(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord,
                      lease: LeaseRecord, event: Event) -> None:
    body = event.body
    recording = _find_recording(session, attempt.id, body["started"][0], body["started"][1])
    recording.bytes, recording.samples, recording.pcm_sha256 = body["bytes"], body["samples"], body["sha256"]
    recording.verdict = body["verdict"]
    if recording.state == "recording":
        check_move("recording", recording.state, "stopped")
        check_move("recording", "stopped", "committed")
        recording.state = "committed"
    session.flush()


def _expect_file(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, lease: LeaseRecord,
                 event: Event) -> None:
    body = event.body
    if session.get(AnswerFileRecord, (attempt.id, body["sha256"])) is None:
        session.add(AnswerFileRecord(
            attempt=attempt.id, sha256=body["sha256"][:64], item=body["item"][:80], response=body["response"][:80],
            bytes=body["bytes"], type=body["type"][:120], name=body["name"][:120], state="expected", reason=""))
        session.flush()


def _note_incident(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, lease: LeaseRecord,
                   event: Event) -> None:
    # the same event comes again to a server that took over, and the room ledger has told of it already
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{attempt.id}/{event.lease}/{event.number}"))
    record_incident(session, event.at_ms, sitting, attempt.id, event.body["kind"][:40], event.body["text"][:500],
                    f"workstation:{lease.workstation}", identity)


Effect = Callable[[Session, int, SittingRecord, AttemptRecord, LeaseRecord, Event], None]
_EFFECTS: dict[str, Effect] = {
    EventKind.LEASE_OPENED: _open_lease, EventKind.DIRECTIVE_APPLIED: _apply_directive,
    EventKind.ATTEMPT_FINISHED: _finish, EventKind.RECORDING_STARTED: _start_recording,
    EventKind.RECORDING_COMMITTED: _commit_recording, EventKind.FILE_KEPT: _expect_file,
    EventKind.INCIDENT_RAISED: _note_incident,
}
