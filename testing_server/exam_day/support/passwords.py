"""A lost password is replaced on the server's own computer: who may read its folder may do it, and it is audited.

Takes settings and a login; gives a one-time password. A running server does it itself (one process writes), reached
over loopback with the secret that its processes show each other.
"""
from __future__ import annotations

import httpx
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.exam_day.scopes import ROOM_STAFF
from testing_server.exam_day.support.folder import with_storage
from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.actions import reset_password
from testing_server.foundation.accounts.queries import Account, list_accounts
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings
from testing_server.foundation.storage import Storage
from testing_server.foundation.supervision import is_running, read_ports

PATH = "/v1/internal/password-resets"
BY = "command line"
HUB_STAFF = frozenset({AccountRole.COORDINATOR.value})
TIMEOUT_S = 30


class LoginMissing(Refusal):
    code = "login_unknown"
    status = 404
    message = _("Такого логина на этом сервере нет.")
    remedy = _("Без логина команда покажет все логины.")


class CoreSilent(Refusal):
    code = "core_silent"
    status = 503
    message = _("Сервер запущен, но не отвечает.")
    remedy = _("Подождите полминуты и повторите, или остановите сервер и повторите.")


def list_logins(settings: Settings) -> list[str]:
    """Logins of people of the server with their roles, for whoever forgot that too. Raises NoServerHere."""
    return with_storage(settings, lambda storage: _read_logins(storage, _list_roles(settings)))


def replace_password(settings: Settings, login: str) -> str:
    """A one-time password; the data stays as it is. Raises NoServerHere, LoginMissing, CoreSilent."""
    if is_running(settings.run_folder):
        return _ask_core(settings, login)
    now_ms = SystemClock().now_ms()
    return with_storage(settings, lambda storage: reset(storage, now_ms, login, _list_roles(settings)))


def reset(storage: Storage, now_ms: int, login: str, roles: frozenset[str] = ROOM_STAFF) -> str:
    """In this process. Raises LoginMissing."""
    name = login.strip().lower()
    with storage.read() as session:
        if name not in {one.login for one in _list_people(session, roles)}:
            raise LoginMissing()
    password: str = storage.write(lambda session: reset_password(session, now_ms, name, BY))
    return password


def _list_roles(settings: Settings) -> frozenset[str]:
    """On a hub coordinators, of whom the first has nobody above; all others are helped on its pages."""
    return HUB_STAFF if settings.role == "hub" else ROOM_STAFF


def _list_people(session: Session, roles: frozenset[str]) -> list[Account]:
    return [one for role in sorted(roles) for one in list_accounts(session, role)]


def _read_logins(storage: Storage, roles: frozenset[str]) -> list[str]:
    with storage.read() as session:
        return [f"{one.login} ({one.role})" for one in _list_people(session, roles)]


def _ask_core(settings: Settings, login: str) -> str:
    secret = (settings.run_folder / "internal.key").read_bytes().hex()
    port = read_ports(settings.data).get("console_port", 0)
    try:
        answer = httpx.post(f"http://127.0.0.1:{port}{PATH}", json={"login": login}, timeout=TIMEOUT_S,
                            trust_env=False, headers={"Authorization": f"Internal {secret}"})
    except httpx.TransportError as error:
        raise CoreSilent() from error
    if answer.status_code == LoginMissing.status:
        raise LoginMissing()
    if answer.is_error:
        raise CoreSilent()
    return str(answer.json()["password"])
