"""Pages of zones: ask for another zone of a school; a second coordinator looks what stays as scheduled and decides."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole, Level, name_coordinator
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.materials.queries import Archive, list_archives, list_archives_of
from testing_server.preparation.registry.queries import School, read_own_school
from testing_server.preparation.registry.zone_changes import ask_zone, decide_zone, list_zone_requests
from testing_server.preparation.registry.zones import ZONES

pages = Blueprint("zones", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
DECIDING = frozenset({name_coordinator(Level.FEDERAL), name_coordinator(Level.REGIONAL)})


@pages.get("/coordinator/zones")
def show_requests() -> str:
    return _render_requests(None)


@pages.get("/coordinator/schools/<school>/zone")
def show_zone(school: str) -> str:
    return _render_zone(_mine(school), None, {})


@pages.post("/coordinator/schools/<school>/zone")
def ask(school: str) -> BaseResponse | tuple[str, int]:
    known, offered, form, by = _mine(school), services(), request.form, current_user.login
    now_ms, zone, reason = offered.clock.now_ms(), form.get("zone", ""), form.get("reason", "")
    try:
        offered.storage.write(lambda db: ask_zone(db, now_ms, known, zone, reason, by))
    except Refusal as refusal:
        return _render_zone(known, refusal, form), refusal.status
    flash(gettext("Просьба записана. Пояс сменится, когда её подтвердит второй координатор."))
    return redirect(url_for("zones.show_zone", school=school))


@pages.post("/coordinator/zones/<request_id>")
def decide(request_id: str) -> BaseResponse | tuple[str, int]:
    offered, account = services(), current_user._get_current_object()
    now_ms, approves = offered.clock.now_ms(), request.form.get("decision") == "approve"
    try:
        school = offered.storage.write(lambda db: decide_zone(db, now_ms, request_id, account, approves))
    except Refusal as refusal:
        return _render_requests(refusal), refusal.status
    flash(gettext("Пояс школы «%(name)s» сменён.", name=school.name) if approves else
          gettext("Пояс школы «%(name)s» остаётся прежним.", name=school.name))
    return redirect(url_for("zones.show_requests"))


def _mine(school: str) -> School:
    with services().storage.read() as session:
        return read_own_school(session, school, current_user.territory)


def _render_requests(refusal: Refusal | None) -> str:
    now_ms = services().clock.now_ms()
    with services().storage.read() as session:
        found = list_zone_requests(session, current_user.territory)
        waiting = {one.school.id for one in found if one.state == "waiting"}
        scheduled = {school: _list_ahead(archives, now_ms)
                     for school, archives in list_archives_of(session, waiting).items()}
    return render_template("preparation/zones.html", requests=found, scheduled=scheduled, refusal=refusal,
                           may_decide=bool(current_user.words & DECIDING))


def _render_zone(school: School, refusal: Refusal | None, form: object) -> str:
    now_ms = services().clock.now_ms()
    with services().storage.read() as session:
        found = list_zone_requests(session, current_user.territory, school.id)
        scheduled = _list_ahead(list_archives(session, school.id), now_ms)
    return render_template("preparation/zone.html", school=school, requests=found, scheduled=scheduled, zones=ZONES,
                           form=form, refusal=refusal)


def _list_ahead(archives: list[Archive], now_ms: int) -> list[Archive]:
    return [one for one in archives if one.opens_at_ms > now_ms]


MOUNT = Mount(blueprint=pages, access={
    "show_requests": COORDINATOR, "show_zone": COORDINATOR, "ask": COORDINATOR, "decide": DECIDING})
