"""Preparing a sitting, watching it live, one seat's time line, the incidents."""
from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.leases import name_lease
from testing_server.exam_day.console import acts
from testing_server.exam_day.console.doings import read_doings
from testing_server.exam_day.console.heard_strips import list_strips
from testing_server.exam_day.console.incident_words import tell_incident, tell_raised
from testing_server.exam_day.console.times import read_clock, show_clock, show_span
from testing_server.exam_day.console.snapshot import read_item_names, take_snapshot
from testing_server.exam_day.console.words import (
    ATTEMPT_STATES, COMMANDS, EVENT_KINDS, FIT_STYLES, FIT_SUBJECTS, FIT_WORDS, SCREEN_CHANGES, SITTING_STATES,
    SITTING_STYLES, STAGES, VERDICTS, tell_trouble)
from testing_server.exam_day.fitting.guard import FitRefused
from testing_server.exam_day.fitting.queries import foresee_fit, read_fit
from testing_server.exam_day.fitting.rules import Fit
from testing_server.exam_day.responses.queries import list_recordings
from testing_server.exam_day.responses.records import EventConflictRecord, EventRecord
from testing_server.exam_day.room import room
from testing_server.exam_day.rooms.queries import list_waves
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.sittings.actions import NewSitting, find_attempt, find_sitting, list_attempts
from testing_server.exam_day.sittings.archives import find_archive
from testing_server.exam_day.sittings.criteria import CriteriaOpen, is_criteria_seen
from testing_server.exam_day.sittings.planning import list_offers
from testing_server.exam_day.sittings.queries import find_variants, read_assessment, read_title
from testing_server.exam_day.sittings.records import (
    MATERIALS, ArchiveRecord, AttemptRecord, DirectiveRecord, IncidentRecord, LeaseRecord)
from testing_server.exam_day.sittings.repeats import list_repeatable
from testing_server.exam_day.sittings.rules import AT_WORK, NoCodes
from testing_server.exam_day.sittings.standing import VALID, judge_standing
from testing_server.exam_day.workstations.exit_code import obtain_exit_code
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.exam_day.workstations.records import WorkstationRecord
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language

pages = Blueprint("room_sittings", __name__)
LIVE_STATES = ("open", "running", "paused")
PREPARED = ("draft", "ready")
# ticks and positions of play say what the line before them said; a person reads the others
QUIET = ("timer_tick", "play_progress")
LONGEST_TIME_LINE = 2_000
ATTENTION = frozenset({"incident_raised", "recording_gap", "focus_lost", "screen_changed", "clock_jump"})


@pages.get("/sittings/new")
def show_new() -> str:
    return _render_new(None)


def _render_new(refusal: Refusal | None, fit: Fit | None = None) -> str:
    with services().storage.read() as session:
        archives = [{"id": row.id, "title": read_title(row, current_language()), "day": row.day,
                     "variants": len(find_variants(row)), "is_training": row.lock == "none"}
                    for row in session.scalars(select(ArchiveRecord).where(
                        ArchiveRecord.state == "opened", ArchiveRecord.standing == VALID))
                    if row.kind == MATERIALS]
        seats = sum(one.state != "blocked" for one in list_workstations(session))
    busy, school = acts.list_busy_codes(), acts.my_school()
    return render_template(
        "console/new_sitting.html", archives=archives, rosters=acts.list_rosters(), busy=busy, refusal=refusal,
        form=request.form, fit=fit, seats=seats,
        start=request.form.get("start") or show_clock(acts.now(), school.zone if school else "")[:5])


@pages.post("/sittings/new")
def make_sitting() -> BaseResponse | str | tuple[str, int]:
    try:
        asked = _read_asked()
        if "check" in request.form:
            return _render_new(None, _foresee(asked))
        if "waves" in request.form:
            return _make_waves(asked)
        sitting = acts.make_asked(asked)
    except Refusal as refusal:
        return _render_new(refusal), refusal.status
    return redirect(url_for("room_sittings.show_sitting", sitting=sitting))


def _read_asked() -> NewSitting:
    """What the form asks for. Raises NoCodes, NotFound, RealMaterials."""
    form = request.form
    day, _sep, campaign = form.get("roster", "").partition("/")
    if not form.get("archive") or not campaign:
        raise NoCodes()
    return acts.ask_sitting(form["archive"], day, campaign, form.get("room", ""),
                            form.getlist(f"codes/{day}/{campaign}"), None, form.get("pace", default=1, type=int))


def _foresee(asked: NewSitting) -> Fit:
    with services().storage.read() as session:
        return foresee_fit(session, room(), find_archive(session, asked.archive), len(asked.entries), asked.window[1])


def _make_waves(asked: NewSitting) -> BaseResponse:
    """Raises NoSeats, BadTime."""
    school = acts.my_school()
    count = acts.make_waves(asked, read_clock(asked.day, request.form.get("start", ""), school.zone if school else ""))
    flash(_("Смен подготовлено: %(count)s. Каждая — отдельный сеанс, открывайте их по очереди.", count=count))
    return redirect(url_for("room_home.show_today"))


@pages.app_context_processor
def offer_fit_words() -> dict[str, Any]:
    """What the table of the will-it-fit guard shares."""
    return {"fit_words": FIT_WORDS, "fit_styles": FIT_STYLES, "fit_subjects": FIT_SUBJECTS}


@pages.get("/sittings/<sitting>")
def show_sitting(sitting: str) -> str | BaseResponse:
    return _render_sitting(sitting, None)


def _render_sitting(sitting: str, refusal: Refusal | None) -> str | BaseResponse:
    with services().storage.read() as session:
        found = find_sitting(session, sitting)
        archive = find_archive(session, found.archive)
        title, offers = read_title(archive, current_language()), list_offers(read_assessment(archive))
        standing = view_standing(archive, found.day)
        snapshot = take_snapshot(session, room(), sitting, current_language())
        incidents, wave = list_incidents(session, sitting), list_waves(session, [sitting]).get(sitting)
        fit = read_fit(session, room(), sitting) if found.state in PREPARED else None
        is_late = found.state in PREPARED and is_criteria_seen(session, found)
    if found.state not in (*LIVE_STATES, *PREPARED, "cancelled"):
        return redirect(url_for("room_closing.show_closing", sitting=sitting))
    return render_template(
        "console/sitting.html", sitting=found, fit=fit, refusal=refusal, title=title, standing=standing,
        wave=wave, is_late=is_late, reason=request.form.get("reason", ""),
        snapshot=snapshot, incidents=incidents,
        state_text=SITTING_STATES[found.state], style=SITTING_STYLES[found.state], is_live=found.state in LIVE_STATES,
        attempt_states=ATTEMPT_STATES, offers=offers, codes={seat.attempt: seat.code for seat in snapshot.seats},
        exit_code=obtain_exit_code(services().settings.keys_folder).shown)


@pages.get("/sittings/<sitting>/incidents")
def show_incidents(sitting: str) -> str:
    """The part of the page with what went wrong: what a colleague writes down is seen here too."""
    with services().storage.read() as session:
        find_sitting(session, sitting)
        codes = {one.id: one.code for one in list_attempts(session, sitting)}
        incidents = list_incidents(session, sitting)
    return render_template("console/sitting_incidents.html", incidents=incidents, codes=codes)


def list_incidents(session: Any, sitting: str) -> list[IncidentRecord]:
    """Newest first."""
    return list(session.scalars(select(IncidentRecord).where(IncidentRecord.sitting == sitting).order_by(
        IncidentRecord.at_ms.desc())))


@pages.app_template_filter("incident")
def show_incident(one: IncidentRecord) -> str:
    """In words."""
    return tell_incident(one.kind, one.text)


@pages.get("/sittings/<sitting>/standing")
def show_standing(sitting: str) -> str:
    """The part of the page that says whether the hub withdrew or moved the work."""
    with services().storage.read() as session:
        found = find_sitting(session, sitting)
        standing = view_standing(find_archive(session, found.archive), found.day)
    return render_template("console/sitting_standing.html", standing=standing, is_live=found.state in LIVE_STATES)


def view_standing(archive: ArchiveRecord, day: str) -> dict[str, str]:
    """`word`: valid, withdrawn or moved (away from the day of the sitting); `day`: the new one."""
    return {"word": judge_standing(archive.standing, archive.moved_from, day), "reason": archive.reason,
            "day": archive.day}


@pages.post("/sittings/<sitting>/open")
def open_sitting(sitting: str) -> BaseResponse | str | tuple[str | BaseResponse, int]:
    try:
        acts.begin_sitting(sitting, request.form.get("reason", ""))
    except (FitRefused, CriteriaOpen) as refusal:
        return _render_sitting(sitting, refusal), refusal.status
    flash(_("Сеанс открыт: участники могут входить по своим логинам."))
    return redirect(url_for("room_sittings.show_sitting", sitting=sitting))


@pages.post("/sittings/<sitting>/cancel")
def cancel_sitting(sitting: str) -> BaseResponse:
    acts.cancel_sitting(sitting)
    return redirect(url_for("room_home.show_today"))


@pages.post("/sittings/<sitting>/incidents")
def note_incident(sitting: str) -> BaseResponse:
    acts.note_incident(sitting, request.form.get("attempt") or None, request.form.get("text", ""))
    flash(_("Записано в журнал нештатных ситуаций."))
    return redirect(url_for("room_sittings.show_sitting", sitting=sitting))


@pages.get("/sittings/<sitting>/seats/<attempt>")
def show_seat(sitting: str, attempt: str) -> str:
    with services().storage.read() as session:
        found = find_attempt(session, attempt)
        if found.sitting != sitting:
            raise NotFound()
        snapshot = take_snapshot(session, room(), sitting, current_language())
        seat = next(one for one in snapshot.seats if one.attempt == attempt)
        archive = find_archive(session, find_sitting(session, sitting).archive)
        names = read_item_names(room().data, archive.id, found.variant, current_language())
        doing = read_doings(session, room(), sitting, [attempt])[attempt]
        again = list_repeatable(read_assessment(archive), doing) if found.state in AT_WORK else []
        line = list_time_line(session, found, names)
        leases = list_lease_views(session, attempt)
        strips = list_strips(room().data, list_recordings(session, [attempt]),
                             {item: name.position for item, name in names.items()})
        school = find_school(session)
        aside = list(session.scalars(select(EventConflictRecord.line).where(EventConflictRecord.attempt == attempt)))
    return render_template(
        "console/seat.html", sitting=sitting, training=snapshot.training, seat=seat, line=line, leases=leases,
        aside=aside, strips=strips,
        state_text=ATTEMPT_STATES[seat.state], stage_text=STAGES.get(seat.stage, ""), verdicts=VERDICTS,
        trouble_text=tell_trouble(seat.trouble, seat.seat, seat.saved_at_ms, seat.saved_speech_s,
                                  school.zone if school else ""),
        repeatable=[(item, names[item]) for item in again if item in names], at_work=found.state in AT_WORK,
        show_span=show_span)


def list_time_line(session: Any, attempt: AttemptRecord, names: dict[str, Any]) -> list[dict[str, Any]]:
    """What happened at the seat and what it was told, newest first."""
    rows = session.scalars(select(EventRecord.line).where(
        EventRecord.attempt == attempt.id, EventRecord.kind.not_in(QUIET)).order_by(EventRecord.row.desc())
        .limit(LONGEST_TIME_LINE))
    events = [describe_event(msgspec.json.decode(line), names) for line in rows]
    told = [{"at_ms": one.at_ms, "title": _("Команда: %(what)s", what=COMMANDS.get(one.kind, one.kind)),
             "text": _("подтверждено") if one.applied_at_ms else _("не подтверждено"), "style": (
                 "ready" if one.applied_at_ms else "waiting")}
            for one in session.scalars(select(DirectiveRecord).where(DirectiveRecord.attempt == attempt.id))]
    return sorted([*events, *told], key=lambda one: int(one["at_ms"]), reverse=True)


def describe_event(event: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """One line of the time line. Answers themselves are not shown: the organizer has no need of them."""
    body, kind = event["body"], event["kind"]
    name = names.get(body.get("item", ""))
    text = _("задание %(position)s", position=name.position) if name else ""
    if kind in ("recording_committed", "sound_checked"):
        text = str(VERDICTS.get(body["verdict"], ""))
    elif kind == "directive_applied":
        text = str(COMMANDS.get(body["kind"], ""))
    elif kind == "incident_raised":
        text = tell_raised(body)
    elif kind == "focus_lost" and body.get("away_ms"):
        text = _("раз: %(times)s, вместе %(seconds)s с", times=body["times"], seconds=body["away_ms"] // 1000)
    elif kind == "screen_changed":
        text = str(SCREEN_CHANGES.get(body["change"], ""))
    return {"at_ms": event["at_ms"], "title": EVENT_KINDS.get(kind, kind), "text": text,
            "style": "attention" if kind in ATTENTION else ""}


def list_lease_views(session: Any, attempt: str) -> list[dict[str, Any]]:
    """Where the candidate sat, newest first."""
    rows = session.execute(select(LeaseRecord, WorkstationRecord.seat).join(
        WorkstationRecord, WorkstationRecord.id == LeaseRecord.workstation, isouter=True).where(
        LeaseRecord.attempt == attempt).order_by(LeaseRecord.lease.desc()))
    return [{"name": name_lease(lease.lease), "seat": seat or "?", "state": lease.state, "acked": lease.acked,
             "at_ms": lease.granted_at_ms} for lease, seat in rows]


MOUNT = Mount(
    blueprint=pages,
    access={"show_new": ORGANIZERS, "make_sitting": ORGANIZERS, "show_sitting": ROOM_STAFF, "show_standing": ROOM_STAFF,
            "show_incidents": ROOM_STAFF,
            "open_sitting": ORGANIZERS, "cancel_sitting": ORGANIZERS, "note_incident": ROOM_STAFF,
            "show_seat": ROOM_STAFF},
    seen_locked=frozenset({"show_sitting", "show_standing", "show_incidents"}))
