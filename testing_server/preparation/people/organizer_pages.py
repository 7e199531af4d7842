"""Organizers of a school, as a coordinator helps them: a new password for a lost one, an end when they leave."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.actions import close_account
from testing_server.foundation.accounts.queries import Account, list_accounts
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.preparation.people.replacing import renew_organizer_password
from testing_server.preparation.registry.queries import School, read_own_school

pages = Blueprint("organizers", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})


@pages.post("/coordinator/schools/<school>/organizers/<login>/password")
def replace(school: str, login: str) -> str:
    """A new one-time password, shown this once; all sessions of the account end."""
    offered, by = services(), current_user.login
    known, account = _find_organizer(school, login)
    now_ms = offered.clock.now_ms()
    password = offered.storage.write(lambda db: renew_organizer_password(db, now_ms, known, account.login, by))
    return render_template("accounts/one_time_password.html", login=account.login, password=password,
                           back=url_for("registry.show_school", school=known.id), back_to=known.name)


@pages.post("/coordinator/schools/<school>/organizers/<login>/close")
def close(school: str, login: str) -> BaseResponse:
    offered, by = services(), current_user.login
    known, account = _find_organizer(school, login)
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: close_account(db, now_ms, account.login, by))
    flash(gettext("Запись %(login)s закрыта.", login=account.login))
    return redirect(url_for("registry.show_school", school=known.id))


def _find_organizer(school: str, login: str) -> tuple[School, Account]:
    """Raises UnknownSchool, also for a school elsewhere, and NotFound for whoever is not an organizer of it."""
    with services().storage.read() as session:
        known = read_own_school(session, school, current_user.territory)
        for one in list_accounts(session, AccountRole.SCHOOL_ORGANIZER.value, known.id):
            if one.login == login:
                return known, one
    raise NotFound()


MOUNT = Mount(blueprint=pages, access={"replace": COORDINATOR, "close": COORDINATOR})
