"""Packages over HTTP: tus 1.0 uploads, verdicts of the worker, receipts.

Takes uploads of classroom servers and of organizers with a stick. Gives a signed receipt or the reason why not.
"""
import shutil
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from flask_login import current_user

from testing_server.exam_day.reception import rules
from testing_server.exam_day.reception.actions import (
    accept_package, begin_upload, end_upload, expire_uploads, note_bytes, note_verifying, quarantine_upload)
from testing_server.exam_day.reception.jobs import judge_upload
from testing_server.exam_day.reception.queries import Upload, find_package, find_upload, list_packages, read_heads
from testing_server.exam_day.reception.uploads import UploadFolder
from testing_server.exam_day.reception.verification import KnownKey, KnownSchool
from testing_server.foundation.access import ANYONE, INTERNAL, SCHOOL, AccountRole
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.foundation.storage import StorageFull
from testing_server.preparation.campaigns.queries import find_keep_days
from testing_server.preparation.enrolment.queries import list_certificates
from testing_server.preparation.founding.actions import hub_keys
from testing_server.preparation.materials.queries import list_earlier_windows, list_windows, list_withdrawn

api = Blueprint("reception_api", __name__, url_prefix="/v1")
OFFSET_TYPE = "application/offset+octet-stream"
STREAM_PIECE = 1024 * 1024
SPARE_BYTES = 1024 ** 3
VERDICT_BYTES = 64 * 1024 ** 2


@api.after_request
def say_tus(response: Response) -> Response:
    """Every answer names the protocol version."""
    response.headers["Tus-Resumable"] = rules.TUS
    if response.status_code == 412:
        response.headers["Tus-Version"] = rules.TUS
    return response


@api.route("/packages", methods=["OPTIONS"], provide_automatic_options=False)
def describe_server() -> Response:
    """What this server can."""
    return _empty(204, {"Tus-Version": rules.TUS, "Tus-Extension": rules.EXTENSIONS,
                        "Tus-Max-Size": str(rules.MAX_PACKAGE_BYTES),
                        "Tus-Checksum-Algorithm": ",".join(rules.ALGORITHMS)})


@api.route("/packages", methods=["POST"], provide_automatic_options=False)
def create_upload() -> Response:
    """Creation: Upload-Length, Upload-Metadata {package, school, sitting, sequence, sha256} -> Location."""
    rules.check_version(dict(request.headers))
    length = rules.read_length(dict(request.headers))
    metadata = rules.read_metadata(request.headers.get("Upload-Metadata", ""))
    offered, school, by = services(), _school(), _sender()
    now_ms = offered.clock.now_ms()
    if shutil.disk_usage(offered.settings.data).free < length + SPARE_BYTES:
        raise StorageFull()
    for old in offered.storage.write(lambda db: expire_uploads(db, now_ms)):
        _folder().discard(old)
    upload = offered.storage.write(lambda db: begin_upload(db, now_ms, school, length, metadata, by))
    _folder().create(upload)
    if length == 0:
        _note_bytes(upload, 0)
    return _empty(201, {"Location": f"/v1/packages/{upload}", "Upload-Expires": rules.show_expiry(now_ms)})


@api.route("/packages/<upload>", methods=["HEAD"], provide_automatic_options=False)
def show_offset(upload: str) -> Response:
    """How much has come."""
    rules.check_version(dict(request.headers))
    found = _find(upload)
    have = _have(found)
    if found.state == "receiving" and have == found.length:
        # the process died between the last byte and its note
        _note_bytes(upload, have)
    return _empty(200, {"Upload-Offset": str(have), "Upload-Length": str(found.length), "Cache-Control": "no-store",
                        "Upload-Expires": rules.show_expiry(found.last_byte_at_ms)})


@api.route("/packages/<upload>", methods=["PATCH"], provide_automatic_options=False)
def append_piece(upload: str) -> Response:
    """The next piece, whole with Upload-Checksum or streamed without one."""
    rules.check_version(dict(request.headers))
    if request.mimetype != OFFSET_TYPE:
        raise rules.WrongContentType()
    checksum = rules.read_checksum(request.headers.get("Upload-Checksum"))
    found, offset = _find(upload), rules.read_offset(dict(request.headers))
    have = _have(found)
    rules.check_piece(offset, have, request.content_length, found.length, checksum is not None)
    if have == found.length:
        return _empty(204, {"Upload-Offset": str(have)})
    if checksum is not None:
        have = _append_checked(upload, offset, checksum)
    else:
        have = _append_streamed(upload, offset, found.length)
    at_ms = _note_bytes(upload, have)
    return _empty(204, {"Upload-Offset": str(have), "Upload-Expires": rules.show_expiry(at_ms)})


@api.route("/packages/<upload>", methods=["DELETE"], provide_automatic_options=False)
def give_up(upload: str) -> Response:
    """Termination: only what is not received yet can be given up."""
    rules.check_version(dict(request.headers))
    if _find(upload).state != "receiving":
        raise rules.AlreadyReceived()
    offered, by = services(), _sender()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: end_upload(db, now_ms, upload, by))
    _folder().discard(upload)
    return _empty(204, {})


@api.get("/packages/<package>/receipt")
def show_receipt(package: str) -> Response:
    """The signed receipt; 202 {state} while it is checked; 409 quarantined {reason}."""
    school = _school()
    with services().storage.read() as session:
        upload = find_upload(session, package, school)
        accepted = find_package(session, upload.package if upload else package, school)
    if accepted is not None:
        return Response(accepted.receipt, mimetype="application/json")
    if upload is None or upload.state == "expired":
        raise rules.UploadUnknown()
    if upload.state in ("quarantined", "replaced"):
        raise rules.InQuarantine(details={"reason": upload.reason})
    if upload.state != "receiving" and upload.id not in _judged_here():
        # received before this process started: whether its job is still queued cannot be known, a second does no harm
        start_judging(upload)
    answer = jsonify({"state": upload.state})
    answer.status_code = 202
    return answer


@api.post("/internal/uploads/<upload>/verdict")
def take_verdict(upload: str) -> Response:
    """From the worker: {verdict: verifying | quarantined {reason, detail} | accepted {facts}}."""
    body: dict[str, Any] = request.get_json()
    _VERDICTS[body["verdict"]](upload, body)
    offered = services()
    offered.live.changed("packages", offered.clock.now_ms())
    return jsonify({})


def start_judging(upload: Upload) -> None:
    """Gives a received upload to the worker, with what is known of its school."""
    offered = services()
    _judged_here().add(upload.id)
    with offered.storage.read() as session:
        keys = [KnownKey(one.key_id, one.public_key, one.not_before_ms, one.not_after_ms)
                for one in list_certificates(session, upload.school)]
        known = KnownSchool(upload.school, keys, list_windows(session, upload.school),
                            read_heads(session, upload.school),
                            [one.package for one in list_packages(session, upload.school)],
                            list_withdrawn(session, upload.school), list_earlier_windows(session, upload.school),
                            bool(upload.pardon))
    offered.jobs.enqueue(judge_upload, upload=upload.id, claimed_sha256=upload.claimed_sha256, known=asdict(known))


def _take_verifying(upload: str, body: dict[str, Any]) -> None:
    offered = services()
    offered.storage.write(lambda db: note_verifying(db, offered.clock.now_ms(), upload))


def _take_quarantine(upload: str, body: dict[str, Any]) -> None:
    offered = services()
    now_ms, reason, detail = offered.clock.now_ms(), body["reason"], body["detail"]
    offered.storage.write(lambda db: quarantine_upload(db, now_ms, upload, reason, detail))
    _folder().keep_aside(upload)


def _take_acceptance(upload: str, body: dict[str, Any]) -> None:
    offered, signing, facts = services(), hub_keys().signing, body["facts"]
    now_ms = offered.clock.now_ms()
    keep_days = find_keep_days(offered.settings.data, str(facts["manifest"]["campaign"]))
    offered.storage.write(lambda db: accept_package(db, now_ms, signing, upload, facts, keep_days))
    _folder().keep_accepted(upload, facts["package"])


_VERDICTS = {"verifying": _take_verifying, "quarantined": _take_quarantine, "accepted": _take_acceptance}


def _append_checked(upload: str, offset: int, checksum: rules.Checksum) -> int:
    data = request.get_data(cache=False)
    if not checksum.fits(data):
        raise rules.ChecksumDiffers(details={"offset": offset})
    return _folder().append(upload, data, offset)


def _append_streamed(upload: str, offset: int, length: int) -> int:
    folder = _folder()
    while piece := request.stream.read(STREAM_PIECE):
        if offset + len(piece) > length:
            raise rules.PackageTooLarge(details={"left_bytes": length - offset})
        offset = folder.append(upload, piece, offset)
    return offset


def _note_bytes(upload: str, have: int) -> int:
    offered = services()
    now_ms = offered.clock.now_ms()
    if offered.storage.write(lambda db: note_bytes(db, now_ms, upload, have)):
        start_judging(_find(upload))
    return now_ms


def _have(found: Upload) -> int:
    # an upload that was received has been moved away by its verdict, or will be
    return _folder().length(found.id) if found.state == "receiving" else found.length


def _judged_here() -> set[str]:
    judged: set[str] = services().vault.setdefault("uploads_judged", set())
    return judged


def _find(upload: str) -> Upload:
    with services().storage.read() as session:
        found = find_upload(session, upload, _school())
    if found is None or found.id != upload:
        raise rules.UploadUnknown()
    expired = found.state == "receiving" and rules.is_expired(found.last_byte_at_ms, services().clock.now_ms())
    if found.state == "expired" or expired:
        raise rules.UploadExpired()
    return found


def _school() -> str:
    """Of the classroom server's token, or of the organizer who is signed in."""
    school: str | None = g.token.subject if g.token is not None else current_user.school
    if not school:
        raise rules.UploadUnknown()
    return school


def _sender() -> str:
    return f"school:{g.token.subject}" if g.token is not None else current_user.login


def _folder() -> UploadFolder:
    return UploadFolder(services().settings.data)


def _empty(status: int, headers: dict[str, str]) -> Response:
    return Response(status=status, headers=headers)


_SENDERS = frozenset({SCHOOL, AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=api,
    access={"describe_server": frozenset({ANYONE}), "create_upload": _SENDERS, "show_offset": _SENDERS,
            "append_piece": _SENDERS, "give_up": _SENDERS, "show_receipt": _SENDERS,
            "take_verdict": frozenset({INTERNAL})},
    body_limits={"append_piece": rules.MAX_PACKAGE_BYTES, "take_verdict": VERDICT_BYTES})
