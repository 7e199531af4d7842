"""Naming an expert of the school. One transaction; who was sent away and comes back gets the old login again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.actions import (
    bind_head, create_account, dismiss_head, reopen_account, reset_password)
from testing_server.foundation.accounts.queries import find_any_account
from testing_server.foundation.accounts.rules import read_login
from testing_server.marking.commission.bounds import ALL_SUBJECTS

EXPERT = AccountRole.EXPERT.value


def name_expert(session: Session, now_ms: int, login: str, school: str, is_head: bool, by: str) -> str:
    """The one-time password. A head leads everything that is marked on this server. Raises BadLogin, LoginTaken."""
    known = find_any_account(session, read_login(login))
    if known is None or not known.is_closed or known.role != EXPERT:
        return create_account(session, now_ms, login, EXPERT, school=school, is_head=is_head,
                              subjects=(ALL_SUBJECTS,) if is_head else None, by=by)
    reopen_account(session, now_ms, known.login, by)
    if is_head:
        bind_head(session, now_ms, known.login, None, (ALL_SUBJECTS,), by)
    elif known.is_head:
        dismiss_head(session, now_ms, known.login, by)
    return reset_password(session, now_ms, known.login, by)
