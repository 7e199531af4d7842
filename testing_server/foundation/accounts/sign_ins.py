"""Sign-ins: beginning, acts, the lock, the end. Takes a session and the time; leaves an audit line each."""
import secrets

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.queries import Account
from testing_server.foundation.accounts.records import AccountRecord, SignInRecord
from testing_server.foundation.accounts.rules import LONGEST_SIGN_IN_MS
from testing_server.foundation.audit import append_audit


def begin_sign_in(session: Session, now_ms: int, account: Account, verb: str = "signed_in") -> str:
    """A new open session; returns its id, which only the cookie holds. What is over of this account is swept away."""
    session.execute(delete(SignInRecord).where(
        SignInRecord.account == account.id, SignInRecord.began_at_ms <= now_ms - LONGEST_SIGN_IN_MS))
    session.execute(update(AccountRecord).where(
        AccountRecord.id == account.id, AccountRecord.password_used_at_ms.is_(None)).values(password_used_at_ms=now_ms))
    sign_in = secrets.token_hex(16)
    session.add(SignInRecord(id=sign_in, account=account.id, began_at_ms=now_ms, acted_at_ms=now_ms, is_locked=False))
    append_audit(session, now_ms, chain_of(account), account.login, verb, account.login)
    return sign_in


def note_act(session: Session, now_ms: int, account: Account) -> None:
    """The person did something now."""
    opened = session.get(SignInRecord, account.sign_in)
    if opened is not None:
        opened.acted_at_ms = now_ms


def lock_console(session: Session, now_ms: int, account: Account) -> None:
    """Only looking on is left, until the password."""
    opened = session.get(SignInRecord, account.sign_in)
    if opened is not None and not opened.is_locked:
        opened.is_locked = True
        append_audit(session, now_ms, chain_of(account), account.login, "console_locked", account.login)


def unlock_console(session: Session, now_ms: int, account: Account) -> None:
    """For whoever has just shown the account's password."""
    opened = session.get(SignInRecord, account.sign_in)
    if opened is not None:
        opened.is_locked, opened.acted_at_ms = False, now_ms
        append_audit(session, now_ms, chain_of(account), account.login, "console_unlocked", account.login)


def end_sign_in(session: Session, now_ms: int, account: Account) -> None:
    """This browser is nobody from now on, also with a copy of its cookie."""
    session.execute(delete(SignInRecord).where(SignInRecord.id == account.sign_in))
    append_audit(session, now_ms, chain_of(account), account.login, "signed_out", account.login)


def end_all_sign_ins(session: Session, account_id: str) -> None:
    """With the password or the account."""
    session.execute(delete(SignInRecord).where(SignInRecord.account == account_id))


def chain_of(account: Account) -> str:
    """Chain of the audit that tells of a person's sign-ins."""
    return f"account:{account.id}"
