"""Papers of a sitting: what they will say, remarks that may be changed before printing, the PDFs."""
from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.print_pages import answer_pdf
from testing_server.exam_day.console.report_documents import (
    About, tell_happening, tell_protocol_facts, write_incident_report, write_protocol)
from testing_server.exam_day.console.words import SITTING_STATES, SITTING_STYLES
from testing_server.exam_day.packages.actions import read_counted
from testing_server.exam_day.packages.rules import count_balance
from testing_server.exam_day.reports.actions import write_remarks
from testing_server.exam_day.reports.paper import print_document
from testing_server.exam_day.reports.queries import Papers, read_papers
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS, tell_sitting
from testing_server.exam_day.sittings.actions import find_sitting, list_attempts
from testing_server.exam_day.sittings.archives import find_archive
from testing_server.exam_day.sittings.queries import read_title
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language

pages = Blueprint("room_reports", __name__)
WRITERS = {"protocol": write_protocol, "incidents": write_incident_report}


@pages.get("/sittings/<sitting>/reports")
def show_reports(sitting: str) -> str:
    with services().storage.read() as session:
        about, papers = _read(session, sitting)
    found = about.sitting
    return render_template(
        "console/reports.html", sitting=found, title=about.title, facts=tell_protocol_facts(about, papers),
        papers=papers, tell=tell_happening, state_text=SITTING_STATES[found.state], style=SITTING_STYLES[found.state])


@pages.post("/sittings/<sitting>/reports/<document>")
def save_remarks(sitting: str, document: str) -> BaseResponse:
    at_ms, by, text = acts.now(), acts.me(), request.form.get("text", "")
    acts.storage().write(lambda session: write_remarks(session, at_ms, sitting, document, text, by))
    tell_sitting(sitting)
    flash(_("Замечания записаны. Они войдут в печатный документ."))
    return redirect(url_for("room_reports.show_reports", sitting=sitting))


@pages.get("/sittings/<sitting>/reports/<document>.pdf")
def show_document(sitting: str, document: str) -> Response:
    if document not in WRITERS:
        raise NotFound()
    with services().storage.read() as session:
        about, papers = _read(session, sitting)
    return answer_pdf(print_document(WRITERS[document](about, papers)), f"{document}-{about.sitting.day}.pdf")


def _read(session: Session, sitting: str) -> tuple[About, Papers]:
    found = find_sitting(session, sitting)
    school: Any = acts.my_school()
    about = About(
        found, read_title(find_archive(session, found.archive), current_language()), school.name if school else "",
        school.zone if school else "", count_balance(read_counted(list_attempts(session, sitting))),
        f"testing-server {version('testing-server')}", room().clock.now_ms())
    return about, read_papers(session, found, room().states)


MOUNT = Mount(blueprint=pages, access={name: ORGANIZERS for name in ("show_reports", "save_remarks", "show_document")})
