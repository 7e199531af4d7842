"""The console as JSON, for its own scripts and for programs that act as an organizer. Protocol.md §8 "command".

Every endpoint needs a person's sign-in (cookie) with a role of the room, except the first set-up on the PC itself.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy import select

from testing_server.contracts.messages import Message
from testing_server.exam_day.console import acts
from testing_server.exam_day.console.first_steps import FirstSteps, enrol, take_first_steps
from testing_server.exam_day.console.live_feed import attach_feed
from testing_server.exam_day.console.rules import ACTS
from testing_server.exam_day.console.snapshot import SeatView, Snapshot, take_snapshot
from testing_server.exam_day.console.words import (
    ACTS as ACT_WORDS, ATTEMPT_STATES, COMMANDS, SITTING_STATES, SITTING_STYLES, STAGES, VERDICTS, tell_trouble)
from testing_server.exam_day.packages.queries import list_packages, read_closing
from testing_server.exam_day.responses.parts import RecordingName
from testing_server.exam_day.room import room
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF
from testing_server.exam_day.sittings.queries import read_title
from testing_server.exam_day.sittings.records import ArchiveRecord, SittingRecord
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.exam_day.workstations.queries import list_waiting_pairings, list_workstations
from testing_server.foundation.access import ANYONE
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language
from testing_server.preparation.enrolment.credentials import read_credentials

pages = Blueprint("console_api", __name__)
answer_contract_refusals(pages)


class FirstStepsAsked(Message):
    """POST /v1/room/first-steps; `credentials`: the credential file's object, or nothing."""

    school_name: str
    passphrase: str
    login: str
    password: str
    room: str = ""
    credentials: dict[str, Any] = {}


class Unlocking(Message):
    """POST /v1/room/unlock."""

    passphrase: str


class Confirming(Message):
    """POST /v1/pairings/<id>/confirm: six digits as the workstation shows them, and the seat's label."""

    digits: str
    seat: str


class Opening(Message):
    """POST /v1/archives/<id>/open: 30 digits, or nothing to ask the hub."""

    cipher: str = ""


class RosterAsked(Message):
    """POST /v1/rosters/fetch."""

    day: str


class SittingAsked(Message):
    """POST /v1/sittings: these codes, or the first `count` free ones, or all free ones."""

    archive: str
    day: str
    campaign: str
    room: str = ""
    codes: list[str] | None = None
    count: int | None = None
    pace: int = 1


class CommandAsked(Message):
    """POST /v1/sittings/<id>/commands with Idempotency-Key; `targets`: attempt ids or "all"."""

    kind: str
    targets: list[str] | str = "all"
    body: dict[str, Any] = {}


class IncidentNoted(Message):
    """POST /v1/sittings/<id>/incidents; `attempt`: "" for the whole room."""

    text: str
    attempt: str = ""


class Reasoned(Message):
    """A reason that goes into the protocol."""

    reason: str = ""


@pages.post("/v1/room/first-steps")
def first_steps() -> Response:
    asked = read_body(FirstStepsAsked)
    take_first_steps(FirstSteps(asked.school_name, asked.room, asked.passphrase, asked.login, asked.password))
    if asked.credentials:
        enrol(read_credentials(msgspec.json.encode(asked.credentials)), asked.login)
    return answer({}, 201)


@pages.get("/v1/room")
def show_room() -> Response:
    school = acts.my_school()
    with services().storage.read() as session:
        sittings = list(session.scalars(select(SittingRecord).order_by(SittingRecord.made_at_ms)))
    return answer({
        "school": school.id if school else "", "name": school.name if school else "",
        "enrolled": bool(school and school.is_enrolled), "key_unlocked": room().keys.is_unlocked,
        "server_at_ms": room().clock.now_ms(),
        "sittings": [{"sitting": one.id, "state": one.state, "assessment": one.assessment, "room": one.room,
                      "day": one.day} for one in sittings]})


@pages.post("/v1/room/unlock")
def unlock_key() -> Response:
    room().keys.unlock(read_body(Unlocking).passphrase)
    return answer({"key_unlocked": True})


@pages.post("/v1/room/enrol")
def enrol_school() -> Response:
    enrol(read_credentials(request.get_data()), acts.me())
    return answer({"enrolled": True})


@pages.get("/v1/pairings")
def list_pairings() -> Response:
    with services().storage.read() as session:
        waiting = list_waiting_pairings(session, room().clock.now_ms())
    return answer({"pairings": [asdict(one) for one in waiting]})


@pages.post("/v1/pairings/<pairing>/confirm")
def confirm_pairing(pairing: str) -> Response:
    asked = read_body(Confirming)
    return answer({"workstation": acts.confirm(pairing, asked.digits, asked.seat)})


@pages.get("/v1/workstations")
def show_workstations() -> Response:
    here = room()
    with services().storage.read() as session:
        found = list_workstations(session)
    return answer({"workstations": [{
        "workstation": one.id, "seat": one.seat, "state": one.state, "trouble": one.trouble, "host_name": one.host_name,
        "silent": here.presence.is_silent(one.id, here.clock.monotonic_ms())} for one in found]})


@pages.get("/v1/archives-here")
def show_archives() -> Response:
    with services().storage.read() as session:
        rows = list(session.scalars(select(ArchiveRecord).order_by(ArchiveRecord.day.desc(), ArchiveRecord.id)))
    return answer({"archives": [{
        "archive": one.id, "assessment": one.assessment, "title": read_title(one, current_language()), "day": one.day,
        "kind": one.kind, "opens_at_ms": one.opens_at_ms, "state": one.state, "done": one.done, "whole": one.whole,
        "trouble": one.trouble, "checks": msgspec.json.decode(one.checks)} for one in rows]})


@pages.post("/v1/archives-here/ask")
def ask_for_archives() -> Response:
    return answer({"offered": acts.ask_hub_for_archives()})


@pages.post("/v1/archives-here/<archive>/fetch")
def fetch_archive(archive: str) -> Response:
    acts.fetch_archive(archive)
    return answer({}, 202)


@pages.post("/v1/archives-here/<archive>/open")
def open_archive(archive: str) -> Response:
    cipher = read_body(Opening).cipher
    if cipher:
        acts.unlock(archive, cipher)
    else:
        acts.unlock_by_hub(archive)
    return answer({}, 202)


@pages.post("/v1/rosters-here/fetch")
def fetch_roster() -> Response:
    return answer({"codes": acts.fetch_roster(read_body(RosterAsked).day)})


@pages.get("/v1/rosters-here")
def show_rosters() -> Response:
    return answer({"rosters": acts.list_rosters()})


@pages.post("/v1/sittings")
def make_sitting() -> Response:
    asked = read_body(SittingAsked)
    sitting = acts.make_sitting(asked.archive, asked.day, asked.campaign, asked.room, asked.codes, asked.count,
                                asked.pace)
    return answer({"sitting": sitting}, 201)


@pages.post("/v1/sittings/<sitting>/open")
def open_sitting(sitting: str) -> Response:
    acts.begin_sitting(sitting, read_body(Reasoned).reason if request.get_data() else "")
    return answer({"state": "open"})


@pages.get("/v1/sittings/<sitting>/live")
def show_live(sitting: str) -> Response:
    """All places, or with `?since=` those that changed since the answer whose `feed` that was; `order` when it did."""
    language = current_language()
    with services().storage.read() as session:
        snapshot, school = take_snapshot(session, room(), sitting, language), find_school(session)
    told = attach_feed(services()).sort_out(snapshot, language, request.args.get("since", "")[:40])
    order = {} if told.order is None else {"order": told.order}
    return answer({**put_into_words(snapshot, told.seats, school.zone if school else ""), "feed": told.feed, **order})


def put_into_words(snapshot: Snapshot, changed: Sequence[SeatView], zone: str) -> dict[str, Any]:
    """The snapshot with its words in the person's language, for the page's script. `zone`: of the school."""
    told = {name: value for name, value in vars(snapshot).items() if name != "seats"}
    return {**told, "state_text": str(SITTING_STATES[snapshot.state]), "style": SITTING_STYLES[snapshot.state],
            "counts_text": {state: str(ATTEMPT_STATES[state]) for state in snapshot.counts},
            "seats": [put_seat_into_words(seat, snapshot.server_at_ms, zone) for seat in changed]}


def put_seat_into_words(view: SeatView, at_ms: int, zone: str) -> dict[str, Any]:
    """One place; `at_ms`: the moment its clocks are of."""
    seat = asdict(view)
    seat["at_ms"] = at_ms
    seat["state_text"] = str(ATTEMPT_STATES[seat["state"]])
    seat["stage_text"] = str(STAGES.get(seat["stage"], ""))
    seat["trouble_text"] = tell_trouble(view.trouble, view.seat, view.saved_at_ms, view.saved_speech_s, zone)
    seat["act"] = ACTS.get(seat["trouble"], "")
    seat["act_text"] = str(ACT_WORDS[seat["act"]]) if seat["act"] else ""
    seat["heard_text"] = str(VERDICTS[seat["heard"]]) if seat["heard"] else ""
    for recording in seat["recordings"]:
        recording["verdict_text"] = str(VERDICTS[recording["verdict"]])
    if seat["last_command"]:
        seat["last_command"]["text"] = str(COMMANDS.get(seat["last_command"]["kind"], ""))
    return seat


@pages.post("/v1/sittings/<sitting>/commands")
def command(sitting: str) -> Response:
    asked, key = read_body(CommandAsked), request.headers.get("Idempotency-Key", "")[:80]
    return answer(acts.command(sitting, asked.kind, asked.targets, asked.body, key))


@pages.post("/v1/sittings/<sitting>/incidents")
def note_incident(sitting: str) -> Response:
    noted = read_body(IncidentNoted)
    acts.note_incident(sitting, noted.attempt or None, noted.text)
    return answer({}, 201)


@pages.get("/v1/sittings/<sitting>/closing")
def show_closing(sitting: str) -> Response:
    with services().storage.read() as session:
        found, packages = read_closing(session, sitting), list_packages(session, sitting)
    return answer({"balance": found.balance, "unsettled": [asdict(one) for one in found.unsettled],
                   "attempts": found.attempts, "packages": [asdict(one) for one in packages]})


@pages.post("/v1/sittings/<sitting>/close")
def close_sitting(sitting: str) -> Response:
    acts.close(sitting)
    return answer({"state": "closing"})


@pages.post("/v1/sittings/<sitting>/balance")
def settle_balance(sitting: str) -> Response:
    acts.balance(sitting)
    return answer({"state": "balanced"})


@pages.post("/v1/sittings/<sitting>/package")
def make_package(sitting: str) -> Response:
    return answer({"package": acts.pack(sitting, read_body(Reasoned).reason)}, 202)


@pages.post("/v1/attempts/<attempt>/missing")
def explain_missing(attempt: str) -> Response:
    return answer({"sitting": acts.explain(attempt, read_body(Reasoned).reason)})


@pages.post("/v1/recordings-here/<attempt>/<int:lease>/<int:number>/write-off")
def write_off(attempt: str, lease: int, number: int) -> Response:
    name = RecordingName(attempt, lease, number)
    return answer({"sitting": acts.give_up_recording(name, read_body(Reasoned).reason)})


SCHOOL_ONLY = frozenset({"school_organizer"})
MOUNT = Mount(
    blueprint=pages,
    access={
        "first_steps": frozenset({ANYONE}), "show_room": ROOM_STAFF, "unlock_key": ORGANIZERS,
        "enrol_school": SCHOOL_ONLY, "list_pairings": ROOM_STAFF, "confirm_pairing": ROOM_STAFF,
        "show_workstations": ROOM_STAFF, "show_archives": ROOM_STAFF, "ask_for_archives": ROOM_STAFF,
        "fetch_archive": ROOM_STAFF, "open_archive": ORGANIZERS, "fetch_roster": ORGANIZERS,
        "show_rosters": ORGANIZERS, "make_sitting": ORGANIZERS, "open_sitting": ORGANIZERS, "show_live": ROOM_STAFF,
        "command": ORGANIZERS, "note_incident": ROOM_STAFF, "show_closing": ORGANIZERS, "close_sitting": ORGANIZERS,
        "settle_balance": ORGANIZERS, "make_package": ORGANIZERS, "explain_missing": ORGANIZERS,
        "write_off": ORGANIZERS},
    seen_locked=frozenset({"show_live"}),
    limits={"first_steps": "10 per minute", "unlock_key": "10 per minute"})
