"""The school's pages of result forms: which are due, the form down and up, what was taken and when."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.outcomes.forms.actions import Sender, describe_head, hand_in_form
from testing_server.outcomes.forms.queries import (
    KeptForm, list_blank_rows, list_newest, read_form, read_history)
from testing_server.outcomes.forms.rules import FormRow, FormShape, NoForm, score_row
from testing_server.outcomes.forms.workbooks import write_result_form
from testing_server.outcomes.forms.works import FormWork, describe_due, find_work, list_school_works
from testing_server.preparation.applications.workbooks import BadWorkbook
from testing_server.preparation.asking import (
    UPLOAD_BYTES, read_asked_campaign, read_file, read_my_school, send_workbook, write)
from testing_server.preparation.campaigns.rules import judge_form
from testing_server.preparation.campaigns.tasks import is_over
from testing_server.preparation.registry.queries import School

pages = Blueprint("forms", __name__)
Answer = str | tuple[str, int] | BaseResponse


@dataclass(frozen=True)
class WorkLine:
    """A work in the school's list. `timing`: timely, late or closed now; `form`: the newest or None."""

    work: FormWork
    form: KeptForm | None
    timing: str
    due: str
    due_ms: int | None


@pages.get("/school/forms")
def show_forms() -> str:
    school, offered = read_my_school(), services()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        works = list_school_works(session, offered.settings.data, school)
        newest = list_newest(session, school.id)
    lines = [_describe_line(one, newest.get((one.campaign.id, one.id)), school, now_ms) for one in works
             if not is_over(one.campaign, school.zone, now_ms) or (one.campaign.id, one.id) in newest]
    return render_template("outcomes/school_forms.html", school=school, next=_find_next(lines), lines=sorted(
        lines, key=lambda one: (one.form is not None, one.timing == "closed", one.due_ms or now_ms * 2)))


@pages.get("/school/forms/<campaign>/<work>")
def show_form(campaign: str, work: str) -> Answer:
    return draw_form(find_asked_work(campaign, work), read_my_school(), list_own_addresses(campaign, work))


@pages.post("/school/forms/<campaign>/<work>")
def upload(campaign: str, work: str) -> Answer:
    asked, school = find_asked_work(campaign, work), read_my_school()
    addresses = list_own_addresses(campaign, work)
    if asked.shape is not None and asked.shape.by_expert:
        raise NoForm(_("Баллы этой работы вносит эксперт, а не школа."))
    return take_upload(asked, school, Sender(current_user.login), addresses)


@pages.get("/school/forms/<campaign>/<work>/form.xlsx")
def fetch_form(campaign: str, work: str) -> Response:
    return send_blank(find_asked_work(campaign, work), read_my_school())


@pages.get("/school/forms/<campaign>/<work>/versions/<int:version>.xlsx")
def fetch_version(campaign: str, work: str, version: int) -> Response:
    return send_version(find_asked_work(campaign, work), read_my_school(), version)


def find_asked_work(campaign: str, work: str) -> FormWork:
    """Raises UnknownCampaign, NoForm."""
    asked, offered = read_asked_campaign(campaign), services()
    with offered.storage.read() as session:
        return find_work(session, offered.settings.data, asked, work)


def list_own_addresses(campaign: str, work: str) -> dict[str, str]:
    """Addresses the page of a form leads to, for a school."""
    of: dict[str, Any] = {"campaign": campaign, "work": work}
    return {"back": url_for("forms.show_forms"), "upload": url_for("forms.upload", **of),
            "form": url_for("forms.fetch_form", **of), "criteria": "",
            "version": url_for("forms.fetch_version", **of, version=0)}


def take_upload(work: FormWork, school: School, sender: Sender, addresses: dict[str, str]) -> Answer:
    """A filled-in form; a refusal names its cells and keeps everything as it was."""
    try:
        kept: KeptForm = write(hand_in_form, work=work, school=school, content=read_file(), sender=sender)
    except Refusal as refusal:
        return draw_form(work, school, addresses, refusal)
    words = gettext("Форма принята: участников с баллами %(rows)s.", rows=len(kept.rows))
    flash(words if not kept.warnings else gettext("%(words)s Посмотрите замечания.", words=words))
    return redirect(addresses["upload"])


def draw_form(work: FormWork, school: School, addresses: dict[str, str], refusal: Refusal | None = None,
              may_upload: bool = True) -> tuple[str, int]:
    """The page of one form, for whoever may look at it."""
    offered = services()
    with offered.storage.read() as session:
        history = read_history(session, work, school.id)
    newest = history[0] if history else None
    about: dict[str, Any] = {
        "work": work, "school": school, "history": history, "form": newest, "refusal": refusal, "shape": work.shape,
        "timing": judge_form(work.campaign, work.id, school.zone, offered.clock.now_ms()),
        "due": describe_due(work, school.zone), "late_ms": work.late_ms(school.zone), "addresses": addresses,
        "may_upload": may_upload, "lines": _list_scores(newest, work.shape),
        "findings": refusal.findings if isinstance(refusal, BadWorkbook) else [],
        "more": refusal.more if isinstance(refusal, BadWorkbook) else 0}
    return render_template("outcomes/form.html", **about), refusal.status if refusal else 200


def send_blank(work: FormWork, school: School) -> Response:
    """The form to be filled: with the points handed in before, else with codes and variants that are known."""
    if work.shape is None:
        raise NoForm(_("Форма этой работы ещё не опубликована."))
    with services().storage.read() as session:
        rows = _list_rows(session, work, school)
    return send_workbook(write_result_form(describe_head(work, school), work.shape, rows),
                         f"form-{work.campaign.id}-{work.id}-{school.login}.xlsx")


def send_version(work: FormWork, school: School, version: int) -> Response:
    """A version that was taken, as a workbook. Raises NotFound."""
    with services().storage.read() as session:
        form = read_form(session, work, school.id, version)
    if form is None or work.shape is None:
        raise NotFound()
    return send_workbook(write_result_form(describe_head(work, school), work.shape, form.rows),
                         f"form-{work.campaign.id}-{work.id}-{school.login}-{version}.xlsx")


def _list_rows(session: Session, work: FormWork, school: School) -> list[FormRow]:
    form, blank = read_form(session, work, school.id), list_blank_rows(session, work, school)
    if form is None:
        return blank
    filled = {row.code for row in form.rows}
    return [*form.rows, *(row for row in blank if row.code not in filled)]


def _list_scores(form: KeptForm | None, shape: FormShape | None) -> list[tuple[FormRow, str]]:
    if form is None or shape is None:
        return []
    return [(row, score_row(shape, row)[0]) for row in sorted(form.rows, key=lambda one: one.code)]


def _describe_line(work: FormWork, form: KeptForm | None, school: School, now_ms: int) -> WorkLine:
    timing = judge_form(work.campaign, work.id, school.zone, now_ms).word
    return WorkLine(work, form, timing, describe_due(work, school.zone), work.due_ms(school.zone))


def _find_next(lines: list[WorkLine]) -> WorkLine | None:
    """The form to hand in first."""
    waiting = [one for one in lines if one.form is None and one.timing != "closed" and one.work.shape is not None
               and not one.work.shape.by_expert]
    return min(waiting, key=lambda one: (one.due_ms is None, one.due_ms or 0), default=None)


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=pages, body_limits={"upload": UPLOAD_BYTES}, menu=(MenuEntry("show_forms", _("Формы результатов")),),
    access={name: ORGANIZER for name in ("show_forms", "show_form", "upload", "fetch_form", "fetch_version")})
