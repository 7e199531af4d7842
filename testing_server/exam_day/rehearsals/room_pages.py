"""The console's pages of rehearsals: pick seats and faults, see it live, take the certificate."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, lazy_gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.check_digits import read_cipher
from testing_server.contracts.refusals import NumberWrong
from testing_server.exam_day.rehearsals.certificate import write_sheet
from testing_server.exam_day.rehearsals.keeping import is_sitting_open, tend_rehearsals
from testing_server.exam_day.rehearsals.rules import (
    RehearsalGoesOn, SittingStands, Wanted, count_most_seats, read_wanted)
from testing_server.exam_day.rehearsals.running import (
    CERTIFICATE, find_folder, find_running, list_runs, read_run, start_run, stop_run)
from testing_server.exam_day.rehearsals.words import COUNTS, KINDS, OUTCOMES, STATES, STEPS, VERDICTS
from testing_server.exam_day.room import room
from testing_server.exam_day.school.actions import CHAIN
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.sittings.archives import CipherWrong, find_archive, unlock_archive
from testing_server.exam_day.sittings.jobs import archive_folder
from testing_server.exam_day.sittings.queries import read_title
from testing_server.exam_day.sittings.records import MATERIALS, ArchiveRecord
from testing_server.exam_day.sittings.standing import WITHDRAWN, check_standing
from testing_server.foundation.audit import append_audit
from testing_server.foundation.disk import Writing, attach_disk
from testing_server.foundation.live import Live
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language

pages = Blueprint("rehearsals", __name__)
SCOPE = "rehearsals"
USUAL_SEATS = 4
MEMORY = Path("/proc/meminfo")
NO_CIPHER = "none"


@pages.get("/rehearsals")
def show_all() -> str:
    return show_form(None, {})


def show_form(refusal: Refusal | None, typed: dict[str, Any]) -> str:
    """The page with what was typed before."""
    runs = [read_run(folder) for folder in list_runs(room().data)]
    most = count_most_here()
    return render_template(
        "console/rehearsals.html", runs=runs, archives=list_archives(), kinds=KINDS, verdicts=VERDICTS, states=STATES,
        most=most, seats=typed.get("seats", min(USUAL_SEATS, most)), faults=typed.get("faults", list(KINDS)),
        chosen=typed.get("archive", ""), refusal=refusal, is_open=is_sitting_open(services()),
        running=find_running(room().data))


def list_archives() -> list[tuple[str, str, str]]:
    """(id, title, lock) of archives whose files are here."""
    with services().storage.read() as session:
        rows = session.scalars(select(ArchiveRecord).where(
            ArchiveRecord.state.in_(("kept", "opening", "opened")), ArchiveRecord.standing != WITHDRAWN))
        return [(row.id, read_title(row, current_language()), row.lock) for row in rows if row.kind == MATERIALS]


def count_most_here() -> int:
    """Robots this machine can take now."""
    try:
        free = next(line for line in MEMORY.read_text().splitlines() if line.startswith("MemAvailable"))
        free_mb = int(free.split()[1]) // 1024
    except (OSError, StopIteration):
        # where the system does not tell, a plain school PC is taken for granted
        free_mb = 4096
    return count_most_seats(free_mb, os.cpu_count() or 1)


@pages.post("/rehearsals")
def begin() -> BaseResponse | tuple[str, int]:
    typed: dict[str, Any] = {"seats": request.form.get("seats", ""), "faults": request.form.getlist("faults"),
                             "archive": request.form.get("archive", "")}
    try:
        wanted = read_wanted(typed["seats"].strip(), typed["faults"], typed["archive"], count_most_here())
        run = begin_rehearsal(wanted, request.form.get("cipher", ""))
    except Refusal as refusal:
        return show_form(refusal, typed), refusal.status
    return redirect(url_for("rehearsals.show_run", run=run))


def begin_rehearsal(wanted: Wanted, cipher: str) -> str:
    """Starts it; returns its id.

    Raises SittingStands, RehearsalGoesOn, CipherWrong, KeyLocked, NotFound, DiskScarce.
    """
    here, offered = room(), services()
    attach_disk(offered).check(Writing.EXTRA)
    if is_sitting_open(offered):
        raise SittingStands()
    if find_running(here.data):
        raise RehearsalGoesOn()
    # told before the drill and not after it: without the key there is no certificate
    here.keys.key()
    source, digits, title = _choose_material(wanted.archive, cipher)
    at_ms, by = here.clock.now_ms(), str(current_user.login)
    with offered.storage.read() as session:
        school = find_school(session)
    run = start_run(here.data, wanted, source, digits, school.name if school else "", at_ms, title)
    offered.storage.write(lambda session: append_audit(
        session, at_ms, CHAIN, by, "rehearsal_begun", run,
        {"seats": wanted.seats, "faults": list(wanted.faults), "archive": wanted.archive}))
    offered.live.changed(SCOPE, at_ms)
    return run


def _choose_material(archive: str, typed: str) -> tuple[Path | None, str, str]:
    """(folder, cipher, title) of what is rehearsed with; the cipher is tried at once."""
    if not archive:
        return None, "", str(_("демонстрационные материалы"))
    here = room()
    with services().storage.read() as session:
        record = find_archive(session, archive)
        check_standing(record.standing, record.reason)
        title, lock = read_title(record, current_language()), record.lock
    if lock == NO_CIPHER:
        return archive_folder(here.data, archive), "", title
    try:
        digits = read_cipher(typed)
    except NumberWrong as wrong:
        raise CipherWrong() from wrong
    unlock_archive(here.data, archive, digits)
    return archive_folder(here.data, archive), digits, title


@pages.get("/rehearsals/<run>")
def show_run(run: str) -> str:
    return render_template("console/rehearsal.html", **_describe(run))


@pages.get("/rehearsals/<run>/state")
def show_state(run: str) -> str:
    """The part that changes by itself."""
    return render_template("console/rehearsal_state.html", **_describe(run))


def _describe(run: str) -> dict[str, Any]:
    folder = find_folder(room().data, run)
    if read_run(folder).state == "found":
        tend_rehearsals(services())
    return {"run": read_run(folder), "kinds": KINDS, "outcomes": OUTCOMES, "verdicts": VERDICTS, "states": STATES,
            "counts": COUNTS, "step_words": STEPS}


@pages.post("/rehearsals/<run>/stop")
def stop(run: str) -> BaseResponse:
    here, by = room(), str(current_user.login)
    stop_run(here.data, run)
    services().storage.write(lambda session: append_audit(
        session, here.clock.now_ms(), CHAIN, by, "rehearsal_stopped", run))
    flash(_("Репетиция останавливается: её серверы и роботы завершаются за несколько секунд."))
    return redirect(url_for("rehearsals.show_run", run=run))


@pages.get("/rehearsals/<run>/certificate.pdf")
def fetch_sheet(run: str) -> Response:
    return Response(write_sheet(_read_certificate(run)), mimetype="application/pdf", headers={
        "Content-Disposition": f'inline; filename="rehearsal-{run}.pdf"'})


@pages.get("/rehearsals/<run>/certificate.json")
def fetch_statement(run: str) -> Response:
    return Response(_read_certificate(run), mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="rehearsal-{run}.json"'})


def _read_certificate(run: str) -> bytes:
    path = find_folder(room().data, run) / CERTIFICATE
    if not path.exists():
        raise NotFound()
    return path.read_bytes()


def watch_rehearsals(live: Live) -> None:
    """Room staff may follow the page."""
    live.allow_watching(SCOPE, lambda scope: current_user.is_authenticated and current_user.role in ROOM_STAFF)


MOUNT = Mount(
    blueprint=pages, live=watch_rehearsals,
    access={"show_all": ROOM_STAFF, "show_run": ROOM_STAFF, "show_state": ROOM_STAFF, "fetch_sheet": ROOM_STAFF,
            "fetch_statement": ROOM_STAFF, "begin": ORGANIZERS, "stop": ORGANIZERS},
    limits={"begin": "10 per minute"},
    menu=(MenuEntry("show_all", lazy_gettext("Репетиция")),))
