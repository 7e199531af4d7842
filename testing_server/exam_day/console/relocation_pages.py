"""A candidate has nothing to work at (the headset died and no spare is left): a free seat, the next sitting, or the
reserve day, each as one act."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.words import ATTEMPT_STATES, SITTING_STATES
from testing_server.exam_day.responses.live import tell_seat
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS, tell_sitting
from testing_server.exam_day.sittings.actions import find_attempt, find_sitting
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.exam_day.sittings.rules import ADMITTING, AT_WORK
from testing_server.exam_day.sittings.transfers import list_targets, transfer_attempt
from testing_server.exam_day.workstations.queries import Workstation, list_workstations
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services

pages = Blueprint("room_relocation", __name__)
HERE = AT_WORK | {"seated", "checked"}


@pages.get("/sittings/<sitting>/seats/<attempt>/relocate")
def show_ways(sitting: str, attempt: str) -> str:
    with services().storage.read() as session:
        found, seat = find_sitting(session, sitting), find_attempt(session, attempt)
        if seat.sitting != sitting:
            raise NotFound()
        free, targets = list_free(session), list_targets(session, seat)
    return render_template(
        "console/relocation.html", sitting=found, attempt=seat, free=free, targets=targets,
        sitting_states=SITTING_STATES, state_text=ATTEMPT_STATES[seat.state],
        may_move=seat.state in HERE and found.state in ADMITTING, may_leave=seat.state in HERE | {"assigned"})


def list_free(session: Session) -> list[Workstation]:
    """Seats that passed their check, answer and have nobody, by seat."""
    busy = set(session.scalars(select(AttemptRecord.workstation).where(AttemptRecord.state.in_(HERE))))
    presence, now_ms = room().presence, room().clock.monotonic_ms()
    return [one for one in list_workstations(session)
            if one.id not in busy and one.state == "ready" and not presence.is_silent(one.id, now_ms)]


@pages.post("/sittings/<sitting>/seats/<attempt>/move")
def move(sitting: str, attempt: str) -> BaseResponse:
    acts.command(sitting, "move", [attempt], {"workstation": request.form.get("workstation", "")})
    flash(_("Место назначено. Участник входит там по своему логину, ответы и время перейдут за ним."))
    return redirect(url_for("room_sittings.show_seat", sitting=sitting, attempt=attempt))


@pages.post("/sittings/<sitting>/seats/<attempt>/transfer")
def transfer(sitting: str, attempt: str) -> BaseResponse:
    at_ms, by, target, reason = acts.now(), acts.me(), request.form.get("target", ""), request.form.get("reason", "")
    with services().storage.read() as session:
        workstation = find_attempt(session, attempt).workstation
    acts.storage().write(lambda session: transfer_attempt(session, at_ms, attempt, target, reason, by))
    if workstation:
        tell_seat(workstation, at_ms)
    for one in (sitting, target):
        tell_sitting(one)
    flash(_("Участник перенесён. Он войдёт по тому же логину, когда откроется другой сеанс."))
    return redirect(url_for("room_sittings.show_sitting", sitting=target))


@pages.post("/sittings/<sitting>/seats/<attempt>/reserve-day")
def leave_for_reserve_day(sitting: str, attempt: str) -> BaseResponse:
    acts.command(sitting, "spoiled", [attempt], {"reason": request.form.get("reason", "")})
    flash(_("Работа отмечена испорченной. Договоритесь с координатором о резервном дне."))
    return redirect(url_for("room_sittings.show_sitting", sitting=sitting))


MOUNT = Mount(blueprint=pages, access={name: ORGANIZERS for name in (
    "show_ways", "move", "transfer", "leave_for_reserve_day")})
