"""Pages of programs and training material: the coordinator offers files, the school downloads them."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole, Level, judge_level, name_coordinator
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.asking import read_asked_campaign, write
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.software.actions import find_due, offer_file, take_back
from testing_server.preparation.software.queries import find_offered, list_lying, list_offered
from testing_server.preparation.software.rules import KINDS, is_ahead, judge_kind

pages = Blueprint("software", __name__)
KIND_NAMES = {"software": _("Программы рабочих мест"), "training": _("Материалы тренировки")}


@pages.get("/coordinator/software")
def show_offers() -> str:
    return _render(None, {})


@pages.post("/coordinator/software")
def offer() -> BaseResponse | tuple[str, int]:
    form = request.form
    try:
        offer_file(services(), read_asked_campaign(form.get("campaign", "")), form.get("name", ""),
                   form.get("kind", ""), form.get("late_reason", ""), current_user.login)
    except Refusal as refusal:
        return _render(refusal, form.to_dict()), refusal.status
    flash(gettext("Файл выложен: школы видят его на странице «Программы и тренировка»."))
    return redirect(url_for("software.show_offers"))


@pages.post("/coordinator/software/<campaign>/<name>/take-back")
def withdraw(campaign: str, name: str) -> BaseResponse:
    """Undone by offering it again."""
    write(take_back, campaign=campaign, name=name, by=current_user.login)
    flash(gettext("Файл убран, школы его больше не видят. Его можно выложить снова."))
    return redirect(url_for("software.show_offers"))


@pages.get("/school/software")
def show_files() -> str:
    offered = services()
    with offered.storage.read() as session:
        files = list_offered(session)
    titles = {one.id: one.title for one in list_campaigns(offered.settings.data)}
    return render_template("preparation/software.html", files=files, titles=titles, names=KIND_NAMES)


@pages.get("/school/software/<campaign>/<name>")
def fetch_file(campaign: str, name: str) -> Response:
    """As it was offered, by Range where asked."""
    offered = services()
    with offered.storage.read() as session:
        found = find_offered(session, offered.settings.data, campaign, name)
    return send_file(found.path, mimetype="application/octet-stream", as_attachment=True, download_name=name,
                     conditional=True)


def _render(refusal: Refusal | None, form: dict[str, Any]) -> str:
    offered = services()
    data, now_ms = offered.settings.data, offered.clock.now_ms()
    campaigns = list_campaigns(data)
    with offered.storage.read() as session:
        files = list_offered(session)
        dues = {one.id: find_due(session, one) for one in campaigns}
    rows = [(one, dues[one.id], {kind: judge_kind([file for file in files if file.campaign == one.id], kind,
                                                  dues[one.id], now_ms) for kind in KINDS})
            for one in campaigns if dues[one.id] is not None and (
                is_ahead(one, now_ms) or any(file.campaign == one.id for file in files))]
    return render_template(
        "preparation/software_offers.html", rows=rows, files=files, lying=list_lying(data), campaigns=campaigns,
        titles={one.id: one.title for one in campaigns}, names=KIND_NAMES, refusal=refusal, form=form,
        may_offer=judge_level(current_user.territory) in (Level.FEDERAL, Level.REGIONAL))


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
OFFERING = frozenset({name_coordinator(Level.FEDERAL), name_coordinator(Level.REGIONAL)})
MOUNT = Mount(blueprint=pages, access={
    "show_offers": COORDINATOR, "offer": OFFERING, "withdraw": OFFERING, "show_files": ORGANIZER,
    "fetch_file": ORGANIZER})
