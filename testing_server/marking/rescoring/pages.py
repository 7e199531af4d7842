"""Pages of the head of the commission: answers to an item, a corrected key, what it changes, the decision."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from task_bank.items.choices import list_choice_texts, name_value
from testing_server.foundation.access import AccountRole
from testing_server.foundation.services import services
from testing_server.marking.rescoring.actions import apply_correction, draft_correction, drop_correction
from testing_server.marking.rescoring.queries import (
    count_given_answers, find_own_correction, find_scored_item, list_corrections, list_scored_answers,
    list_scored_items)
from testing_server.marking.rescoring.rules import NotACorrection, check_reason, count_shifts
from testing_server.marking.rescoring.sources import accept_file, read_current_item, try_correction
from testing_server.marking.review.pages import require_head

pages = Blueprint("rescoring", __name__)
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {name: EXPERT for name in (
    "show_items", "show_item", "send_item", "accept_correction", "show_correction", "apply", "drop")}
MOST_ANSWERS = 40


@pages.get("/commission/keys")
def show_items() -> str:
    """Every item the machine scored, and what was corrected so far."""
    bounds = require_head()
    with services().storage.read() as session:
        return render_template("marking/keys.html", items=list_scored_items(session, bounds), bounds=bounds,
                               corrections=list_corrections(session, bounds))


@pages.get("/commission/keys/<assessment>/<item>")
def show_item(assessment: str, item: str) -> str:
    """What candidates answered and what it was given; the form for a corrected file."""
    bounds = require_head()
    with services().storage.read() as session:
        found = find_scored_item(session, assessment, item, bounds)
        given = count_given_answers(list_scored_answers(session, assessment, item, bounds))
    texts = list_choice_texts(read_current_item(services(), assessment, item, bounds), item)
    return render_template("marking/key.html", item=found, given=given[:MOST_ANSWERS], texts=texts,
                           name_value=name_value, left=len(given) - len(given[:MOST_ANSWERS]))


@pages.get("/commission/keys/<assessment>/<item>.xml")
def send_item(assessment: str, item: str) -> Response:
    """The item with the key that scores now, to be corrected."""
    bounds = require_head()
    with services().storage.read() as session:
        find_scored_item(session, assessment, item, bounds)
    return Response(read_current_item(services(), assessment, item, bounds), mimetype="application/xml", headers={
        "Content-Disposition": f'attachment; filename="{item}.xml"'})


@pages.post("/commission/keys/<assessment>/<item>")
def accept_correction(assessment: str, item: str) -> BaseResponse:
    """Checks the file and keeps it as a draft; points change only by the next page."""
    bounds = require_head()
    offered, by, reason = services(), current_user.login, check_reason(request.form.get("reason", ""))
    file = request.files.get("file")
    if file is None or not file.filename:
        raise NotACorrection(_("Файл не выбран."))
    corrected = file.read()
    accept_file(offered, assessment, item, corrected, bounds)
    now_ms = offered.clock.now_ms()
    correction = offered.storage.write(lambda session: draft_correction(
        session, now_ms, by, assessment, item, corrected, reason, bounds.region))
    return redirect(url_for("rescoring.show_correction", correction=correction))


@pages.get("/commission/corrections/<correction>")
def show_correction(correction: str) -> str:
    """What the corrected key changes, before it changes anything; afterwards the same as a record."""
    bounds = require_head()
    with services().storage.read() as session:
        found = find_own_correction(session, correction, bounds)
        item = find_scored_item(session, found.assessment, found.item, bounds)
    rescored = try_correction(services(), found) if found.state == "drafted" else []
    return render_template("marking/correction.html", correction=found, item=item, rescored=rescored,
                           shifts=count_shifts(rescored), changed=sum(one.changes for one in rescored))


@pages.post("/commission/corrections/<correction>/apply")
def apply(correction: str) -> BaseResponse:
    bounds, offered, by = require_head(), services(), current_user.login
    with offered.storage.read() as session:
        found = find_own_correction(session, correction, bounds)
    rescored, now_ms = try_correction(offered, found), offered.clock.now_ms()
    changed = offered.storage.write(lambda session: apply_correction(session, now_ms, by, correction, rescored))
    offered.live.changed("marking", now_ms)
    flash(_("Пересчитано ответов: %(answers)s, баллы изменились у %(changed)s. Прежние баллы сохранены.",
            answers=len(rescored), changed=changed))
    return redirect(url_for("rescoring.show_items"))


@pages.post("/commission/corrections/<correction>/drop")
def drop(correction: str) -> BaseResponse:
    bounds, offered, by = require_head(), services(), current_user.login
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        find_own_correction(session, correction, bounds)
    offered.storage.write(lambda session: drop_correction(session, now_ms, by, correction))
    flash(_("Исправление отменено, баллы не изменились."))
    return redirect(url_for("rescoring.show_items"))
