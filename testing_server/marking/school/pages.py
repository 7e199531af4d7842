"""The school organizer's page of marking on this server: what each work waits for, who marks, who heads the commission.

Nothing of an answer, a mark or a criterion is shown here: the organizer knows whose code is whose.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.school.queries import School, find_school
from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.actions import close_account, reset_password
from testing_server.foundation.accounts.queries import list_accounts
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.marking.gathering.sources import gather_due_works
from testing_server.marking.school.actions import EXPERT, name_expert
from testing_server.marking.school.queries import list_lines
from testing_server.marking.school.rules import Step
from testing_server.preparation.page_words import FILTERS

pages = Blueprint("school_marking", __name__, url_prefix="/school-marking")

# the marking pages' own filters come with a hub's pages, which a classroom has not
for word, filter_ in FILTERS.items():
    pages.add_app_template_filter(filter_, word)


@pages.app_context_processor
def say_where() -> dict[str, Any]:
    """Pages that a hub has too say here what differs."""
    return {"marks_at_school": True}


@pages.before_app_request
def lead_home() -> BaseResponse | None:
    """An expert has one thing to do here."""
    is_expert = current_user.is_authenticated and current_user.role == EXPERT and not current_user.must_change
    return redirect(url_for("marking.show_queue")) if is_expert and request.endpoint == "home.show_home" else None


@pages.get("")
def show_marking() -> str:
    gather_due_works(services())
    return _render(None)


@pages.get("/works")
def show_works() -> str:
    """The part of the page that is fetched again after a change."""
    gather_due_works(services())
    with services().storage.read() as session:
        return render_template("marking/school_works.html", lines=list_lines(session), step=Step)


def _render(refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        return render_template(
            "marking/school.html", lines=list_lines(session), step=Step, experts=list_accounts(session, EXPERT),
            refusal=refusal, form=request.form if refusal else {})


@pages.post("")
def appoint() -> str | tuple[str, int]:
    """An expert of the school, or the head; the one-time password is on this page and never again."""
    offered, by, form = services(), current_user.login, request.form
    login, is_head, now_ms = form.get("login", ""), form.get("head") == "yes", offered.clock.now_ms()
    school = _read_school()
    try:
        password = offered.storage.write(
            lambda session: name_expert(session, now_ms, login, school.id, is_head, by))
    except Refusal as refusal:
        return _render(refusal), refusal.status
    return _show_password(login.strip().lower(), password)


@pages.post("/experts/<login>/password")
def renew_password(login: str) -> str:
    """For whoever lost theirs; whoever sits with the old one is signed out."""
    _check_expert(login)
    offered, by = services(), current_user.login
    now_ms = offered.clock.now_ms()
    return _show_password(login, offered.storage.write(lambda session: reset_password(session, now_ms, login, by)))


def _show_password(login: str, password: str) -> str:
    return render_template("accounts/one_time_password.html", login=login, password=password,
                           back=url_for("school_marking.show_marking"), back_to=_("Проверка в школе"))


@pages.post("/experts/<login>/close")
def close_expert(login: str) -> BaseResponse:
    """Nobody marks by this login any more; marks that were given stay."""
    _check_expert(login)
    offered, by = services(), current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: close_account(session, now_ms, login, by))
    flash(gettext("Вход эксперта %(login)s закрыт. Его отметки остались.", login=login))
    return redirect(url_for("school_marking.show_marking"))


def _read_school() -> School:
    """Raises NotFound before the first set-up."""
    with services().storage.read() as session:
        found = find_school(session)
    if found is None:
        raise NotFound()
    return found


def _check_expert(login: str) -> None:
    """Raises NotFound: nobody else's account is changed from here."""
    with services().storage.read() as session:
        if login not in {one.login for one in list_accounts(session, EXPERT)}:
            raise NotFound()


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(pages, {name: ORGANIZER for name in (
    "show_marking", "show_works", "appoint", "renew_password", "close_expert")},
    menu=(MenuEntry("show_marking", _("Проверка в школе")),))
