"""Work is deleted from workstations: the organizer's order, and what every workstation answered to it.

Takes a sitting; gives the part of the closing page that says what was ordered, done, refused and why.
"""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.words import PURGE_REMEDIES, PURGE_RESULTS, PURGE_STYLES
from testing_server.exam_day.packages.erasing import find_erased
from testing_server.exam_day.packages.purging import view_purge
from testing_server.exam_day.scopes import ORGANIZERS
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("room_purge", __name__)


def describe_purge(session: Session, sitting: str) -> dict[str, Any]:
    """What the templates ask for."""
    return {"purge": view_purge(session, sitting), "erased_at_ms": find_erased(session, sitting),
            "purge_results": PURGE_RESULTS, "purge_styles": PURGE_STYLES, "purge_remedies": PURGE_REMEDIES}


@pages.post("/sittings/<sitting>/purge")
def order(sitting: str) -> BaseResponse:
    acts.purge(sitting)
    flash(_("Рабочие места удалят работы сами, каждое ответит здесь. Выключенные сделают это, когда их включат."))
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


@pages.get("/sittings/<sitting>/purges")
def show_purges(sitting: str) -> str:
    """The part that changes by itself while workstations answer."""
    with services().storage.read() as session:
        found, told = find_sitting(session, sitting), describe_purge(session, sitting)
    return render_template("console/purges.html", sitting=found, **told)


MOUNT = Mount(blueprint=pages, access={"order": ORGANIZERS, "show_purges": ORGANIZERS})
