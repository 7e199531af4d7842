"""The coordinator's page of materials: one work for all schools of the territory, and how far each such round is."""
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.live import Live
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import find_campaign, list_campaigns
from testing_server.preparation.campaigns.rules import MOSCOW, Campaign, compute_publishing
from testing_server.preparation.materials.actions import BadCount, read_day
from testing_server.preparation.materials.ordering import Wanted, order_for_schools
from testing_server.preparation.materials.packages import find_package, list_packages
from testing_server.preparation.materials.rounds import Round, list_rounds
from testing_server.preparation.registry.queries import list_schools

pages = Blueprint("materials", __name__)
SCOPE = "sealings"


@pages.get("/coordinator/materials")
def show_rounds() -> str:
    return render_template("preparation/materials.html", refusal=None, form={}, **_describe())


@pages.get("/coordinator/materials/list")
def show_list() -> str:
    """The part of the page that follows the work."""
    return render_template("preparation/materials_list.html", **_describe())


@pages.post("/coordinator/materials")
def order_all() -> BaseResponse | tuple[str, int]:
    """For every school of the territory that has none yet."""
    offered, form = services(), request.form
    data = offered.settings.data
    try:
        wanted = Wanted(find_campaign(data, form.get("campaign", "")), find_package(data, form.get("package", "")).path,
                        read_count(form.get("count", "")), form.get("day", ""), form.get("unencrypted") != "yes",
                        form.get("late_reason", ""), form.get("outside") == "yes")
        with offered.storage.read() as session:
            schools = list_schools(session, current_user.territory)
        done = order_for_schools(offered, schools, wanted, current_user.login)
    except Refusal as refusal:
        return render_template("preparation/materials.html", refusal=refusal, form=form, **_describe()), refusal.status
    flash(gettext("Поставлено в очередь школ: %(ordered)s. Уже есть у школ: %(supplied)s. День занят другой кампанией: "
                  "%(taken)s.", ordered=done.ordered, supplied=done.supplied, taken=done.taken))
    return redirect(url_for("materials.show_rounds"))


def watch_rounds(live: Live) -> None:
    """Who may hear of sealings of all schools."""
    live.allow_watching(SCOPE, lambda scope: current_user.is_authenticated and current_user.role in COORDINATOR)


def _describe() -> dict[str, Any]:
    offered = services()
    data = offered.settings.data
    with offered.storage.read() as session:
        schools = list_schools(session, current_user.territory)
        rounds = list_rounds(session, current_user.territory, offered.clock.now_ms())
    campaigns, packages = list_campaigns(data), list_packages(data)
    return {"rounds": [(one, _find_due(one, campaigns)) for one in rounds], "schools": len(schools),
            "campaigns": campaigns, "packages": packages, "titles": {str(one.path): one.title for one in packages}}


def _find_due(round_: Round, campaigns: list[Campaign]) -> int | None:
    """When the archives of a round must be at schools (by Moscow, the latest zone's own day ends later)."""
    for one in campaigns:
        if one.id == round_.campaign and one.counted:
            return compute_publishing(one, Path(round_.package).name, read_day(round_.day), MOSCOW)
    return None


def read_count(text: str) -> int:
    """Raises BadCount."""
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise BadCount()
    return int(text)


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, live=watch_rounds, menu=(MenuEntry("show_rounds", _("Материалы")),),
    access={"show_rounds": COORDINATOR, "show_list": COORDINATOR, "order_all": COORDINATOR})
