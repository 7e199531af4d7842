"""The coordinator's page of schedules: requests for reserve days, then every school, those without days on top."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.cells import parse_date
from testing_server.preparation.applications.workbooks import LEVEL_WORDS
from testing_server.preparation.asking import (
    list_their_schools, matches, pick_page, read_asked_campaign, read_author, read_their_school, write)
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.exports.pages import answer_export
from testing_server.preparation.schedule.actions import decide_reserve_day
from testing_server.preparation.schedule.exporting import describe_states
from testing_server.preparation.schedule.pages import Answer
from testing_server.preparation.schedule.queries import SchoolSchedule, list_schedules
from testing_server.preparation.schedule.rules import foresee_forms, may_agree, read_schedule_rules

pages = Blueprint("schedules", __name__)
ORDER = ("attention", "waiting", "running", "ready")


@pages.get("/coordinator/campaigns/<campaign>/schedule")
def show_schedules(campaign: str) -> Answer:
    return _show(read_asked_campaign(campaign))


@pages.post("/coordinator/campaigns/<campaign>/schedule/<school>/reserve")
def decide(campaign: str, school: str) -> Answer:
    """Agree, or refuse with a reason."""
    asked, known, form = read_asked_campaign(campaign), read_their_school(school), request.form
    work, _separator, in_form = form.get("place", "").partition("|")
    agrees = form.get("decision") == "agree"
    try:
        write(decide_reserve_day, campaign=asked, school=known, work=work, form=in_form, day=form.get("day", ""),
              agrees=agrees, remark=form.get("remark", ""), author=read_author())
    except Refusal as refusal:
        return _show(asked, refusal)
    flash(gettext("Резервный день согласован.") if agrees else gettext("В резервном дне отказано."))
    return redirect(url_for("schedules.show_schedules", campaign=asked.id))


@pages.get("/coordinator/campaigns/<campaign>/schedule.xlsx")
def fetch_territory(campaign: str) -> Answer:
    read_schedule_rules(read_asked_campaign(campaign))
    return answer_export("schedules", campaign=campaign)


def _list(campaign: Campaign) -> list[SchoolSchedule]:
    schools = list_their_schools()
    with services().storage.read() as session:
        return list_schedules(session, campaign, schools)


def _show(campaign: Campaign, refusal: Refusal | None = None) -> tuple[str, int]:
    rules, found = read_schedule_rules(campaign), _list(campaign)
    words, only = request.args.get("q", "")[:80], request.args.get("only", "")
    shown = sorted((one for one in found if matches(one.school, words) and only in ("", one.state)),
                   key=lambda one: ORDER.index(one.state))
    lines, total = pick_page(shown, request.args.get("page", ""))
    asked = [(one.school, day, foresee_forms(campaign, day.work, parse_date(day.day), one.school.zone))
             for one in found for day in one.reserve if day.state == "waiting"]
    about: dict[str, Any] = {
        "campaign": campaign, "rules": rules, "refusal": refusal, "lines": lines, "total": total, "words": words,
        "only": only, "asked": asked, "may_agree": may_agree(campaign, read_author().level), "form": request.form,
        "counts": {state: sum(one.state == state for one in found) for state in ORDER}, "states": describe_states(),
        "titles": {work.id: f"{work.grade} · {work.subject}" for work in campaign.contents.works},
        "level_words": LEVEL_WORDS}
    return render_template("preparation/schedules.html", **about), refusal.status if refusal else 200


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(blueprint=pages, access={"show_schedules": COORDINATOR, "decide": COORDINATOR,
                                       "fetch_territory": COORDINATOR})
