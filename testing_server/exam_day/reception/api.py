"""Packages over HTTP: uploads by tus 1.0 and receipts.

Takes uploads of classroom servers, and of people with a stick. Gives a signed receipt or the reason why not. Bytes and
facts lie where every process of the hub finds them: each request of an upload may come to another one.
"""
import shutil
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from testing_server.exam_day.reception import rules
from testing_server.exam_day.reception.actions import begin_upload, end_upload, expire_uploads, find_begun, note_bytes
from testing_server.exam_day.reception.judging import start_judging
from testing_server.exam_day.reception.queries import Upload, find_package, find_upload, list_unjudged
from testing_server.exam_day.reception.senders import find_own_school, find_own_upload, name_sender, own_school
from testing_server.foundation.access import ANYONE, SCHOOL, AccountRole
from testing_server.foundation.files import UploadMissing, WrongOffset
from testing_server.foundation.loop import keep_loop_free
from testing_server.foundation.mounts import Mount, Rate
from testing_server.foundation.services import services
from testing_server.foundation.storage import StorageFull

api = Blueprint("reception_api", __name__, url_prefix="/v1")
OFFSET_TYPE = "application/offset+octet-stream"
# without a checksum bytes become durable in pieces of this size; what came before a cut is kept
STREAM_PIECE = 4 * 1024 ** 2
READ_PIECE = 256 * 1024
SPARE_BYTES = 1024 ** 3


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
    """Creation: Upload-Length, Upload-Metadata {package, school, sitting, sequence, sha256} -> Location.

    Repeatable: who never heard the answer and asks again for the same file goes on with the same upload, whose
    Upload-Offset is told; else what was begun in vain would wait for its end among the received ones.
    """
    rules.check_version(dict(request.headers))
    length = rules.read_length(dict(request.headers))
    metadata = rules.read_metadata(request.headers.get("Upload-Metadata", ""))
    offered, school, by = services(), find_own_school(metadata.get("school", "")), name_sender()
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        known = find_begun(session, now_ms, school, length, metadata, by)
    if known is None:
        _check_room(school, length)
    upload = offered.storage.write(lambda db: begin_upload(db, now_ms, school, length, metadata, by))
    offered.pieces.create(upload)
    have = 0 if known is None else offered.pieces.length(upload)
    if have == length:
        _note_bytes(upload, have)
    return _empty(201, {"Location": f"/v1/packages/{upload}", "Upload-Offset": str(have),
                        "Upload-Expires": rules.show_expiry(now_ms)})


@api.route("/packages/<upload>", methods=["HEAD"], provide_automatic_options=False)
def show_offset(upload: str) -> Response:
    """How much has come."""
    rules.check_version(dict(request.headers))
    found = find_own_upload(upload)
    have = _count_bytes(found)
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
    found, offset = find_own_upload(upload), rules.read_offset(dict(request.headers))
    have = _count_bytes(found)
    rules.check_piece(offset, have, request.content_length, found.length, checksum is not None)
    if have == found.length:
        if found.state == "receiving":
            # the process died between the last byte and its note, and the sender repeats the piece without asking
            _note_bytes(upload, have)
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
    if find_own_upload(upload).state != "receiving":
        raise rules.AlreadyReceived()
    offered, by = services(), name_sender()
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: end_upload(db, now_ms, upload, by))
    offered.pieces.discard(upload)
    return _empty(204, {})


@api.route("/packages/<upload>", methods=["POST"], provide_automatic_options=False)
def override_method(upload: str) -> Response:
    """X-HTTP-Method-Override, for clients behind something that lets no PATCH and no DELETE through."""
    known: dict[str, Callable[[str], Response]] = {
        "PATCH": append_piece, "DELETE": give_up, "HEAD": show_offset}
    wanted = known.get(request.headers.get("X-HTTP-Method-Override", "").upper())
    if wanted is None:
        raise rules.BadUpload(details={"header": "X-HTTP-Method-Override"})
    return wanted(upload)


@api.get("/packages/<package>/receipt")
def show_receipt(package: str) -> Response:
    """The signed receipt; 202 {state} while it is checked; 409 quarantined {reason}."""
    school = own_school()
    with services().storage.read() as session:
        upload = find_upload(session, package, school)
        accepted = find_package(session, upload.package if upload else package, school)
    if accepted is not None:
        return Response(accepted.receipt, mimetype="application/json")
    if upload is None or upload.state == "expired":
        raise rules.UploadUnknown()
    if upload.state in ("quarantined", "replaced"):
        raise rules.InQuarantine(details={"reason": upload.reason})
    if upload.state != "receiving":
        start_judging(upload.id)
    answer = jsonify({"state": upload.state})
    answer.status_code = 202
    return answer


def _check_room(school: str, length: int) -> None:
    """Raises StorageFull, QuotaExceeded; what expired makes room first."""
    offered = services()
    now_ms = offered.clock.now_ms()
    if not offered.settings.files_url and shutil.disk_usage(offered.settings.data).free < length + SPARE_BYTES:
        raise StorageFull()
    for old in offered.storage.write(lambda db: expire_uploads(db, now_ms)):
        offered.pieces.discard(old)
    with offered.storage.read() as session:
        rules.check_quota([one.length for one in list_unjudged(session, school)], length)


def _append_checked(upload: str, offset: int, checksum: rules.Checksum) -> int:
    data = request.get_data(cache=False)
    if not keep_loop_free(lambda: checksum.fits(data)):
        raise rules.ChecksumDiffers(details={"offset": offset})
    return _write(upload, data, offset)


def _append_streamed(upload: str, offset: int, length: int) -> int:
    waiting = bytearray()
    try:
        while piece := request.stream.read(READ_PIECE):
            if offset + len(waiting) + len(piece) > length:
                raise rules.PackageTooLarge(details={"left_bytes": length - offset - len(waiting)})
            waiting += piece
            if len(waiting) >= STREAM_PIECE:
                offset, waiting = _write(upload, bytes(waiting), offset), bytearray()
    finally:
        # also when the line was cut: the sender goes on from here
        offset = _write(upload, bytes(waiting), offset)
    return offset


def _write(upload: str, data: bytes, offset: int) -> int:
    try:
        return services().pieces.write(upload, data, offset)
    except WrongOffset as refusal:
        raise rules.OffsetDiffers(details={"offset": refusal.details["length"]}) from refusal
    except UploadMissing as refusal:
        raise rules.UploadExpired() from refusal


def _note_bytes(upload: str, have: int) -> int:
    offered = services()
    now_ms = offered.clock.now_ms()
    if offered.storage.write(lambda db: note_bytes(db, now_ms, upload, have)):
        start_judging(upload)
    return now_ms


def _count_bytes(found: Upload) -> int:
    # an upload that was received has been adopted by its verdict, or will be
    if found.state != "receiving":
        return found.length
    try:
        return services().pieces.length(found.id)
    except UploadMissing as refusal:
        raise rules.UploadUnknown() from refusal


def _empty(status: int, headers: dict[str, str]) -> Response:
    return Response(status=status, headers=headers)


_SENDERS = frozenset({SCHOOL, AccountRole.SCHOOL_ORGANIZER.value, AccountRole.COORDINATOR.value})
_CLASSROOM = frozenset({SCHOOL, AccountRole.SCHOOL_ORGANIZER.value})
MOUNT = Mount(
    blueprint=api,
    access={"describe_server": frozenset({ANYONE}), "create_upload": _SENDERS, "show_offset": _SENDERS,
            "append_piece": _SENDERS, "give_up": _SENDERS, "override_method": _SENDERS, "show_receipt": _CLASSROOM},
    limits={"create_upload": (Rate("60 per minute", by=name_sender),)},
    body_limits={"append_piece": rules.MAX_PACKAGE_BYTES, "override_method": rules.MAX_PACKAGE_BYTES})
