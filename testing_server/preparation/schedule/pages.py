"""The school's page of its schedule: days on screen or by an Excel form, and asking for a reserve day."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.cells import CellProblem, parse_date
from testing_server.preparation.applications.workbooks import BadWorkbook
from testing_server.preparation.asking import (
    UPLOAD_BYTES, read_asked_campaign, read_author, read_file, read_my_school, read_seen, send_workbook, write)
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School
from testing_server.preparation.schedule.actions import Wish, ask_reserve_day, name_days
from testing_server.preparation.schedule.queries import SCHEDULE, SchoolSchedule, read_schedule
from testing_server.preparation.schedule.rules import (
    MOST_DAYS, BadReserveDay, BadSchedule, Consequence, Place, ScheduleClosed, check_days, check_open, foresee_forms,
    read_schedule_rules)
from testing_server.preparation.schedule.workbooks import read_school_form, write_school_form
from testing_server.preparation.sheets.queries import read_history

pages = Blueprint("schedule", __name__)
Answer = str | tuple[str, int] | BaseResponse
Typed = dict[Place, list[str]]


@pages.get("/school/campaigns/<campaign>/schedule")
def show_schedule(campaign: str) -> Answer:
    return _show(read_asked_campaign(campaign), read_my_school())


@pages.post("/school/campaigns/<campaign>/schedule")
def fill_in(campaign: str) -> Answer:
    """What was typed on the screen; a refusal keeps it there."""
    asked, school = read_asked_campaign(campaign), read_my_school()
    places = _read(asked, school).places
    typed: Typed = {(work.id, form): [request.form.get(f"{work.id}|{form}|{number}", "") for number in range(MOST_DAYS)]
                    for work, form in places}
    try:
        write(name_days, campaign=asked, school=school, days=check_days(places, typed), author=read_author(),
              seen=read_seen())
    except Refusal as refusal:
        return _show(asked, school, refusal, typed)
    return _done(asked)


@pages.post("/school/campaigns/<campaign>/schedule/file")
def upload_file(campaign: str) -> Answer:
    asked, school = read_asked_campaign(campaign), read_my_school()
    try:
        days, wishes = read_school_form(read_file(), _read(asked, school))
        write(name_days, campaign=asked, school=school, days=days, wishes=wishes, author=read_author())
    except Refusal as refusal:
        return _show(asked, school, refusal)
    return _done(asked)


@pages.post("/school/campaigns/<campaign>/schedule/reserve")
def ask_for_reserve(campaign: str) -> Answer:
    """A day outside the period: a coordinator decides."""
    asked, school = read_asked_campaign(campaign), read_my_school()
    try:
        write(ask_reserve_day, campaign=asked, school=school, wish=_read_wish(), author=read_author())
    except Refusal as refusal:
        return _show(asked, school, refusal)
    flash(gettext("Резервный день попросили. Решение координатора появится на этой странице."))
    return redirect(url_for("schedule.show_schedule", campaign=asked.id) + "#reserve")


@pages.get("/school/campaigns/<campaign>/schedule.xlsx")
def fetch_form(campaign: str) -> Response:
    asked, school = read_asked_campaign(campaign), read_my_school()
    read_schedule_rules(asked)
    return send_workbook(write_school_form(asked, _read(asked, school)), f"schedule-{asked.id}-{school.login}.xlsx")


def _read_wish() -> Wish:
    work, _separator, form = request.form.get("place", "").partition("|")
    try:
        day = parse_date(request.form.get("day", "").strip())
    except CellProblem as problem:
        raise BadReserveDay(problem.message) from problem
    return Wish(work, form, day, request.form.get("reason", ""))


def _read(campaign: Campaign, school: School) -> SchoolSchedule:
    with services().storage.read() as session:
        return read_schedule(session, campaign, school)


def _done(campaign: Campaign) -> BaseResponse:
    flash(gettext("Расписание сохранено."))
    return redirect(url_for("schedule.show_schedule", campaign=campaign.id))


def _show(campaign: Campaign, school: School, refusal: Refusal | None = None,
          typed: Typed | None = None) -> tuple[str, int]:
    rules, offered = read_schedule_rules(campaign), services()
    with offered.storage.read() as session:
        found = read_schedule(session, campaign, school)
        history = read_history(session, campaign.id, SCHEDULE, school.id)
    about: dict[str, Any] = {
        "campaign": campaign, "school": school, "schedule": found, "rules": rules, "refusal": refusal,
        "history": history, "is_open": _is_open(campaign, school, offered.clock.now_ms()),
        "values": typed if typed is not None else _spell(found), "most_days": MOST_DAYS,
        "seen": read_seen() if typed else (history[0].version if history else 0),
        "titles": {work.id: f"{work.grade} · {work.subject}" for work in campaign.contents.works},
        "consequences": _foresee(campaign, found, school.zone), "form": request.form,
        "findings": refusal.findings if isinstance(refusal, BadWorkbook) else [],
        "problems": {(one.work, one.form): one.message for one in refusal.problems}
        if isinstance(refusal, BadSchedule) else {}}
    return render_template("preparation/schedule.html", **about), refusal.status if refusal else 200


def _spell(found: SchoolSchedule) -> Typed:
    told = found.sheet.content if found.sheet else {}
    return {(work.id, form): [*told.get(work.id, {}).get(form, []), *[""] * MOST_DAYS][:MOST_DAYS]
            for work, form in found.places}


def _foresee(campaign: Campaign, found: SchoolSchedule, zone: str) -> dict[tuple[str, str], Consequence | None]:
    """(work, day) -> what it means for the result forms."""
    days = [*((one.work, one.day) for one in found.days), *((one.work, one.day) for one in found.reserve)]
    return {(work, day): foresee_forms(campaign, work, parse_date(day), zone) for work, day in days}


def _is_open(campaign: Campaign, school: School, now_ms: int) -> bool:
    try:
        check_open(campaign, school.zone, now_ms)
    except ScheduleClosed:
        return False
    return True


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=pages, body_limits={"upload_file": UPLOAD_BYTES},
    access={name: ORGANIZER for name in ("show_schedule", "fill_in", "upload_file", "ask_for_reserve", "fetch_form")})
