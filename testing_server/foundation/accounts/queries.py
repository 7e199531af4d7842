"""Reading accounts. Takes a session; gives `Account`, which is also the person of a request."""
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_login import UserMixin
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.access import AccountRole, Level, judge_level, list_words
from testing_server.foundation.accounts.passwords import fits_password
from testing_server.foundation.accounts.records import AccountRecord, SignInRecord
from testing_server.foundation.accounts.rules import IdleRule, Standing, judge_sign_in


@dataclass(frozen=True)
class Account(UserMixin):
    """`role`: a value of AccountRole; `school`: id of its school; `stamp`: ends old sessions.

    `sign_in`: id of the session it was read for, "" outside one; `acted_at_ms`: its last act; `is_locked`: it may only
    look on; `has_second_factor`: a code is asked for after the password; `created_by`: login of whoever made it;
    `subjects`: those a head of a commission leads in the territory, None = nobody said yet; `password_issued_by`: login
    of whoever last gave the one-time password.
    """

    id: str
    login: str
    role: str
    must_change: bool
    school: str | None
    territory: str | None
    is_head: bool
    stamp: str
    sign_in: str = ""
    acted_at_ms: int = 0
    is_locked: bool = False
    has_second_factor: bool = False
    created_by: str = ""
    password_used_at_ms: int | None = None
    password_issued_by: str = ""
    password_issued_at_ms: int = 0
    subjects: frozenset[str] | None = None
    is_closed: bool = False

    @property
    def level(self) -> Level:
        """Of a coordinator by the territory; everybody else belongs to a school or to nothing larger."""
        return judge_level(self.territory) if self.role == AccountRole.COORDINATOR else Level.SCHOOL

    @property
    def words(self) -> frozenset[str]:
        """What of an access list lets this person in."""
        return list_words(self.role, self.territory)

    @property
    def needs_second_factor(self) -> bool:
        """Coordinators open nothing before a telephone is tied to the account."""
        return self.role == AccountRole.COORDINATOR and not self.has_second_factor

    @property
    def is_ready(self) -> bool:
        """Whether the person has done all that comes before the first page."""
        return not self.must_change and not self.needs_second_factor

    def get_id(self) -> str:
        """What the session cookie carries."""
        return f"{self.id}:{self.stamp}"


def read_account(row: AccountRecord) -> Account:
    """The account without its password."""
    return Account(id=row.id, login=row.login, role=row.role, must_change=row.must_change, school=row.school,
                   territory=row.territory, is_head=row.is_head, stamp=row.stamp, created_by=row.created_by,
                   has_second_factor=row.second_factor_at_ms is not None, password_used_at_ms=row.password_used_at_ms,
                   password_issued_by=row.password_issued_by, password_issued_at_ms=row.password_issued_at_ms,
                   subjects=None if row.subjects is None else frozenset(row.subjects), is_closed=row.is_closed)


def find_session_account(session: Session, carried: str, sign_in: str, now_ms: int, rule: IdleRule) -> Account | None:
    """The account a session cookie names, unless it was closed, its password changed, or the sign-in is over."""
    account_id, _, stamp = carried.partition(":")
    row, opened = session.get(AccountRecord, account_id), session.get(SignInRecord, sign_in)
    if row is None or row.is_closed or row.stamp != stamp or opened is None or opened.account != row.id:
        return None
    standing = judge_sign_in(opened.began_at_ms, opened.acted_at_ms, opened.is_locked, rule, now_ms)
    if standing is Standing.OVER:
        return None
    return replace(read_account(row), sign_in=sign_in, acted_at_ms=opened.acted_at_ms,
                   is_locked=standing is Standing.LOCKED)


def find_half_account(session: Session, carried: str) -> Account | None:
    """The account whose password was just shown and whose code is still to come."""
    account_id, _, stamp = carried.partition(":")
    row = session.get(AccountRecord, account_id)
    return read_account(row) if row is not None and not row.is_closed and row.stamp == stamp else None


def find_account(session: Session, login: str) -> Account | None:
    """An open account by login, or None: with one that is closed nobody can do anything."""
    found = find_any_account(session, login)
    return found if found is not None and not found.is_closed else None


def find_any_account(session: Session, login: str) -> Account | None:
    """The same, a closed one too: its login stays taken."""
    row = session.scalar(select(AccountRecord).where(AccountRecord.login == login.strip().lower()))
    return read_account(row) if row else None


def find_accounts(session: Session, logins: Sequence[str]) -> list[Account]:
    """Those of these logins that exist, closed ones too; any number may be asked for."""
    return [read_account(row) for start in range(0, len(logins), 500) for row in session.scalars(
        select(AccountRecord).where(AccountRecord.login.in_(logins[start:start + 500])))]


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
