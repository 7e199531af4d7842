"""Reading accounts. Takes a session; gives `Account`, which is also the person of a request."""
from dataclasses import dataclass

from flask_login import UserMixin
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.passwords import fits_password
from testing_server.foundation.accounts.records import AccountRecord


@dataclass(frozen=True)
class Account(UserMixin):
    """`role`: a value of AccountRole; `school`: id of its school; `stamp`: ends old sessions."""

    id: str
    login: str
    role: str
    must_change: bool
    school: str | None
    territory: str | None
    is_head: bool
    stamp: str

    def get_id(self) -> str:
        """What the session cookie carries."""
        return f"{self.id}:{self.stamp}"


def read_account(row: AccountRecord) -> Account:
    """The account without its password."""
    return Account(id=row.id, login=row.login, role=row.role, must_change=row.must_change, school=row.school,
                   territory=row.territory, is_head=row.is_head, stamp=row.stamp)


def find_session_account(session: Session, carried: str) -> Account | None:
    """The account a session cookie names, unless it was closed or its password changed since."""
    account_id, _, stamp = carried.partition(":")
    row = session.get(AccountRecord, account_id)
    if row is None or row.is_closed or row.stamp != stamp:
        return None
    return read_account(row)


def find_account(session: Session, login: str) -> Account | None:
    """By login, or None."""
    row = session.scalar(select(AccountRecord).where(AccountRecord.login == login.strip().lower()))
    return read_account(row) if row else None


def list_accounts(session: Session, role: str | None = None, school: str | None = None) -> list[Account]:
    """Open accounts by login; of one role or one school where named."""
    query = select(AccountRecord).where(AccountRecord.is_closed.is_(False)).order_by(AccountRecord.login)
    if role is not None:
        query = query.where(AccountRecord.role == role)
    if school is not None:
        query = query.where(AccountRecord.school == school)
    return [read_account(row) for row in session.scalars(query)]


def check_password(session: Session, login: str, password: str) -> Account | None:
    """The account when both fit, else None; an unknown login takes as long as a known one."""
    row = session.scalar(select(AccountRecord).where(AccountRecord.login == login.strip().lower()))
    kept = row.password if row is not None and not row.is_closed else None
    return read_account(row) if fits_password(kept, password) and row is not None else None
