"""Pages of figures: the head's of a position, an expert's own, a coordinator's of the territory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.services import services
from testing_server.marking.commission.queries import list_commissions
from testing_server.marking.commission.rules import MOSCOW_AHEAD
from testing_server.marking.review.pages import require_head
from testing_server.marking.standardisation.rules import FEWEST
from testing_server.marking.standardisation.standing import list_standings
from testing_server.marking.statistics.drawing import choose_ticks, draw_bars, draw_forest, draw_spark
from testing_server.marking.statistics.overview import TopicFigures, describe_experts, describe_topic
from testing_server.marking.statistics.samples import Trust
from testing_server.marking.statistics.territory import describe_territory, find_place
from testing_server.marking.statistics.topics import find_topic, list_topics, list_topics_of_expert

pages = Blueprint("figures", __name__)
EXPERT, COORDINATOR = frozenset({AccountRole.EXPERT.value}), frozenset({AccountRole.COORDINATOR.value})
ACCESS = {"show_figures": EXPERT, "show_figures_part": EXPERT, "show_own": EXPERT,
          "show_territory": COORDINATOR, "show_territory_part": COORDINATOR}
KAPPA_TICKS = (-0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
TRUST_WORDS = {Trust.NONE: _("мало, чтобы судить"), Trust.LIMITED: _("ограниченно: меньше 20"),
               Trust.ROUGH: _("грубо: меньше 50"), Trust.FULL: _("достаточно")}


@pages.get("/commission/figures")
def show_figures() -> str:
    return _render_figures("marking/figures.html")


@pages.get("/commission/figures/part")
def show_figures_part() -> str:
    """The part of the head's page that is fetched again after a change."""
    return _render_figures("marking/figures_part.html")


def _render_figures(template: str) -> str:
    bounds = require_head()
    offered, asked = services(), request.args.get("commission", "")
    with offered.storage.read() as session:
        commissions = list_commissions(session, bounds)
        chosen = asked if asked in {one.id for one in commissions} else next((one.id for one in commissions), "")
        topics = list_topics(session, chosen, bounds)
        topic = find_topic(topics, request.args.get("position", ""))
        figures = describe_topic(session, topic, offered.clock.now_ms()) if topic else None
        return render_template(template, commissions=commissions, commission=chosen, topics=topics, topic=topic,
                               figures=figures, show_day=show_day, trust_words=TRUST_WORDS, **_draw(figures))


def _draw(figures: TopicFigures | None) -> dict[str, Any]:
    """Plots of the head's page."""
    if figures is None:
        return {}
    kappas = [(one.title, one.agreement.low or 0.0, one.agreement.kappa, one.agreement.high or 0.0, False)
              for one in figures.criteria
              if one.agreement and one.agreement.kappa is not None and one.trust is not Trust.NONE]
    severe = [(one.expert, one.severity.low, one.severity.mean, one.severity.high, one.severity.is_sign)
              for one in figures.experts if one.severity]
    ticks = choose_ticks([value for row in severe for value in row[1:4]])
    return {"kappa_plot": draw_forest(kappas, KAPPA_TICKS), "severity_plot": draw_forest(severe, ticks),
            "columns": {one.id: draw_bars(one.counts) for one in figures.criteria},
            "sparks": {one.expert: draw_spark(one.series, ticks[-1]) for one in figures.experts}}


@pages.get("/marking/figures")
def show_own() -> str:
    """An expert's own figures by position."""
    expert = current_user.login
    with services().storage.read() as session:
        found = [(topic, one) for topic in list_topics_of_expert(session, expert)
                 for one in describe_experts(session, topic, expert)]
        return render_template("marking/figures_own.html", found=found, trust_words=TRUST_WORDS, fewest=FEWEST,
                               standings=list_standings(session, expert))


@pages.get("/coordinator/marking")
def show_territory() -> str:
    return _render_territory("marking/territory.html")


@pages.get("/coordinator/marking/part")
def show_territory_part() -> str:
    """The part of the coordinator's page that is fetched again after a change."""
    return _render_territory("marking/territory_part.html")


def _render_territory(template: str) -> str:
    own, asked = current_user.territory, request.args
    place = find_place(own, asked.get("region", "")[:120], asked.get("municipality", "")[:120])
    subject = asked.get("subject", "")[:80]
    with services().storage.read() as session:
        found = describe_territory(session, own, place, subject)
    return render_template(template, place=place, own=find_place(own, "", ""), subject=subject, found=found)


def show_day(at_ms: int) -> str:
    """A day by Moscow: 24.04.2027."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + MOSCOW_AHEAD).strftime("%d.%m.%Y")


MOUNT = Mount(pages, ACCESS, menu=(
    MenuEntry("show_figures", _("Показатели комиссии"), heads_only=True),
    MenuEntry("show_own", _("Мои показатели")), MenuEntry("show_territory", _("Ход проверки"))))
