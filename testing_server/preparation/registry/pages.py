"""Pages of the coordinator: schools of the territory, and everything that is made ready for one of them."""
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.queries import list_accounts
from testing_server.foundation.live import Live
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import find_campaign, list_campaigns
from testing_server.preparation.codes.actions import issue_codes
from testing_server.preparation.codes.queries import list_code_campaigns, read_codes
from testing_server.preparation.enrolment.actions import make_enrolment_code
from testing_server.preparation.enrolment.credentials import Credentials, write_credentials
from testing_server.preparation.enrolment.queries import (
    NOT_ENROLLED, list_enrolment_states, read_enrolment_state)
from testing_server.preparation.enrolment.rules import CODE_LIFE_MS, show_code
from testing_server.preparation.founding.actions import hub_keys
from testing_server.preparation.materials.ordering import Wanted, order_for_school
from testing_server.preparation.materials.packages import find_package, list_packages
from testing_server.preparation.materials.queries import list_archives, list_changed, list_sealings
from testing_server.preparation.people.replacing import appoint_organizer
from testing_server.preparation.registry.actions import create_school
from testing_server.preparation.registry.queries import (
    School, lies_elsewhere, list_schools, read_own_school)
from testing_server.preparation.registry.rules import UnknownSchool, covers
from testing_server.preparation.registry.zone_changes import list_zone_requests
from testing_server.preparation.registry.zones import ZONES

pages = Blueprint("registry", __name__)
SEALING = "sealing"
SHOWN = 500


class NotANumber(Refusal):
    code = "not_a_number"
    status = 422
    message = _("Нужно целое число.")


@pages.get("/coordinator/schools")
def show_schools() -> str:
    return _render_schools(None, {})


def _render_schools(refusal: Refusal | None, form: dict[str, str]) -> str:
    offered, sought = services(), request.args.get("sought", "").strip()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        enrolled = list_enrolment_states(session, current_user.territory, now_ms)
        rows = [(school, enrolled.get(school.id, NOT_ENROLLED))
                for school in list_schools(session, current_user.territory, sought, SHOWN)]
        waiting = sum(one.state == "waiting" for one in list_zone_requests(session, current_user.territory))
    return render_template("preparation/schools.html", rows=rows, zones=ZONES, form=form, refusal=refusal,
                           zone_requests=waiting, sought=sought, shown=SHOWN)


@pages.post("/coordinator/schools")
def add_school() -> BaseResponse | tuple[str, int]:
    form = {name: request.form.get(name, "") for name in ("login", "name", "municipality", "region", "zone")}
    if not covers(current_user.territory, School("", "", **{k: v.strip() for k, v in form.items() if k != "login"})):
        raise UnknownSchool()
    try:
        school: School = _write(create_school, **form, by=current_user.login)
    except Refusal as refusal:
        return _render_schools(refusal, form), refusal.status
    flash(gettext("Школа добавлена. Теперь выдайте ей файл подключения."))
    return redirect(url_for("registry.show_school", school=school.id))


@pages.get("/coordinator/schools/<school>")
def show_school(school: str) -> str:
    return render_template("preparation/school.html", refusal=None, form={}, **_describe(_mine(school)))


def _refuse(school: School, refusal: Refusal) -> tuple[str, int]:
    """The same page with what was typed: it was a person's slip."""
    return render_template("preparation/school.html", refusal=refusal, form=request.form,
                           **_describe(school)), refusal.status


@pages.get("/coordinator/schools/<school>/sealings")
def show_sealings(school: str) -> str:
    """The part of the page that follows sealings while they go on."""
    return render_template("preparation/sealings.html", **_describe(_mine(school)))


@pages.post("/coordinator/schools/<school>/credentials")
def make_credentials(school: str) -> Response:
    """A new one-time code: as a file for a stick, or on a page for print. It is shown this once."""
    known, offered = _mine(school), services()
    code = show_code(_write(make_enrolment_code, school=known.id, by=current_user.login))
    expires_at_ms = offered.clock.now_ms() + CODE_LIFE_MS
    made = Credentials(request.host_url.rstrip("/"), known.login, known.name, code, hub_keys().root_fingerprint,
                       expires_at_ms)
    if request.form.get("form") == "file":
        return Response(write_credentials(made), mimetype="application/json", headers={
            "Content-Disposition": f'attachment; filename="credentials-{known.login}.json"'})
    return make_response(render_template("preparation/credentials.html", school=known, made=made))


@pages.post("/coordinator/schools/<school>/organizers")
def add_organizer(school: str) -> str | tuple[str, int]:
    """The one-time password is shown this once."""
    known, login = _mine(school), request.form.get("login", "")
    try:
        password = _write(appoint_organizer, school=known, login=login, by=current_user.login)
    except Refusal as refusal:
        return _refuse(known, refusal)
    return render_template("accounts/one_time_password.html", login=login, password=password, back_to=known.name,
                           back=url_for("registry.show_school", school=known.id))


@pages.post("/coordinator/schools/<school>/codes")
def add_codes(school: str) -> BaseResponse | tuple[str, int]:
    known = _mine(school)
    try:
        count, reserve = _number("count"), _number("reserve")
        campaign = find_campaign(services().settings.data, request.form.get("campaign", "")).id
        _write(issue_codes, campaign=campaign, school=known.id, count=count, reserve=reserve, by=current_user.login)
    except Refusal as refusal:
        return _refuse(known, refusal)
    flash(gettext("Выдано кодов: %(count)s, в резерв: %(reserve)s.", count=count, reserve=reserve))
    return redirect(url_for("registry.show_school", school=known.id))


@pages.post("/coordinator/schools/<school>/materials")
def order_materials(school: str) -> BaseResponse | tuple[str, int]:
    """The worker seals; the page follows it."""
    known = _mine(school)
    try:
        _order(known, request.form)
    except Refusal as refusal:
        return _refuse(known, refusal)
    return redirect(url_for("registry.show_school", school=known.id) + "#sealings")


def _order(known: School, form: Mapping[str, str]) -> None:
    offered = services()
    data = offered.settings.data
    campaign = find_campaign(data, form.get("campaign", ""))
    package = find_package(data, form.get("package", ""))
    order_for_school(offered, known, Wanted(
        campaign, package.path, _number("count"), form.get("day", ""), form.get("unencrypted") != "yes",
        form.get("late_reason", ""), form.get("outside") == "yes"), current_user.login)


def watch_sealings(live: Live) -> None:
    """Who may hear of a school's sealings: coordinators of its territory."""
    live.allow_watching(SEALING, lambda scope: (
        current_user.is_authenticated and current_user.role in COORDINATOR
        and not _is_elsewhere(scope.partition(":")[2])))


def _is_elsewhere(school: str) -> bool:
    with services().storage.read() as session:
        return lies_elsewhere(session, school, current_user.territory)


def _describe(school: School) -> dict[str, Any]:
    offered = services()
    data, now_ms = offered.settings.data, offered.clock.now_ms()
    with offered.storage.read() as session:
        codes = [(find_campaign(data, one), read_codes(session, one, school.id))
                 for one in list_code_campaigns(session, school.id)]
        return {
            "school": school, "enrolment": read_enrolment_state(session, school.id, now_ms), "codes": codes,
            "organizers": list_accounts(session, AccountRole.SCHOOL_ORGANIZER.value, school.id),
            "sealings": list_sealings(session, school.id), "archives": list_archives(session, school.id),
            "withdrawn": [one for one in list_changed(session, school.id)
                          if one.state == "withdrawn" and one.kind == "materials"],
            "campaigns": list_campaigns(data), "packages": list_packages(data), "now_ms": now_ms,
        }


def _mine(school: str) -> School:
    with services().storage.read() as session:
        return read_own_school(session, school, current_user.territory)


def _write(action: Callable[..., Any], **details: Any) -> Any:
    offered = services()
    now_ms = offered.clock.now_ms()

    def act(session: Session) -> Any:
        return action(session, now_ms, **details)
    return offered.storage.write(act)


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise NotANumber(details={"field": name})
    return int(text)


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, live=watch_sealings, menu=(MenuEntry("show_schools", _("Школы")),),
    access={name: COORDINATOR for name in (
        "show_schools", "add_school", "show_school", "show_sealings", "make_credentials", "add_organizer",
        "add_codes", "order_materials")})
