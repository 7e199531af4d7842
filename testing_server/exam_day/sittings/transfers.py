"""A candidate goes over to another sitting: no headset is left for this one, or the seat cannot be mended in time.

Takes a session and both sittings; leaves the attempt here as it is, with a reason, and a new one there.
"""
from __future__ import annotations

import uuid
from collections import Counter

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.states import check_move
from testing_server.exam_day.sittings.actions import (
    chain_of, find_attempt, find_sitting, list_attempts, record_incident)
from testing_server.exam_day.sittings.archives import find_archive
from testing_server.exam_day.sittings.commands import check_leads
from testing_server.exam_day.sittings.leases import find_newest, revoke
from testing_server.exam_day.sittings.queries import find_variants
from testing_server.exam_day.sittings.records import AttemptRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ADMITTING, read_reason
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal

TRANSFERRED = "transferred"
TAKING = ADMITTING | {"draft", "ready"}


class TransferRefused(Refusal):
    code = "transfer_refused"
    status = 409
    message = _("В этот сеанс перенести участника нельзя.")
    safe = _("Участник остаётся в прежнем сеансе, ответы целы.")
    remedy = _("Выберите незакрытый сеанс той же работы, того же дня, в котором этого кода ещё нет.")


def list_targets(session: Session, attempt: AttemptRecord) -> list[SittingRecord]:
    """Sittings this candidate could go over to: the same work, day and campaign, not closed, without this code."""
    here = find_sitting(session, attempt.sitting)
    there = select(AttemptRecord.sitting).where(AttemptRecord.code == attempt.code)
    return list(session.scalars(select(SittingRecord).where(
        SittingRecord.archive == here.archive, SittingRecord.day == here.day, SittingRecord.campaign == here.campaign,
        SittingRecord.state.in_(TAKING), SittingRecord.id.not_in(there)).order_by(SittingRecord.made_at_ms)))


def transfer_attempt(session: Session, now_ms: int, attempt_id: str, target_id: str, reason: str,
                     by: str) -> AttemptRecord:
    """The new attempt. Who has seen a variant gets another one. Raises TransferRefused, MoveRefused, ReasonMissing."""
    attempt, text = find_attempt(session, attempt_id), read_reason(reason)
    here = find_sitting(session, attempt.sitting)
    check_leads(here)
    target = next((one for one in list_targets(session, attempt) if one.id == target_id), None)
    if target is None:
        raise TransferRefused()
    check_move("attempt", attempt.state, TRANSFERRED)
    fresh = AttemptRecord(
        id=str(uuid.uuid4()), sitting=target.id, code=attempt.code, login=attempt.login, state="assigned", moves=0,
        reason="", variant=_pick_variant(session, attempt, target))
    session.add(fresh)
    _leave(session, now_ms, here, attempt, text, by)
    append_audit(session, now_ms, chain_of(here.id), by, "transferred", attempt.code, {
        "attempts": [attempt.id], "to": target.id, "reason": text})
    append_audit(session, now_ms, chain_of(target.id), by, "taken_over", fresh.code, {
        "attempts": [fresh.id], "from": here.id, "variant": fresh.variant})
    here.version, target.version = here.version + 1, target.version + 1
    return fresh


def _leave(session: Session, now_ms: int, sitting: SittingRecord, attempt: AttemptRecord, reason: str,
           by: str) -> None:
    """The seat becomes free: its lease ends, what was written under it stays and is packed."""
    attempt.state, attempt.reason = TRANSFERRED, reason
    newest = find_newest(session, attempt.id)
    if newest is not None:
        revoke(newest)
    record_incident(session, now_ms, sitting, attempt.id, TRANSFERRED, reason, by)


def _pick_variant(session: Session, attempt: AttemptRecord, target: SittingRecord) -> str:
    """The least used one; never one whose items the candidate may have seen, as long as there is another."""
    variants = find_variants(find_archive(session, target.archive)) or [attempt.variant]
    unseen = [one for one in variants if attempt.started_at_ms is None or one != attempt.variant] or variants
    used = Counter(one.variant for one in list_attempts(session, target.id))
    return min(unseen, key=lambda one: (used[one], one))
