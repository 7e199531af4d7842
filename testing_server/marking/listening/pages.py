"""Listening data over HTTP, for recordings that are or were on the expert's own desk."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.jobs.queue import keep_loop_free
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.marking.listening.store import ListeningStore
from testing_server.marking.review.queries import may_hear

api = Blueprint("marking_listening", __name__)
ACCESS = {"send_listening": frozenset({AccountRole.EXPERT.value})}
MOUNT = Mount(api, ACCESS)


@api.get("/v1/marking/listening/<sha256>")
def send_listening(sha256: str) -> Response:
    """Peaks, stretches of speech and gain of a recording; the desk draws and plays by them."""
    offered = services()
    with offered.storage.read() as session:
        if not may_hear(session, current_user.login, sha256):
            raise FileMissing()
    store, found = ListeningStore(offered.settings.data), list[bytes]()
    keep_loop_free(lambda: found.append(store.obtain(sha256, offered.files)))
    response = Response(found[0], mimetype="application/json")
    # named by its content: what was measured once never changes
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response
