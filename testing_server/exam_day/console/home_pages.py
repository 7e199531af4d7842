"""First steps, the line to the hub, the key, staff, and the page of today."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, lazy_gettext
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.first_steps import FirstSteps, check_open, enrol, is_open, take_first_steps
from testing_server.exam_day.console.times import show_clock, show_day, show_moment, today_of
from testing_server.exam_day.console.unsent import LINE_TROUBLES, list_unsent
from testing_server.exam_day.console.words import SITTING_STATES, SITTING_STYLES
from testing_server.exam_day.room import room
from testing_server.exam_day.rooms.queries import list_waves
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.sittings.queries import read_title
from testing_server.exam_day.sittings.records import MATERIALS, ArchiveRecord, AttemptRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE
from testing_server.exam_day.sittings.standing import VALID, judge_standing
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.access import ANYONE, AccountRole
from testing_server.foundation.accounts.actions import close_account, create_account, reset_password
from testing_server.foundation.accounts.queries import Account, list_accounts
from testing_server.foundation.accounts.rules import BadLogin, LoginTaken
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotAllowed, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language
from testing_server.preparation.enrolment.credentials import BadCredentials, Credentials, read_credentials

pages = Blueprint("room_home", __name__)
STAFF_ROLES = (AccountRole.ROOM_ORGANIZER.value, AccountRole.TECHNICIAN.value)


@pages.before_app_request
def lead_home() -> BaseResponse | None:
    """The console begins with today; an empty server with its first steps."""
    if request.endpoint in ("home.show_home", "accounts.show_sign_in") and is_open():
        return redirect(url_for("room_home.show_first_steps"))
    if request.endpoint == "home.show_home" and current_user.is_authenticated and current_user.role in ROOM_STAFF:
        return redirect(url_for("room_home.show_today"))
    return None


@pages.app_context_processor
def offer_words() -> dict[str, Any]:
    """What the console's templates share."""
    school = acts.my_school()
    zone = school.zone if school else ""
    return {"school": school, "key_unlocked": room().keys.is_unlocked, "moment": lambda ms: show_moment(ms, zone),
            "clock_time": lambda ms: show_clock(ms, zone), "show_day": show_day,
            "server_now_ms": room().clock.now_ms()}


@pages.get("/first-steps")
def show_first_steps() -> str:
    check_open()
    return render_template("console/first_steps.html", refusal=None, form={})


@pages.post("/first-steps")
def save_first_steps() -> BaseResponse | tuple[str, int]:
    form = request.form
    asked = FirstSteps(form.get("school_name", ""), form.get("room", ""), form.get("passphrase", ""),
                       form.get("login", ""), form.get("password", ""))
    try:
        if asked.passphrase != form.get("passphrase_again", ""):
            raise PassphrasesDiffer()
        take_first_steps(asked)
    except Refusal as refusal:
        return render_template("console/first_steps.html", refusal=refusal, form=form), refusal.status
    flash(_("Сервер настроен. Войдите под логином, который вы только что задали."))
    return redirect(url_for("accounts.show_sign_in", next=url_for("room_home.show_connect")))


class PassphrasesDiffer(Refusal):
    code = "passphrases_differ"
    status = 422
    message = lazy_gettext("Два введённых пароля ключа различаются.")
    remedy = lazy_gettext("Введите один и тот же пароль дважды.")


@pages.get("/connect")
def show_connect() -> str:
    return render_template("console/connect.html", refusal=None, form={}, hearing=room().hearing)


@pages.post("/connect")
def connect() -> BaseResponse | tuple[str, int]:
    try:
        enrol(_read_credentials(), acts.me())
    except Refusal as refusal:
        return render_template("console/connect.html", refusal=refusal, form=request.form,
                               hearing=room().hearing), refusal.status
    flash(_("Школа подключена к региональному серверу."))
    return redirect(url_for("room_home.show_today"))


def _read_credentials() -> Credentials:
    file = request.files.get("credentials")
    if file is not None and file.filename:
        return read_credentials(file.read())
    form = request.form
    if not all(form.get(name, "").strip() for name in ("hub", "root", "login", "code")):
        raise BadCredentials()
    return Credentials(form["hub"], form["login"], "", form["code"], form["root"], 0)


@pages.post("/key/unlock")
def unlock_key() -> BaseResponse:
    room().keys.unlock(request.form.get("passphrase", ""))
    flash(_("Ключ школы открыт до выключения компьютера."))
    return redirect(url_for("room_home.show_today"))


@pages.get("/key/file")
def download_key() -> Response:
    return Response(room().keys.locked_bytes, mimetype="application/octet-stream",
                    headers={"Content-Disposition": 'attachment; filename="school.key"'})


@pages.get("/today")
def show_today() -> str:
    school = acts.my_school()
    day = today_of(room().clock.now_ms(), school.zone if school else "")
    return render_template("console/today.html", day=show_day(day), sittings=list_sittings(), steps=list_steps(day),
                           drift_s=room().clock.drift_ms() // 1000, **describe_unsent(),
                           notices=[(one, read_title(one, current_language())) for one in list_notices()])


@pages.get("/today/unsent")
def show_unsent() -> str:
    """The part of the page that follows the line to the region."""
    return render_template("console/unsent.html", **describe_unsent())


def list_notices() -> list[ArchiveRecord]:
    """Archives the hub withdrew or moved while sittings on them are still ahead or going on."""
    with services().storage.read() as session:
        rows = session.execute(select(ArchiveRecord, SittingRecord.day).join(
            SittingRecord, SittingRecord.archive == ArchiveRecord.id).where(
                SittingRecord.state.in_(ACTIVE | {"draft"})))
        return list({archive.id: archive for archive, day in rows
                     if judge_standing(archive.standing, archive.moved_from, day) != VALID}.values())


def describe_unsent() -> dict[str, Any]:
    """The line to the region and what waits for it."""
    with services().storage.read() as session:
        return {"unsent": list_unsent(session, room()), "hearing": room().hearing, "line_troubles": LINE_TROUBLES}


def list_sittings() -> list[dict[str, Any]]:
    """Sittings, newest first, with words for their states."""
    with services().storage.read() as session:
        counts = {sitting: (count, done) for sitting, count, done in session.execute(
            select(AttemptRecord.sitting, func.count(), func.count().filter(AttemptRecord.state == "finished"))
            .group_by(AttemptRecord.sitting)).all()}
        rows = session.execute(select(SittingRecord, ArchiveRecord).join(
            ArchiveRecord, ArchiveRecord.id == SittingRecord.archive).order_by(SittingRecord.made_at_ms.desc())).all()
        waves = list_waves(session, [one.id for one, _archive in rows])
    return [{"sitting": one, "title": read_title(archive, current_language()), "style": SITTING_STYLES[one.state],
             "wave": waves.get(one.id), "state": SITTING_STATES[one.state], "count": counts.get(one.id, (0, 0))[0],
             "finished": counts.get(one.id, (0, 0))[1]} for one, archive in rows]


def list_steps(day: str) -> list[dict[str, Any]]:
    """What the day needs, in order, each with its state and where it is done."""
    school = acts.my_school()
    with services().storage.read() as session:
        stations = list_workstations(session)
        archives = list(session.scalars(select(ArchiveRecord)))
    ready = sum(one.state == "ready" for one in stations)
    archives = [one for one in archives if one.standing == VALID and one.kind == MATERIALS]
    opened = [one for one in archives if one.state == "opened"]
    rosters = [one for one in acts.list_rosters() if one["day"] == day]
    return [
        {"title": _("Подключение к региону"), "endpoint": "room_home.show_connect",
         "style": "ready" if school and school.is_enrolled else "attention",
         "text": _("подключено") if school and school.is_enrolled else _("не подключено")},
        {"title": _("Ключ школы"), "endpoint": "room_home.show_connect",
         "style": "ready" if room().keys.is_unlocked else "attention",
         "text": _("открыт") if room().keys.is_unlocked else _("закрыт, нужен пароль")},
        {"title": _("Архив с вариантами"), "endpoint": "room_archives.show_archives",
         "style": "ready" if opened else ("waiting" if archives else "attention"),
         "text": _("открыт и проверен") if opened else (_("ждёт шифра") if archives else _("не загружен"))},
        {"title": _("Список кодов на сегодня"), "endpoint": "room_printing.show_codes",
         "style": "ready" if rosters else "attention",
         "text": _("загружен") if rosters else _("не загружен")},
        {"title": _("Рабочие места"), "endpoint": "room_workstations.show_workstations",
         "style": "ready" if stations and ready == len(stations) else "attention",
         "text": _("готово %(ready)s из %(count)s", ready=ready, count=len(stations))},
    ]


@pages.get("/staff")
def show_staff() -> str:
    return _render_staff()


def _render_staff(fresh: dict[str, str] | None = None, refusal: Refusal | None = None) -> str:
    """`fresh`: a login with its one-time password, shown this once."""
    return render_template("console/staff.html", people=_list_staff(), roles=ROLE_WORDS, fresh=fresh, refusal=refusal,
                           form=request.form)


def _list_staff() -> list[Account]:
    with services().storage.read() as session:
        return [one for role in STAFF_ROLES for one in list_accounts(session, role)]


ROLE_WORDS = {AccountRole.ROOM_ORGANIZER.value: lazy_gettext("организатор в аудитории"),
              AccountRole.TECHNICIAN.value: lazy_gettext("технический специалист")}


@pages.post("/staff")
def add_person() -> str | tuple[str, int]:
    login, role = request.form.get("login", ""), request.form.get("role", "")
    if role not in STAFF_ROLES:
        raise NotAllowed()
    at_ms, by = acts.now(), acts.me()
    try:
        password = services().storage.write(lambda session: create_account(session, at_ms, login, role, by=by))
    except (BadLogin, LoginTaken) as refusal:
        return _render_staff(refusal=refusal), refusal.status
    return _render_staff({"login": login, "password": password})


@pages.post("/staff/<login>/password")
def renew_password(login: str) -> str:
    """For somebody who forgot it: a one-time password; the windows that stand open under this login are closed."""
    check_staff(login)
    at_ms, by = acts.now(), acts.me()
    password = services().storage.write(lambda session: reset_password(session, at_ms, login, by))
    services().live.people.close_ended()
    return _render_staff({"login": login, "password": password})


def check_staff(login: str) -> None:
    """The school organizer keeps the accounts of the room, no other. Raises NotAllowed."""
    if login not in {one.login for one in _list_staff()}:
        raise NotAllowed()


@pages.post("/staff/<login>/close")
def close_person(login: str) -> BaseResponse:
    check_staff(login)
    at_ms, by = acts.now(), acts.me()
    services().storage.write(lambda session: close_account(session, at_ms, login, by))
    services().live.people.close_ended()
    return redirect(url_for("room_home.show_staff"))


SCHOOL_ONLY = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=pages,
    access={"show_first_steps": frozenset({ANYONE}), "save_first_steps": frozenset({ANYONE}),
            "show_connect": ROOM_STAFF, "connect": SCHOOL_ONLY, "unlock_key": ORGANIZERS,
            "download_key": SCHOOL_ONLY, "show_today": ROOM_STAFF, "show_unsent": ROOM_STAFF, "show_staff": SCHOOL_ONLY,
            "add_person": SCHOOL_ONLY, "renew_password": SCHOOL_ONLY, "close_person": SCHOOL_ONLY},
    limits={"save_first_steps": "10 per minute", "unlock_key": "10 per minute", "connect": "10 per minute"},
    menu=(MenuEntry("show_today", lazy_gettext("Сегодня")),))
