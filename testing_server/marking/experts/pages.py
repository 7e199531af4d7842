"""The coordinator's list of experts: appoint one, say what a head leads, give a new password, shown once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole, Level, name_coordinator
from testing_server.foundation.accounts.actions import bind_head, create_account, dismiss_head, reset_password
from testing_server.foundation.accounts.queries import Account, find_account, list_accounts
from testing_server.foundation.refusals import NotAllowed, NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.marking.commission.bounds import ALL_SUBJECTS, WHOLE_HUB as EVERYTHING, find_bounds
from testing_server.marking.commission.queries import list_subjects
from testing_server.marking.experts.rules import NAMING_HEADS, WHOLE_HUB, may_help, read_appointment
from testing_server.preparation.people.rules import SUBJECTS, name_subject
from testing_server.preparation.registry.queries import list_municipalities

pages = Blueprint("experts", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
APPOINTING = frozenset({name_coordinator(Level.FEDERAL), name_coordinator(Level.REGIONAL)})
ACCESS = {"show_experts": COORDINATOR, "appoint_expert": COORDINATOR, "renew_password": COORDINATOR,
          "bind": APPOINTING, "dismiss": APPOINTING}


@pages.get("/coordinator/experts")
def show_experts() -> str:
    return _render_experts(None)


def _render_experts(refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        found = [one for one in list_accounts(session, AccountRole.EXPERT.value) if _is_mine(one)]
        choices = _list_choices(session)
    unbound = [one.login for one in found if one.is_head and find_bounds(one) is None]
    return render_template("marking/experts.html", experts=found, unbound=unbound, refusal=refusal, form=request.form,
                           may_name_head=current_user.level in NAMING_HEADS, **choices)


def _list_choices(session: Session) -> dict[str, Any]:
    """What a head may be named for. `regions`: of a coordinator of the country, [] for one of a region."""
    is_federal = current_user.level is Level.FEDERAL
    regions = {region for region, _municipality in list_municipalities(session)} if is_federal else set()
    subjects = {*SUBJECTS, *list_subjects(session, EVERYTHING)} - {""}
    return {"regions": sorted(regions), "subjects": {one: name_subject(one) for one in sorted(subjects)},
            "whole_hub": WHOLE_HUB, "all_subjects": ALL_SUBJECTS, "is_federal": is_federal}


@pages.post("/coordinator/experts")
def appoint_expert() -> str | tuple[str, int]:
    """An account of an expert, or of a head with what he leads; its password must be changed at the first sign-in."""
    offered, login, by = services(), request.form.get("login", ""), current_user.login
    now_ms, is_head = offered.clock.now_ms(), request.form.get("head") == "yes"
    if is_head and current_user.level not in NAMING_HEADS:
        raise NotAllowed()
    try:
        territory, subjects = _read_lead() if is_head else (current_user.territory, None)
        password = offered.storage.write(lambda session: create_account(
            session, now_ms, login, AccountRole.EXPERT.value, territory=territory, is_head=is_head, subjects=subjects,
            by=by))
    except Refusal as refusal:
        return _render_experts(refusal), refusal.status
    return _show_password(login.strip().lower(), password)


@pages.post("/coordinator/experts/heads")
def bind() -> BaseResponse | tuple[str, int]:
    """What a head leads from now on; an expert becomes a head by it."""
    offered, account, by = services(), _find_mine(), current_user.login
    now_ms = offered.clock.now_ms()
    try:
        territory, subjects = _read_lead()
    except Refusal as refusal:
        return _render_experts(refusal), refusal.status
    offered.storage.write(lambda session: bind_head(session, now_ms, account.login, territory, subjects, by))
    flash(_("%(login)s — председатель: регион и предметы записаны.", login=account.login))
    return redirect(url_for("experts.show_experts"))


@pages.post("/coordinator/experts/heads/dismiss")
def dismiss() -> BaseResponse:
    """An expert like the others from now on."""
    offered, account, by = services(), _find_mine(), current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: dismiss_head(session, now_ms, account.login, by))
    flash(_("%(login)s больше не председатель, остаётся экспертом.", login=account.login))
    return redirect(url_for("experts.show_experts"))


@pages.post("/coordinator/experts/password")
def renew_password() -> str:
    """A new one-time password for an expert who lost theirs; whoever sits with the old one is signed out."""
    offered, account, by = services(), _find_mine(), current_user.login
    now_ms = offered.clock.now_ms()
    password = offered.storage.write(lambda session: reset_password(session, now_ms, account.login, by))
    return _show_password(account.login, password)


def _show_password(login: str, password: str) -> str:
    return render_template("accounts/one_time_password.html", login=login, password=password,
                           back=url_for("experts.show_experts"), back_to=_("Эксперты"))


def _read_lead() -> tuple[str | None, list[str]]:
    """Raises NothingToLead."""
    with services().storage.read() as session:
        choices = _list_choices(session)
    return read_appointment(current_user.territory, request.form.get("region", ""), request.form.getlist("subjects"),
                            choices["regions"], choices["subjects"])


def _find_mine() -> Account:
    """The expert the form names. Raises NotFound, also for one of another territory."""
    with services().storage.read() as session:
        found = find_account(session, request.form.get("login", ""))
    if found is None or found.role != AccountRole.EXPERT or not _is_mine(found):
        raise NotFound()
    return found


def _is_mine(expert: Account) -> bool:
    return may_help(current_user.territory, expert, expert.created_by == current_user.login)
