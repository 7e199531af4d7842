"""Works that an expert marks by downloaded criteria (Информатика): criteria with the login, form down and up."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.outcomes.forms.actions import EXPERT, Sender, describe_head
from testing_server.outcomes.forms.experts import CriteriaClosed, compute_criteria_opening, list_expert_works
from testing_server.outcomes.forms.pages import Answer, draw_form, send_blank, take_upload
from testing_server.outcomes.forms.queries import SchoolForm
from testing_server.outcomes.forms.workbooks import write_criteria
from testing_server.outcomes.forms.works import FormWork
from testing_server.preparation.asking import UPLOAD_BYTES, send_workbook
from testing_server.preparation.page_words import show_moscow_instant

pages = Blueprint("expert_forms", __name__)


@pages.get("/marking/forms")
def show_works() -> str:
    """Schools of each such work, those without a form first."""
    found = [(work, sorted(forms, key=lambda one: one.state != "waiting")) for work, forms in _list()]
    return render_template("outcomes/expert_forms.html", works=found)


@pages.get("/marking/forms/<campaign>/<work>/<school>")
def show_form(campaign: str, work: str, school: str) -> Answer:
    asked, line = _find(campaign, work, school)
    return draw_form(asked, line.school, _list_addresses(asked, line))


@pages.post("/marking/forms/<campaign>/<work>/<school>")
def upload(campaign: str, work: str, school: str) -> Answer:
    asked, line = _find(campaign, work, school)
    return take_upload(asked, line.school, Sender(current_user.login, EXPERT), _list_addresses(asked, line))


@pages.get("/marking/forms/<campaign>/<work>/<school>/form.xlsx")
def fetch_form(campaign: str, work: str, school: str) -> Response:
    asked, line = _find(campaign, work, school)
    return send_blank(asked, line.school)


@pages.get("/marking/forms/<campaign>/<work>/<school>/criteria.xlsx")
def fetch_criteria(campaign: str, work: str, school: str) -> Response:
    """Not before the campaign's hour. Raises CriteriaClosed."""
    asked, line = _find(campaign, work, school)
    offered = services()
    with offered.storage.read() as session:
        opens_at_ms = compute_criteria_opening(session, asked, line.school, offered.clock.now_ms())
    if offered.clock.now_ms() < opens_at_ms:
        raise CriteriaClosed(_("Критерии откроются %(instant)s.", instant=show_moscow_instant(opens_at_ms)))
    assert asked.shape is not None
    return send_workbook(write_criteria(describe_head(asked, line.school), asked.shape),
                         f"criteria-{asked.id}-{line.school.login}.xlsx")


def _list() -> list[tuple[FormWork, list[SchoolForm]]]:
    offered = services()
    with offered.storage.read() as session:
        return list_expert_works(session, offered.settings.data, current_user.login, offered.clock.now_ms())


def _find(campaign: str, work: str, school: str) -> tuple[FormWork, SchoolForm]:
    """A school is named by its login: that is what stands in the criteria. Raises NotFound."""
    for asked, forms in _list():
        if (asked.campaign.id, asked.id) == (campaign, work):
            for line in forms:
                if line.school.login == school.lower():
                    return asked, line
    raise NotFound(_("Эту работу этой школы вы не проверяете."))


def _list_addresses(work: FormWork, line: SchoolForm) -> dict[str, str]:
    of: dict[str, Any] = {"campaign": work.campaign.id, "work": work.id, "school": line.school.login}
    return {"back": url_for("expert_forms.show_works"), "upload": url_for("expert_forms.upload", **of),
            "form": url_for("expert_forms.fetch_form", **of), "version": "",
            "criteria": url_for("expert_forms.fetch_criteria", **of)}


MARKERS = frozenset({AccountRole.EXPERT.value})
MOUNT = Mount(
    blueprint=pages, body_limits={"upload": UPLOAD_BYTES}, menu=(MenuEntry("show_works", _("Формы по критериям")),),
    access={name: MARKERS for name in ("show_works", "show_form", "upload", "fetch_form", "fetch_criteria")})
