"""Pages of campaigns: what each asks of my school or territory, and its rules in plain words."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.services import services
from testing_server.preparation.asking import is_coordinator, read_asked_campaign, read_my_school
from testing_server.preparation.campaigns.queries import read_campaigns
from testing_server.preparation.campaigns.rules import MOSCOW
from testing_server.preparation.campaigns.tasks import count_tasks, list_tasks
from testing_server.preparation.campaigns.words import describe_campaign, describe_works
from testing_server.preparation.page_words import show_zone
from testing_server.preparation.registry.queries import count_schools

pages = Blueprint("campaigns", __name__)


@pages.get("/school/campaigns")
def show_my_campaigns() -> str:
    school = read_my_school()
    return render_template("preparation/my_campaigns.html", school=school, **_describe(list_tasks, school))


@pages.get("/coordinator/campaigns")
def show_campaigns() -> str:
    territory = current_user.territory
    with services().storage.read() as session:
        schools = count_schools(session, territory)
    return render_template("preparation/campaigns.html", territory=territory, schools=schools,
                           **_describe(count_tasks, territory))


@pages.get("/campaigns/<campaign>/rules")
def show_rules(campaign: str) -> str:
    """The rules in plain words, with the source of each."""
    asked, school = read_asked_campaign(campaign), None if is_coordinator() else read_my_school()
    zone = school.zone if school else MOSCOW
    where = show_zone(services().clock.now_ms(), zone) if school else ""
    return render_template("preparation/campaign_rules.html", campaign=asked, school=school,
                           sections=describe_campaign(asked, zone, where), works=describe_works(asked))


def _describe(list_them: Callable[..., Any], whose: Any) -> dict[str, Any]:
    """`list_them`: list_tasks of a school or count_tasks of a territory."""
    offered = services()
    now_ms, data = offered.clock.now_ms(), offered.settings.data
    campaigns, bad = read_campaigns(data)
    with offered.storage.read() as session:
        found = list_them(session, data, campaigns, whose, now_ms)
    return {"campaigns": found, "bad": bad, "now_ms": now_ms}


ORGANIZER = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages,
    menu=(MenuEntry("show_my_campaigns", _("Кампании")), MenuEntry("show_campaigns", _("Кампании"))),
    access={"show_my_campaigns": ORGANIZER, "show_campaigns": COORDINATOR, "show_rules": ORGANIZER | COORDINATOR})
