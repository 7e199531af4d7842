"""Where the head decides what an expert could not mark, and where a coordinator reads what was passed on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.services import services
from testing_server.marking.referrals.actions import close_with_points, send_on
from testing_server.marking.referrals.queries import check_referral_led, list_sent, list_waiting
from testing_server.marking.referrals.rules import KINDS, UnknownDecision
from testing_server.marking.review.pages import require_head
from testing_server.marking.review.rules import PointsOutOfRange
from testing_server.preparation.registry.queries import list_schools

pages = Blueprint("referrals", __name__)
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {"show_referrals": EXPERT, "decide": EXPERT, "show_sent": frozenset({AccountRole.COORDINATOR.value})}


@pages.get("/commission/referrals")
def show_referrals() -> str:
    bounds = require_head()
    with services().storage.read() as session:
        return render_template("marking/referrals.html", referrals=list_waiting(session, bounds), kinds=KINDS)


@pages.post("/commission/referrals/<int:referral>")
def decide(referral: int) -> BaseResponse:
    """Points, zero, or a word to the coordinator; back to the queue goes by /v1/marking/return."""
    bounds, offered, head, form = require_head(), services(), current_user.login, request.form
    with offered.storage.read() as session:
        check_referral_led(session, bounds, referral)
    now_ms, reason, decision = offered.clock.now_ms(), form.get("reason", ""), form.get("decision", "")
    if decision == "sent":
        offered.storage.write(lambda session: send_on(session, now_ms, head, referral, reason))
        flash(_("Передано координатору. Ответ всё ещё ждёт вашего решения."))
    elif decision in ("points", "zero"):
        points = _read_points(form) if decision == "points" else None
        offered.storage.write(lambda session: close_with_points(session, now_ms, head, referral, points, reason))
        flash(_("Решение записано."))
    else:
        raise UnknownDecision()
    offered.live.changed("marking", now_ms)
    return redirect(url_for("referrals.show_referrals"))


@pages.get("/coordinator/referrals")
def show_sent() -> str:
    """Names heard and alarming answers of the own territory."""
    with services().storage.read() as session:
        schools = {one.id: one.name for one in list_schools(session, current_user.territory)}
        found = list_sent(session, frozenset(schools))
    return render_template("marking/referrals_sent.html", referrals=found, schools=schools, kinds=KINDS)


def _read_points(form: Any) -> dict[str, int]:
    """Fields "points-К1" of the form. Raises PointsOutOfRange."""
    try:
        return {name.removeprefix("points-"): int(value) for name, value in form.items()
                if name.startswith("points-")}
    except ValueError as error:
        raise PointsOutOfRange() from error
