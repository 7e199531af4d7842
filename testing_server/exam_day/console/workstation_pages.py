"""Workstations: those that wait for their six digits, those that are paired, what each needs."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.messages import CheckWord
from testing_server.exam_day.console import acts
from testing_server.exam_day.console.words import (
    CHECK_STYLES, CHECK_WORDS, TROUBLES, VERDICTS, WORKSTATION_STATES, WORKSTATION_STYLES)
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.exam_day.workstations.actions import find_workstation
from testing_server.exam_day.workstations.addresses import find_authority
from testing_server.exam_day.workstations.exit_code import obtain_exit_code
from testing_server.exam_day.workstations.queries import (
    Workstation, list_waiting_pairings, list_workstations, read_workstation)
from testing_server.exam_day.workstations.readiness import UNKNOWN, find_newest_software, mark_readiness
from testing_server.exam_day.workstations.rules import (
    PairRefused, SeatMissing, SeatTaken, TypingPaused, WrongDigits, count_findings)
from testing_server.exam_day.workstations.test_recordings import list_recorded, recording_file
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language

pages = Blueprint("room_workstations", __name__)
MOVES = {"block": "blocked", "unblock": "paired", "remove": "removed"}
AT_SEAT = ("seated", "checked", "started", "paused", "interrupted", "reopened")
SHOWN = (PairRefused, SeatMissing, SeatTaken, TypingPaused, WrongDigits)
MARK_STYLES = {"good": "ready", "attention": "attention", "stop": "stopped", UNKNOWN: "waiting"}
CHECK_ORDER = ("stop", "attention", "good")


def list_views() -> list[dict[str, Any]]:
    """Workstations with their state in words: silence and a candidate are seen, not stored."""
    here = room()
    with services().storage.read() as session:
        stations = list_workstations(session)
        busy = set(session.scalars(select(AttemptRecord.workstation).where(AttemptRecord.state.in_(AT_SEAT))))
    recorded = list_recorded(here.data)
    softwares = [str(one.check.get("software", "")) for one in stations]
    return [_view(one, find_shown_state(one, here.presence.is_silent(one.id, here.clock.monotonic_ms()),
                                        one.id in busy), softwares, one.id in recorded) for one in stations]


def find_shown_state(one: Workstation, is_silent: bool, is_busy: bool) -> str:
    """paired, ready, blocked as stored; silent and occupied as seen."""
    if one.state == "blocked":
        return "blocked"
    if is_silent:
        return "silent"
    return "occupied" if is_busy else one.state


def _view(one: Workstation, state: str, softwares: list[str], has_recording: bool) -> dict[str, Any]:
    check = one.check
    trouble = {"sound": "sound_check"}.get(one.trouble, one.trouble)
    newest = find_newest_software(softwares, str(check.get("software", "")).partition("/")[0])
    return {"one": one, "state": WORKSTATION_STATES[state], "style": "attention" if (
        trouble and state in ("paired", "ready")) else WORKSTATION_STYLES[state],
        "marks": mark_readiness(check, newest, VERDICTS), "recorded_ms": one.checked_at_ms if has_recording else None,
        "device": check.get("input_device", ""), "trouble": TROUBLES.get(trouble, ""),
        "stops": count_findings(check, CheckWord.STOP), "remarks": count_findings(check, CheckWord.ATTENTION)}


def count_marks(views: list[dict[str, Any]]) -> dict[str, int]:
    """How many workstations are ready, and how many need something."""
    return {"all": len(views), "ready": sum(view["one"].state == "ready" and view["style"] in ("ready", "running")
                                            for view in views),
            "stopped": sum(any(mark.word == CheckWord.STOP for mark in view["marks"].values()) for view in views)}


def _waiting() -> list[Any]:
    with services().storage.read() as session:
        return [one for one in list_waiting_pairings(session, room().clock.now_ms()) if one.revealed]


def suggest_seat() -> str:
    """The next free number."""
    with services().storage.read() as session:
        taken = {one.seat for one in list_workstations(session)}
    return next(str(number) for number in range(1, 10_000) if str(number) not in taken)


def list_context() -> dict[str, Any]:
    """What the readiness table needs."""
    views = list_views()
    return {"stations": views, "counts": count_marks(views), "mark_styles": MARK_STYLES}


def _render(refusal: Refusal | None = None) -> str:
    return render_template(
        "console/workstations.html", **list_context(), waiting=_waiting(), refusal=refusal,
        fingerprint=find_authority(services().settings).fingerprint, next_seat=suggest_seat(),
        exit_code=obtain_exit_code(services().settings.keys_folder).shown)


@pages.get("/workstations")
def show_workstations() -> str:
    return _render()


@pages.get("/workstations/waiting")
def show_waiting() -> str:
    return render_template("console/waiting.html", waiting=_waiting(), next_seat=suggest_seat())


@pages.get("/workstations/list")
def show_list() -> str:
    return render_template("console/workstations_list.html", **list_context())


@pages.get("/workstations/<workstation>/test-recording.flac")
def play_test_recording(workstation: str) -> Response:
    with services().storage.read() as session:
        path = recording_file(room().data, find_workstation(session, workstation).id)
    if not path.exists():
        raise NotFound()
    return send_file(path, mimetype="audio/flac", conditional=True)


@pages.get("/workstations/<workstation>/check")
def show_check(workstation: str) -> str:
    with services().storage.read() as session:
        one = read_workstation(find_workstation(session, workstation))
    found = sorted(one.check.get("findings", ()), key=lambda finding: CHECK_ORDER.index(finding["word"]))
    return render_template("console/workstation_check.html", one=one, check=one.check, findings=found,
                           words=CHECK_WORDS, styles=CHECK_STYLES, language=current_language())


@pages.post("/workstations/pair/<pairing>")
def pair(pairing: str) -> BaseResponse | tuple[str, int]:
    try:
        acts.confirm(pairing, request.form.get("digits", ""), request.form.get("seat", ""))
    except SHOWN as refusal:
        return _render(refusal), refusal.status
    flash(_("Место %(seat)s зелёное. Подтвердите это на самом рабочем месте.", seat=request.form.get("seat", "")))
    return redirect(url_for("room_workstations.show_workstations"))


@pages.post("/workstations/exit-code")
def change_exit_code() -> BaseResponse:
    acts.change_exit_code()
    flash(_("Код выхода другой. Рабочие места узнают его за полминуты."))
    return redirect(url_for("room_workstations.show_workstations"))


@pages.post("/workstations/<workstation>/<move>")
def change(workstation: str, move: str) -> BaseResponse:
    if move not in MOVES:
        raise NotFound()
    acts.set_workstation(workstation, MOVES[move])
    return redirect(url_for("room_workstations.show_workstations"))


MOUNT = Mount(
    blueprint=pages,
    access={"show_workstations": ROOM_STAFF, "show_waiting": ROOM_STAFF, "show_list": ROOM_STAFF, "pair": ROOM_STAFF,
            "change_exit_code": ROOM_STAFF,
            "show_check": ROOM_STAFF, "play_test_recording": ROOM_STAFF,
            "change": ORGANIZERS | ROOM_STAFF},
    menu=(MenuEntry("show_workstations", lazy_gettext("Рабочие места")),))
