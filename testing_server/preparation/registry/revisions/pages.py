"""Pages of revisions: the list down, the corrected list up, what will change, apply, undo; and the worker's door."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import INTERNAL, AccountRole
from testing_server.foundation.live import Live
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.workbooks.reading import MOST_BYTES
from testing_server.preparation.exports.pages import Answer, answer_export
from testing_server.preparation.registry.revisions.actions import (
    apply_revision, begin_revision, note_reading, undo_revision)
from testing_server.preparation.registry.revisions.jobs import read_revision
from testing_server.preparation.registry.revisions.queries import (
    SHOWN_LINES, Revision, lies_elsewhere, list_changes, list_revisions, read_revision_of)
from testing_server.preparation.registry.revisions.sheet import SCHOOLS
from testing_server.preparation.registry.zones import name_zone

pages = Blueprint("revisions", __name__)
pages.add_app_template_filter(name_zone, "zone_name")
SCOPE = "revision"
KINDS = {"new": _("Новые школы"), "closed": _("Исключаются"), "changed": _("Меняются"),
         "reopened": _("Возвращаются в список")}
FIELD_NAMES = {"name": _("название"), "municipality": _("муниципалитет"), "region": _("регион"), "zone": _("пояс")}
PIECE = 1024 * 1024


class NoFile(Refusal):
    code = "no_file"
    status = 422
    message = _("Файл не выбран или пуст.")
    remedy = _("Выберите исправленную книгу Excel и нажмите «Загрузить и сравнить».")


@pages.get("/coordinator/schools/list.xlsx")
def fetch_list() -> Answer:
    return answer_export(SCHOOLS)


@pages.get("/coordinator/schools/revisions")
def show_revisions() -> str:
    return _render_revisions(None)


@pages.post("/coordinator/schools/revisions")
def upload_list() -> BaseResponse | tuple[str, int]:
    """The worker reads; the page of the revision follows it."""
    offered, sent = services(), request.files.get("file")
    content = sent.read(MOST_BYTES + 1) if sent is not None else b""
    if sent is None or not content:
        return _render_revisions(NoFile()), NoFile.status
    file, now_ms, by, territory = _store(content), offered.clock.now_ms(), current_user.login, current_user.territory
    name = sent.filename or "schools.xlsx"
    revision = offered.storage.write(lambda db: begin_revision(db, now_ms, file, name, territory, by))
    offered.jobs.enqueue(read_revision, revision=revision, file=file)
    return redirect(url_for("revisions.show_revision", revision=revision))


@pages.get("/coordinator/schools/revisions/<revision>")
def show_revision(revision: str) -> str:
    return render_template("preparation/revision.html", **_describe(revision))


@pages.get("/coordinator/schools/revisions/<revision>/state")
def show_revision_state(revision: str) -> str:
    """The part of the page that follows the reading."""
    return render_template("preparation/revision_state.html", **_describe(revision))


@pages.post("/coordinator/schools/revisions/<revision>/apply")
def apply(revision: str) -> BaseResponse | tuple[str, int]:
    return _act(revision, apply_revision, gettext("Реестр изменён. Пока от новых школ ничего не зависит, это можно "
                                                  "отменить."))


@pages.post("/coordinator/schools/revisions/<revision>/undo")
def undo(revision: str) -> BaseResponse | tuple[str, int]:
    return _act(revision, undo_revision, gettext("Выверка отменена: реестр такой, каким был до неё."))


@pages.post("/v1/internal/revisions/<revision>")
def note_revision(revision: str) -> Response:
    """From the worker: {step: begin, lines, end or unreadable, …}; {read} lines known so far."""
    offered, body = services(), request.get_json()
    read = offered.storage.write(lambda db: note_reading(db, revision, body))
    offered.live.changed(f"{SCOPE}:{revision}", offered.clock.now_ms())
    return jsonify({"read": read})


def watch_revisions(live: Live) -> None:
    """Who may hear of a list being read: coordinators of its territory and those above."""
    live.allow_watching(SCOPE, lambda scope: (
        current_user.is_authenticated and current_user.role == AccountRole.COORDINATOR
        and not _is_elsewhere(scope.partition(":")[2])))


def _is_elsewhere(revision: str) -> bool:
    with services().storage.read() as session:
        return lies_elsewhere(session, revision, current_user.territory)


def _read(revision: str) -> Revision:
    with services().storage.read() as session:
        return read_revision_of(session, revision, current_user.territory)


def _act(revision: str, action: Any, told: str) -> BaseResponse | tuple[str, int]:
    found, offered, by = _read(revision), services(), current_user.login
    now_ms = offered.clock.now_ms()
    try:
        offered.storage.write(lambda db: action(db, now_ms, found.id, by))
    except Refusal as refusal:
        shown = {**_describe(revision), "refusal": refusal}
        return render_template("preparation/revision.html", **shown), refusal.status
    flash(told)
    return redirect(url_for("revisions.show_revision", revision=revision))


def _store(content: bytes) -> str:
    """Digest of the file in the store, where the worker finds it."""
    store = services().files
    upload = store.create()
    for start in range(0, len(content), PIECE):
        store.append(upload, content[start:start + PIECE])
    return store.commit(upload)


def _render_revisions(refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        found = list_revisions(session, current_user.territory)
    return render_template("preparation/revisions.html", revisions=found, refusal=refusal)


def _describe(revision: str) -> dict[str, Any]:
    found = _read(revision)
    with services().storage.read() as session:
        changes = {kind: list_changes(session, revision, kind) for kind in KINDS if found.counts.get(kind)}
    return {"revision": found, "changes": changes, "kinds": KINDS, "fields": FIELD_NAMES, "shown": SHOWN_LINES,
            "refusal": None}


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, live=watch_revisions, body_limits={
        "upload_list": MOST_BYTES + PIECE, "note_revision": 16 * PIECE}, limits={"upload_list": "20 per minute"},
    access={**{name: COORDINATOR for name in (
        "fetch_list", "show_revisions", "upload_list", "show_revision", "show_revision_state", "apply", "undo")},
        "note_revision": frozenset({INTERNAL})})
