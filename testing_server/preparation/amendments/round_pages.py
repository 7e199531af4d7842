"""Page of the coordinator: one work of one day at all schools of the territory, moved or withdrawn at once."""
from __future__ import annotations

import logging
from dataclasses import fields
from typing import Any, Literal

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import INTERNAL, AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import BadReport, NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.preparation.amendments.rounds import RoundChange, apply_change, list_round_archives, order_change
from testing_server.preparation.amendments.rules import NotConfirmed

pages = Blueprint("round_amendments", __name__)
log = logging.getLogger(__name__)


@pages.get("/coordinator/materials/change")
def show_change() -> str:
    return _render(request.args, None)


@pages.post("/coordinator/materials/change")
def change_round() -> BaseResponse | tuple[str, int]:
    """Queued: the page of materials shows how it goes."""
    form, archives = request.form, _list(request.form)
    verb: Literal["withdraw", "move"] = "withdraw" if form.get("verb") == "withdraw" else "move"
    try:
        if form.get("confirmed") != "yes":
            raise NotConfirmed()
        count = order_change(services(), archives, RoundChange(
            verb, form.get("new_day", ""), form.get("reason", ""), current_user.login))
    except Refusal as refusal:
        return _render(form, refusal), refusal.status
    flash(gettext("Поставлено в очередь школ: %(count)s. Каждая школа узнает при ближайшей связи.", count=count))
    return redirect(url_for("materials.show_rounds"))


@pages.post("/v1/internal/amendments/<archive>")
def amend_one(archive: str) -> Response:
    """From the worker: {verb, day, reason, by} -> {result}."""
    body = request.get_json(silent=True)
    names = {one.name for one in fields(RoundChange)}
    if not isinstance(body, dict) or body.keys() != names or body["verb"] not in ("withdraw", "move"):
        raise BadReport()
    offered = services()
    change = RoundChange(body["verb"], str(body["day"]), str(body["reason"]), str(body["by"]))
    result = apply_change(offered, archive, change)
    if result not in ("done", "repeated"):
        log.warning("archive %s is not changed: %s", archive, result)
    offered.live.changed("sealings", offered.clock.now_ms())
    return jsonify({"result": result})


def _render(form: Any, refusal: Refusal | None) -> str:
    return render_template("preparation/change_round.html", schools=len(_list(form)), form=form, refusal=refusal)


def _list(form: Any) -> list[str]:
    """Raises NotFound where the territory has no such work."""
    with services().storage.read() as session:
        archives = list_round_archives(session, current_user.territory, form.get("campaign", ""),
                                       form.get("package", ""), form.get("day", ""))
    if not archives:
        raise NotFound()
    return archives


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(blueprint=pages, access={
    "show_change": COORDINATOR, "change_round": COORDINATOR, "amend_one": frozenset({INTERNAL})})
