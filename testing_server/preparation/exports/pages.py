"""Pages of exports: asking for one, one's own files, following one until it is ready; and the worker's door.

Takes the address a page of a stage links to. Gives the workbook at once where it is small.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import INTERNAL, AccountRole
from testing_server.foundation.live import Live
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import BadReport, NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language
from testing_server.foundation.workbooks.writing import XLSX, write_book
from testing_server.preparation.exports.actions import (
    begin_making, end_making, expire_export, forget_export, note_progress, note_storing, order_export, stop_making)
from testing_server.preparation.exports.jobs import delete_export, make_export, mark_content
from testing_server.preparation.exports.kinds import Asked, ExportKind, find_kind
from testing_server.preparation.exports.queries import Export, list_own_exports, read_own_export
from testing_server.preparation.exports.rules import (
    AT_ONCE, KEPT_DAYS, KEPT_MS, READY, ExportNotReady)
from testing_server.preparation.registry.queries import count_schools

pages = Blueprint("exports", __name__)
SCOPE = "export"
PIECE = 256 * 1024
Answer = Response | str | tuple[str, int] | BaseResponse


def answer_export(name: str, **arguments: str) -> Answer:
    """What a page of a stage answers: the workbook of a small territory; else a page that offers to make it.

    What is not named in `arguments` is taken from the address. Raises what composing it raises.
    """
    kind, offered, territory = find_kind(name), services(), current_user.territory
    arguments = kind.pick_arguments({**request.args, **arguments})
    asked = Asked(territory, arguments, offered.settings.data, offered.clock.now_ms())
    with offered.storage.read() as session:
        schools = count_schools(session, territory)
        book = kind.compose(session, asked) if schools <= AT_ONCE else None
    if book is None:
        return _render_list(kind, arguments, schools)
    return _send(BytesIO(write_book(book)), kind.name_file(arguments))


@pages.get("/coordinator/exports")
def show_exports() -> str:
    return _render_list()


@pages.post("/coordinator/exports")
def order() -> Answer:
    """The worker makes it; the page of the export follows it."""
    offered, owner, territory, language = services(), current_user.login, current_user.territory, current_language()
    now_ms, kind = offered.clock.now_ms(), find_kind(request.form.get("kind", ""))
    asked = kind.pick_arguments(request.form)
    try:
        export, is_new = offered.storage.write(lambda session: order_export(
            session, now_ms, kind.name, asked, owner, territory, language))
    except Refusal as refusal:
        return _render_list(kind, asked, refusal=refusal), refusal.status
    if is_new:
        offered.jobs.enqueue(make_export, export=export)
        offered.jobs.enqueue(delete_export, delay_s=KEPT_MS // 1000, export=export)
    return redirect(url_for("exports.show_export", export=export))


@pages.get("/coordinator/exports/<export>")
def show_export(export: str) -> str:
    return render_template("preparation/export.html", **_describe(_read(export)))


@pages.get("/coordinator/exports/<export>/state")
def show_export_state(export: str) -> str:
    """The part of the page that follows the making."""
    return render_template("preparation/export_state.html", **_describe(_read(export)))


@pages.get("/coordinator/exports/<export>/file")
def fetch_export(export: str) -> Response:
    """For the person who asked and for nobody else. Raises NotFound, ExportNotReady, FileMissing."""
    found = _read(export)
    if found.state != READY:
        raise ExportNotReady()
    kept = services().files.open(found.sha256)
    kept.read(len(mark_content(found.id)))
    # piece by piece: a server that is given the file itself sends it from where the system has read to
    answer = _send(BytesIO(), find_kind(found.kind).name_file(found.arguments))
    answer.response, answer.direct_passthrough = iter(partial(kept.read, PIECE), b""), False
    answer.content_length = found.size_bytes
    answer.call_on_close(kept.close)
    return answer


@pages.post("/v1/internal/exports/<export>")
def take_word(export: str) -> Response:
    """From the worker: {verb: begin | progress {done, whole} | store {sha256} | end {size_bytes} | stop {reason} |
    expire | forget}; each bears repeating."""
    body: Any = request.get_json(silent=True)
    if not isinstance(body, dict) or body.get("verb") not in _WORDS:
        raise BadReport()
    offered = services()
    now_ms = offered.clock.now_ms()
    answer = offered.storage.write(lambda session: _WORDS[body["verb"]](session, now_ms, export, body))
    offered.live.changed(f"{SCOPE}:{export}", now_ms)
    return jsonify(answer or {})


_WORDS: dict[str, Callable[..., Any]] = {
    "begin": lambda session, now_ms, export, body: begin_making(session, now_ms, export),
    "progress": lambda session, now_ms, export, body: note_progress(
        session, now_ms, export, _number(body, "done"), _number(body, "whole")),
    "store": lambda session, now_ms, export, body: note_storing(session, now_ms, export, str(body.get("sha256"))[:64]),
    "end": lambda session, now_ms, export, body: end_making(session, now_ms, export, _number(body, "size_bytes")),
    "stop": lambda session, now_ms, export, body: stop_making(session, now_ms, export, str(body.get("reason", ""))),
    "expire": lambda session, now_ms, export, body: {"sha256": expire_export(session, now_ms, export)},
    "forget": lambda session, now_ms, export, body: forget_export(session, now_ms, export),
}


def _number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or not 0 <= value < 2**53:
        raise BadReport()
    return value


def watch_exports(live: Live) -> None:
    """Who may hear of an export: the person who asked for it."""
    def is_own(scope: str) -> bool:
        if not current_user.is_authenticated or current_user.role != AccountRole.COORDINATOR:
            return False
        try:
            _read(scope.partition(":")[2])
        except NotFound:
            return False
        return True
    live.allow_watching(SCOPE, is_own)


def _read(export: str) -> Export:
    offered = services()
    with offered.storage.read() as session:
        return read_own_export(session, export, current_user.login, current_user.territory, offered.clock.now_ms())


def _describe(found: Export) -> dict[str, Any]:
    kind = find_kind(found.kind)
    return {"export": found, "title": kind.title, "file": kind.name_file(found.arguments), "kept_days": KEPT_DAYS}


def _render_list(kind: ExportKind | None = None, arguments: dict[str, str] | None = None, schools: int = 0,
                 refusal: Refusal | None = None) -> str:
    """One's own files; `kind`: what is offered to be made now."""
    offered = services()
    with offered.storage.read() as session:
        found = list_own_exports(session, current_user.login, current_user.territory, offered.clock.now_ms())
    return render_template("preparation/exports.html", exports=[_describe(one) for one in found], kind=kind,
                           schools=schools, arguments=arguments or {}, refusal=refusal, kept_days=KEPT_DAYS)


def _send(content: BytesIO, name: str) -> Response:
    answer = send_file(content, mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, live=watch_exports, limits={"order": "30 per minute"},
    menu=(MenuEntry("show_exports", _("Файлы Excel")),),
    access={**{name: COORDINATOR for name in (
        "show_exports", "order", "show_export", "show_export_state", "fetch_export")},
        "take_word": frozenset({INTERNAL})})
