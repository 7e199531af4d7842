"""Holding data back, ordering a deletion, deleting a school's share, letting files go. One verb, one audit line."""
from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.storage.refusals import Busy
from testing_server.preparation.campaigns.contents import Kept
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import read_school
from testing_server.preparation.retention.keepers import Amount, list_keepers
from testing_server.preparation.retention.queries import (
    DONE, RUNNING, describe_hold, is_needed, is_removing, list_holds, list_unreferred)
from testing_server.preparation.retention.records import CondemnedFileRecord, DeletionRecord, HoldRecord
from testing_server.preparation.retention.rules import (
    DAY_MS, HoldUnknown, check_due, find_due, find_holds, is_held, may_lift)

SYSTEM = "system"
# so many files go between two words of the worker: seconds, during which no package is verified
FILES_AT_ONCE = 200


def hold_kind(session: Session, now_ms: int, campaign: str, kind: str, territory: str | None, reason: str,
              until_ms: int | None, by: str) -> str:
    """From now on nothing of it is deleted in the territory, also by a deletion under way; returns the hold's id."""
    row = HoldRecord(id=str(uuid.uuid4()), campaign=campaign, kind=kind, territory=territory or "", reason=reason,
                     by=by, at_ms=now_ms, until_ms=until_ms)
    session.add(row)
    append_audit(session, now_ms, "hub", by, "data_held", f"{campaign}:{kind}",
                 {"territory": row.territory, "reason": reason, "until_ms": until_ms})
    return row.id


def lift_hold(session: Session, now_ms: int, hold: str, territory: str | None, by: str) -> None:
    """By a coordinator of the same territory or one above. Lifted already is no error. Raises HoldUnknown."""
    row = session.get(HoldRecord, hold)
    if row is None or not may_lift(describe_hold(row), territory):
        raise HoldUnknown()
    if row.lifted_at_ms is None:
        row.lifted_by, row.lifted_at_ms = by, now_ms
        append_audit(session, now_ms, "hub", by, "hold_lifted", f"{row.campaign}:{row.kind}",
                     {"territory": row.territory})


def order_deletion(session: Session, now_ms: int, campaign: Campaign, kind: Kept, territory: str | None,
                   by: str) -> str:
    """The order's id; the running one where there is one already. Raises NotDue."""
    days = check_due(find_due(campaign, kind, now_ms))
    running = session.scalar(select(DeletionRecord.id).where(
        DeletionRecord.campaign == campaign.id, DeletionRecord.kind == kind,
        DeletionRecord.territory == (territory or ""), DeletionRecord.state == RUNNING))
    if running is not None:
        return running
    row = DeletionRecord(id=str(uuid.uuid4()), campaign=campaign.id, kind=kind, territory=territory or "",
                         before_ms=now_ms - days * DAY_MS, by=by, ordered_at_ms=now_ms, state=RUNNING)
    session.add(row)
    append_audit(session, now_ms, "hub", by, "deletion_ordered", f"{campaign.id}:{kind}",
                 {"territory": row.territory, "deletion": row.id})
    return row.id


def forget_school(session: Session, now_ms: int, deletion: str, school: str) -> Amount:
    """Deletes one school's share by each stage's own verb; a second time, under a hold, or while something still needs
    it, nothing."""
    row = session.get_one(DeletionRecord, deletion)
    holds = find_holds(list_holds(session), row.campaign, row.kind, now_ms)
    if row.state != RUNNING or is_held(holds, read_school(session, school)) or \
            is_needed(session, row.campaign, row.kind, school, now_ms):
        return Amount()
    gone, digests = Amount(), set[str]()
    for keeper in list_keepers(row.kind):
        gone += keeper.weigh(session, row.campaign, row.before_ms).get(school, Amount())
        digests |= set(keeper.forget(session, now_ms, row.campaign, school, row.before_ms, row.by))
    condemn_files(session, deletion, digests)
    row.schools, row.things, row.size_bytes = (
        row.schools + (gone.things > 0), row.things + gone.things, row.size_bytes + gone.size_bytes)
    return gone


def condemn_files(session: Session, deletion: str, digests: Collection[str]) -> None:
    """They go when nothing refers to them; those that wait already wait on."""
    known = set(session.scalars(select(CondemnedFileRecord.sha256).where(
        CondemnedFileRecord.sha256.in_(digests)))) if digests else set()
    session.add_all(CondemnedFileRecord(sha256=one, deletion=deletion) for one in sorted(set(digests) - known))


def release_files(session: Session, now_ms: int) -> list[str]:
    """Files for the worker to remove now; those told before and not removed yet come first. What is needed again is
    taken off the list. Raises Busy while somebody relies on files it may have found in the store."""
    if not is_removing(session) and any(one.is_busy(session, now_ms) for one in list_keepers()):
        raise Busy()
    rows = list(session.scalars(select(CondemnedFileRecord).order_by(
        CondemnedFileRecord.going_at_ms.is_(None), CondemnedFileRecord.sha256).limit(FILES_AT_ONCE)))
    free = list_unreferred(session, [row.sha256 for row in rows])
    for row in rows:
        if row.sha256 in free:
            row.going_at_ms = now_ms
        else:
            session.delete(row)
    if rows and not free:
        session.flush()
        return release_files(session, now_ms)
    return sorted(free)


def note_removed(session: Session, digests: Collection[str]) -> None:
    """The worker has removed them; a second time is no error."""
    session.execute(delete(CondemnedFileRecord).where(CondemnedFileRecord.sha256.in_(list(digests))))


def end_deletion(session: Session, now_ms: int, deletion: str) -> None:
    """Everything of it is gone, files too."""
    row = session.get_one(DeletionRecord, deletion)
    if row.state == RUNNING:
        row.state, row.ended_at_ms = DONE, now_ms
        append_audit(session, now_ms, "hub", SYSTEM, "data_deleted", f"{row.campaign}:{row.kind}",
                     {"territory": row.territory, "deletion": deletion, "schools": row.schools, "things": row.things,
                      "bytes": row.size_bytes})
