"""Ordering an export, and what the worker tells of it. One verb, one transaction; the worker's verbs bear repeating."""
from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.preparation.exports.records import ExportRecord
from testing_server.preparation.exports.rules import (
    MOST_AT_ONCE, READY, RUNNING, STOPPED, UNFINISHED, WAITING, TooManyExports, is_given_up)


def order_export(session: Session, now_ms: int, kind: str, arguments: Mapping[str, str], owner: str,
                 territory: str | None, language: str) -> tuple[str, bool]:
    """(its id, whether it is a new one): who asks for the same again while it is made gets the same.

    Raises TooManyExports.
    """
    rows = session.scalars(select(ExportRecord).where(
        ExportRecord.owner == owner, ExportRecord.state.in_(UNFINISHED)))
    going_on = [row for row in rows if not is_given_up(row.state, row.changed_at_ms, now_ms)]
    wanted = (kind, dict(arguments), territory or "", language)
    for row in going_on:
        if (row.kind, row.arguments, row.territory, row.language) == wanted:
            return row.id, False
    if len(going_on) >= MOST_AT_ONCE:
        raise TooManyExports()
    row = ExportRecord(id=str(uuid.uuid4()), kind=kind, arguments=dict(arguments), owner=owner,
                       territory=territory or "", language=language, state=WAITING, asked_at_ms=now_ms,
                       changed_at_ms=now_ms)
    session.add(row)
    append_audit(session, now_ms, "hub", owner, "export_ordered", f"{kind}:{row.id}",
                 {**arguments, "own_territory": row.territory})
    return row.id, True


def begin_making(session: Session, now_ms: int, export: str) -> dict[str, Any]:
    """What the worker is to make: {kind, arguments, territory, language, left}; {} when there is nothing left to do.

    `left`: the file of an attempt that did not come to its end.
    """
    row = session.get(ExportRecord, export)
    if row is None or row.state == READY:
        return {}
    row.state, row.reason, row.changed_at_ms = RUNNING, "", now_ms
    return {"kind": row.kind, "arguments": row.arguments, "territory": row.territory, "language": row.language,
            "left": row.sha256}


def note_progress(session: Session, now_ms: int, export: str, done: int, whole: int) -> None:
    """An attempt that begins anew is not seen to go back."""
    row = session.get(ExportRecord, export)
    if row is not None and row.state == RUNNING:
        row.done, row.whole, row.changed_at_ms = min(max(row.done, done), whole), whole, now_ms


def note_storing(session: Session, now_ms: int, export: str, sha256: str) -> None:
    """The file is about to lie in the store under this digest."""
    row = session.get(ExportRecord, export)
    if row is not None:
        row.sha256, row.changed_at_ms = sha256, now_ms


def end_making(session: Session, now_ms: int, export: str, size_bytes: int) -> None:
    """From now on it is offered."""
    row = session.get(ExportRecord, export)
    if row is not None and row.state != READY:
        row.state, row.done, row.size_bytes, row.changed_at_ms = READY, row.whole, size_bytes, now_ms


def stop_making(session: Session, now_ms: int, export: str, reason: str) -> None:
    """It could not be made, for a reason in words ("" for a fault, after which the worker tries again)."""
    row = session.get(ExportRecord, export)
    if row is not None and row.state != READY:
        row.state, row.reason, row.changed_at_ms = STOPPED, reason[:500], now_ms


def expire_export(session: Session, now_ms: int, export: str) -> str:
    """Its days are over: offered to nobody; the digest of the file to delete, "" where there is none."""
    row = session.get(ExportRecord, export)
    if row is None:
        return ""
    row.state, row.changed_at_ms = STOPPED, now_ms
    return row.sha256


def forget_export(session: Session, now_ms: int, export: str) -> None:
    """Its file is deleted; a second time is no error."""
    row = session.get(ExportRecord, export)
    if row is not None:
        session.delete(row)
        append_audit(session, now_ms, "hub", "system", "export_deleted", f"{row.kind}:{row.id}", {"owner": row.owner})
