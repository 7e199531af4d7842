"""The coordinator's pages of applications: who has sent one, the consolidated file both ways, one school's."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext as _

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.applications.actions import (
    Applied, apply_consolidated, confirm_application, fill_application)
from testing_server.preparation.applications.exporting import describe_state
from testing_server.preparation.applications.pages import Answer, describe_page, read_typed
from testing_server.preparation.applications.queries import (
    count_applications, count_applications_of_parts, list_applications)
from testing_server.preparation.applications.rules import check_numbers, find_step, list_steps
from testing_server.preparation.applications.workbooks import (
    LEVEL_WORDS, BadWorkbook, read_consolidated)
from testing_server.preparation.asking import (
    UPLOAD_BYTES, read_asked_campaign, read_author, read_file, read_seen, read_their_school, write)
from testing_server.preparation.campaigns.rules import MOSCOW, Campaign
from testing_server.preparation.exports.pages import answer_export
from testing_server.preparation.registry.queries import School, list_schools
from testing_server.preparation.state_lists import Reading, is_shown_by_parts, list_states, read_view

pages = Blueprint("applications", __name__)


class FileOfPartOnly(Refusal):
    """A consolidated file of more schools than a list shows."""

    code = "file_of_part_only"
    status = 422
    message = _("Сводную заявку загружают по одному региону, а здесь — вся страна.")
    safe = _("Из файла не взято ничего.")
    remedy = _("Откройте регион в таблице, скачайте его сводную заявку, заполните и загрузите на его странице.")


@pages.get("/coordinator/campaigns/<campaign>/applications")
def show_applications(campaign: str) -> Answer:
    return _show(read_asked_campaign(campaign))


@pages.post("/coordinator/campaigns/<campaign>/applications/file")
def upload_file(campaign: str) -> Answer:
    """The consolidated file back: all of it or nothing."""
    asked = read_asked_campaign(campaign)
    try:
        find_step(asked, read_author().level, MOSCOW, services().clock.now_ms())
        lines = read_consolidated(read_file(), asked, _list_schools_of_file())
        done: Applied = write(apply_consolidated, campaign=asked, lines=lines, author=read_author())
    except Refusal as refusal:
        return _show(asked, refusal)
    flash(gettext("Из файла взято школ: изменено %(changed)s, подтверждено %(confirmed)s.", changed=done.changed,
                  confirmed=done.confirmed))
    return redirect(url_for("applications.show_applications", campaign=asked.id, **read_view().address))


@pages.get("/coordinator/campaigns/<campaign>/applications.xlsx")
def fetch_consolidated(campaign: str) -> Answer:
    list_steps(read_asked_campaign(campaign))
    return answer_export("applications", campaign=campaign)


@pages.get("/coordinator/campaigns/<campaign>/applications/<school>")
def show_school(campaign: str, school: str) -> Answer:
    return _show_school(read_asked_campaign(campaign), school)


@pages.post("/coordinator/campaigns/<campaign>/applications/<school>")
def correct(campaign: str, school: str) -> Answer:
    """The coordinator's word in place of the school's, or beside it: it confirms as well where the level confirms."""
    asked, known = read_asked_campaign(campaign), read_their_school(school)
    typed = read_typed(asked.contents.works)
    try:
        write(fill_application, campaign=asked, school=known, numbers=check_numbers(asked.contents.works, typed),
              author=read_author(), seen=read_seen())
    except Refusal as refusal:
        return _show_school(asked, school, refusal, typed)
    flash(gettext("Заявка школы исправлена."))
    return redirect(url_for("applications.show_school", campaign=asked.id, school=known.id, **read_view().address))


@pages.post("/coordinator/campaigns/<campaign>/applications/<school>/confirm")
def confirm(campaign: str, school: str) -> Answer:
    asked, known = read_asked_campaign(campaign), read_their_school(school)
    try:
        write(confirm_application, campaign=asked, school=known, author=read_author(), seen=read_seen())
    except Refusal as refusal:
        return _show_school(asked, school, refusal)
    flash(gettext("Заявка школы подтверждена."))
    return redirect(url_for("applications.show_applications", campaign=asked.id, **read_view().address))


def _list_schools_of_file() -> list[School]:
    """Raises FileOfPartOnly."""
    territory = read_view().territory
    with services().storage.read() as session:
        if is_shown_by_parts(session, territory):
            raise FileOfPartOnly()
        return list_schools(session, territory)


def _show(campaign: Campaign, refusal: Refusal | None = None) -> tuple[str, int]:
    steps = list_steps(campaign)
    about: dict[str, Any] = {
        "campaign": campaign, "refusal": refusal, "steps": steps, "list": list_states(read_view(), _read(campaign)),
        "findings": refusal.findings if isinstance(refusal, BadWorkbook) else [],
        "more": refusal.more if isinstance(refusal, BadWorkbook) else 0, "describe_state": describe_state,
        "level_words": LEVEL_WORDS}
    return render_template("preparation/applications.html", **about), refusal.status if refusal else 200


def _read(campaign: Campaign) -> Reading:
    # who has sent nothing needs a person, so it comes first
    return Reading(
        ("waiting", "running", "ready"), lambda session, schools: list_applications(session, campaign, schools),
        lambda session, territory: count_applications(session, campaign, territory),
        lambda session, territory: count_applications_of_parts(session, campaign, territory))


def _show_school(campaign: Campaign, school: str, refusal: Refusal | None = None,
                 typed: dict[str, dict[str, str]] | None = None) -> tuple[str, int]:
    known = read_their_school(school)
    about = describe_page(campaign, known, read_author().level, refusal, typed)
    page = render_template("preparation/application_of.html", level_words=LEVEL_WORDS, view=read_view(), **about)
    return page, refusal.status if refusal else 200


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, body_limits={"upload_file": UPLOAD_BYTES},
    access={name: COORDINATOR for name in ("show_applications", "upload_file", "fetch_consolidated", "show_school",
                                           "correct", "confirm")})
