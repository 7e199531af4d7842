"""The desk over a kit: the same page and the same requests as on the hub, answered from the kit's own folder."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import logout_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import ANYONE, AccountRole
from testing_server.foundation.accounts.pages import enter
from testing_server.foundation.accounts.queries import find_account
from testing_server.foundation.accounts.sign_ins import begin_sign_in
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.marking.kits.opened import Kit
from testing_server.marking.kits.rules import show_day
from testing_server.marking.referrals.rules import KINDS, check_referral
from testing_server.marking.review.pages import PICTURES, read_body, read_marks, read_version, show_policy
from testing_server.marking.review.rules import NothingToMark, check_marks

VAULT_NAME = "kit"
EXPERT = frozenset({AccountRole.EXPERT.value})

# named as on the hub: the desk's page and its script know one set of addresses
pages = Blueprint("marking", __name__)


def current_kit() -> Kit:
    """The kit this process was started with."""
    found: Kit = services().vault[VAULT_NAME]
    return found


@pages.get("/kit")
def show_lock() -> str | BaseResponse:
    """Where the passphrase is asked for."""
    if current_kit().keys is not None:
        return redirect(url_for("marking.show_queue"))
    return _show_lock()


def _show_lock(refusal: Refusal | None = None) -> str:
    return render_template("marking/kit_lock.html", kit=current_kit().header, refusal=refusal, show_day=show_day)


@pages.post("/kit")
def unlock() -> str | BaseResponse | tuple[str, int]:
    """The right passphrase opens the answers and signs the expert in."""
    kit = current_kit()
    try:
        kit.unlock(request.form.get("passphrase", ""))
    except Refusal as refusal:
        return _show_lock(refusal), refusal.status
    offered = services()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        account = find_account(session, str(kit.header["expert"]))
    assert account is not None
    enter(account, offered.storage.write(lambda db: begin_sign_in(db, now_ms, account)))
    return redirect(url_for("marking.show_queue"))


@pages.get("/marking")
def show_queue() -> str | BaseResponse:
    """How much of the kit is done, and what to do next."""
    return _show_kit()


def _show_kit(refusal: Refusal | None = None) -> str | BaseResponse:
    kit = current_kit()
    if kit.keys is None:
        return redirect(url_for("marking.show_lock"))
    marked, left = kit.journal.count("saved", "referred"), len(kit.journal.list_open())
    return render_template("marking/kit_work.html", kit=kit, refusal=refusal, now_ms=services().clock.now_ms(),
                           show_day=show_day, marked=marked, left=left)


@pages.post("/marking/criteria")
def open_criteria() -> BaseResponse | str | tuple[str, int]:
    """The cipher of the hour opens the criteria."""
    try:
        current_kit().open_criteria(request.form.get("cipher", ""))
    except Refusal as refusal:
        return _show_kit(refusal), refusal.status  # type: ignore[return-value]
    return redirect(url_for("marking.show_queue"))


@pages.get("/marking/marks")
def send_marks() -> Response:
    """The file of marks for the hub."""
    kit = current_kit()
    response = make_response(kit.seal_marks())
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="{kit.id}.marks"'
    return response


@pages.post("/marking/receipt")
def wipe() -> BaseResponse | str | tuple[str, int]:
    """The hub's receipt ends the kit: everything of it is removed from this computer."""
    kit, given = current_kit(), request.files.get("receipt")
    try:
        kit.check_receipt(given.read(65536) if given else b"")
    except Refusal as refusal:
        return _show_kit(refusal), refusal.status  # type: ignore[return-value]
    logout_user()
    kit.wipe()
    return render_template("marking/kit_wiped.html")


@pages.get("/marking/desk")
def show_desk() -> Response | BaseResponse:
    """The same desk."""
    if current_kit().keys is None or not current_kit().is_open:
        return redirect(url_for("marking.show_queue"))
    nonce = secrets.token_urlsafe(16)
    return show_policy(make_response(render_template("marking/desk.html", nonce=nonce, reasons=KINDS.items())), nonce)


@pages.post("/v1/marking/next")
def send_next() -> Response:
    return _send_open(0)


@pages.post("/v1/marking/ahead")
def send_ahead() -> Response:
    try:
        return _send_open(1)
    except NothingToMark:
        return jsonify(assignment=None)


def _send_open(place: int) -> Response:
    kit = current_kit()
    waiting = kit.journal.list_open()
    if len(waiting) <= place:
        raise NothingToMark()
    return jsonify(kit.describe(waiting[place]))


@pages.get("/v1/marking/figures")
def send_figures() -> Response:
    journal = current_kit().journal
    done, left = journal.count("saved", "referred"), len(journal.list_open())
    return jsonify(today=done, limit=0, waiting=left, pace_s=None,
                   text=_("Комплект: готово %(done)s, осталось %(left)s", done=done, left=left))


@pages.post("/v1/marking/save")
def accept_marks() -> Response:
    """Marks are on the disk, signed, when this answers; the same marks once more are no fault."""
    kit, body = current_kit(), read_body()
    assignment, version, marks = str(body.get("assignment", "")), read_version(body), read_marks(body)
    state = kit.journal.states.get(assignment)
    if state and (state.state, state.version) == ("saved", version + 1) and state.marks["points"] == dict(marks.points):
        return jsonify(saved=True, version=state.version)
    state = kit.journal.find_own(assignment, version)
    points = check_marks({"criteria": kit.describe(assignment)["criteria"]}, marks.points)
    kit.journal.add("saved", assignment, services().clock.now_ms(), {
        "points": points, "comment": marks.comment, "moments": dict(marks.moments),
        "notes": [dict(note) for note in marks.notes]})
    return jsonify(saved=True, version=state.version)


@pages.post("/v1/marking/undo")
def accept_undo() -> Response:
    kit, assignment = current_kit(), str(read_body().get("assignment", ""))
    kit.journal.check_undo(assignment)
    kit.journal.add("undone", assignment, services().clock.now_ms(), {})
    return jsonify(kit.describe(assignment))


@pages.post("/v1/marking/refer")
def accept_referral() -> Response:
    kit, body = current_kit(), read_body()
    assignment, version = str(body.get("assignment", "")), read_version(body)
    state = kit.journal.states.get(assignment)
    if state is None or (state.state, state.version) != ("referred", version + 1):
        kind = str(body.get("kind", "other"))
        text = check_referral(kind, str(body.get("reason", "")))
        kit.journal.find_own(assignment, version)
        kit.journal.add("referred", assignment, services().clock.now_ms(), {"referral": kind, "reason": text})
    return jsonify(referred=True)


@pages.get("/v1/marking/listening/<sha256>")
def send_listening(sha256: str) -> Response:
    return send_file(current_kit().find_file("listening", sha256).absolute(), mimetype="application/json")


@pages.get("/marking/recordings/<sha256>")
def send_recording(sha256: str) -> Response:
    """Sound with ranges."""
    return send_file(current_kit().find_file("recordings", sha256).absolute(), mimetype="audio/flac", conditional=True)


@pages.get("/marking/files/<sha256>")
def send_file_answer(sha256: str) -> Response:
    """Shown where it is a picture, otherwise only to be saved."""
    kit = current_kit()
    types = {file["sha256"]: file["type"] for one in kit.answers.values() for file in one["content"].get("files", [])}
    path, kind = kit.find_file("files", sha256), types.get(sha256, "")
    is_picture = kind in PICTURES
    return send_file(path.absolute(), kind if is_picture else "application/octet-stream", conditional=True,
                     as_attachment=not is_picture, download_name=f"answer-{sha256[:8]}")


@pages.get("/marking/media/<archive>/<sha256>")
def send_medium(archive: str, sha256: str) -> Response:
    kit = current_kit()
    path = kit.find_file("media", sha256)
    return send_file(path.absolute(), mimetype=kit.media.get(sha256, "application/octet-stream"), conditional=True)


OPEN = frozenset({ANYONE})
ACCESS: dict[str, Any] = {"show_lock": OPEN, "unlock": OPEN} | {name: EXPERT for name in (
    "show_queue", "open_criteria", "send_marks", "wipe", "show_desk", "send_next", "send_ahead", "send_figures",
    "accept_marks", "accept_undo", "accept_referral", "send_listening", "send_recording", "send_file_answer",
    "send_medium")}
MOUNT = Mount(pages, ACCESS, limits={"unlock": "10 per minute"})
