"""Pages of experts' lists: type a line, send a workbook, take a line out; everybody else of the territory looks on."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole, Level, name_coordinator
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.reading import Table
from testing_server.foundation.workbooks.writing import XLSX
from testing_server.preparation.people.experts import (
    ExpertLine, ListWrong, list_people, read_expert_list, strike_expert, write_expert_list)
from testing_server.preparation.people.queries import ListedExpert, list_experts
from testing_server.preparation.people.rules import STATUSES, SUBJECTS
from testing_server.preparation.registry.rules import is_within

pages = Blueprint("experts_lists", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
LISTING = frozenset({name_coordinator(Level.FEDERAL), name_coordinator(Level.REGIONAL)})
MOST_BYTES = 4 * 1024 * 1024
FIELDS = ("name", "subject", "status", "region", "municipality", "school_login", "account")


@pages.get("/coordinator/experts-lists")
def show_lists() -> str:
    return _render(None, {})


@pages.get("/coordinator/experts-lists/list.xlsx")
def fetch_list() -> Response:
    return Response(write_expert_list(_list_mine("")), mimetype=XLSX, headers={
        "Content-Disposition": "attachment; filename=experts.xlsx"})


@pages.post("/coordinator/experts-lists")
def add_expert() -> BaseResponse | tuple[str, int]:
    form = {name: request.form.get(name, "") for name in FIELDS}
    own_region = (current_user.territory or "").partition("/")[0]
    try:
        _write([ExpertLine(**{**form, "region": own_region or form["region"], "status": form["status"] or "ordinary"})])
    except Refusal as refusal:
        return _render(refusal, form), refusal.status
    flash(gettext("Эксперт записан."))
    return redirect(url_for("experts_lists.show_lists"))


@pages.post("/coordinator/experts-lists/upload")
def upload_list() -> BaseResponse | tuple[str, int]:
    """All lines of the workbook or none."""
    sent = request.files.get("file")
    try:
        lines, table = read_expert_list(sent.read(MOST_BYTES) if sent else b"", current_user.territory)
        if table.findings or not lines:
            return _render(ListWrong(), {}, table), ListWrong.status
        fresh = _write(lines)
    except Refusal as refusal:
        return _render(refusal, {}), refusal.status
    flash(gettext("Записано строк: %(lines)s, из них новых: %(fresh)s.", lines=len(lines), fresh=fresh))
    return redirect(url_for("experts_lists.show_lists"))


@pages.post("/coordinator/experts-lists/<expert>/strike")
def strike(expert: str) -> BaseResponse:
    offered, territory, by = services(), current_user.territory, current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: strike_expert(db, now_ms, expert, territory, by))
    flash(gettext("Строка убрана из списка."))
    return redirect(url_for("experts_lists.show_lists"))


def _write(lines: list[ExpertLine]) -> int:
    offered, territory, by = services(), current_user.territory, current_user.login
    now_ms = offered.clock.now_ms()
    return int(offered.storage.write(lambda db: list_people(db, now_ms, lines, territory, by)))


def _list_mine(subject: str) -> list[ListedExpert]:
    territory = current_user.territory
    region = territory.partition("/")[0] if territory else None
    with services().storage.read() as session:
        found = list_experts(session, subject or None, region)
    return [one for one in found if is_within(
        territory, f"{one.region}/{one.municipality}" if one.municipality else one.region)]


def _render(refusal: Refusal | None, form: dict[str, Any], table: Table | None = None) -> str:
    subject = request.args.get("subject", "")
    return render_template("preparation/experts_lists.html", experts=_list_mine(subject), subject=subject,
                           subjects=SUBJECTS, statuses=STATUSES, refusal=refusal, form=form, table=table,
                           may_list=bool(current_user.words & LISTING))


MOUNT = Mount(
    blueprint=pages, body_limits={"upload_list": MOST_BYTES}, limits={"upload_list": "30 per minute"},
    access={"show_lists": COORDINATOR, "fetch_list": COORDINATOR, "add_expert": LISTING, "upload_list": LISTING,
            "strike": LISTING})
