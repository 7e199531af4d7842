"""Pages of numbers: a school tells its rooms and experts, a coordinator sees who told and who has not."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.writing import Book, Sheet, SheetColumn
from testing_server.preparation.campaigns.queries import find_campaign, list_campaigns
from testing_server.preparation.campaigns.tasks import choose_campaign
from testing_server.preparation.exports import Asked, export
from testing_server.preparation.exports.pages import Answer, answer_export
from testing_server.preparation.people.numbers import (
    Numbers, find_numbers, list_numbers, read_number, tell_numbers)
from testing_server.preparation.people.rules import SUBJECTS, name_subject
from testing_server.preparation.registry.queries import School, read_school

pages = Blueprint("numbers", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
SHOWN = 500


@pages.get("/school/numbers")
def show_own() -> str:
    return _render_own(None)


@pages.post("/school/numbers")
def tell() -> BaseResponse | tuple[str, int]:
    offered, form, by = services(), request.form, current_user.login
    now_ms = offered.clock.now_ms()
    try:
        campaign = find_campaign(offered.settings.data, form.get("campaign", "")).id
        with offered.storage.read() as session:
            school = read_school(session, current_user.school).id
        numbers = Numbers(read_number(form.get("rooms", "")), read_number(form.get("workstations", "")),
                          {one: read_number(form.get(f"experts-{one}", "")) for one in SUBJECTS})
    except Refusal as refusal:
        return _render_own(refusal), refusal.status
    offered.storage.write(lambda db: tell_numbers(db, now_ms, campaign, school, numbers, by))
    flash(gettext("Записано. Исправить можно здесь же."))
    return redirect(url_for("numbers.show_own", campaign=campaign))


@pages.get("/coordinator/numbers")
def show_numbers() -> str:
    campaign, rows = _list_rows()
    return render_template("preparation/numbers.html", campaign=campaign, rows=rows[:SHOWN], count=len(rows),
                           silent=sum(numbers is None for _school, numbers in rows), name_subject=name_subject,
                           campaigns=list_campaigns(services().settings.data), totals=_sum_up(rows))


@pages.get("/coordinator/numbers/numbers.xlsx")
def fetch_numbers() -> Answer:
    campaign = _choose_campaign()
    return answer_export("numbers", campaign=campaign.id if campaign else "")


@export("numbers", _("Аудитории и эксперты"), "numbers.xlsx", ("campaign",))
def compose_numbers(session: Session, asked: Asked) -> Book:
    """Every school of the territory, those that told nothing too."""
    columns = [SheetColumn(heading, width) for heading, width in (
        ("Логин", 14), ("Школа", 60), ("Муниципалитет", 32), ("Регион", 32), ("Сообщила", 12), ("Аудиторий", 12),
        ("Рабочих мест", 14), *((name, 16) for name in SUBJECTS.values()))]
    campaign = asked.arguments["campaign"]
    rows = [_write_row(*told) for told in (list_numbers(session, campaign, asked.territory) if campaign else ())]
    return Book((), [Sheet("Аудитории и эксперты", columns, rows)])


def _write_row(school: School, numbers: Numbers | None) -> list[Any]:
    place = [school.login, school.name, school.municipality, school.region]
    if numbers is None:
        return [*place, "нет"]
    return [*place, "да", numbers.rooms, numbers.workstations, *(numbers.experts.get(one, 0) for one in SUBJECTS)]


def _list_rows() -> tuple[Any, list[tuple[School, Numbers | None]]]:
    campaign = _choose_campaign()
    if campaign is None:
        return None, []
    with services().storage.read() as session:
        return campaign, list_numbers(session, campaign.id, current_user.territory)


def _sum_up(rows: list[tuple[School, Numbers | None]]) -> dict[str, int]:
    """rooms, workstations and each subject → of all schools that told."""
    told = [numbers for _school, numbers in rows if numbers is not None]
    subjects = {one: sum(numbers.experts.get(one, 0) for numbers in told) for one in SUBJECTS}
    return {"rooms": sum(one.rooms for one in told), "workstations": sum(one.workstations for one in told),
            **{subject: count for subject, count in subjects.items() if count}}


def _choose_campaign() -> Any:
    """The one that is asked for, else the one that goes on."""
    offered, asked = services(), request.values.get("campaign", "")
    known = list_campaigns(offered.settings.data)
    return next((one for one in known if one.id == asked), choose_campaign(known, offered.clock.now_ms()))


def _render_own(refusal: Refusal | None) -> str:
    campaign = _choose_campaign()
    with services().storage.read() as session:
        school = read_school(session, current_user.school)
        told = find_numbers(session, campaign.id, school.id) if campaign else None
    form = request.form if refusal else _as_form(told)
    return render_template("preparation/own_numbers.html", school=school, campaign=campaign, told=told, form=form,
                           campaigns=list_campaigns(services().settings.data), subjects=SUBJECTS, refusal=refusal)


def _as_form(told: Numbers | None) -> dict[str, Any]:
    if told is None:
        return {}
    return {"rooms": told.rooms, "workstations": told.workstations,
            **{f"experts-{subject}": count for subject, count in told.experts.items()}}


MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_own", _("Аудитории и эксперты")),),
    access={"show_own": ORGANIZER, "tell": ORGANIZER, "show_numbers": COORDINATOR, "fetch_numbers": COORDINATOR})
