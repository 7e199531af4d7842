"""The coordinator's page of schedules: requests for reserve days, then every school, those without days on top."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import parse_date
from testing_server.preparation.applications.workbooks import LEVEL_WORDS
from testing_server.preparation.asking import read_asked_campaign, read_author, read_their_school, write
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.exports.pages import answer_export
from testing_server.preparation.schedule.actions import decide_reserve_day
from testing_server.preparation.registry.queries import School
from testing_server.preparation.schedule.counting import count_schedules, count_schedules_of_parts
from testing_server.preparation.schedule.exporting import describe_states
from testing_server.preparation.schedule.pages import Answer
from testing_server.preparation.schedule.queries import ReserveDay, list_schedules
from testing_server.preparation.schedule.rules import foresee_forms, may_agree, read_schedule_rules
from testing_server.preparation.state_lists import Reading, list_states, read_view

pages = Blueprint("schedules", __name__)
MOST_ASKED = 50
# each with a line for every day of every work
SCHOOLS_OF_A_PAGE = 50


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
    return redirect(url_for("schedules.show_schedules", campaign=asked.id, **read_view().address))


@pages.get("/coordinator/campaigns/<campaign>/schedule.xlsx")
def fetch_territory(campaign: str) -> Answer:
    read_schedule_rules(read_asked_campaign(campaign))
    return answer_export("schedules", campaign=campaign)


def _show(campaign: Campaign, refusal: Refusal | None = None) -> tuple[str, int]:
    rules, found = read_schedule_rules(campaign), list_states(read_view(), _read(campaign))
    asked = [(one.school, day) for one in found.found for day in one.reserve if day.state == "waiting"]
    about: dict[str, Any] = {
        "campaign": campaign, "rules": rules, "refusal": refusal, "list": found, "form": request.form,
        "asked": _foresee(campaign, asked[:MOST_ASKED]), "more_asked": max(0, len(asked) - MOST_ASKED),
        "may_agree": may_agree(campaign, read_author().level), "states": describe_states(),
        "titles": {work.id: f"{work.grade} · {work.subject}" for work in campaign.contents.works},
        "level_words": LEVEL_WORDS}
    return render_template("preparation/schedules.html", **about), refusal.status if refusal else 200


def _read(campaign: Campaign) -> Reading:
    return Reading(
        ("attention", "waiting", "running", "ready"),
        lambda session, schools: list_schedules(session, campaign, schools),
        lambda session, territory: count_schedules(session, campaign, territory),
        lambda session, territory: count_schedules_of_parts(session, campaign, territory), SCHOOLS_OF_A_PAGE)


def _foresee(campaign: Campaign, asked: list[tuple[School, ReserveDay]]) -> list[tuple[School, ReserveDay, Any]]:
    """Each with what the day means for the result forms."""
    return [(school, day, foresee_forms(campaign, day.work, parse_date(day.day), school.zone))
            for school, day in asked]


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(blueprint=pages, access={"show_schedules": COORDINATOR, "decide": COORDINATOR,
                                       "fetch_territory": COORDINATOR})
