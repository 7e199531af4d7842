"""Pages of credentials: order a file for all below, fetch, destroy; the trace of every line; the worker's door."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import INTERNAL, AccountRole, Level
from testing_server.foundation.live import Live
from testing_server.foundation.locking import obtain_locking_key
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotAllowed, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.writing import XLSX
from testing_server.preparation.exports.pages import Answer, answer_export
from testing_server.preparation.people.actions import destroy_file, list_portion, record_issued, take_file
from testing_server.preparation.people.issuing import (
    issue_now_or_later, list_municipal_entries, list_school_entries)
from testing_server.preparation.people.rules import LEVEL_NAMES, BatchMissing
from testing_server.preparation.people.sheets import write_credentials_book, write_credentials_json
from testing_server.preparation.people.trace import Batch, Trace, list_batches, list_trace, read_batch

pages = Blueprint("credentials", __name__)
SCOPE = "credentials"
SHOWN = 500
KINDS = {"regional": _("региональный координатор"), "municipal": _("муниципальный координатор"),
         "municipalities": _("муниципальные координаторы территории"), "schools": _("организаторы школ территории")}


@pages.get("/coordinator/credentials")
def show_credentials() -> str:
    return _render_credentials(None)


@pages.post("/coordinator/credentials")
def order_file() -> BaseResponse | tuple[str, int]:
    """For all municipalities or all schools of the territory at once."""
    offered, kind, territory = services(), request.form.get("kind", ""), current_user.territory
    listing = {"municipalities": list_municipal_entries, "schools": list_school_entries}.get(kind)
    try:
        if listing is None or (kind == "municipalities" and current_user.level is Level.MUNICIPAL):
            raise NotAllowed()
        with offered.storage.read() as session:
            entries = listing(session, territory)
        batch = issue_now_or_later(offered, kind, territory, entries, current_user.login)
    except Refusal as refusal:
        return _render_credentials(refusal), refusal.status
    return redirect(url_for("credentials.show_batch", batch=batch))


@pages.get("/coordinator/credentials/trace.xlsx")
def fetch_trace() -> Answer:
    return answer_export("trace")


@pages.get("/coordinator/credentials/<batch>")
def show_batch(batch: str) -> str:
    return render_template("preparation/credential_batch.html", **_describe(batch), refusal=None)


@pages.get("/coordinator/credentials/<batch>/state")
def show_batch_state(batch: str) -> str:
    """The part of the page that follows the making."""
    return render_template("preparation/credential_batch_state.html", **_describe(batch), refusal=None)


@pages.post("/coordinator/credentials/<batch>/file")
def fetch_file(batch: str) -> Response | tuple[str, int]:
    """The lines below the own territory: as a workbook, as JSON or as a page for print. Fetching leaves its trace."""
    offered, by, form = services(), current_user.login, request.form.get("form", "")
    now_ms, key = offered.clock.now_ms(), obtain_locking_key(offered.settings)
    found, lines = _read(batch)
    mine = [one.id for one in lines if one.used_at_ms is None]
    try:
        passwords = offered.storage.write(lambda db: take_file(db, now_ms, key, found.id, mine, by))
    except Refusal as refusal:
        shown = {**_describe(batch), "refusal": refusal}
        return render_template("preparation/credential_batch.html", **shown), refusal.status
    return _send_file(form, lines, passwords)


@pages.post("/coordinator/credentials/<batch>/destroy")
def destroy(batch: str) -> BaseResponse:
    """Only by those whose territory the whole file lies in."""
    found, offered, by = _read(batch, 1)[0], services(), current_user.login
    now_ms = offered.clock.now_ms()
    if found.lines < found.total:
        raise BatchMissing()
    offered.storage.write(lambda db: destroy_file(db, now_ms, found.id, by))
    flash(gettext("Файл уничтожен. Учётные записи и след остались."))
    return redirect(url_for("credentials.show_batch", batch=batch))


@pages.post("/v1/internal/credentials/<batch>")
def note_issued(batch: str) -> Response:
    """From the worker: {hashed: {credential: hash}} or {}; gives {portion: [[credential, one-time password]]}."""
    offered, hashed = services(), request.get_json().get("hashed", {})
    now_ms, key = offered.clock.now_ms(), obtain_locking_key(offered.settings)
    if hashed:
        offered.storage.write(lambda db: record_issued(db, now_ms, batch, hashed))
        offered.live.changed(f"{SCOPE}:{batch}", now_ms)
        return jsonify({"portion": []})
    with offered.storage.read() as session:
        return jsonify({"portion": list_portion(session, key, batch)})


def watch_credentials(live: Live) -> None:
    """Who may hear of a file being made: that it goes on and nothing of what is in it."""
    live.allow_watching(SCOPE, lambda scope: (
        current_user.is_authenticated and current_user.role == AccountRole.COORDINATOR))


def _read(batch: str, limit: int | None = None) -> tuple[Batch, list[Trace]]:
    territory, now_ms = current_user.territory, services().clock.now_ms()
    with services().storage.read() as session:
        return read_batch(session, batch, territory, now_ms), list_trace(session, territory, batch, limit=limit)


def _send_file(form: str, lines: list[Trace], passwords: dict[str, str]) -> Response:
    hub = request.host_url.rstrip("/")
    if form == "json":
        return _send(write_credentials_json(hub, lines, passwords), "application/json", "credentials.json")
    if form == "print":
        shown = [one for one in lines if one.login in passwords]
        return make_response(render_template("preparation/credential_slips.html", lines=shown, passwords=passwords,
                                             hub=hub, levels=LEVEL_NAMES))
    return _send(write_credentials_book(hub, lines, passwords), XLSX, "credentials.xlsx")


def _send(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={
        "Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"})


def _render_credentials(refusal: Refusal | None) -> str:
    offered, territory, sought = services(), current_user.territory, request.args.get("sought", "").strip()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        batches = list_batches(session, territory, now_ms)
        lines = list_trace(session, territory, sought=sought, limit=SHOWN)
    return render_template("preparation/credentials_below.html", batches=batches, lines=lines, kinds=KINDS,
                           levels=LEVEL_NAMES, sought=sought, shown=SHOWN, refusal=refusal)


def _describe(batch: str) -> dict[str, Any]:
    found, lines = _read(batch, SHOWN)
    return {"batch": found, "lines": lines, "kinds": KINDS, "levels": LEVEL_NAMES, "shown": SHOWN, "count": found.lines}


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, live=watch_credentials, body_limits={"note_issued": 4 * 1024 * 1024},
    access={**{name: COORDINATOR for name in (
        "show_credentials", "order_file", "fetch_trace", "show_batch", "show_batch_state", "fetch_file", "destroy")},
        "note_issued": frozenset({INTERNAL})})
