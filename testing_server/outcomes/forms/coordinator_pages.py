"""The coordinator's pages of result forms: who has handed in and who has not, in Excel too, and each school's form."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import lazy_gettext as _

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.services import services
from testing_server.outcomes.forms.exporting import describe_states
from testing_server.outcomes.forms.pages import Answer, draw_form, find_asked_work, send_version
from testing_server.outcomes.forms.queries import SchoolForm, count_handed_in, count_states, list_forms
from testing_server.outcomes.forms.works import FormWork, describe_due, list_works_of, read_russian_titles
from testing_server.preparation.asking import list_their_schools, matches, pick_page, read_their_school
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.rules import MOSCOW
from testing_server.preparation.campaigns.tasks import is_over
from testing_server.preparation.exports.pages import answer_export

pages = Blueprint("form_list", __name__)
ORDER = ("waiting", "attention", "ready")


@pages.get("/coordinator/forms")
def show_works() -> str:
    """Works of the campaigns that go on, with how many schools of the territory have handed in."""
    offered = services()
    now_ms, schools = offered.clock.now_ms(), list_their_schools()
    with offered.storage.read() as session:
        titles, counts = read_russian_titles(session), count_handed_in(session, {one.id for one in schools})
    found = [(campaign, [(one, counts.get((campaign.id, one.id), 0), describe_due(one, MOSCOW))
                         for one in list_works_of(offered.settings.data, campaign, titles)])
             for campaign in list_campaigns(offered.settings.data)
             if not is_over(campaign, MOSCOW, now_ms) or any(of == campaign.id for of, _work in counts)]
    return render_template("outcomes/form_works.html", campaigns=[one for one in found if one[1]])


@pages.get("/coordinator/forms/<campaign>/<work>")
def show_schools(campaign: str, work: str) -> str:
    asked = find_asked_work(campaign, work)
    words, only = request.args.get("q", "")[:80], request.args.get("only", "")
    found = _list(asked)
    shown = sorted((one for one in found if matches(one.school, words) and only in ("", one.state)),
                   key=lambda one: ORDER.index(one.state))
    lines, total = pick_page(shown, request.args.get("page", ""))
    about: dict[str, Any] = {
        "work": asked, "lines": lines, "total": total, "words": words, "only": only, "counts": count_states(found),
        "states": describe_states(), "due": describe_due(asked, MOSCOW)}
    return render_template("outcomes/form_schools.html", **about)


@pages.get("/coordinator/forms/<campaign>/<work>.xlsx")
def fetch_schools(campaign: str, work: str) -> Answer:
    return answer_export("forms", campaign=campaign, work=find_asked_work(campaign, work).id)


@pages.get("/coordinator/forms/<campaign>/<work>/schools/<school>")
def show_school_form(campaign: str, work: str, school: str) -> Answer:
    asked, theirs = find_asked_work(campaign, work), read_their_school(school)
    of: dict[str, Any] = {"campaign": campaign, "work": work}
    addresses = {"back": url_for("form_list.show_schools", **of), "upload": "", "form": "", "criteria": "",
                 "version": url_for("form_list.fetch_school_form", **of, school=theirs.id, version=0)}
    return draw_form(asked, theirs, addresses, may_upload=False)


@pages.get("/coordinator/forms/<campaign>/<work>/schools/<school>/versions/<int:version>.xlsx")
def fetch_school_form(campaign: str, work: str, school: str, version: int) -> Response:
    return send_version(find_asked_work(campaign, work), read_their_school(school), version)


def _list(work: FormWork) -> list[SchoolForm]:
    schools = list_their_schools()
    with services().storage.read() as session:
        return list_forms(session, work, schools)


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_works", _("Формы результатов")),),
    access={name: COORDINATOR for name in (
        "show_works", "show_schools", "fetch_schools", "show_school_form", "fetch_school_form")})
