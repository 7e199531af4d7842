"""Certificates of this server: signed with the school's key as soon as a rehearsal has ended, sent to the hub.

Takes the services; leaves `certificate.json` in the rehearsal's folder and, once the hub has it, a mark beside it.
"""
from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import select

from testing_server.contracts.statements import sign_bytes
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.rehearsals.running import (
    CERTIFICATE, SENT, STATEMENT, find_running, list_runs, read_run, stop_run, tidy)
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.school.actions import CHAIN
from testing_server.exam_day.school.queries import School, find_school
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.sittings.rules import ADMITTING
from testing_server.foundation.audit import append_audit
from testing_server.foundation.files.store import digest_file
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.school_key import SchoolKey

BUSY = "rehearsals_sending"


def tend_rehearsals(offered: Services) -> None:
    """Signs what has ended, stops what would disturb a sitting, sends what waits."""
    here = attach_room(offered)
    running = find_running(here.data)
    if running and is_sitting_open(offered):
        stop_run(here.data, running)
    if not here.keys.is_unlocked:
        return
    for folder in list_runs(here.data):
        if read_run(folder).state == "found":
            sign_run(offered, folder, here.keys.key())
    if not offered.vault.get(BUSY) and any(waits_to_be_sent(folder) for folder in list_runs(here.data)):
        offered.vault[BUSY] = True
        offered.live.socketio.start_background_task(_send_all, offered)


def is_sitting_open(offered: Services) -> bool:
    """Whether candidates may be at work."""
    with offered.storage.read() as session:
        return session.scalars(select(SittingRecord.id).where(SittingRecord.state.in_(ADMITTING))).first() is not None


def sign_run(offered: Services, folder: Path, key: SchoolKey) -> None:
    """The very bytes the drill wrote; a repeat changes nothing."""
    envelope = sign_bytes((folder / STATEMENT).read_bytes(), PAYLOAD_TYPES["rehearsal"], key.signing)
    draft = folder / f"{CERTIFICATE}.new"
    draft.write_bytes(envelope)
    os.replace(draft, folder / CERTIFICATE)
    digest, now_ms = digest_file(folder / CERTIFICATE), attach_room(offered).clock.now_ms()
    offered.storage.write(lambda session: append_audit(
        session, now_ms, CHAIN, "rehearsal", "rehearsal_signed", folder.name, {"sha256": digest}))
    tidy(folder)


def waits_to_be_sent(folder: Path) -> bool:
    """A signed certificate that the hub has not got yet."""
    return (folder / CERTIFICATE).exists() and not (folder / SENT).exists()


def _send_all(offered: Services) -> None:
    try:
        send_certificates(offered)
    finally:
        offered.vault[BUSY] = False


def send_certificates(offered: Services) -> int:
    """What the hub has not got yet; returns how many it took. A hub that is away is asked again."""
    here = attach_room(offered)
    with offered.storage.read() as session:
        school: School | None = find_school(session)
    if school is None or not school.is_enrolled or not here.keys.is_unlocked:
        return 0
    taken = 0
    try:
        link = here.open_hub(school, here.keys.key())
        for folder in [one for one in list_runs(here.data) if waits_to_be_sent(one)]:
            link.send_rehearsal((folder / CERTIFICATE).read_bytes())
            (folder / SENT).touch()
            taken += 1
            here.hearing.note_answer(here.clock.now_ms())
    except Refusal as refusal:
        here.hearing.note_trouble(refusal.code, here.clock.now_ms())
    return taken
