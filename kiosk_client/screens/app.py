"""The web application of the workstation's page: takes an agent and a guard, gives a Flask application.

Answers only the page on loopback; every view is a few lines over `actions` and `snapshot`.
"""

from __future__ import annotations

import io
import logging
import wave
from pathlib import Path
from urllib.parse import unquote

import msgspec
from flask import Flask, Response, abort, request, send_file, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from kiosk_client import rules
from kiosk_client.agent import Agent
from kiosk_client.link import Refused
from kiosk_client.refusals import BadAnswer, FileMissing, FileTooLarge, SeatRefusal, ServerAway, UnknownItem
from kiosk_client.screens.actions import ACTIONS
from kiosk_client.screens.guard import Guard
from kiosk_client.screens.snapshot import find_shown_item, show_item, take_snapshot
from kiosk_client.screens.stream import Stream
from testing_server.contracts.file_answers import MAX_FILE_BYTES

STATIC = Path(__file__).parent.parent / "static"
PAGE_KEEPER = "page_keeper.js"
BODY_LIMIT = 256 * 1024
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
STATUSES: dict[type[SeatRefusal], int] = {
    UnknownItem: 404, BadAnswer: 422, ServerAway: 503, FileMissing: 404, FileTooLarge: 413}

CLOSED = """Эта страница открывается только программой рабочего места.
Запустите её заново или позовите технического специалиста.

This page is opened only by the workstation program. Start it again or call the technician.
"""

log = logging.getLogger(__name__)


class Screens:
    """The views; `app` is the application."""

    def __init__(self, agent: Agent, guard: Guard) -> None:
        self._agent = agent
        self.stream = Stream(lambda: take_snapshot(agent), agent.attach, agent.detach)
        agent.on_change, agent.on_level = self.stream.wake, self.stream.tell_level
        self.app = Flask("kiosk", static_folder=None)
        self.app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
        guard.install(self.app)
        self._add_views()

    def _add_views(self) -> None:
        for path, view in (
            ("/", self.show_page), ("/static/<path:name>", self.show_static), ("/v1/state", self.show_state),
            ("/v1/stream", self.show_stream), ("/v1/items/<item_id>", self.show_item),
            ("/v1/media/<sha256>", self.show_medium), ("/v1/check.wav", self.show_check),
            ("/v1/answer-files/<sha256>", self.show_file),
            ("/v1/recordings/<int:lease>/<int:number>.wav", self.show_recording),
        ):
            self.app.add_url_rule(path, view.__name__, view)
        self.app.add_url_rule("/v1/actions/<name>", "act", self.act, methods=["POST"])
        self.app.add_url_rule("/v1/answer-files/<item_id>/<response>", "keep_file", self.keep_file, methods=["POST"])
        self.app.register_error_handler(SeatRefusal, answer_refusal)
        self.app.register_error_handler(HTTPException, answer_http_refusal)

    # Pages and state.

    def show_page(self) -> Response:
        return send_from_directory(STATIC, "page.html")

    def show_static(self, name: str) -> Response:
        response = send_from_directory(STATIC, name)
        if name == PAGE_KEEPER:
            response.headers["Service-Worker-Allowed"] = "/"
        return response

    def show_state(self) -> Response:
        return answer_json(take_snapshot(self._agent))

    def show_stream(self) -> Response:
        return Response(self.stream.listen(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})

    def show_item(self, item_id: str) -> Response:
        seat = self._agent.require_seat()
        return answer_json(show_item(find_shown_item(seat, item_id), seat.state))

    # Actions.

    def act(self, name: str) -> Response:
        if name not in ACTIONS:
            abort(404)
        if request.mimetype != "application/json":
            abort(415)
        kind, action = ACTIONS[name]
        try:
            body = msgspec.json.decode(request.get_data() or b"{}", type=kind)
        except (msgspec.MsgspecError, RecursionError) as error:
            return answer_json({"code": "bad_request", "message": str(error)}, 400)
        return answer_json({"ok": True, **(action(self._agent, body) or {})})

    def keep_file(self, item_id: str, response: str) -> Response:
        """The body is the file; its name comes percent-encoded in X-File-Name."""
        request.max_content_length = MAX_FILE_BYTES + 1024
        reference = self._agent.require_seat().keep_file(
            self._agent.files, item_id, response, request.get_data(), request.mimetype,
            unquote(request.headers.get("X-File-Name", "")))
        return answer_json({"reference": str(reference)})

    # Sound and pictures.

    def show_medium(self, sha256: str) -> BaseResponse:
        materials, seat = self._agent.seating.materials, self._agent.seating.seat
        if materials is None or seat is None or sha256 not in materials.media or not seat.state.started:
            abort(404)
        if is_closed_sound(seat.items, seat.playing, sha256):
            abort(403)
        data, kind = materials.media[sha256]
        return send_file(io.BytesIO(data), kind, conditional=True, etag=sha256)

    def show_file(self, sha256: str) -> BaseResponse:
        """A file this candidate gave; shown as a picture only where it is one, otherwise to be saved."""
        seat = self._agent.require_seat()
        kept = seat.state.files.get(sha256)
        if kept is None:
            abort(404)
        data = self._agent.files.read(seat.log.attempt, sha256)
        is_picture = kept.type in PICTURES
        return send_file(io.BytesIO(data), kept.type if is_picture else "application/octet-stream", etag=sha256,
                         as_attachment=not is_picture, download_name=kept.name)

    def show_check(self) -> BaseResponse:
        found = self._agent.recorder.read_check()
        if found is None:
            abort(404)
        return send_wav(*found)

    def show_recording(self, lease: int, number: int) -> BaseResponse:
        seat = self._agent.require_seat()
        for recording in seat.state.recordings:
            item = rules.find_item(seat.items, recording.item)
            may_play = item is not None and item["speaking"].get("playback") and recording.committed
            if (recording.lease, recording.number) == (lease, number) and may_play:
                return self._send_recording(seat.log.attempt, lease, number)
        abort(404)

    def _send_recording(self, attempt: str, lease: int, number: int) -> BaseResponse:
        for found in self._agent.journal.list_recordings(attempt):
            if (found.lease, found.number) == (lease, number):
                return send_wav(self._agent.recorder.find_file(found).read_bytes(), found.rate)
        abort(404)


def is_closed_sound(items: rules.Sequence[rules.Item], playing: tuple[str, int] | None, sha256: str) -> bool:
    """Whether a sound belongs to a listening item that is not being heard now: it can be heard in no other way."""
    owners = [item["id"] for item in items if (item.get("listening") or {}).get("media") == sha256]
    return bool(owners) and (playing is None or playing[0] not in owners)


def send_wav(pcm: bytes, rate: int) -> BaseResponse:
    """Raw PCM as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(pcm)
    file.seek(0)
    return send_file(file, "audio/wav", conditional=True, max_age=0)


def answer_json(body: object, status: int = 200) -> Response:
    """JSON."""
    return Response(msgspec.json.encode(body), status, mimetype="application/json")


def answer_refusal(refusal: SeatRefusal) -> Response:
    """{code, message}: the page has words for the code; a server's own words go along."""
    status = next((found for kind, found in STATUSES.items() if isinstance(refusal, kind)), 409)
    wait = refusal.retry_after_s if isinstance(refusal, Refused) else None
    message = refusal.details if isinstance(refusal, Refused) else ""
    return answer_json({"code": refusal.code, "message": message, "retry_after_s": wait}, status)


def answer_http_refusal(error: HTTPException) -> Response:
    """What the guard or Flask refused; a person who opened the page by hand is told in words."""
    if request.path == "/" or request.path.startswith("/launch/"):
        return Response(CLOSED, error.code or 500, mimetype="text/plain")
    return answer_json({"code": f"http_{error.code}", "message": error.name}, error.code or 500)
