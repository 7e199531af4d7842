"""Reading files of credentials and the trace of each line. Takes a session and a territory; gives dataclasses."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from testing_server.foundation.access import TERRITORY_SEPARATOR
from testing_server.foundation.accounts.queries import find_accounts
from testing_server.preparation.people.records import CredentialBatchRecord, CredentialRecord
from testing_server.preparation.people.rules import BatchMissing


@dataclass(frozen=True)
class Batch:
    """One file. `lines`: of it in the asker's territory; `is_there`: it can still be fetched."""

    id: str
    kind: str
    territory: str | None
    ordered_by: str
    ordered_at_ms: int
    expires_at_ms: int
    total: int
    done: int
    is_there: bool
    lines: int


@dataclass(frozen=True)
class Trace:
    """Who issued what to whom, when it was fetched and by whom, when it was used; None = not yet."""

    id: str
    login: str
    level: str
    territory: str
    title: str
    school: str | None
    issued_by: str
    issued_at_ms: int | None
    fetched_by: str | None
    fetched_at_ms: int | None
    used_at_ms: int | None
    replaced_at_ms: int | None

    @property
    def word(self) -> str:
        """Of the language of states: used is ready, replaced is stopped, fetched is running."""
        if self.replaced_at_ms is not None:
            return "stopped"
        if self.used_at_ms is not None:
            return "ready"
        return "running" if self.fetched_at_ms is not None else "waiting"


def list_batches(session: Session, territory: str | None, now_ms: int) -> list[Batch]:
    """Files with lines below this territory, the newest first."""
    line = CredentialRecord
    counts = select(line.batch, func.count().label("lines")).where(lies_below(territory)).group_by(
        line.batch).subquery()
    rows = session.execute(select(CredentialBatchRecord, counts.c.lines).join(
        counts, counts.c.batch == CredentialBatchRecord.id).order_by(
        CredentialBatchRecord.ordered_at_ms.desc()).limit(200))
    return [_describe_batch(row, lines, now_ms) for row, lines in rows]


def read_batch(session: Session, batch: str, territory: str | None, now_ms: int) -> Batch:
    """One with lines below this territory. Raises BatchMissing."""
    row = session.get(CredentialBatchRecord, batch)
    lines = session.scalar(select(func.count()).select_from(CredentialRecord).where(
        CredentialRecord.batch == batch, lies_below(territory))) or 0
    if row is None or not lines:
        raise BatchMissing()
    return _describe_batch(row, lines, now_ms)


def list_trace(session: Session, territory: str | None, batch: str | None = None, sought: str = "",
               limit: int | None = None) -> list[Trace]:
    """Lines below this territory, by place and login; `sought`: part of a login or of a name."""
    line = CredentialRecord
    query = select(line).where(lies_below(territory)).order_by(
        line.territory, line.title, line.login, line.issued_at_ms)
    if batch is not None:
        query = query.where(line.batch == batch)
    if sought:
        query = query.where(or_(line.login.contains(sought.lower(), autoescape=True),
                                line.title.contains(sought, autoescape=True)))
    rows = list(session.scalars(query.limit(limit)))
    used = {one.login: one.password_used_at_ms for one in find_accounts(session, [row.login for row in rows])}
    return [_describe(row, used.get(row.login)) for row in rows]


def lies_below(territory: str | None) -> ColumnElement[bool]:
    """Whose credentials pass through the hands of this coordinator: those below, never the own."""
    line = CredentialRecord
    if not territory:
        return true()
    inside = line.territory.startswith(territory + TERRITORY_SEPARATOR, autoescape=True)
    return or_(inside, (line.territory == territory) & line.school.is_not(None))


def _describe(row: CredentialRecord, used_at_ms: int | None) -> Trace:
    used = row.used_at_ms if row.replaced_at_ms is not None or row.issued_at_ms is None else used_at_ms
    return Trace(row.id, row.login, row.level, row.territory, row.title, row.school, row.issued_by, row.issued_at_ms,
                 row.fetched_by, row.fetched_at_ms, used, row.replaced_at_ms)


def _describe_batch(row: CredentialBatchRecord, lines: int, now_ms: int) -> Batch:
    is_there = row.secret_locked is not None and now_ms < row.expires_at_ms
    return Batch(row.id, row.kind, row.territory, row.ordered_by, row.ordered_at_ms, row.expires_at_ms, row.total,
                 row.done, is_there, lines)
