"""Where the head makes own marks into standard answers for practice, qualification and control."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.services import services
from testing_server.marking.commission.queries import check_led
from testing_server.marking.review.pages import require_head
from testing_server.marking.standardisation.actions import declare_standard
from testing_server.marking.standardisation.queries import list_candidates, list_standards

pages = Blueprint("standards", __name__)
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {name: EXPERT for name in ("show_standards", "declare")}


@pages.get("/commission/standards")
def show_standards() -> str:
    bounds = require_head()
    with services().storage.read() as session:
        return render_template("marking/standards.html", standards=list_standards(session, bounds),
                               candidates=list_candidates(session, current_user.login, bounds))


@pages.post("/commission/standards")
def declare() -> BaseResponse:
    """One marked answer becomes a standard one."""
    bounds, offered, head, form = require_head(), services(), current_user.login, request.form
    now_ms, assignment, use = offered.clock.now_ms(), form.get("assignment", ""), form.get("use", "")
    comment = form.get("comment", "")
    with offered.storage.read() as session:
        check_led(session, bounds, assignment)
    offered.storage.write(lambda session: declare_standard(session, now_ms, head, assignment, use, comment))
    offered.live.changed("marking", now_ms)
    flash(_("Ответ стал эталонным."))
    return redirect(url_for("standards.show_standards"))
