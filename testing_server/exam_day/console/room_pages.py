"""The room drawn as it stands: where workstations are, who sits where, who is absent or late."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.words import ATTEMPT_STATES
from testing_server.exam_day.rooms.actions import save_plan, seat_candidates
from testing_server.exam_day.rooms.queries import list_seating, list_waves, show_plan
from testing_server.exam_day.rooms.rules import BadPlan, Plan, count_same_around, keep_inside, lay_out, read_plan
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF, tell_sitting
from testing_server.exam_day.sittings.actions import find_sitting, list_attempts
from testing_server.exam_day.sittings.archives import find_archive
from testing_server.exam_day.sittings.queries import read_title
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.exam_day.sittings.rules import ADMITTING
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language

pages = Blueprint("room_plan", __name__)
SEAT_PREFIX = "seat/"
PRESENCES = ("absent", "present")


@dataclass(frozen=True)
class Place:
    """A cell of the drawing; `seat`: "" where nothing stands; `same`: how many around have the same variant."""

    row: int
    place: int
    seat: str
    code: str = ""
    variant: str = ""
    same: int = 0


def draw_places(plan: Plan, seated: Mapping[str, AttemptRecord]) -> list[list[Place]]:
    """Rows of places as the teacher sees them: row 1 first. `seated`: seat -> attempt."""
    variants = {seat: attempt.variant for seat, attempt in seated.items()}
    return [[_draw_place(plan, row, place, seated, variants) for place in range(1, plan.places + 1)]
            for row in range(1, plan.rows + 1)]


def _draw_place(plan: Plan, row: int, place: int, seated: Mapping[str, AttemptRecord],
                variants: Mapping[str, str]) -> Place:
    seat = plan.seat_at(row, place)
    attempt = seated.get(seat)
    if attempt is None:
        return Place(row, place, seat)
    return Place(row, place, seat, attempt.code, attempt.variant, count_same_around(plan, seat, variants))


@pages.get("/room")
def show_room() -> str:
    return _render_room(None)


def _render_room(refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        plan = show_plan(session)
    return render_template("console/room.html", plan=plan, places=draw_places(plan, {}), refusal=refusal)


@pages.post("/room")
def keep_room() -> BaseResponse | tuple[str, int]:
    form = request.form
    rows, places = form.get("rows", default=0, type=int), form.get("places", default=0, type=int)
    at_ms, by = acts.now(), acts.me()
    try:
        asked = read_plan(rows, places, keep_inside(rows, places, read_cells(form.get("cells", "{}"))))
    except BadPlan as refusal:
        return _render_room(refusal), refusal.status
    with services().storage.read() as session:
        plan = lay_out([one.seat for one in list_workstations(session)], asked)
    services().storage.write(lambda session: save_plan(session, at_ms, plan, by))
    flash(_("План аудитории сохранён."))
    return redirect(url_for("room_plan.show_room"))


def read_cells(text: str) -> dict[str, Any]:
    """What the page's script wrote. Raises BadPlan."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise BadPlan() from error


@pages.get("/sittings/<sitting>/seating")
def show_seating(sitting: str) -> str:
    return _render_seating(sitting, None)


def _render_seating(sitting: str, refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        found = find_sitting(session, sitting)
        plan, attempts = show_plan(session), list_attempts(session, sitting)
        title = read_title(find_archive(session, found.archive), current_language())
        at_work = {one.id: one.seat for one in list_workstations(session)}
        planned, wave = list_seating(session, sitting), list_waves(session, [sitting]).get(sitting)
    seats = {one.id: at_work.get(one.workstation or "") or planned.get(one.id, "") for one in attempts}
    seated = {seats[one.id]: one for one in attempts if seats[one.id]}
    return render_template(
        "console/seating.html", sitting=found, title=title, plan=plan, places=draw_places(plan, seated),
        attempts=attempts, seats=seats, planned=planned, wave=wave, refusal=refusal, states=ATTEMPT_STATES,
        is_live=found.state in ADMITTING, may_change=found.state in {"draft", "ready"} | ADMITTING)


@pages.post("/sittings/<sitting>/seating")
def keep_seating(sitting: str) -> BaseResponse | tuple[str, int]:
    form, at_ms, by = request.form, acts.now(), acts.me()
    chosen = {} if "clear" in form else {
        name.removeprefix(SEAT_PREFIX): code for name, code in form.items() if name.startswith(SEAT_PREFIX)}
    try:
        placed = services().storage.write(
            lambda session: seat_candidates(session, at_ms, sitting, chosen, "fill" in form, by))
    except Refusal as refusal:
        return _render_seating(sitting, refusal), refusal.status
    tell_sitting(sitting)
    flash(_("Рассадка сохранена: мест занято %(count)s.", count=len(placed)))
    return redirect(url_for("room_plan.show_seating", sitting=sitting))


@pages.post("/sittings/<sitting>/attempts/<attempt>/<presence>")
def note_presence(sitting: str, attempt: str, presence: str) -> BaseResponse:
    """absent: has not come; present: came late after all."""
    if presence not in PRESENCES:
        raise NotFound()
    acts.command(sitting, presence, [attempt], {})
    return redirect(url_for("room_plan.show_seating", sitting=sitting))


MOUNT = Mount(
    blueprint=pages,
    access={"show_room": ROOM_STAFF, "keep_room": ROOM_STAFF, "show_seating": ROOM_STAFF,
            "keep_seating": ORGANIZERS, "note_presence": ORGANIZERS},
    menu=(MenuEntry("show_room", lazy_gettext("Аудитория")),))
