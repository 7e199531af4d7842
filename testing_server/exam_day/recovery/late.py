"""A newer ledger of the old server, handed in after another one took over: what is not known here yet is added.

Takes the services and an opened ledger. Leaves its facts beside those that are here, and the lines of its audit whole
inside lines of the audit that went on.
"""
from __future__ import annotations

import json

from sqlalchemy.orm import Session

from testing_server.exam_day.recovery.facts import AUDIT, put_facts
from testing_server.exam_day.recovery.sealing import OpenedLedger
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.sittings.actions import chain_of
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.foundation.audit import Act, append_acts, export_chain
from testing_server.foundation.services import Services

BY = "recovery"
LATE_LINE = "late_line_added"


def add_late_ledger(offered: Services, opened: OpenedLedger) -> bool:
    """Whether it was news."""
    recovery, sitting_id = attach_recovery(offered), opened.header.sitting
    known = tuple(recovery.taken.get(sitting_id, (0, 0)))
    now_ms = attach_room(offered).clock.now_ms()

    def add(session: Session) -> bool:
        sitting = session.get(SittingRecord, sitting_id)
        if sitting is None or opened.header.generation >= sitting.generation or opened.header.place <= known:
            return False
        put_facts(session, {table: rows for table, rows in opened.facts.items() if table != AUDIT}, only_missing=True)
        _tell_lines(session, now_ms, opened)
        sitting.version += 1
        return True
    is_news: bool = offered.storage.write(add)
    if is_news:
        recovery.taken[sitting_id] = list(opened.header.place)
        recovery.note_lead(recovery.taken)
    return is_news


def _tell_lines(session: Session, now_ms: int, opened: OpenedLedger) -> None:
    """The chain went on here and the ledger's lines cannot be joined to it: each that is missing stands whole in a
    line of its own, to be checked against the one it followed."""
    sitting, chain = opened.header.sitting, chain_of(opened.header.sitting)
    known = list_digests(session, chain)
    late = [line for line in opened.facts.get(AUDIT, []) if line["digest"] not in known]
    acts = [Act(chain, BY, LATE_LINE, sitting, {name: line[name] for name in ("number", "content", "digest")})
            for line in late]
    append_acts(session, now_ms, [*acts, Act(chain, BY, "late_ledger_added", sitting, {
        "generation": opened.header.generation, "version": opened.header.version, "lines": len(late)})])


def list_digests(session: Session, chain: str) -> set[str]:
    """Of every line that is here, in its place or inside a later one."""
    lines = export_chain(session, chain)
    inside = {json.loads(line["content"])["details"]["digest"] for line in lines if line["verb"] == LATE_LINE}
    return inside | {line["digest"] for line in lines}
