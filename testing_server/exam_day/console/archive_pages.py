"""Archives and ciphers: from the hub or a stick, countdown, opening, the check of each variant, a look at items."""
from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _, lazy_gettext
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.words import (
    ARCHIVE_STATES, ARCHIVE_STYLES, ARCHIVE_TROUBLES, CRITERIA_STATES, WITHDRAWN_TEXT)
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.sittings.archives import (
    FILES, STATEMENT, ArchiveIncomplete, CipherWrong, find_archive, read_typed_cipher)
from testing_server.exam_day.sittings.criteria import CRITERIA, CriteriaEarly, StillWriting
from testing_server.exam_day.sittings.jobs import opened_folder
from testing_server.exam_day.sittings.queries import read_title
from testing_server.exam_day.sittings.records import ArchiveRecord
from testing_server.exam_day.sittings.standing import WITHDRAWN
from testing_server.foundation.disk import Writing, attach_disk
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language
from testing_server.preparation.hub_link import NotYet

pages = Blueprint("room_archives", __name__)
NUMBER = re.compile(r"[0-9]{1,10}")
DIGEST = re.compile(r"[0-9a-f]{64}")
UPLOAD_LIMIT = 4 * 1024 ** 3


@dataclass(frozen=True)
class ArchiveView:
    """An archive with its words. `kind`: materials or criteria; `trouble`: a sentence; `standing`, `reason`,
    `moved_from`: as the hub says."""

    id: str
    title: str
    day: str
    opens_at_ms: int
    is_due: bool
    vouched: bool
    state: str
    state_text: Any
    style: str
    trouble: Any
    done: int
    whole: int
    checks: dict[str, dict[str, Any]]
    standing: str
    reason: str
    moved_from: str
    version: int
    lock: str
    kind: str

    @property
    def broken(self) -> int:
        return sum(not check["ok"] for check in self.checks.values())


def view_archive(row: ArchiveRecord) -> ArchiveView:
    """The record as its page shows it."""
    checks = msgspec.json.decode(row.checks, type=dict[str, dict[str, Any]])
    style, text = ARCHIVE_STYLES[row.state], ARCHIVE_STATES[row.state]
    if row.kind == CRITERIA:
        text = CRITERIA_STATES.get(row.state, text)
    if row.standing == WITHDRAWN:
        style, text = "stopped", WITHDRAWN_TEXT
    elif any(not check["ok"] for check in checks.values()):
        style = "stopped"
    return ArchiveView(
        row.id, read_title(row, current_language()), row.day, row.opens_at_ms,
        services().clock.now_ms() >= row.opens_at_ms, row.vouched, row.state, text, style,
        ARCHIVE_TROUBLES.get(row.trouble, row.trouble), row.done, row.whole, dict(sorted(checks.items())),
        row.standing, row.reason, row.moved_from, row.version, row.lock, row.kind)


def list_views() -> list[ArchiveView]:
    """All archives, newest day first."""
    with services().storage.read() as session:
        return [view_archive(row) for row in session.scalars(
            select(ArchiveRecord).order_by(ArchiveRecord.day.desc(), ArchiveRecord.assessment))]


def find_view(archive: str) -> ArchiveView:
    """Raises NotFound."""
    with services().storage.read() as session:
        return view_archive(find_archive(session, archive))


@pages.get("/archives")
def show_archives() -> str:
    return render_template("console/archives.html", archives=list_views())


@pages.get("/archives/list")
def show_list() -> str:
    return render_template("console/archives_list.html", archives=list_views())


@pages.post("/archives/ask")
def ask_hub() -> BaseResponse:
    flash(_("На региональном сервере архивов для школы: %(count)s.", count=acts.ask_hub_for_archives()))
    return redirect(url_for("room_archives.show_archives"))


@pages.post("/archives/<archive>/fetch")
def fetch(archive: str) -> BaseResponse:
    acts.fetch_archive(archive)
    return redirect(url_for("room_archives.show_archive", archive=archive))


@pages.post("/archives/upload")
def upload() -> BaseResponse:
    archive = take_uploaded(request.files.getlist("files"))
    flash(_("Архив загружен и сверен с подписанным описанием."))
    return redirect(url_for("room_archives.show_archive", archive=archive))


def take_uploaded(files: list[FileStorage]) -> str:
    """The files of an archive, from a folder or chosen one by one. Raises ArchiveIncomplete and others."""
    named = {Path((file.filename or "").replace("\\", "/")).name: file for file in files}
    attach_disk(services()).check(Writing.EXTRA)
    brought = [name for name in FILES if name in named]
    if STATEMENT not in brought:
        raise ArchiveIncomplete()
    # beside the data: the same disk, so that nothing is copied twice across disks
    with tempfile.TemporaryDirectory(dir=room().data) as folder:
        for name in brought:
            named[name].save(Path(folder) / name)
        return acts.take_archive(Path(folder))


@pages.get("/archives/<archive>")
def show_archive(archive: str) -> str:
    return render_template("console/archive.html", archive=find_view(archive), refusal=None, groups=[""] * 6)


@pages.get("/archives/<archive>/state")
def show_state(archive: str) -> str:
    return render_template("console/archive_state.html", archive=find_view(archive))


@pages.post("/archives/<archive>/open")
def open_archive(archive: str) -> BaseResponse | tuple[str, int]:
    groups = [request.form.get(f"group{number}", "") for number in range(1, 7)]
    try:
        acts.unlock(archive, read_typed_cipher(groups))
    except (CipherWrong, CriteriaEarly, StillWriting) as refusal:
        return render_template("console/archive.html", archive=find_view(archive), refusal=refusal,
                               groups=groups), refusal.status
    return redirect(url_for("room_archives.show_archive", archive=archive))


@pages.post("/archives/<archive>/open-by-hub")
def open_by_hub(archive: str) -> BaseResponse | tuple[str, int]:
    try:
        acts.unlock_by_hub(archive)
    except (NotYet, CriteriaEarly, StillWriting) as refusal:
        return render_template("console/archive.html", archive=find_view(archive), refusal=refusal,
                               groups=[""] * 6), refusal.status
    return redirect(url_for("room_archives.show_archive", archive=archive))


@pages.get("/archives/<archive>/look/<variant>/<int:position>")
def look(archive: str, variant: str, position: int) -> str:
    items = read_variant(archive, variant)["items"]
    item = next((one for one in items if one["position"] == position), None)
    if item is None:
        raise NotFound()
    return render_template("console/look.html", archive=find_view(archive), variant=variant, item=item,
                           positions=[one["position"] for one in items],
                           item_json=msgspec.json.encode(item).decode())


def read_variant(archive: str, variant: str) -> dict[str, Any]:
    """A variant of an opened archive. Raises NotFound."""
    path = opened_folder(room().data, archive) / "variants" / f"{variant}.json"
    if not DIGEST.fullmatch(archive) or not NUMBER.fullmatch(variant) or not path.exists():
        raise NotFound()
    found: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    return found


@pages.get("/archives/<archive>/media/<sha256>")
def show_medium(archive: str, sha256: str) -> Response:
    folder = opened_folder(room().data, archive)
    if not DIGEST.fullmatch(archive) or not DIGEST.fullmatch(sha256) or not (folder / "media" / sha256).exists():
        raise NotFound()
    described = msgspec.json.decode((folder / "media.json").read_bytes(), type=dict[str, dict[str, Any]])
    return send_file(folder / "media" / sha256, mimetype=described[sha256]["type"], conditional=True)


MOUNT = Mount(
    blueprint=pages,
    access={"show_archives": ROOM_STAFF, "show_list": ROOM_STAFF, "ask_hub": ROOM_STAFF, "fetch": ROOM_STAFF,
            "upload": ROOM_STAFF, "show_archive": ROOM_STAFF, "show_state": ROOM_STAFF, "open_archive": ORGANIZERS,
            "open_by_hub": ORGANIZERS, "look": ROOM_STAFF, "show_medium": ROOM_STAFF},
    body_limits={"upload": UPLOAD_LIMIT},
    limits={"open_archive": "20 per minute"},
    menu=(MenuEntry("show_archives", lazy_gettext("Архивы и шифр")),))
