"""Page of the coordinator: a cipher by telephone for a school without a line, and what was told and fetched since."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.preparation.materials.queries import list_archives, read_archive
from testing_server.preparation.registry.queries import find_school, read_own_school
from testing_server.preparation.registry.rules import UnknownSchool, covers
from testing_server.preparation.release.kits import BadKit, read_told
from testing_server.preparation.release.queries import Told, find_told, list_told
from testing_server.preparation.release.telephone import approve_telling, ask_for_school, note_told_by_kit, read_out
from testing_server.preparation.release.telephone_rules import BadFile

pages = Blueprint("telephone", __name__)
MOST_FILE_BYTES = 1024 * 1024


@pages.get("/coordinator/telephone")
def show_telephone() -> tuple[str, int]:
    return _render(request.args.get("school", ""))


@pages.post("/coordinator/telephone")
def ask() -> BaseResponse | tuple[str, int]:
    """For one archive of one school, after its hour."""
    form, offered = request.form, services()
    with offered.storage.read() as session:
        found = read_archive(session, form.get("archive", ""))
        read_own_school(session, found.school, current_user.territory)
    try:
        _write(ask_for_school, archive=found.archive, reason=form.get("reason", ""), by=current_user.login)
    except Refusal as refusal:
        return _render(form.get("school", ""), refusal, form)
    flash(gettext("Теперь второй координатор подтверждает на этой же странице под своей записью."))
    return redirect(url_for("telephone.show_telephone"))


@pages.post("/coordinator/telephone/<told>/approve")
def approve(told: str) -> BaseResponse | tuple[str, int]:
    """By another coordinator than the one who asked."""
    _find(told)
    try:
        _write(approve_telling, told=told, by=current_user.login)
    except Refusal as refusal:
        return _render("", refusal)
    flash(gettext("Подтверждено. Каждый из двоих открывает свои группы и читает их школе."))
    return redirect(url_for("telephone.show_telephone"))


@pages.post("/coordinator/telephone/<told>/digits")
def show_digits(told: str) -> Response:
    """Three groups: the first three for who asked, the last three for who approved."""
    found = _find(told)
    try:
        first, groups = read_out(services(), found, current_user.login)
    except Refusal as refusal:
        page = make_response(*_render("", refusal))
    else:
        other = found.approved_by if current_user.login == found.asked_by else found.asked_by
        page = make_response(render_template("preparation/telephone_digits.html", told=found, first=first,
                                             groups=groups, other=other))
    page.headers["Cache-Control"] = "no-store"
    return page


@pages.post("/coordinator/telephone/kit")
def bring_told() -> BaseResponse | tuple[str, int]:
    """What two holders read out by a kit while this hub was down."""
    sent = request.files.get("file")
    try:
        at_ms, archives = read_told(sent.read(MOST_FILE_BYTES) if sent is not None else b"")
    except BadKit:
        return _render("", BadFile())
    count = _write(note_told_by_kit, at_ms=at_ms, archives=archives, territory=current_user.territory,
                   by=current_user.login)
    flash(gettext("Отмечено школ: %(count)s.", count=count))
    return redirect(url_for("telephone.show_telephone"))


def _render(login: str, refusal: Refusal | None = None, form: Any = None) -> tuple[str, int]:
    offered = services()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        school = find_school(session, login) if login else None
        if school is not None and not covers(current_user.territory, school):
            school = None
        archives = list_archives(session, school.id) if school else []
        told = list_told(session, current_user.territory)
    opened = [one for one in archives if one.lock != "none" and one.opens_at_ms <= now_ms
              and one.forgotten_at_ms is None]
    page = render_template("preparation/telephone.html", login=login, school=school, archives=opened, told=told,
                           waiting=[one for one in archives if one.lock != "none" and one.opens_at_ms > now_ms],
                           unknown=UnknownSchool() if login and school is None else None, refusal=refusal,
                           form=form or {}, now_ms=now_ms)
    return page, refusal.status if refusal else 200


def _find(told: str) -> Told:
    """Of the coordinator's own territory. Raises NotFound."""
    with services().storage.read() as session:
        found = find_told(session, told, current_user.territory)
    if found is None:
        raise NotFound()
    return found


def _write(act: Callable[..., Any], **details: Any) -> Any:
    offered = services()
    now_ms = offered.clock.now_ms()
    return offered.storage.write(lambda session: act(session, now_ms, **details))


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_telephone", _("Шифр по телефону")),),
    access={name: COORDINATOR for name in ("show_telephone", "ask", "approve", "show_digits", "bring_told")})
