"""Evacuation: one button stops the whole sitting; a page and a list say who was in the room and who has stopped."""
from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.print_pages import answer_pdf
from testing_server.exam_day.console.snapshot import SeatView, take_snapshot
from testing_server.exam_day.console.times import show_clock, show_span
from testing_server.exam_day.console.words import ATTEMPT_STATES
from testing_server.exam_day.reports.paper import Document, Grid, print_document
from testing_server.exam_day.responses.live import tell_seat
from testing_server.exam_day.responses.states import StateCache
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF, tell_sitting
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.sittings.evacuation import (
    Evacuation, begin_evacuation, end_evacuation, find_evacuation)
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services

pages = Blueprint("room_evacuation", __name__)
AWAY = ("assigned", "absent", "transferred")


@dataclass(frozen=True)
class View:
    """`seats`: who was in the room, by seat; `running`: those whose clock has not stopped as far as is known."""

    sitting: SittingRecord
    evacuation: Evacuation | None
    seats: list[SeatView]
    running: list[SeatView]


@pages.app_context_processor
def offer_evacuation() -> dict[str, object]:
    """What the sitting's own page asks for."""
    def evacuation_of(sitting: str) -> Evacuation | None:
        with services().storage.read() as session:
            return find_evacuation(session, sitting)
    return {"evacuation_of": evacuation_of}


def _view(session: Session, sitting: str) -> View:
    found, evacuation = find_sitting(session, sitting), find_evacuation(session, sitting)
    snapshot = take_snapshot(session, room(), sitting)
    seats = sorted((one for one in snapshot.seats if one.state not in AWAY), key=lambda one: (
        len(one.seat), one.seat, one.code))
    stopped = set(evacuation.attempts if evacuation else ())
    # an interrupted seat is shown as such also when it had paused before its link was lost
    states = room().states.read(session, list(stopped), (found.opens_at_ms, found.closes_at_ms))
    running = [one for one in seats if one.attempt in stopped and one.state in ("started", "interrupted", "reopened")
               and not states[one.attempt].is_paused]
    return View(found, evacuation, seats, running)


@pages.get("/sittings/<sitting>/evacuation")
def show_evacuation(sitting: str) -> str:
    with services().storage.read() as session:
        view = _view(session, sitting)
    return render_template("console/evacuation.html", view=view, attempt_states=ATTEMPT_STATES)


@pages.get("/sittings/<sitting>/evacuation/state")
def show_state(sitting: str) -> str:
    """The part that changes by itself while seats confirm."""
    with services().storage.read() as session:
        view = _view(session, sitting)
    return render_template("console/evacuation_state.html", view=view, attempt_states=ATTEMPT_STATES)


@pages.get("/sittings/<sitting>/evacuation/banner")
def show_banner(sitting: str) -> str:
    """The part of the sitting's page that says that everybody was sent out."""
    with services().storage.read() as session:
        found, evacuation = find_sitting(session, sitting), find_evacuation(session, sitting)
    return render_template("console/evacuation_banner.html", sitting=found, evacuation=evacuation)


@pages.post("/sittings/<sitting>/evacuation")
def begin(sitting: str) -> BaseResponse:
    at_ms, by, text = acts.now(), acts.me(), _("Эвакуация началась, всем дана пауза")
    _hint(sitting, at_ms, acts.storage().write(
        lambda session: begin_evacuation(session, at_ms, sitting, text, by)))
    return redirect(url_for("room_evacuation.show_evacuation", sitting=sitting))


@pages.post("/sittings/<sitting>/evacuation/end")
def end(sitting: str) -> BaseResponse:
    at_ms, by, text = acts.now(), acts.me(), _("Эвакуация закончилась, работа продолжена, время возвращено")

    def finish(session: Session) -> list[dict[str, object]]:
        found, evacuation = find_sitting(session, sitting), find_evacuation(session, sitting)
        # a cache of its own: this runs in the thread that writes
        states = StateCache().read(session, evacuation.attempts if evacuation else [],
                                   (found.opens_at_ms, found.closes_at_ms))
        return end_evacuation(session, at_ms, sitting, states, text, by)
    _hint(sitting, at_ms, acts.storage().write(finish))
    flash(_("Все продолжают работу. Кому пауза пришла поздно, время возвращено."))
    return redirect(url_for("room_sittings.show_sitting", sitting=sitting))


def _hint(sitting: str, at_ms: int, told: list[dict[str, object]]) -> None:
    for workstation in {one.get("workstation") for one in told}:
        tell_seat(str(workstation) if workstation else None, at_ms)
    tell_sitting(sitting)


@pages.get("/sittings/<sitting>/evacuation/list.pdf")
def show_list(sitting: str) -> Response:
    """Who to count outside: codes and seats."""
    school, now_ms = acts.my_school(), room().clock.now_ms()
    zone = school.zone if school else ""
    with services().storage.read() as session:
        view = _view(session, sitting)
    rows = [(one.seat or "—", one.code, str(ATTEMPT_STATES[one.state]),
             show_span(one.left_s) if one.left_s is not None else "—", "") for one in view.seats]
    document = Document(
        _("Список находившихся в аудитории"), f"{view.sitting.room}, {show_clock(now_ms, zone)}",
        [(_("Школа"), school.name if school else ""), (_("Всего участников"), str(len(rows))),
         (_("Эвакуация началась"), show_clock(view.evacuation.at_ms, zone) if view.evacuation else "—")],
        [Grid(_("Участники"), (_("Место"), _("Код"), _("Состояние"), _("Осталось"), _("Отметка")),
              (.12, .18, .3, .15, .25), rows, _("Никого."))],
        _("Заметки"), "", (_("Организатор в аудитории"),),
        _("Только коды, без имён. Имена — в бумажном протоколе."), _("стр."))
    return answer_pdf(print_document(document), "evacuation.pdf")


MOUNT = Mount(blueprint=pages, access={
    "show_banner": ROOM_STAFF,
    **{name: ORGANIZERS for name in ("show_evacuation", "show_state", "begin", "end", "show_list")}},
    seen_locked=frozenset({"show_banner"}))
