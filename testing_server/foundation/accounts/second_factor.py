"""The second factor of an account: tying a telephone, taking a code, taking it away. Leaves an audit line each.

Takes a session, the time and the locking key. Secrets leave it only towards the person they belong to.
"""
import secrets

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.queries import Account
from testing_server.foundation.accounts.records import AccountRecord, RecoveryCodeRecord, SecondFactorRecord
from testing_server.foundation.accounts.rules import spell_password
from testing_server.foundation.accounts.second_factor_rules import (
    RECOVERY_CODES, WrongCode, digest_recovery_code, is_app_code, read_code, take_step)
from testing_server.foundation.accounts.sign_ins import chain_of, end_all_sign_ins
from testing_server.foundation.audit import append_audit
from testing_server.foundation.locking import lock_value, unlock_value


def obtain_secret(session: Session, key: bytes, account: Account) -> str:
    """The secret (base32) that waits for its first code; made now if there is none.

    Raises WrongCode for an account whose telephone is tied: its secret is shown to nobody any more.
    """
    if account.has_second_factor:
        raise WrongCode()
    row = session.get(SecondFactorRecord, account.id)
    if row is None:
        row = SecondFactorRecord(account=account.id, last_step=0, secret_locked=lock_value(
            key, pyotp.random_base32().encode(), account.id))
        session.add(row)
        session.flush()
    return _open_secret(key, row)


def confirm_second_factor(session: Session, now_ms: int, key: bytes, account: Account, code: str) -> list[str]:
    """From now on a code is asked for; returns the recovery codes, which are kept nowhere. Raises WrongCode."""
    row, person = session.get(SecondFactorRecord, account.id), session.get_one(AccountRecord, account.id)
    if row is None or person.second_factor_at_ms is not None:
        raise WrongCode()
    row.last_step = take_step(_open_secret(key, row), read_code(code), now_ms, row.last_step)
    person.second_factor_at_ms = now_ms
    append_audit(session, now_ms, chain_of(account), account.login, "second_factor_set_up", account.login)
    return _issue_recovery_codes(session, key, account.id)


def pass_second_factor(session: Session, now_ms: int, key: bytes, account: Account, text: str) -> bool:
    """Takes a code of the application or of the paper. Raises WrongCode, CodeTaken.

    True where it was a code of the paper, of which one less is left now.
    """
    code, row = read_code(text), session.get(SecondFactorRecord, account.id, with_for_update=True)
    if row is None:
        raise WrongCode()
    if is_app_code(code):
        row.last_step = take_step(_open_secret(key, row), code, now_ms, row.last_step)
        return False
    spent = session.get(RecoveryCodeRecord, (account.id, digest_recovery_code(key, account.id, code)),
                        with_for_update=True)
    if spent is None or spent.used_at_ms is not None:
        raise WrongCode()
    spent.used_at_ms = now_ms
    append_audit(session, now_ms, chain_of(account), account.login, "recovery_code_used", account.login)
    return True


def note_wrong_code(session: Session, now_ms: int, account: Account) -> None:
    """Somebody knew the password and not the code: whoever reads the audit should see that."""
    append_audit(session, now_ms, chain_of(account), account.login, "code_refused", account.login)


def reset_second_factor(session: Session, now_ms: int, account: Account, by: str) -> None:
    """The telephone is lost: the next sign-in ties another one. Ends all sessions of the account."""
    forget_second_factor(session, session.get_one(AccountRecord, account.id))
    append_audit(session, now_ms, chain_of(account), by, "second_factor_reset", account.login)


def forget_second_factor(session: Session, row: AccountRecord) -> None:
    """The same as a part of a larger act, which leaves the audit line."""
    session.execute(delete(SecondFactorRecord).where(SecondFactorRecord.account == row.id))
    session.execute(delete(RecoveryCodeRecord).where(RecoveryCodeRecord.account == row.id))
    row.second_factor_at_ms, row.stamp = None, secrets.token_hex(16)
    end_all_sign_ins(session, row.id)


def count_recovery_codes(session: Session, account: str) -> int:
    """How many of the paper are left."""
    return session.scalar(select(func.count()).select_from(RecoveryCodeRecord).where(
        RecoveryCodeRecord.account == account, RecoveryCodeRecord.used_at_ms.is_(None))) or 0


def _issue_recovery_codes(session: Session, key: bytes, account: str) -> list[str]:
    session.execute(delete(RecoveryCodeRecord).where(RecoveryCodeRecord.account == account))
    codes = [spell_password(secrets.token_bytes(12)) for _number in range(RECOVERY_CODES)]
    session.add_all(RecoveryCodeRecord(account=account, digest=digest_recovery_code(key, account, read_code(code)))
                    for code in codes)
    return codes


def _open_secret(key: bytes, row: SecondFactorRecord) -> str:
    return unlock_value(key, row.secret_locked, row.account).decode()
