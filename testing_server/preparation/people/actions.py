"""Passing credentials down: a file is ordered, its accounts are made in portions, it is fetched, it is destroyed."""
from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from testing_server.foundation.access import AccountRole, Level
from testing_server.foundation.accounts.actions import (
    add_account, note_passwords_shown, reopen_account, replace_password)
from testing_server.foundation.accounts.queries import Account, find_accounts, find_any_account
from testing_server.foundation.accounts.rules import read_login
from testing_server.foundation.audit import append_audit
from testing_server.foundation.locking import lock_value, unlock_value
from testing_server.preparation.people.records import CredentialBatchRecord, CredentialRecord
from testing_server.preparation.people.rules import (
    BATCH_LIFE_MS, BatchGone, BatchMissing, Entry, NothingToIssue, StillIssuing, derive_password)

CHAIN = "hub"
PORTION = 50


def order_credentials(session: Session, now_ms: int, key: bytes, kind: str, territory: str | None,
                      entries: Iterable[Entry], by: str) -> str:
    """A file for all of them who never signed in with a password of theirs; returns its id.

    Whoever already uses an account is left alone, and so is somebody else who has such a login. A closed account is
    left closed, unless an entry names its person.
    Raises BadLogin, NothingToIssue.
    """
    wanted = [(read_login(one.login), one) for one in entries]
    _reopen_named(session, now_ms, wanted, by)
    known = {one.login: one for one in find_accounts(session, [login for login, _entry in wanted])}
    batch = str(uuid.uuid4())
    rows = [CredentialRecord(id=str(uuid.uuid4()), batch=batch, login=login, level=one.level.value,
                             territory=one.territory, school=one.school, title=one.title[:401], issued_by=by)
            for login, one in wanted if login not in known or _may_issue(known[login], one)]
    if not rows:
        raise NothingToIssue()
    session.add(CredentialBatchRecord(
        id=batch, kind=kind, territory=territory or None, ordered_by=by, ordered_at_ms=now_ms,
        expires_at_ms=now_ms + BATCH_LIFE_MS, total=len(rows), done=0,
        secret_locked=lock_value(key, secrets.token_bytes(32), batch)))
    session.add_all(rows)
    append_audit(session, now_ms, CHAIN, by, "credentials_ordered", batch,
                 {"kind": kind, "territory": territory or "", "count": len(rows)})
    return batch


def list_portion(session: Session, key: bytes, batch: str) -> list[tuple[str, str]]:
    """(credential, one-time password) of the next lines that have no account yet; [] at the end."""
    row = session.get(CredentialBatchRecord, batch)
    if row is None or row.secret_locked is None:
        return []
    secret = unlock_value(key, row.secret_locked, batch)
    waiting = session.scalars(select(CredentialRecord.id).where(
        CredentialRecord.batch == batch, CredentialRecord.issued_at_ms.is_(None)).order_by(
        CredentialRecord.id).limit(PORTION))
    return [(one, derive_password(secret, one)) for one in waiting]


def record_issued(session: Session, now_ms: int, batch: str, hashed: dict[str, str]) -> tuple[int, int]:
    """Accounts of a portion, `hashed`: credential → hash of its password. Told twice, nothing is done twice.

    Returns (done, total).
    """
    row = session.get(CredentialBatchRecord, batch, with_for_update=True)
    if row is None:
        raise BatchMissing()
    for line in session.scalars(select(CredentialRecord).where(CredentialRecord.id.in_(hashed))):
        if line.batch == batch and line.issued_at_ms is None:
            _issue(session, now_ms, row, line, hashed[line.id])
    return row.done, row.total


def take_file(session: Session, now_ms: int, key: bytes, batch: str, lines: Sequence[str],
              by: str) -> dict[str, str]:
    """Login → one-time password of these lines; leaves who fetched them. Raises BatchGone, StillIssuing."""
    row = session.get(CredentialBatchRecord, batch)
    if row is None or row.secret_locked is None or now_ms >= row.expires_at_ms:
        raise BatchGone()
    if row.done < row.total:
        raise StillIssuing()
    secret = unlock_value(key, row.secret_locked, batch)
    found = [line for start in range(0, len(lines), 500) for line in session.scalars(select(CredentialRecord).where(
        CredentialRecord.id.in_(lines[start:start + 500]), CredentialRecord.replaced_at_ms.is_(None)))]
    for line in found:
        line.fetched_by, line.fetched_at_ms = by, now_ms
    for start in range(0, len(found), 500):
        note_passwords_shown(session, now_ms, [line.login for line in found[start:start + 500]], by)
    append_audit(session, now_ms, CHAIN, by, "credentials_fetched", batch, {"count": len(found)})
    return {line.login: derive_password(secret, line.id) for line in found}


def destroy_file(session: Session, now_ms: int, batch: str, by: str) -> None:
    """Nobody can make its passwords again; accounts and the trace stay. Raises BatchMissing."""
    row = session.get(CredentialBatchRecord, batch)
    if row is None:
        raise BatchMissing()
    row.secret_locked = None
    append_audit(session, now_ms, CHAIN, by, "credentials_destroyed", batch)


def note_shown(session: Session, now_ms: int, entry: Entry, by: str) -> None:
    """The trace of a password that a page showed once instead of a file."""
    _replace_earlier(session, now_ms, entry.login, "")
    session.add(CredentialRecord(
        id=str(uuid.uuid4()), batch="", login=entry.login, level=entry.level.value, territory=entry.territory,
        school=entry.school, title=entry.title[:401], issued_by=by, issued_at_ms=now_ms, fetched_by=by,
        fetched_at_ms=now_ms))


def _reopen_named(session: Session, now_ms: int, wanted: Sequence[tuple[str, Entry]], by: str) -> None:
    named = {login: one for login, one in wanted if one.reopens}
    for found in find_accounts(session, list(named)):
        if found.is_closed and _is_own(found, named[found.login]):
            reopen_account(session, now_ms, found.login, by)


def _issue(session: Session, now_ms: int, row: CredentialBatchRecord, line: CredentialRecord, hashed: str) -> None:
    known = find_any_account(session, line.login)
    if known is not None and not _may_issue(known, line):
        # began to use it while the file was made: a new password would shut the person out
        session.execute(delete(CredentialRecord).where(CredentialRecord.id == line.id))
        row.total -= 1
        return
    if known is not None:
        _replace_earlier(session, now_ms, line.login, line.id)
        replace_password(session, now_ms, line.login, hashed, line.issued_by)
    else:
        role = AccountRole.SCHOOL_ORGANIZER if line.level == Level.SCHOOL else AccountRole.COORDINATOR
        add_account(session, now_ms, line.login, role.value, hashed, school=line.school,
                    territory=None if line.school else line.territory, by=line.issued_by)
    line.issued_at_ms = now_ms
    row.done += 1


def _may_issue(known: Account, wanted: Entry | CredentialRecord) -> bool:
    return _is_own(known, wanted) and not known.is_closed and known.password_used_at_ms is None


def _is_own(known: Account, wanted: Entry | CredentialRecord) -> bool:
    """Whether the account is of the person this line is for."""
    if wanted.school is None:
        return known.role == AccountRole.COORDINATOR and known.territory == wanted.territory
    return known.role == AccountRole.SCHOOL_ORGANIZER and known.school == wanted.school


def _replace_earlier(session: Session, now_ms: int, login: str, own: str) -> None:
    known = find_any_account(session, login)
    used = known.password_used_at_ms if known else None
    session.execute(update(CredentialRecord).where(
        CredentialRecord.login == login, CredentialRecord.id != own, CredentialRecord.replaced_at_ms.is_(None)).values(
        replaced_at_ms=now_ms, used_at_ms=used))
