"""Acts of the console's people: each one transaction, one hint, and what the seats must hear.

Takes who acts and what they typed; used by the pages and by the JSON endpoints alike.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from task_bank.sealing import read_version
from testing_server.exam_day.console.doings import see_doings
from testing_server.exam_day.fitting.guard import check_fit, note_overruled
from testing_server.exam_day.fitting.queries import read_fit
from testing_server.exam_day.fitting.rules import TURNOVER_S
from testing_server.exam_day.packages.actions import close_sitting, explain_missing, make_package, settle_balance
from testing_server.exam_day.packages.internal import hand_to_sealer
from testing_server.exam_day.packages.purging import order_purge
from testing_server.exam_day.responses.jobs import keep_partial
from testing_server.exam_day.responses.live import tell_seat
from testing_server.exam_day.responses.parts import RecordingName
from testing_server.exam_day.responses.answer_files import write_off_file
from testing_server.exam_day.responses.recordings import find_recording, write_off
from testing_server.exam_day.room import room
from testing_server.exam_day.rooms.actions import create_waves
from testing_server.exam_day.school.actions import CHAIN
from testing_server.exam_day.school.link import NotEnrolled
from testing_server.exam_day.school.queries import School, find_school
from testing_server.exam_day.scopes import tell_sitting
from testing_server.exam_day.sittings.actions import Entry, NewSitting, create_sitting, move_sitting, open_sitting
from testing_server.exam_day.sittings.actions import find_sitting, record_incident
from testing_server.exam_day.sittings.archives import (
    begin_fetching, begin_opening, check_may_open, find_archive, list_versions, offer_archives, save_archive,
    save_roster, take_archive_files, trust_statement, unlock_archive)
from testing_server.exam_day.sittings.claims import describe_claimant
from testing_server.exam_day.sittings.commands import BY_DOINGS, Command, carry_out, record_room_incident
from testing_server.exam_day.sittings.fetching import fetch_materials
from testing_server.exam_day.sittings.following import follow_archives, tell_sittings
from testing_server.exam_day.sittings.criteria import AFTER_CRITERIA, CRITERIA, check_late_group
from testing_server.exam_day.sittings.jobs import open_criteria, open_materials
from testing_server.exam_day.sittings.records import AttemptRecord, RosterRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE, NoCodes, check_window
from testing_server.exam_day.sittings.standing import check_standing
from testing_server.exam_day.training.rules import check_materials
from testing_server.exam_day.workstations.actions import Certifier, change_workstation, confirm_pairing, refuse_red
from testing_server.exam_day.workstations.addresses import find_authority
from testing_server.exam_day.workstations.exit_code import renew_exit_code
from testing_server.exam_day.workstations.rules import TypingPaused
from testing_server.foundation.audit import append_audit
from testing_server.foundation.disk import Writing, attach_disk
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.storage import Storage
from testing_server.preparation.hub_keys import read_hub_keys
from testing_server.preparation.hub_link import HubLink


def me() -> str:
    """Who acts, as the audit names them."""
    return str(current_user.login)


def now() -> int:
    """The room's steady clock."""
    return room().clock.now_ms()


def storage() -> Storage:
    """The classroom's database."""
    return services().storage


def my_school() -> School | None:
    """The school of this server."""
    with storage().read() as session:
        return find_school(session)


def hub_signers(school: School | None) -> dict[str, bytes]:
    """The hub's signing keys; {} before enrolment."""
    if school is None or not school.is_enrolled:
        return {}
    return read_hub_keys(school.hub_keys.encode(), school.root_fingerprint).signing


def call_hub() -> HubLink:
    """The line to the hub, signed in. Raises NotEnrolled, KeyLocked, HubAway, HubRefused."""
    school = my_school()
    if school is None or not school.is_enrolled:
        raise NotEnrolled()
    return room().open_hub(school, room().keys.key())


# ---- workstations
def confirm(pairing_id: str, digits: str, seat: str) -> str:
    """The six digits of a waiting workstation; returns its id. Raises WrongDigits, TypingPaused, KeyLocked."""
    here = room()
    if wait_s := here.wrong_digits.wait_left_s("console", here.clock.monotonic_ms()):
        raise TypingPaused(retry_after_s=wait_s)
    school, at_ms, by = my_school(), now(), me()
    certifier = Certifier(school.id if school else "", here.keys.key(), find_authority(services().settings).fingerprint)
    pairing = storage().write(
        lambda session: confirm_pairing(session, at_ms, pairing_id, digits, seat, by, certifier))
    if pairing.state == "red":
        here.wrong_digits.note("console", here.clock.monotonic_ms())
    services().live.changed("workstations", at_ms)
    refuse_red(pairing)
    return str(pairing.workstation)


def set_workstation(workstation: str, wanted: str) -> None:
    """blocked, paired (open again) or removed."""
    at_ms, by = now(), me()
    storage().write(lambda session: change_workstation(session, at_ms, workstation, wanted, by))
    services().live.changed("workstations", at_ms)


def change_exit_code() -> None:
    """Another exit code, audited without the code itself."""
    at_ms, by = now(), me()
    renew_exit_code(services().settings.keys_folder)
    storage().write(lambda session: append_audit(session, at_ms, CHAIN, by, "exit_code_changed", "room"))


# ---- archives and rosters
def ask_hub_for_archives() -> int:
    """What the hub has for this school becomes visible here, and what it changed; returns how many it has."""
    link, at_ms = call_hub(), now()
    try:
        offered = link.list_archives() + link.list_archives(CRITERIA)
        storage().write(lambda session: offer_archives(session, at_ms, offered))
        follow_archives(services(), room(), link)
    finally:
        link.close()
    services().live.changed("archives", at_ms)
    return len(offered)


def fetch_archive(archive: str) -> None:
    """The worker downloads it; progress is seen on the page."""
    school, at_ms, by = my_school(), now(), me()
    attach_disk(services()).check(Writing.EXTRA)
    if school is None or not school.is_enrolled:
        raise NotEnrolled()
    room().keys.key()
    storage().write(lambda session: begin_fetching(session, at_ms, archive, by))
    services().jobs.enqueue(fetch_materials, archive=archive, school=asdict(school))
    services().live.changed("archives", at_ms)


def take_archive(source: Path) -> str:
    """An archive from a stick, or what changed of one that is here: the folder with its files; returns its id."""
    school, at_ms, by = my_school(), now(), me()
    with storage().read() as session:
        known = list_versions(session)
    payload, vouched, envelope = take_archive_files(room().data, source, hub_signers(school), known)
    is_change = 0 < known.get(payload["archive"], 0) < read_version(payload)
    works = [work for roster in list_rosters() for work in roster.get("works", [])]
    title: dict[str, str] = next((work["title"] for work in works if payload["archive"] in (
        work.get("archive"), work.get("criteria"))), {})

    def save(session: Session) -> None:
        record = save_archive(session, at_ms, payload, envelope, vouched, title, by)
        if is_change:
            tell_sittings(session, at_ms, record, by)
    storage().write(save)
    services().live.changed("archives", at_ms)
    return str(payload["archive"])


def unlock(archive: str, cipher: str) -> None:
    """The cipher fits or is refused at once; opening and checking go on in the worker.

    Raises CipherWrong, MaterialsWithdrawn; of criteria CriteriaEarly, StillWriting.
    """
    with storage().read() as session:
        check_may_open(session, now(), find_archive(session, archive))
    _open(archive, unlock_archive(room().data, archive, cipher))


def _open(archive: str, identity: str) -> None:
    at_ms, by = now(), me()
    kind = storage().write(lambda session: begin_opening(session, at_ms, archive, by).kind)
    services().jobs.enqueue(open_criteria if kind == CRITERIA else open_materials, archive=archive, identity=identity)
    services().live.changed("archives", at_ms)


def unlock_by_hub(archive: str) -> None:
    """The cipher straight from the hub, at its hour; nothing is asked for an archive that needs none.

    What the hub changed of the archive is taken over first: the cipher it gives is that of its newest key file.
    Raises NotYet before the hour, MaterialsWithdrawn.
    """
    with storage().read() as session:
        record = find_archive(session, archive)
        check_standing(record.standing, record.reason)
    if record.lock == "none":
        return _open(archive, "")
    link = call_hub()
    try:
        follow_archives(services(), room(), link)
        with storage().read() as session:
            record = find_archive(session, archive)
            check_standing(record.standing, record.reason)
        cipher = link.fetch_release(archive)["cipher"]
    finally:
        link.close()
    unlock(archive, cipher)


def fetch_roster(day: str) -> int:
    """The day's codes and logins from the hub; returns how many."""
    link = call_hub()
    try:
        signed = link.fetch_roster(day)
    finally:
        link.close()
    return keep_roster(signed.payload, signed.envelope, True)


def take_roster(envelope: bytes) -> int:
    """The day's codes from a file."""
    payload, vouched = trust_statement(envelope, "roster", hub_signers(my_school()))
    return keep_roster(payload, envelope, vouched)


def keep_roster(payload: dict[str, Any], envelope: bytes, vouched: bool) -> int:
    """Raises OlderRoster."""
    at_ms, by = now(), me()
    storage().write(lambda session: save_roster(session, at_ms, payload, envelope, vouched, by))
    return len(payload["entries"])


# ---- sittings
def list_rosters() -> list[dict[str, Any]]:
    """Payloads, newest day first."""
    with storage().read() as session:
        rows = session.scalars(select(RosterRecord).order_by(RosterRecord.day.desc()))
        return [msgspec.json.decode(row.payload) for row in rows]


def find_roster(day: str, campaign: str) -> dict[str, Any]:
    """The payload. Raises NotFound."""
    with storage().read() as session:
        row = session.get(RosterRecord, (day, campaign))
        if row is None:
            raise NotFound()
        payload: dict[str, Any] = msgspec.json.decode(row.payload)
        return payload


def list_busy_codes() -> set[str]:
    """Codes that already have a place in a sitting that is going on or being prepared."""
    with storage().read() as session:
        return set(session.scalars(select(AttemptRecord.code).join(
            SittingRecord, SittingRecord.id == AttemptRecord.sitting).where(
                SittingRecord.state.in_(ACTIVE | {"draft"}))))


def pick_entries(roster: dict[str, Any], codes: Sequence[str] | None, count: int | None) -> list[Entry]:
    """These codes; or the first `count` free ones; or all free ones. Raises NoCodes."""
    entries = [Entry(entry["login"], entry["code"]) for entry in roster["entries"]]
    if codes is not None:
        chosen = [entry for entry in entries if entry.code in set(codes)]
    else:
        busy = list_busy_codes()
        free = [entry for entry in entries if entry.code not in busy]
        chosen = free[:count] if count else free
    if not chosen:
        raise NoCodes()
    return chosen


def make_sitting(archive: str, day: str, campaign: str, label: str, codes: Sequence[str] | None = None,
                 count: int | None = None, pace: int = 1) -> str:
    """A sitting in draft; returns its id. Raises NoVariants, NoCodes, PaceRefused, RealMaterials."""
    return make_asked(ask_sitting(archive, day, campaign, label, codes, count, pace))


def make_asked(asked: NewSitting) -> str:
    """The same, of what was read already."""
    at_ms, by = now(), me()
    sitting = storage().write(lambda session: create_sitting(session, at_ms, asked, by))
    return str(sitting.id)


def ask_sitting(archive: str, day: str, campaign: str, label: str, codes: Sequence[str] | None, count: int | None,
                pace: int) -> NewSitting:
    """What an organizer chose, with the codes behind it. Raises NotFound, NoCodes, RealMaterials."""
    roster, school = find_roster(day, campaign), my_school()
    with storage().read() as session:
        check_materials(campaign, find_archive(session, archive).lock)
    window = (roster["window"]["opens_at_ms"], roster["window"]["closes_at_ms"])
    return NewSitting(archive, label.strip() or (school.room if school else ""), day,
                      pick_entries(roster, codes, count), roster["campaign"], window, pace)


def make_waves(asked: NewSitting, first_ms: int) -> int:
    """A sitting for each wave through the same headsets; returns how many. Raises NoSeats."""
    at_ms, by = now(), me()
    made = storage().write(lambda session: create_waves(session, at_ms, asked, first_ms, TURNOVER_S, by))
    return len(made)


def begin_sitting(sitting: str, reason: str = "") -> None:
    """Open it: signed first claim; candidates may sign in. `reason`: why it is opened though it may not fit, or though
    criteria of the work are open.

    Raises OutsideWindow, KeyLocked, MoveRefused, FitRefused, FitDoubtful, CriteriaOpen.
    """
    here = room()
    key = here.keys.key()
    with storage().read() as session:
        asked = find_sitting(session, sitting)
        # no reason opens a sitting outside its hours: nobody is asked for one
        check_window(now(), asked.opens_at_ms, asked.closes_at_ms)
        check_late_group(session, asked, reason)
        fit = read_fit(session, here, sitting)
        why = check_fit(fit, reason)
        if not session.scalars(select(SittingRecord.id).where(
                SittingRecord.state.in_(ACTIVE), SittingRecord.opened_at_ms.is_not(None))).first():
            # nobody's clock runs yet: take the machine's own as right
            here.clock.anchor()
    at_ms, by, claimant = now(), me(), describe_claimant(services().settings, here.instance)

    def act(session: Session) -> None:
        if why:
            note_overruled(session, at_ms, sitting, fit, why, by)
        opened = find_sitting(session, sitting)
        late = check_late_group(session, opened, reason)
        open_sitting(session, at_ms, sitting, by, key, claimant)
        if late:
            # in the journal and in the incident report: an appeal will ask
            record_incident(session, at_ms, opened, None, AFTER_CRITERIA, late, by)
    storage().write(act)
    tell_sitting(sitting)


def cancel_sitting(sitting: str) -> None:
    """Draft or ready only. Raises MoveRefused."""
    at_ms, by = now(), me()
    storage().write(lambda session: move_sitting(session, at_ms, find_sitting(session, sitting), "cancelled", by))
    tell_sitting(sitting)


def command(sitting: str, kind: str, targets: Sequence[str] | str, body: dict[str, Any],
            key: str = "") -> dict[str, Any]:
    """A command to one, some or all; the seats hear a hint at once."""
    at_ms, by = now(), me()
    asked = Command(kind, targets, body, by, key, see_doings(sitting, targets) if kind in BY_DOINGS else {})
    reply: dict[str, Any] = storage().write(lambda session: carry_out(session, at_ms, sitting, asked))
    for told in reply["told"]:
        tell_seat(told.get("workstation"), at_ms)
    tell_sitting(sitting)
    return reply


def note_incident(sitting: str, attempt: str | None, text: str) -> None:
    """An organizer's line of the incident report."""
    at_ms, by = now(), me()
    storage().write(lambda session: record_room_incident(session, at_ms, sitting, attempt, text, by))
    tell_sitting(sitting)


# ---- closing
def close(sitting: str) -> None:
    """Nobody works any more. Raises MoveRefused."""
    at_ms, by = now(), me()
    storage().write(lambda session: close_sitting(session, at_ms, sitting, by))
    tell_sitting(sitting)


def explain(attempt: str, reason: str) -> str:
    """Why somebody is missing; returns the sitting."""
    at_ms, by = now(), me()
    sitting = storage().write(lambda session: explain_missing(session, at_ms, attempt, reason, by))
    tell_sitting(sitting.id)
    return str(sitting.id)


def give_up_file(attempt: str, sha256: str, reason: str) -> str:
    """Stop waiting for a file of an answer. Returns the sitting."""
    at_ms, by = now(), me()
    sitting = storage().write(lambda session: write_off_file(session, at_ms, attempt, sha256, reason, by))
    tell_sitting(sitting)
    return str(sitting)


def give_up_recording(name: RecordingName, reason: str) -> str:
    """Stop waiting for the rest of a recording; what came is kept. Returns the sitting."""
    at_ms, by = now(), me()
    sitting = storage().write(lambda session: write_off(session, at_ms, name, reason, by))
    with storage().read() as session:
        kept = find_recording(session, name)
    if kept.durable_bytes and kept.rate_hz:
        services().jobs.enqueue(keep_partial, attempt=name.attempt, lease=name.lease, number=name.number,
                                rate_hz=kept.rate_hz, length=kept.durable_bytes)
    tell_sitting(sitting)
    return str(sitting)


def balance(sitting: str) -> None:
    """Raises StillAtWork, SoundMissing, MoveRefused."""
    at_ms, by = now(), me()
    storage().write(lambda session: settle_balance(session, at_ms, sitting, by))
    tell_sitting(sitting)


def purge(sitting: str) -> None:
    """Order the deletion of a receipted sitting's work from its workstations. Raises NotReceipted, NotEnrolled."""
    school, at_ms, by = my_school(), now(), me()
    if school is None or not school.is_enrolled:
        raise NotEnrolled()
    told = storage().write(lambda session: order_purge(session, at_ms, sitting, school.hub_keys, by))
    for workstation in told:
        tell_seat(workstation, at_ms)
    tell_sitting(sitting)


def pack(sitting: str, reason: str = "") -> str:
    """Sign and hand to the worker, which seals and sends; returns the package id.

    Raises NotEnrolled (the hub's recipients are not known), KeyLocked, NotBalanced.
    """
    school, here = my_school(), room()
    if school is None or not school.is_enrolled:
        raise NotEnrolled()
    key, at_ms, by, data = here.keys.key(), now(), me(), here.data
    record, staged = storage().write(lambda session: make_package(
        session, at_ms, data, sitting, school.id, here.instance, key, reason, by))
    hand_to_sealer(services(), school, staged)
    tell_sitting(sitting)
    return str(record.id)
