"""Support: what to do when something goes wrong at half past seven, and the bundle for engineers."""
from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask_babel import lazy_gettext as _

from testing_server.exam_day.console import acts
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ROOM_STAFF
from testing_server.exam_day.school.actions import CHAIN
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.sittings.rules import ADMITTING
from testing_server.exam_day.support.bundle import write_bundle
from testing_server.foundation.audit import append_audit
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.services import services

pages = Blueprint("room_support", __name__)


@pages.get("/support")
def show_support() -> str:
    with services().storage.read() as session:
        running = [one for one in session.query(SittingRecord).filter(SittingRecord.state.in_(ADMITTING))]
    return render_template("console/support.html", running=running)


@pages.post("/support/bundle")
def download() -> Response:
    """By POST: it leaves a line in the audit."""
    at_ms, by = room().clock.now_ms(), acts.me()
    acts.storage().write(lambda session: append_audit(session, at_ms, CHAIN, by, "support_bundle_made", "room"))
    with services().storage.read() as session:
        content = write_bundle(session, services().settings, at_ms)
    return Response(content, mimetype="application/zip", headers={
        "Content-Disposition": 'attachment; filename="support-bundle.zip"'})


MOUNT = Mount(blueprint=pages, access={"show_support": ROOM_STAFF, "download": ROOM_STAFF},
              limits={"download": "10 per minute"}, menu=(MenuEntry("show_support", _("Поддержка")),))
