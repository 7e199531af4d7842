"""The desk over HTTP: the queue page, one answer after the other, marks by keyboard. Roles: expert (and head)."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request, send_file
from flask_login import current_user
from sqlalchemy.orm import Session

from testing_server.foundation.access import AccountRole
from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.services import services
from testing_server.foundation.web.headers import POLICY
from testing_server.marking.commission.bounds import Bounds, read_bounds
from testing_server.marking.commission.queries import check_led
from testing_server.marking.commission.rules import MayNotMark
from testing_server.marking.gathering.sources import gather_due_works, open_prompt_medium
from testing_server.marking.referrals.rules import KINDS
from testing_server.marking.review.actions import (
    Marks, return_answer, take_ahead, take_next, take_referred, touch_held)
from testing_server.marking.review.figures import describe_figures, read_figures
from testing_server.marking.review.queries import (
    count_marked, count_queue, find_desk_answer, find_file_type, list_marked, may_hear, may_see)
from testing_server.marking.review.repeats import refer_once, save_once, undo_once
from testing_server.marking.review.rules import NothingToMark, PointsOutOfRange, read_moments, read_notes
from testing_server.marking.standardisation.queries import find_feedback
from testing_server.preparation.people.rules import name_subject

pages = Blueprint("marking", __name__)
pages.add_app_template_filter(name_subject, "subject_name")
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {name: EXPERT for name in (
    "show_queue", "show_counts", "show_desk", "send_next", "send_ahead", "send_figures", "accept_marks", "accept_undo",
    "accept_referral", "send_recording", "send_file_answer", "send_medium", "return_referred", "take_over_referred")}
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
DIGEST = re.compile(r"[0-9a-f]{64}")


@pages.get("/marking")
def show_queue() -> str:
    offered, expert = services(), current_user.login
    gather_due_works(offered)
    with offered.storage.read() as session:
        return render_template("marking/queue.html", counts=count_queue(session, expert),
                               marked=list_marked(session, expert), marked_count=count_marked(session, expert))


@pages.get("/marking/counts")
def show_counts() -> str:
    """The part of the queue page that is fetched again after a change."""
    with services().storage.read() as session:
        return render_template("marking/queue_counts.html", counts=count_queue(session, current_user.login))


@pages.get("/marking/desk")
def show_desk() -> Response:
    """The desk. The waveform keeps its style in a shadow tree of its own, which this page's nonce lets in."""
    gather_due_works(services())
    nonce = secrets.token_urlsafe(16)
    return show_policy(make_response(render_template("marking/desk.html", nonce=nonce, reasons=KINDS.items())), nonce)


def show_policy(page: Response, nonce: str) -> Response:
    """The page with one style more let in than elsewhere."""
    page.headers["Content-Security-Policy"] = POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    return page


@pages.post("/v1/marking/next")
def send_next() -> Response:
    try:
        return _describe_answer(_take_next())
    except NothingToMark:
        # a desk that waits asks here again and again: this is where new work must be noticed
        if not gather_due_works(services()):
            raise
    return _describe_answer(_take_next())


def _take_next() -> str:
    offered, expert = services(), current_user.login
    now_ms = offered.clock.now_ms()
    assignment = offered.storage.write(lambda session: take_next(session, now_ms, expert))
    offered.live.changed("marking", now_ms)
    return assignment


@pages.post("/v1/marking/ahead")
def send_ahead() -> Response:
    """The answer after the one in hand, {"assignment": null} where none follows; whoever asks works at the desk, so
    what lies on it stays there."""
    offered, expert = services(), current_user.login
    now_ms = offered.clock.now_ms()
    found = offered.storage.write(lambda session: _hold_and_reserve(session, now_ms, expert))
    return jsonify(assignment=None) if found is None else _describe_answer(found)


def _hold_and_reserve(session: Session, now_ms: int, expert: str) -> str | None:
    """None where nothing follows: no fault of the desk, it looked before it was asked to."""
    touch_held(session, now_ms, expert)
    try:
        return take_ahead(session, now_ms, expert)
    except (NothingToMark, MayNotMark):
        return None


@pages.get("/v1/marking/figures")
def send_figures() -> Response:
    """The expert's own day, and the same in words."""
    offered = services()
    with offered.storage.read() as session:
        figures = read_figures(session, offered.clock.now_ms(), current_user.login)
    return jsonify(asdict(figures) | {"text": describe_figures(figures)})


@pages.post("/v1/marking/save")
def accept_marks() -> Response:
    """Marks are kept when this answers; the same marks once more are no fault.

    `feedback`: {"points", "comment"} agreed on a practice answer, null for every other.
    """
    offered, expert, body = services(), current_user.login, read_body()
    now_ms, marks = offered.clock.now_ms(), read_marks(body)
    version = offered.storage.write(lambda session: save_once(
        session, now_ms, expert, str(body.get("assignment", "")), read_version(body), marks))
    offered.live.changed("marking", now_ms)
    with offered.storage.read() as session:
        feedback = find_feedback(session, str(body.get("assignment", "")))
    return jsonify(saved=True, version=version, feedback=feedback)


@pages.post("/v1/marking/undo")
def accept_undo() -> Response:
    offered, expert, assignment = services(), current_user.login, str(read_body().get("assignment", ""))
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: undo_once(session, now_ms, expert, assignment))
    offered.live.changed("marking", now_ms)
    return _describe_answer(assignment)


@pages.post("/v1/marking/refer")
def accept_referral() -> Response:
    offered, expert, body = services(), current_user.login, read_body()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: refer_once(
        session, now_ms, expert, str(body.get("assignment", "")), read_version(body), str(body.get("reason", "")),
        str(body.get("kind", "other"))))
    offered.live.changed("marking", now_ms)
    return jsonify(referred=True)


@pages.get("/marking/recordings/<sha256>")
def send_recording(sha256: str) -> Response:
    """Sound of an answer on this expert's desk, with ranges so that the player can jump."""
    offered = services()
    with offered.storage.read() as session:
        if not may_hear(session, current_user.login, sha256):
            raise FileMissing()
    return send_file(offered.files.path(sha256), mimetype="audio/flac", conditional=True)


@pages.get("/marking/files/<sha256>")
def send_file_answer(sha256: str) -> Response:
    """A file of an answer on this expert's desk: shown where it is a picture, otherwise only to be saved."""
    offered = services()
    with offered.storage.read() as session:
        kind = find_file_type(session, current_user.login, sha256)
    if kind is None:
        raise FileMissing()
    is_picture = kind in PICTURES
    return send_file(offered.files.path(sha256), kind if is_picture else "application/octet-stream", conditional=True,
                     as_attachment=not is_picture, download_name=f"answer-{sha256[:8]}")


@pages.get("/marking/media/<archive>/<sha256>")
def send_medium(archive: str, sha256: str) -> Response:
    """A picture or sound of a task this expert marks, from the opened criteria archive."""
    offered = services()
    with offered.storage.read() as session:
        seen = bool(DIGEST.fullmatch(sha256)) and may_see(session, current_user.login, archive)
    if not seen:
        raise FileMissing()
    path, media_type = open_prompt_medium(offered, archive, sha256)
    return send_file(path, mimetype=media_type, conditional=True)


@pages.post("/v1/marking/return")
def return_referred() -> Response:
    """The head gives a referred answer back to the queue."""
    offered, head, assignment = services(), current_user.login, _read_led()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: return_answer(session, now_ms, head, assignment))
    offered.live.changed("marking", now_ms)
    return jsonify(returned=True)


@pages.post("/v1/marking/take")
def take_over_referred() -> Response:
    """The head puts a referred answer on the own desk."""
    offered, head, assignment = services(), current_user.login, _read_led()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: take_referred(session, now_ms, head, assignment))
    offered.live.changed("marking", now_ms)
    return jsonify(taken=True)


def require_head() -> Bounds:
    """What the present head leads; nothing else is to be shown. Raises NotHead, HeadUnbound."""
    return read_bounds(current_user)


def _read_led() -> str:
    """The assignment the request names. Raises NotFound for an answer another head leads."""
    bounds, assignment = require_head(), str(read_body().get("assignment", ""))
    with services().storage.read() as session:
        check_led(session, bounds, assignment)
    return assignment


def _describe_answer(assignment: str) -> Response:
    with services().storage.read() as session:
        answer = find_desk_answer(session, assignment)
    if answer is None:
        raise NothingToMark()
    return jsonify(asdict(answer))


def read_body() -> dict[str, Any]:
    """The JSON object of a request; an empty one for anything else."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def read_version(body: dict[str, Any]) -> int:
    """The version a desk speaks of; -1, which none is, for anything else."""
    version = body.get("version")
    return version if isinstance(version, int) else -1


def read_marks(body: dict[str, Any]) -> Marks:
    """Marks as a desk sends them; raises PointsOutOfRange where they are none."""
    points, moments = body.get("points"), body.get("moments", {})
    if not isinstance(points, dict) or not isinstance(moments, dict):
        raise PointsOutOfRange()
    return Marks(points, str(body.get("comment", "")), read_moments(moments), read_notes(body.get("notes")))
