"""A copy on a stick from the console: choose where, see how far it is, see the last one."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.recovery.backup_jobs import copy_server
from testing_server.exam_day.recovery.backups import foresee_backup, read_backup_note
from testing_server.exam_day.recovery.drives import SameDisk, choose_folder, is_same_disk, list_drives
from testing_server.exam_day.room import room
from testing_server.exam_day.school.actions import CHAIN
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.wire import answer
from testing_server.foundation.access import INTERNAL
from testing_server.foundation.audit import append_audit
from testing_server.foundation.disk import Writing, attach_disk
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services, services

pages = Blueprint("room_backup", __name__)
NAME = "backup"
# the worker tells twice a second; a large database is copied and checked in silence
SILENT_MS = 10 * 60_000
TROUBLES: dict[str, Any] = {
    "stick_full": _("На носителе кончилось место. Освободите его или вставьте другой."),
    "stick_lost": _("Носитель перестал отвечать. Вставьте его снова или возьмите другой и повторите."),
    "backup_damaged": _("Записанное на носитель не сошлось с данными сервера. Возьмите другой носитель."),
    "nothing_to_copy": _("Копировать нечего: здесь нет данных сервера."),
}


class BackupGoesOn(Refusal):
    code = "backup_goes_on"
    status = 409
    message = _("Копия уже делается.")
    remedy = _("Дождитесь её конца: это видно на странице «Сервер».")


@dataclass
class BackupRun:
    """The copy that goes on or was the last. `state`: "", running, done, failed; `told_ms`: monotonic."""

    state: str = ""
    done: int = 0
    whole: int = 0
    files: int = 0
    fresh: int = 0
    folder: str = ""
    trouble: str = ""
    told_ms: int = 0

    def goes_on(self, monotonic_ms: int) -> bool:
        """A worker that has said nothing for long does not count."""
        return self.state == "running" and monotonic_ms - self.told_ms < SILENT_MS


def attach_backup(offered: Services) -> BackupRun:
    """Of these services, made at the first call."""
    found = offered.vault.get(NAME)
    if found is None:
        found = offered.vault[NAME] = BackupRun()
    return found


def describe_backup(**more: Any) -> dict[str, Any]:
    """What the part of the page shows."""
    run, data = attach_backup(services()), services().settings.data
    return {"run": run, "goes_on": run.goes_on(services().clock.monotonic_ms()), "backup_troubles": TROUBLES,
            "note": read_backup_note(data), "drives": list_drives(data),
            "drive": "", "folder": "", "refusal": None, **more}


@pages.get("/server/backup")
def show_backup() -> str:
    return render_template("console/backup.html", **describe_backup())


@pages.get("/server/drives")
def show_drives() -> str:
    """The drives alone: one that is plugged in appears while somebody looks."""
    return render_template("console/backup_drives.html", drives=list_drives(services().settings.data), drive="",
                           folder="")


@pages.post("/server/backup")
def begin() -> BaseResponse | tuple[str, int]:
    form = request.form
    drive, folder = choose_one(form.get("drive", ""), form.get("folder", ""), form.get("shown", ""))
    try:
        begin_backup(drive or folder, "same_disk" in form)
    except Refusal as refusal:
        # what an earlier copy ended with would stand beside this refusal as if it were its answer
        run = attach_backup(services())
        told = run if run.goes_on(services().clock.monotonic_ms()) else BackupRun()
        return render_template("console/backup_refused.html", **describe_backup(
            run=told, refusal=refusal, drive=drive, folder=folder,
            ask_same_disk=isinstance(refusal, SameDisk))), refusal.status
    return redirect(url_for("recovery.show_server", _anchor="backup"))


def choose_one(drive: str, folder: str, shown: str) -> tuple[str, str]:
    """A drive or a typed folder, never both. Text that stands as it was shown counts only where no drive is picked."""
    return (drive, "") if drive and folder.strip() == shown else ("", folder.strip())


def begin_backup(typed: str, may_be_same: bool) -> None:
    """Hands the copy to the worker. Raises BackupGoesOn, SameDisk, DiskScarce, StickFull and those of drives."""
    offered, run, data = services(), attach_backup(services()), services().settings.data
    monotonic_ms = offered.clock.monotonic_ms()
    if run.goes_on(monotonic_ms):
        raise BackupGoesOn()
    target = choose_folder(data, typed)
    is_same = is_same_disk(data, target)
    if is_same:
        if not may_be_same:
            raise SameDisk()
        attach_disk(offered).check(Writing.EXTRA)
    foresee_backup(data, target)
    at_ms, by = room().clock.now_ms(), str(current_user.login)
    # before anything waits: another organizer may press the same button
    offered.vault[NAME] = BackupRun("running", folder=str(target), told_ms=monotonic_ms)
    try:
        # without the folder: people name their sticks
        offered.storage.write(lambda session: append_audit(session, at_ms, CHAIN, by, "backup_begun", "room"))
        offered.jobs.enqueue(copy_server, target=str(target), may_be_same=is_same)
    except BaseException:
        offered.vault[NAME] = run
        raise


@pages.post("/v1/internal/backup")
def take_report() -> Response:
    told = msgspec.json.decode(request.get_data(), type=BackupRun)
    services().vault[NAME] = replace(told, told_ms=services().clock.monotonic_ms())
    return answer({})


MOUNT = Mount(
    blueprint=pages, access={"show_backup": ROOM_STAFF, "show_drives": ROOM_STAFF, "begin": ORGANIZERS,
                             "take_report": frozenset({INTERNAL})},
    limits={"begin": "20 per minute"})
