"""Reading the audit. Takes a session and a chain; gives its lines, and the first one that does not fit."""
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from testing_server.foundation.audit.records import AuditChainRecord, AuditRecord
from testing_server.foundation.audit.rules import digest_line


@dataclass(frozen=True)
class AuditLine:
    """`at_ms`: Unix ms; `details`: what the act said of itself; `chain`: told where lines of several are read."""

    number: int
    at_ms: int
    actor: str
    verb: str
    subject: str
    details: dict[str, Any]
    digest: str
    chain: str = ""


def read_audit(session: Session, chain: str) -> list[AuditLine]:
    """All lines of a chain, oldest first."""
    return [_read_line(row) for row in _rows(session, chain)]


def find_last(session: Session, chain: str, verbs: Collection[str]) -> AuditLine | None:
    """The newest line of a chain with one of these verbs."""
    row = session.scalars(select(AuditRecord).where(AuditRecord.chain == chain, AuditRecord.verb.in_(verbs)).order_by(
        AuditRecord.number.desc()).limit(1)).first()
    return _read_line(row) if row is not None else None


def read_verbs(session: Session, chain: str, verbs: Collection[str]) -> list[AuditLine]:
    """The lines of a chain with one of these verbs, oldest first."""
    rows = session.scalars(select(AuditRecord).where(AuditRecord.chain == chain, AuditRecord.verb.in_(verbs)).order_by(
        AuditRecord.number))
    return [_read_line(row) for row in rows]


def list_actors(session: Session, chain: str, prefix: str) -> list[tuple[int, str, str]]:
    """(at_ms, verb, actor) of every line whose verb begins so, without reading what else it says."""
    rows = session.execute(select(AuditRecord.at_ms, AuditRecord.verb, AuditRecord.actor).where(
        AuditRecord.chain == chain, AuditRecord.verb.startswith(prefix, autoescape=True)).order_by(AuditRecord.number))
    return [(row.at_ms, row.verb, row.actor) for row in rows]


def read_latest(session: Session, count: int) -> list[AuditLine]:
    """The last lines of all chains, newest first."""
    return [_read_line(row) for row in session.scalars(
        select(AuditRecord).order_by(AuditRecord.at_ms.desc()).limit(count))]


@dataclass(frozen=True)
class ActFilter:
    """`verb`: "" for all; from `since_ms` on and before `until_ms` (Unix ms); `before`: (at_ms, number, chain) of the
    last line of the page before."""

    verb: str = ""
    since_ms: int | None = None
    until_ms: int | None = None
    before: tuple[int, int, str] | None = None


def read_acts(session: Session, actors: Collection[str], chosen: ActFilter, count: int) -> list[AuditLine]:
    """What these people did, in all chains, newest first."""
    query = select(AuditRecord).where(AuditRecord.actor.in_(actors))
    if chosen.verb:
        query = query.where(AuditRecord.verb == chosen.verb)
    if chosen.since_ms is not None:
        query = query.where(AuditRecord.at_ms >= chosen.since_ms)
    if chosen.until_ms is not None:
        query = query.where(AuditRecord.at_ms < chosen.until_ms)
    place = (AuditRecord.at_ms, AuditRecord.number, AuditRecord.chain)
    if chosen.before is not None:
        query = query.where(tuple_(*place) < chosen.before)
    return [_read_line(row) for row in session.scalars(query.order_by(*(one.desc() for one in place)).limit(count))]


def _read_line(row: AuditRecord) -> AuditLine:
    return AuditLine(number=row.number, at_ms=row.at_ms, actor=row.actor, verb=row.verb, subject=row.subject,
                     details=msgspec.json.decode(row.content)["details"], digest=row.digest, chain=row.chain)


def verify_audit(session: Session, chain: str) -> int | None:
    """None when the chain is whole; else the number of the first line that is changed, missing or cut off."""
    previous = ""
    expected = 1
    for row in _rows(session, chain):
        if row.number != expected or row.digest != digest_line(previous, row.content) or not _agrees(row):
            return expected
        previous, expected = row.digest, expected + 1
    head = session.get(AuditChainRecord, chain)
    if head is not None and (head.length, head.digest) != (expected - 1, previous):
        return expected
    return None


def _rows(session: Session, chain: str) -> list[AuditRecord]:
    ordered = select(AuditRecord).where(AuditRecord.chain == chain).order_by(AuditRecord.number)
    return list(session.scalars(ordered))


def _agrees(row: AuditRecord) -> bool:
    """The columns people filter by say the same as the hashed content."""
    content = msgspec.json.decode(row.content)
    return all(content[name] == getattr(row, name)
               for name in ("chain", "number", "at_ms", "actor", "verb", "subject"))
