"""Evacuation: one act stops everybody, another lets everybody go on, and nobody's time is lost in between.

Takes a session and the folded states. A seat that heard the pause late, or not at all, gets the difference back.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.fold import AttemptState
from testing_server.exam_day.sittings.actions import chain_of, find_sitting, record_incident
from testing_server.exam_day.sittings.commands import Command, carry_out, check_leads
from testing_server.exam_day.sittings.records import AttemptRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ADMITTING, AT_WORK, NothingToDo
from testing_server.foundation.audit import append_audit, find_last
from testing_server.foundation.refusals import Refusal

BEGUN, ENDED = "evacuated", "evacuation_ended"
# a pause that began this much after the order cost nobody anything
HEARD_AT_ONCE_MS = 2_000


class EvacuationRefused(Refusal):
    code = "wrong_state"
    status = 409
    message = _("Эвакуация сейчас не начинается и не заканчивается: сеанс не идёт или она уже отмечена.")
    remedy = _("Обновите страницу сеанса: на ней видно, что происходит.")


@dataclass(frozen=True)
class Evacuation:
    """One that goes on. `attempts`: those whom it stopped."""

    at_ms: int
    by: str
    attempts: list[str]


def find_evacuation(session: Session, sitting_id: str) -> Evacuation | None:
    """The one that goes on now."""
    last = find_last(session, chain_of(sitting_id), (BEGUN, ENDED))
    if last is None or last.verb == ENDED:
        return None
    return Evacuation(last.at_ms, last.actor, last.details["attempts"])


def begin_evacuation(session: Session, now_ms: int, sitting_id: str, text: str, by: str) -> list[dict[str, Any]]:
    """Pause everybody who works; returns whom to hint. `text`: of the incident. Raises EvacuationRefused, Fenced."""
    sitting = find_sitting(session, sitting_id)
    check_leads(sitting)
    if sitting.state not in ADMITTING or find_evacuation(session, sitting_id):
        raise EvacuationRefused()
    told = _command(session, now_ms, sitting, DirectiveKind.PAUSE, "all", {"reason": "evacuation"}, by)
    attempts = [str(one["attempt"]) for one in told]
    append_audit(session, now_ms, chain_of(sitting_id), by, BEGUN, sitting_id, {"attempts": attempts})
    record_incident(session, now_ms, sitting, None, "evacuation", text, by)
    return told


def end_evacuation(session: Session, now_ms: int, sitting_id: str, states: Mapping[str, AttemptState], text: str,
                   by: str) -> list[dict[str, Any]]:
    """Those whom the evacuation stopped go on, each with the time it had. Raises EvacuationRefused, Fenced."""
    sitting, going_on = find_sitting(session, sitting_id), find_evacuation(session, sitting_id)
    check_leads(sitting)
    if going_on is None:
        raise EvacuationRefused()
    here = [one.id for one in session.scalars(select(AttemptRecord).where(
        AttemptRecord.id.in_(going_on.attempts), AttemptRecord.state.in_(AT_WORK)))]
    told: list[dict[str, Any]] = []
    for attempt in here:
        lost_ms = count_lost_ms(states[attempt], going_on.at_ms, now_ms)
        if lost_ms > HEARD_AT_ONCE_MS:
            told += _command(session, now_ms, sitting, DirectiveKind.CREDIT, [attempt],
                             {"seconds": -(-lost_ms * sitting.pace // 1000)}, by)
    told += _command(session, now_ms, sitting, DirectiveKind.RESUME, here, {"reason": "evacuation"}, by)
    append_audit(session, now_ms, chain_of(sitting_id), by, ENDED, sitting_id, {
        "attempts": here, "seconds": (now_ms - going_on.at_ms) // 1000})
    record_incident(session, now_ms, sitting, None, "evacuation", text, by)
    return told


def count_lost_ms(state: AttemptState, begun_ms: int, now_ms: int) -> int:
    """How long a clock ran on after the order: until its seat paused, or all the time where it never did."""
    begun = [start for start, end in state.paused if end is None or end > begun_ms]
    return max(0, min(begun, default=now_ms) - begun_ms)


def _command(session: Session, now_ms: int, sitting: SittingRecord, kind: str, targets: list[str] | str,
             body: dict[str, Any], by: str) -> list[dict[str, Any]]:
    """As from the console; nobody being there to hear it is no error."""
    try:
        told: list[dict[str, Any]] = carry_out(session, now_ms, sitting.id, Command(kind, targets, body, by))["told"]
    except NothingToDo:
        return []
    return told
