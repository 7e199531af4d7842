"""What the worker tells the core about recordings. INTERNAL endpoints only."""
from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from testing_server.exam_day.responses.parts import RecordingName
from testing_server.exam_day.responses.recordings import note_kept
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import tell_sitting
from testing_server.exam_day.wire import answer, answer_contract_refusals
from testing_server.foundation.access import INTERNAL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("recordings_internal", __name__)
answer_contract_refusals(pages)


@pages.post("/v1/internal/recordings/<attempt>/<int:lease>/<int:number>")
def take_report(attempt: str, lease: int, number: int) -> Response:
    found, now_ms = msgspec.json.decode(request.get_data(), type=dict), room().clock.now_ms()
    name = RecordingName(attempt, lease, number)
    sitting = services().storage.write(lambda session: note_kept(session, now_ms, name, found))
    tell_sitting(sitting)
    return answer({})


MOUNT = Mount(blueprint=pages, access={"take_report": frozenset({INTERNAL})})
