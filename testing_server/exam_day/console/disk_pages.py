"""What the console says when the server runs out of disk or of battery, and the button that lets the ballast go."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.rules import find_running_out
from testing_server.exam_day.fitting.machine import read_battery
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.school.actions import CHAIN
from testing_server.foundation.audit import append_audit
from testing_server.foundation.disk import Level, attach_disk, release_ballast
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services

pages = Blueprint("room_disk", __name__)


class BallastKept(Refusal):
    """Let go early it would be gone when it is needed."""

    code = "ballast_kept"
    status = 409
    message = lazy_gettext("Запас сейчас не отдают: его нет или места на диске ещё достаточно.")
    remedy = lazy_gettext("Освободите место: удалите чужие файлы или перенесите старые копии на флешку.")


@pages.app_context_processor
def offer_disk() -> dict[str, Any]:
    """For the notice that stands on several pages. `running_out`: percent left of the server's battery, or None."""
    return {"disk": attach_disk(services()), "storage": acts.storage(), "running_out": find_running_out(read_battery())}


@pages.get("/disk")
def show_notice() -> str:
    """The notice alone; nothing while there is room."""
    return render_template("console/disk.html")


@pages.post("/disk/ballast")
def let_ballast_go() -> BaseResponse:
    disk = attach_disk(services())
    if not disk.ballast_mb or disk.level not in (Level.SCARCE, Level.FULL):
        raise BallastKept()
    # first the room, then the line about it: on a full disk there is no other order
    freed_mb = release_ballast(disk.data) // (1024 * 1024)
    at_ms, by = acts.now(), acts.me()
    acts.storage().write(lambda session: append_audit(session, at_ms, CHAIN, by, "ballast_released", "room",
                                                      {"megabytes": freed_mb}))
    flash(_("Запас отдан: освободилось %(freed)s МБ. Второго нет: доведите работу до конца и освободите место.",
            freed=freed_mb))
    return redirect(url_for("room_home.show_today"))


MOUNT = Mount(blueprint=pages, access={"show_notice": ROOM_STAFF, "let_ballast_go": ORGANIZERS},
              seen_locked=frozenset({"show_notice"}))
