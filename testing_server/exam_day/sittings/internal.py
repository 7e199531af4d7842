"""What the worker tells the core about archives. INTERNAL endpoints only."""
from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from testing_server.exam_day.room import room
from testing_server.exam_day.sittings.archives import note_opening
from testing_server.exam_day.wire import answer
from testing_server.foundation.access import INTERNAL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("archives_internal", __name__)
REPORT_LIMIT = 16 * 1024 * 1024


@pages.post("/v1/internal/archives/<archive>")
def take_report(archive: str) -> Response:
    report, now_ms = msgspec.json.decode(request.get_data(), type=dict), room().clock.now_ms()
    services().storage.write(lambda session: note_opening(session, now_ms, archive, report))
    services().live.changed("archives", now_ms)
    return answer({})


MOUNT = Mount(blueprint=pages, access={"take_report": frozenset({INTERNAL})},
              body_limits={"take_report": REPORT_LIMIT})
