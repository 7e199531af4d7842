"""The files process: bundles out by range, sound parts and pieces of answers' files in. Protocol.md §4, §8.

Takes settings and a clock. Gives a small Flask application that never opens classroom.sqlite: who asks is proved
by the token's MAC alone.
"""
from __future__ import annotations

import errno
import logging
import re
from pathlib import Path

import msgspec
from flask import Flask, Response, request, send_file
from werkzeug.exceptions import HTTPException

from testing_server.contracts.messages import PartAcked, PieceAcked
from testing_server.exam_day.recovery.standby.sound import share_handover
from testing_server.exam_day.responses.part_verdicts import judge_part, read_verdict
from testing_server.exam_day.responses.parts import PART_LIMIT, BadPart, PartStore, RecordingName, check_part
from testing_server.exam_day.responses.pieces import ATTEMPT, BadPiece, PieceStore, answer_file_path
from testing_server.exam_day.responses.same_host import answer_same_host
from testing_server.foundation.clock import Clock
from testing_server.foundation.disk import Disk, Writing
from testing_server.foundation.files.pacing import Downloads, LargePieces
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.settings import Settings
from testing_server.foundation.tokens import BadToken, read_token

log = logging.getLogger(__name__)
DIGEST = re.compile(r"[0-9a-f]{64}")
HANDOVER = "/v1/handover/"
FULL = {errno.ENOSPC, errno.EDQUOT}


class FilesRefusal(Exception):
    """An answer in the protocol's form; this process speaks no languages."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def make_files_app(settings: Settings, clock: Clock) -> Flask:
    """The application of the files process of a classroom."""
    app = Flask("testing_server.files", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = PART_LIMIT + 1024
    store = PartStore(settings.data)
    app.extensions["parts"] = store
    disk = app.extensions["disk"] = Disk(settings.data)
    mac_key, downloads = obtain_key(settings.run_folder, "mac.key"), Downloads()
    app.extensions["downloads"] = downloads
    answer_same_host(app)

    @app.before_request
    def check_token() -> None:
        request.environ["wsgi.file_wrapper"] = LargePieces
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        # another server of the school sees what it is handed over, a workstation what is its own
        who = "school" if request.path.startswith(HANDOVER) else "workstation"
        try:
            read_token(mac_key, text.strip() if kind == "Bearer" else "", who, clock.now_ms())
        except BadToken:
            raise FilesRefusal(401, "not_signed_in", "no valid token") from None

    @app.get("/v1/bundles/<sha256>")
    def show_bundle(sha256: str) -> Response:
        path = settings.data / "bundles" / sha256
        if not DIGEST.fullmatch(sha256) or not path.exists():
            raise FilesRefusal(404, "not_ready", "no such bundle here")
        return downloads.send(lambda: send_file(path, "application/octet-stream", conditional=True, etag=sha256,
                                                max_age=86_400))

    @app.put("/v1/recordings/<attempt>/<int:lease>/<int:number>/parts/<int:part_no>")
    def put_part(attempt: str, lease: int, number: int, part_no: int) -> Response:
        name, offset = RecordingName(attempt, lease, number), request.args.get("offset", type=int)
        if offset is None:
            raise BadPart()
        body, rate_hz = request.get_data(), request.args.get("rate", 0, type=int)
        sha256, verdict = request.args.get("sha256", ""), read_verdict(request.args.get("verdict", ""))
        with downloads.behind():
            check_part(name, part_no, offset, sha256, body)
            disk.check(Writing.SOUND)
            verdict = verdict or judge_part(store.path(name), rate_hz, offset, body)
            received = store.put(name, part_no, offset, sha256, body, verdict, clock.now_ms())
        return answer_json(PartAcked(durable_bytes=received.durable_bytes, missing=received.missing[:16]))

    share_answer_files(app, settings.data, downloads)
    share_handover(app, settings.data)
    answer_failures(app)
    return app


def share_answer_files(app: Flask, data: Path, downloads: Downloads) -> None:
    """Files given as answers: in by pieces, out whole to the seat a candidate was moved to. Who asks for one knows its
    digest from the attempt's history, which only the seat of the attempt is given."""
    pieces = PieceStore(data)

    @app.put("/v1/files/<attempt>/<sha256>")
    def put_piece(attempt: str, sha256: str) -> Response:
        offset, length = request.args.get("offset", type=int), request.args.get("bytes", type=int)
        if offset is None or length is None:
            raise BadPiece()
        return answer_json(PieceAcked(durable_bytes=pieces.put(attempt, sha256, offset, length, request.get_data())))

    @app.get("/v1/files/<attempt>/<sha256>")
    def show_answer_file(attempt: str, sha256: str) -> Response:
        if not ATTEMPT.fullmatch(attempt) or not DIGEST.fullmatch(sha256):
            raise BadPiece()
        path = answer_file_path(data, attempt, sha256)
        if not path.exists():
            raise FilesRefusal(404, "not_ready", "the file is not here whole yet")
        return downloads.send(lambda: send_file(path, "application/octet-stream", conditional=True, etag=sha256))


def answer_failures(app: Flask) -> None:
    """Every failure as {code, message}."""
    @app.errorhandler(Exception)
    def answer_failure(error: Exception) -> Response:
        status, code = describe_failure(error)
        if status >= 500:
            log.exception("failed: %s %s", request.method, request.path, exc_info=error)
        details = getattr(error, "details", {})
        return answer_json({"code": code, "message": getattr(error, "message", code) if status < 500 and isinstance(
            error, FilesRefusal) else code, **({"details": details} if details else {})}, status)


def describe_failure(error: Exception) -> tuple[int, str]:
    """(status, code) of what went wrong."""
    if isinstance(error, OSError):
        return (507, "storage_full") if error.errno in FULL else (503, "storage_readonly")
    if isinstance(error, HTTPException):
        return error.code or 500, "too_large" if error.code == 413 else "refused"
    status, code = getattr(error, "status", 500), getattr(error, "code", "internal_failure")
    return int(status), str(code)


def answer_json(body: object, status: int = 200) -> Response:
    """JSON of a message or plain data."""
    return Response(msgspec.json.encode(body), status, mimetype="application/json",
                    headers={"X-Content-Type-Options": "nosniff"})
