"""The school's individual results by code, and the file of an appeal, found by the candidate's receipt code."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.exam_day.appeals.hub import find_received
from testing_server.exam_day.appeals.queries import Proof, read_typed
from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.writing import Sheet, SheetColumn, write_form
from testing_server.outcomes.forms.pages import find_asked_work
from testing_server.outcomes.forms.queries import KeptForm, read_form
from testing_server.outcomes.forms.works import FormWork
from testing_server.outcomes.individual.appeal import NotMarkedYet, pack_appeal
from testing_server.outcomes.individual.rules import ResultsNotYet, are_open, list_results
from testing_server.preparation.asking import read_my_school, send_workbook
from testing_server.preparation.page_words import show_day
from testing_server.preparation.registry.queries import School, list_schools

pages = Blueprint("individual", __name__)
ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
APPEALING = ORGANIZER | {AccountRole.COORDINATOR.value}


@pages.get("/school/results/<campaign>/<work>")
def show_results(campaign: str, work: str) -> str | tuple[str, int]:
    asked, school, form = _read(campaign, work)
    assert asked.shape is not None
    return render_template("outcomes/individual.html", work=asked, school=school, form=form,
                           results=list_results(asked.shape, form.rows))


@pages.get("/school/results/<campaign>/<work>.xlsx")
def fetch_results(campaign: str, work: str) -> Response:
    asked, school, form = _read(campaign, work)
    assert asked.shape is not None
    columns = [SheetColumn(name, 14) for name in (
        gettext("Код участника"), gettext("Вариант"), *(one.heading for one in asked.shape.columns),
        gettext("Первичный балл"), gettext("Отметка"))]
    rows = [(one.code, one.variant, *one.points, one.raw, one.mark)
            for one in list_results(asked.shape, form.rows)]
    above = (gettext("Индивидуальные результаты: %(title)s", title=asked.title), f"{school.name} ({school.login})")
    return send_workbook(write_form((), [Sheet(gettext("Результаты"), columns, rows, above)]),
                         f"results-{asked.campaign.id}-{asked.id}-{school.login}.xlsx")


@pages.get("/appeals")
def show_appeals() -> str:
    return render_template("outcomes/appeal.html", typed="", refusal=None)


@pages.post("/appeals")
def make_file() -> Response | tuple[str, int]:
    """By POST: the code shall not stand in addresses and their history."""
    typed = request.form.get("receipt", "")[:80]
    try:
        proof = _find(typed)
        content = pack_appeal(services(), proof, typed)
    except Refusal as refusal:
        return render_template("outcomes/appeal.html", typed=typed, refusal=refusal), refusal.status
    return Response(content, mimetype="application/zip", headers={
        "Content-Disposition": f'attachment; filename="appeal-{proof.candidate}.zip"', "Cache-Control": "no-store"})


def _find(typed: str) -> Proof:
    """A work of the own school or territory. Raises ReceiptMistyped, NotMarkedYet."""
    code, offered = read_typed(typed), services()
    with offered.storage.read() as session:
        mine = ({current_user.school} if current_user.role in ORGANIZER
                else {one.id for one in list_schools(session, current_user.territory)})
        proof = find_received(session, offered.files, code, mine)
    if proof is None:
        raise NotMarkedYet(_("Среди принятых работ вашей школы или территории такой нет."))
    return proof


def _read(campaign: str, work: str) -> tuple[FormWork, School, KeptForm]:
    """Raises NotFound while there is no form, ResultsNotYet before the campaign's day."""
    asked, school, offered = find_asked_work(campaign, work), read_my_school(), services()
    with offered.storage.read() as session:
        form = read_form(session, asked, school.id)
    if form is None or asked.shape is None:
        raise NotFound(_("Результатов этой работы ещё нет: форма не загружена."))
    if not are_open(form.results_from, school.zone, offered.clock.now_ms()):
        raise ResultsNotYet(_("Результаты этой работы откроются %(day)s.", day=show_day(form.results_from)))
    return asked, school, form


LIMITS: dict[str, Any] = {"make_file": "30 per minute"}
MOUNT = Mount(
    blueprint=pages, limits=LIMITS, menu=(MenuEntry("show_appeals", _("Апелляции")),),
    access={"show_results": ORGANIZER, "fetch_results": ORGANIZER, "show_appeals": APPEALING,
            "make_file": APPEALING})
