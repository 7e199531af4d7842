"""Facts about this server for engineers. Takes settings and a session; gives plain data by allow-list: counts, states,
versions and codes of troubles, never a name, a login, a code, a title, an answer or a key."""
from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections import Counter
from importlib.metadata import version
from typing import Any

from sqlalchemy import func, inspect, select, table
from sqlalchemy.orm import Session

from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.responses.records import EventConflictRecord, EventRecord, RecordingRecord
from testing_server.exam_day.sittings.records import (
    ArchiveRecord, AttemptRecord, DirectiveRecord, IncidentRecord, LeaseRecord, SittingRecord)
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.audit import read_latest
from testing_server.foundation.settings import Settings
from testing_server.foundation.supervision import is_running

TOLD_SETTINGS = ("role", "tls", "port", "console_port", "files_port", "language", "log_level", "body_limit_bytes",
                 "trusted_proxies")
LIBRARIES = ("flask", "gevent", "gunicorn", "msgspec", "pyrage", "python-socketio", "sqlalchemy", "cryptography")
LAST_ACTS = 500


def describe_machine(settings: Settings) -> dict[str, Any]:
    """Versions, room on the disk, what runs."""
    disk = shutil.disk_usage(settings.data)
    return {
        "software": version("testing-server"), "python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version,
        "system": platform.system(), "release": platform.release(), "machine": platform.machine(),
        "processors": os.cpu_count(), "libraries": {name: version(name) for name in LIBRARIES},
        "settings": {name: getattr(settings, name) for name in TOLD_SETTINGS},
        "has_own_database": bool(settings.database_url), "has_redis": bool(settings.redis_url),
        "disk_free_bytes": disk.free, "disk_bytes": disk.total, "is_running": is_running(settings.run_folder),
        "load": list(os.getloadavg()) if hasattr(os, "getloadavg") else []}


def describe_database(session: Session) -> dict[str, Any]:
    """Rows of every table, sittings by number, troubles by their codes."""
    return {
        "rows": {name: session.scalar(select(func.count()).select_from(table(name)))
                 for name in sorted(inspect(session.connection()).get_table_names())},
        "sittings": [_describe_sitting(session, one) for one in session.scalars(
            select(SittingRecord).order_by(SittingRecord.made_at_ms))],
        "archives": [{"state": one.state, "standing": one.standing, "version": one.version, "done": one.done,
                      "whole": one.whole, "trouble": _keep_word(one.trouble)}
                     for one in session.scalars(select(ArchiveRecord))],
        "packages": [{"sequence": one.sequence, "state": one.state, "bytes": one.bytes, "sent_bytes": one.sent_bytes,
                      "trouble": _keep_word(one.trouble), "asked_at_ms": one.asked_at_ms, "made_at_ms": one.made_at_ms,
                      "receipted_at_ms": one.receipted_at_ms} for one in session.scalars(select(PackageRecord))],
        "workstations": [_describe_workstation(number, one) for number, one in enumerate(
            list_workstations(session), start=1)]}


def _describe_sitting(session: Session, sitting: SittingRecord) -> dict[str, Any]:
    mine = select(AttemptRecord.id).where(AttemptRecord.sitting == sitting.id)

    def count(column: Any, owner: Any) -> dict[str, int]:
        return dict(Counter(session.scalars(select(column).where(owner.in_(mine)))))
    return {
        "state": sitting.state, "generation": sitting.generation, "pace": sitting.pace, "training": sitting.training,
        "made_at_ms": sitting.made_at_ms, "opened_at_ms": sitting.opened_at_ms, "started_at_ms": sitting.started_at_ms,
        "closed_at_ms": sitting.closed_at_ms, "version": sitting.version,
        "attempts": dict(Counter(session.scalars(select(AttemptRecord.state).where(
            AttemptRecord.sitting == sitting.id)))),
        "leases": count(LeaseRecord.state, LeaseRecord.attempt), "events": count(EventRecord.kind, EventRecord.attempt),
        "conflicts": sum(count(EventConflictRecord.lease, EventConflictRecord.attempt).values()),
        "recordings": count(RecordingRecord.state, RecordingRecord.attempt),
        "verdicts": count(RecordingRecord.server_verdict, RecordingRecord.attempt),
        "directives": count(DirectiveRecord.kind, DirectiveRecord.attempt),
        "unconfirmed": session.scalar(select(func.count()).select_from(DirectiveRecord).where(
            DirectiveRecord.attempt.in_(mine), DirectiveRecord.applied_at_ms.is_(None))),
        "incidents": dict(Counter(session.scalars(select(IncidentRecord.kind).where(
            IncidentRecord.sitting == sitting.id))))}


def _describe_workstation(number: int, one: Any) -> dict[str, Any]:
    """Without its label, host and devices: people write their names there."""
    numbers = {name: value for name, value in one.check.items() if isinstance(value, int | bool)}
    return {"number": number, "state": one.state, "trouble": _keep_word(one.trouble), "is_plain": one.is_plain,
            "checked_at_ms": one.checked_at_ms, **numbers}


def _keep_word(text: str) -> str:
    """A code of ours (lower-case letters, digits, underscores); anything else only says that there was something."""
    return text if all(sign in "abcdefghijklmnopqrstuvwxyz_0123456789" for sign in text) and len(text) < 40 else "other"


def describe_acts(session: Session) -> list[dict[str, Any]]:
    """The last acts: when, what, and whether by a person; not by whom, nor of whom."""
    rows = read_latest(session, LAST_ACTS)
    return [{"at_ms": row.at_ms, "verb": row.verb, "chain": row.chain.partition(":")[0],
             "by": row.actor.partition(":")[0] if ":" in row.actor or row.actor in OURS else "person"} for row in rows]


OURS = frozenset({"server", "system", "worker", "workstations", "hub"})
