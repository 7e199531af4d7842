"""What the worker tells the core about a demonstration work. INTERNAL endpoint only."""
from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from testing_server.exam_day.room import room
from testing_server.exam_day.sittings.jobs import open_materials
from testing_server.exam_day.training.actions import save_demonstration
from testing_server.exam_day.wire import answer
from testing_server.foundation.access import INTERNAL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("training_internal", __name__)


@pages.post("/v1/internal/training")
def take_demonstration() -> Response:
    report, here = msgspec.json.decode(request.get_data(), type=dict), room()
    now_ms, key = here.clock.now_ms(), here.keys.key()
    archive = services().storage.write(lambda session: save_demonstration(
        session, now_ms, here.data, report["payload"], report["title"], key))
    services().jobs.enqueue(open_materials, archive=archive, identity="")
    services().live.changed("archives", now_ms)
    return answer({})


MOUNT = Mount(blueprint=pages, access={"take_demonstration": frozenset({INTERNAL})})
