"""The coordinator's list of experts: appoint one, give a new password. A one-time password is shown once."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_login import current_user

from testing_server.foundation.access import AccountRole, Level
from testing_server.foundation.accounts.actions import create_account, reset_password
from testing_server.foundation.accounts.queries import Account, find_account, list_accounts
from testing_server.foundation.refusals import NotAllowed, NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.preparation.registry.rules import is_within

pages = Blueprint("experts", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
# a head signs protocols for more than one municipality
NAMING_HEADS = frozenset({Level.FEDERAL, Level.REGIONAL})
ACCESS = {name: COORDINATOR for name in ("show_experts", "appoint_expert", "renew_password")}


@pages.get("/coordinator/experts")
def show_experts() -> str:
    return _render_experts(None)


def _render_experts(refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        found = [one for one in list_accounts(session, AccountRole.EXPERT.value) if _is_mine(one)]
    return render_template("marking/experts.html", experts=found, refusal=refusal, form=request.form,
                           may_name_head=current_user.level in NAMING_HEADS)


@pages.post("/coordinator/experts")
def appoint_expert() -> str | tuple[str, int]:
    """An account of an expert, or of the head; its password must be changed at the first sign-in."""
    offered, login, by = services(), request.form.get("login", ""), current_user.login
    territory = current_user.territory
    now_ms, is_head = offered.clock.now_ms(), request.form.get("head") == "yes"
    if is_head and current_user.level not in NAMING_HEADS:
        raise NotAllowed()
    try:
        password = offered.storage.write(lambda session: create_account(
            session, now_ms, login, AccountRole.EXPERT.value, territory=territory, is_head=is_head, by=by))
    except Refusal as refusal:
        return _render_experts(refusal), refusal.status
    return render_template("marking/expert_password.html", login=login.strip().lower(), password=password)


@pages.post("/coordinator/experts/password")
def renew_password() -> str:
    """A new one-time password for an expert who lost theirs; whoever sits with the old one is signed out."""
    offered, login, by = services(), request.form.get("login", ""), current_user.login
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        found = find_account(session, login)
    if found is None or found.role != AccountRole.EXPERT or not _is_mine(found):
        raise NotFound()
    password = offered.storage.write(lambda session: reset_password(session, now_ms, login, by))
    return render_template("marking/expert_password.html", login=login, password=password)


def _is_mine(expert: Account) -> bool:
    """Whoever may give an expert a new password can sign in as that expert: only within the own territory."""
    return is_within(current_user.territory, expert.territory) or expert.created_by == current_user.login
