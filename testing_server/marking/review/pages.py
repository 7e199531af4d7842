"""The desk over HTTP: the queue page, one answer after the other, marks by keyboard. Roles: expert (and head)."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, send_file
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.services import services
from testing_server.marking.gathering.sources import gather_due_works, open_prompt_medium
from testing_server.marking.protocol.rules import NotHead
from testing_server.marking.review.actions import (
    Marks, refer_answer, return_answer, save_marks, take_next, undo_marks)
from testing_server.marking.review.queries import (
    count_queue, find_desk_answer, list_marked, list_referred, may_hear)
from testing_server.marking.review.rules import NothingToMark, PointsOutOfRange

pages = Blueprint("marking", __name__)
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {name: EXPERT for name in (
    "show_queue", "show_desk", "send_next", "accept_marks", "accept_undo", "accept_referral", "send_recording",
    "send_medium", "return_referred")}


@pages.get("/marking")
def show_queue() -> str:
    offered = services()
    gather_due_works(offered)
    with offered.storage.read() as session:
        return render_template("marking/queue.html", counts=count_queue(session),
                               marked=list_marked(session, current_user.login), referred=list_referred(session))


@pages.get("/marking/desk")
def show_desk() -> str:
    gather_due_works(services())
    return render_template("marking/desk.html")


@pages.post("/v1/marking/next")
def send_next() -> Response:
    offered, expert = services(), current_user.login
    now_ms = offered.clock.now_ms()
    return _describe_answer(offered.storage.write(lambda session: take_next(session, now_ms, expert)))


@pages.post("/v1/marking/save")
def accept_marks() -> Response:
    offered, expert, body = services(), current_user.login, _read_body()
    now_ms, marks = offered.clock.now_ms(), _read_marks(body)
    offered.storage.write(lambda session: save_marks(
        session, now_ms, expert, str(body.get("assignment", "")), _read_version(body), marks))
    offered.live.changed("marking", now_ms)
    return jsonify(saved=True)


@pages.post("/v1/marking/undo")
def accept_undo() -> Response:
    offered, expert, assignment = services(), current_user.login, str(_read_body().get("assignment", ""))
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: undo_marks(session, now_ms, expert, assignment))
    return _describe_answer(assignment)


@pages.post("/v1/marking/refer")
def accept_referral() -> Response:
    offered, expert, body = services(), current_user.login, _read_body()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: refer_answer(
        session, now_ms, expert, str(body.get("assignment", "")), _read_version(body), str(body.get("reason", ""))))
    return jsonify(referred=True)


@pages.get("/marking/recordings/<sha256>")
def send_recording(sha256: str) -> Response:
    """Sound of an answer on this expert's desk, with ranges so that the player can jump."""
    offered = services()
    with offered.storage.read() as session:
        if not may_hear(session, current_user.login, sha256):
            raise FileMissing()
    return send_file(offered.files.path(sha256), mimetype="audio/flac", conditional=True)


@pages.get("/marking/media/<archive>/<sha256>")
def send_medium(archive: str, sha256: str) -> Response:
    """A picture or sound of a task, from the opened criteria archive."""
    if not re.fullmatch(r"[0-9a-f]{64}", archive) or not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise FileMissing()
    path, media_type = open_prompt_medium(services(), archive, sha256)
    return send_file(path, mimetype=media_type, conditional=True)


@pages.post("/v1/marking/return")
def return_referred() -> Response:
    offered, head, assignment = services(), current_user.login, str(_read_body().get("assignment", ""))
    require_head()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: return_answer(session, now_ms, head, assignment))
    return jsonify(returned=True)


def require_head() -> None:
    """Raises NotHead unless the present expert is flagged as head of the commission."""
    if not current_user.is_head:
        raise NotHead()


def _describe_answer(assignment: str) -> Response:
    with services().storage.read() as session:
        answer = find_desk_answer(session, assignment)
    if answer is None:
        raise NothingToMark()
    return jsonify(asdict(answer))


def _read_body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _read_version(body: dict[str, Any]) -> int:
    version = body.get("version")
    return version if isinstance(version, int) else -1


def _read_marks(body: dict[str, Any]) -> Marks:
    points, moments = body.get("points"), body.get("moments", {})
    if not isinstance(points, dict) or not isinstance(moments, dict):
        raise PointsOutOfRange()
    kept = {str(name): ms for name, ms in moments.items() if isinstance(ms, int) and ms >= 0}
    return Marks(points, str(body.get("comment", "")), kept)
