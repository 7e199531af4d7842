"""The school's page of its application: on screen, or by an Excel form."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.applications.actions import fill_application
from testing_server.preparation.applications.queries import APPLICATION, read_application
from testing_server.preparation.applications.rules import (
    SCHOOL, ApplicationsClosed, BadApplication, Numbers, check_numbers, find_step, list_steps)
from testing_server.preparation.applications.workbooks import BadWorkbook, read_school_form, write_school_form
from testing_server.preparation.asking import (
    UPLOAD_BYTES, read_asked_campaign, read_author, read_file, read_my_school, read_seen, send_workbook, write)
from testing_server.preparation.campaigns.contents import Work
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School
from testing_server.preparation.sheets.queries import read_history

pages = Blueprint("application", __name__)
Answer = str | tuple[str, int] | BaseResponse


@pages.get("/school/campaigns/<campaign>/application")
def show_application(campaign: str) -> Answer:
    return _show(read_asked_campaign(campaign), read_my_school())


@pages.post("/school/campaigns/<campaign>/application")
def fill_in(campaign: str) -> Answer:
    """What was typed on the screen; a refusal keeps it there."""
    asked, school = read_asked_campaign(campaign), read_my_school()
    typed = read_typed(asked.contents.works)
    try:
        _save(asked, school, check_numbers(asked.contents.works, typed), read_seen())
    except Refusal as refusal:
        return _show(asked, school, refusal, typed)
    return redirect(url_for("application.show_application", campaign=asked.id))


@pages.post("/school/campaigns/<campaign>/application/file")
def upload_file(campaign: str) -> Answer:
    asked, school = read_asked_campaign(campaign), read_my_school()
    try:
        _save(asked, school, read_school_form(read_file(), asked), None)
    except Refusal as refusal:
        return _show(asked, school, refusal)
    return redirect(url_for("application.show_application", campaign=asked.id))


@pages.get("/school/campaigns/<campaign>/application.xlsx")
def fetch_form(campaign: str) -> Response:
    asked, school = read_asked_campaign(campaign), read_my_school()
    list_steps(asked)
    with services().storage.read() as session:
        sheet = read_application(session, asked, school).sheet
    content = write_school_form(asked, school, sheet.content if sheet else None)
    return send_workbook(content, f"application-{asked.id}-{school.login}.xlsx")


def read_typed(works: tuple[Work, ...]) -> dict[str, dict[str, str]]:
    """Work -> form -> what stands in the field."""
    return {work.id: {form: request.form.get(f"{work.id}|{form}", "") for form in work.forms} for work in works}


def describe_page(campaign: Campaign, school: School, level: str, refusal: Refusal | None = None,
                  typed: dict[str, dict[str, str]] | None = None) -> dict[str, Any]:
    """What the template needs, for the school as for a coordinator in its place."""
    offered = services()
    with offered.storage.read() as session:
        found = read_application(session, campaign, school)
        history = read_history(session, campaign.id, APPLICATION, school.id)
    shown = found.sheet.content if found.sheet else {}
    return {"campaign": campaign, "school": school, "application": found, "history": history, "refusal": refusal,
            "steps": list_steps(campaign), "is_open": _is_open(campaign, level, school, offered.clock.now_ms()),
            "values": typed if typed is not None else shown, "seen": read_seen() if typed else _version(history),
            "findings": refusal.findings if isinstance(refusal, BadWorkbook) else [],
            "problems": {(one.work, one.form): one.message for one in refusal.problems}
            if isinstance(refusal, BadApplication) else {}}


def _show(campaign: Campaign, school: School, refusal: Refusal | None = None,
          typed: dict[str, dict[str, str]] | None = None) -> tuple[str, int]:
    about = describe_page(campaign, school, SCHOOL, refusal, typed)
    return render_template("preparation/application.html", **about), refusal.status if refusal else 200


def _save(campaign: Campaign, school: School, numbers: Numbers, seen: int | None) -> None:
    write(fill_application, campaign=campaign, school=school, numbers=numbers, author=read_author(), seen=seen)
    flash(gettext("Заявка сохранена."))


def _is_open(campaign: Campaign, level: str, school: School, now_ms: int) -> bool:
    try:
        find_step(campaign, level, school.zone, now_ms)
    except ApplicationsClosed:
        return False
    return True


def _version(history: list[Any]) -> int:
    return history[0].version if history else 0


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=pages, body_limits={"upload_file": UPLOAD_BYTES},
    access={"show_application": ORGANIZER, "fill_in": ORGANIZER, "upload_file": ORGANIZER, "fetch_form": ORGANIZER})
