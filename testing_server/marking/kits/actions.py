"""Giving a kit out, closing it, taking its marks in: each one verb, one transaction, one audit line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.marking.kits.records import KitEventRecord, KitRecord
from testing_server.marking.kits.rules import KitConflict, KitEvent, KitUnknown, find_last
from testing_server.marking.review.actions import Marks, refer_answer, save_marks, take_next
from testing_server.marking.review.records import AssignmentRecord
from testing_server.marking.review.rules import NothingToMark, read_moments, read_notes

ISSUED, MERGED, CLOSED = "issued", "merged", "closed"
CHAIN = "marking-kits"
COUNTED, LATE, REFUSED, PASSED = "counted", "late", "refused", "passed"


def issue_kit(session: Session, now_ms: int, kit: KitRecord) -> list[str]:
    """Reserves up to `kit.answers` answers for the kit until its date; returns their assignments.

    Raises NothingToMark, and what keeps this expert from marking.
    """
    session.add(kit)
    session.flush()
    taken: list[str] = []
    while len(taken) < kit.answers:
        try:
            taken.append(_take_away(session, now_ms, kit))
        except Refusal:
            # the queue is empty or the day's limit reached: a smaller kit is a kit
            if not taken:
                raise
            break
    kit.answers = len(taken)
    append_audit(session, now_ms, CHAIN, kit.expert, "kit_issued", kit.id, {"answers": len(taken)})
    return taken


def _take_away(session: Session, now_ms: int, kit: KitRecord) -> str:
    assignment = take_next(session, now_ms, kit.expert)
    row = session.get_one(AssignmentRecord, assignment, populate_existing=True)
    if row.copy:
        # standard answers judge whoever marks them at once, which a kit cannot
        raise NothingToMark()
    row.kit, row.taken_until_ms = kit.id, kit.until_ms
    session.flush()
    return assignment


def close_kit(session: Session, now_ms: int, kit: str, by: str, state: str = CLOSED) -> int:
    """Ends a kit; what it holds and nobody marked goes back to the queue. Returns how many answers that are."""
    row = find_kit_row(session, kit)
    row.state = state
    returned = session.execute(
        update(AssignmentRecord)
        .where(AssignmentRecord.kit == kit, AssignmentRecord.state.in_(("taken", "undone")))
        .values(state="queued", expert=None, kit=None, version=AssignmentRecord.version + 1)
        .execution_options(synchronize_session="fetch"))
    append_audit(session, now_ms, CHAIN, by, f"kit_{state}", kit)
    return int(getattr(returned, "rowcount", 0))


def merge_events(session: Session, now_ms: int, kit: str, events: Sequence[KitEvent]) -> dict[str, int]:
    """Takes in what a kit did. The same file once more changes nothing; returns how many events have which verdict.

    What comes after the kit's date or its end is kept and not counted. Raises KitUnknown, KitConflict.
    """
    row = find_kit_row(session, kit)
    fresh = _leave_known(session, kit, events)
    verdicts = _merge_fresh(session, now_ms, row, fresh) if fresh else {}
    for event in fresh:
        verdict, reason = verdicts[event.number]
        session.add(KitEventRecord(
            kit=kit, number=event.number, assignment=event.assignment, kind=event.kind, at_ms=event.at_ms,
            body=dict(event.body), envelope=event.envelope, verdict=verdict, reason=reason, merged_at_ms=now_ms))
    if row.state == ISSUED:
        close_kit(session, now_ms, kit, row.expert, MERGED)
    session.flush()
    return count_verdicts(session, kit)


def _leave_known(session: Session, kit: str, events: Sequence[KitEvent]) -> list[KitEvent]:
    known = {row.number: row.envelope for row in session.scalars(
        select(KitEventRecord).where(KitEventRecord.kit == kit))}
    if any(known.get(event.number, event.envelope) != event.envelope for event in events):
        raise KitConflict()
    return [event for event in events if event.number not in known]


def _merge_fresh(session: Session, now_ms: int, row: KitRecord, events: list[KitEvent]) -> dict[int, tuple[str, str]]:
    """Event number → verdict and reason. Only the last event of an answer stands; those before it it has passed."""
    if row.state != ISSUED or now_ms > row.until_ms:
        return {event.number: (LATE, row.state) for event in events}
    verdicts = {event.number: (PASSED, "") for event in events}
    for event in find_last(events).values():
        verdicts[event.number] = _apply(session, now_ms, row, event)
    return verdicts


def _apply(session: Session, now_ms: int, kit: KitRecord, event: KitEvent) -> tuple[str, str]:
    held = session.get(AssignmentRecord, event.assignment, populate_existing=True)
    if held is None or held.kit != kit.id or held.state not in ("taken", "undone"):
        return REFUSED, "not_in_kit"
    if event.kind == "undone":
        return COUNTED, ""
    try:
        with session.begin_nested():
            _act(session, now_ms, kit.expert, held, event.body)
    except Refusal as refusal:
        return REFUSED, refusal.code
    return COUNTED, ""


def _act(session: Session, now_ms: int, expert: str, held: AssignmentRecord, body: Any) -> None:
    if body["kind"] == "referred":
        refer_answer(session, now_ms, expert, held.id, held.version, str(body.get("reason", "")),
                     str(body.get("referral", "other")))
        return
    moments = read_moments(dict(body.get("moments") or {}))
    marks = Marks(body["points"], str(body.get("comment", "")), moments, read_notes(body.get("notes")))
    save_marks(session, now_ms, expert, held.id, held.version, marks)


def count_verdicts(session: Session, kit: str) -> dict[str, int]:
    """Verdict → how many events of a kit have it."""
    found: dict[str, int] = {}
    for verdict in session.scalars(select(KitEventRecord.verdict).where(KitEventRecord.kit == kit)):
        found[verdict] = found.get(verdict, 0) + 1
    return found


def find_kit_row(session: Session, kit: str) -> KitRecord:
    """Raises KitUnknown."""
    row = session.get(KitRecord, kit, with_for_update=True)
    if row is None:
        raise KitUnknown()
    return row
