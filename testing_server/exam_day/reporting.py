"""Reports to the hub while a sitting is open. Takes the services; sends counts and places, never codes.

Nothing waits for it: a hub that is away only makes the console say since when.
"""
from __future__ import annotations

from sqlalchemy import func, select

from testing_server.exam_day.console.snapshot import make_report, take_snapshot
from testing_server.exam_day.room import Room, attach_room
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings.records import IncidentRecord, SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE
from testing_server.exam_day.training.rules import CAMPAIGN as TRAINING
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.preparation.hub_link import HubLink

EVERY_MS = 5_000
WATCHED_MS = 1_000


def report_sittings(offered: Services) -> None:
    """One round, in the background: the line may hang for half a minute and must hold nothing else up."""
    here = attach_room(offered)
    hearing = here.hearing
    now_ms = here.clock.monotonic_ms()
    if hearing.busy or now_ms < hearing.due_ms:
        return
    hearing.due_ms = now_ms + (WATCHED_MS if hearing.watched else EVERY_MS)
    hearing.busy = True
    offered.live.socketio.start_background_task(_send_round, offered, here)


def _send_round(offered: Services, here: Room) -> None:
    try:
        send_reports(offered, here)
    finally:
        here.hearing.busy = False


def send_reports(offered: Services, here: Room) -> int:
    """Report every sitting that is going on; returns how many the hub heard of."""
    hearing = here.hearing
    with offered.storage.read() as session:
        sittings = list(session.scalars(select(SittingRecord.id).where(
            SittingRecord.state.in_(ACTIVE), SittingRecord.claim != "", SittingRecord.campaign != TRAINING)))
        school = find_school(session)
    if not sittings or school is None or not school.is_enrolled or not here.keys.is_unlocked:
        return 0
    try:
        hearing.link = hearing.link or here.open_hub(school, here.keys.key())
        hearing.watched = any([_send(offered, here, hearing.link, sitting) for sitting in sittings])
    except Refusal as refusal:
        hearing.trouble, hearing.watched = refusal.code, False
        return 0
    hearing.last_heard_ms, hearing.trouble = here.clock.now_ms(), ""
    return len(sittings)


def _send(offered: Services, here: Room, link: HubLink, sitting: str) -> bool:
    with offered.storage.read() as session:
        snapshot = take_snapshot(session, here, sitting)
        incidents = session.scalar(select(func.count()).select_from(IncidentRecord).where(
            IncidentRecord.sitting == sitting)) or 0
    return link.send_report(make_report(snapshot, incidents))
