"""Making accounts and changing passwords. Takes a session and the time; leaves an audit line each."""
import uuid
from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from testing_server.foundation.access import ROLES
from testing_server.foundation.accounts.passwords import fits_password, hash_password, make_one_time_password
from testing_server.foundation.accounts.queries import Account, read_account
from testing_server.foundation.accounts.records import AccountRecord
from testing_server.foundation.accounts.rules import (
    LoginTaken, UnknownRole, WrongPassword, check_new_password, read_login)
from testing_server.foundation.accounts.sign_ins import end_all_sign_ins
from testing_server.foundation.accounts.second_factor import forget_second_factor
from testing_server.foundation.audit import append_audit

# no text has this hash
NO_PASSWORD = "-"


def create_account(session: Session, now_ms: int, login: str, role: str, *, school: str | None = None,
                   territory: str | None = None, is_head: bool = False, subjects: Collection[str] | None = None,
                   password: str | None = None, by: str = "system") -> str:
    """Makes an account; returns the one-time password, which is kept nowhere.

    A `password` given by the caller (a demonstration) is used as it is and need not be changed.
    Raises BadLogin, LoginTaken, UnknownRole.
    """
    name = read_login(login)
    if role not in ROLES:
        raise UnknownRole(details={"role": role})
    if session.scalar(select(AccountRecord.id).where(AccountRecord.login == name)):
        raise LoginTaken()
    first = password or make_one_time_password()
    add_account(session, now_ms, name, role, hash_password(first), must_change=password is None, school=school,
                territory=territory, is_head=is_head, subjects=subjects, by=by)
    return first


def add_account(session: Session, now_ms: int, login: str, role: str, hashed: str, *, must_change: bool = True,
                school: str | None = None, territory: str | None = None, is_head: bool = False,
                subjects: Collection[str] | None = None, by: str = "system") -> None:
    """The same with a password that was hashed elsewhere. `login`: checked and free."""
    session.add(AccountRecord(
        id=str(uuid.uuid4()), login=login, role=role, password=hashed, must_change=must_change, school=school,
        territory=territory, is_head=is_head, subjects=None if subjects is None else sorted(subjects),
        stamp=uuid.uuid4().hex, created_at_ms=now_ms, created_by=by, password_issued_by=by,
        password_issued_at_ms=now_ms))
    told = {"territory": territory, "subjects": sorted(subjects or ())} if is_head else {}
    append_audit(session, now_ms, account_chain(school), by, "account_created", login, {"role": role, **told})


def reset_password(session: Session, now_ms: int, login: str, by: str) -> str:
    """A new one-time password; ends all sessions of the account. Raises WrongPassword when there is none."""
    row = _find_row(session, login)
    password = make_one_time_password()
    replace_password(session, now_ms, row.login, hash_password(password), by)
    return password


def replace_password(session: Session, now_ms: int, login: str, hashed: str, by: str) -> None:
    """The same with a one-time password that was hashed elsewhere."""
    row = _find_row(session, login)
    _set_password(session, row, hashed, must_change=True)
    row.password_issued_by, row.password_issued_at_ms = by, now_ms
    append_audit(session, now_ms, account_chain(row.school), by, "password_reset", row.login)


def note_passwords_shown(session: Session, now_ms: int, logins: Collection[str], by: str) -> None:
    """Whoever reads one-time passwords out of a file has given them: they could sign in first."""
    session.execute(update(AccountRecord).where(AccountRecord.login.in_(logins)).values(
        password_issued_by=by, password_issued_at_ms=now_ms))


def change_password(session: Session, now_ms: int, account_id: str, old: str, new: str) -> Account:
    """The person's own change. Raises WrongPassword, WeakPassword."""
    row = session.get(AccountRecord, account_id)
    if row is None or not fits_password(row.password, old):
        raise WrongPassword()
    check_new_password(row.login, old, new)
    _set_password(session, row, hash_password(new), must_change=False)
    append_audit(session, now_ms, account_chain(row.school), row.login, "password_changed", row.login)
    return read_account(row)


def close_account(session: Session, now_ms: int, login: str, by: str) -> None:
    """Nobody signs in with it any more; what it did stays in the audit."""
    row = _find_row(session, login)
    row.is_closed, row.stamp = True, uuid.uuid4().hex
    end_all_sign_ins(session, row.id)
    append_audit(session, now_ms, account_chain(row.school), by, "account_closed", row.login)


def reopen_account(session: Session, now_ms: int, login: str, by: str) -> None:
    """The person is back: as an account nobody has used yet. The old password and telephone open nothing any more."""
    row = _find_row(session, login)
    _set_password(session, row, NO_PASSWORD, must_change=True)
    forget_second_factor(session, row)
    row.is_closed = False
    append_audit(session, now_ms, account_chain(row.school), by, "account_reopened", row.login)


def bind_head(session: Session, now_ms: int, login: str, territory: str | None, subjects: Collection[str],
              by: str) -> None:
    """What a head of a commission leads from now on: a region (None = the country) and subjects."""
    row = _find_row(session, login)
    row.is_head, row.territory, row.subjects = True, territory, sorted(subjects)
    append_audit(session, now_ms, account_chain(row.school), by, "head_bound", row.login,
                 {"territory": territory or "", "subjects": row.subjects})


def dismiss_head(session: Session, now_ms: int, login: str, by: str) -> None:
    """An expert like the others from now on."""
    row = _find_row(session, login)
    row.is_head, row.subjects = False, None
    append_audit(session, now_ms, account_chain(row.school), by, "head_dismissed", row.login)


def account_chain(school: str | None) -> str:
    """Chain of the audit that tells of an account."""
    return f"school:{school}" if school else "hub"


def _find_row(session: Session, login: str) -> AccountRecord:
    row = session.scalar(select(AccountRecord).where(AccountRecord.login == read_login(login)))
    if row is None:
        raise WrongPassword()
    return row


def _set_password(session: Session, row: AccountRecord, hashed: str, must_change: bool) -> None:
    row.password, row.must_change = hashed, must_change
    if must_change:
        row.password_used_at_ms = None
    row.stamp = uuid.uuid4().hex
    end_all_sign_ins(session, row.id)
