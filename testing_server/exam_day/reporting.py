"""Reports to the hub while a sitting is open. Takes the services; sends counts and places, never codes.

Each sitting every 5 s, one that a coordinator looks at every second and with its seats. Nothing waits for it: a hub
that is away only makes the console say since when.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import func, select

from testing_server.exam_day.console.snapshot import make_report, take_snapshot
from testing_server.exam_day.room import Room, attach_room
from testing_server.exam_day.school.hearing import HubHearing
from testing_server.exam_day.school.queries import School, find_school
from testing_server.exam_day.school.watch_hints import WatchHints
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
    hearing, now_ms = here.hearing, here.clock.monotonic_ms()
    going_on = list_reported(offered)
    if not going_on and hearing.hints is not None:
        hearing.hints.stop()
    due = [sitting for sitting in going_on if now_ms >= hearing.due_ms.get(sitting, 0)]
    if hearing.busy or not due:
        return
    hearing.busy = True
    for sitting in due:
        hearing.due_ms[sitting] = now_ms + (WATCHED_MS if sitting in hearing.watched else EVERY_MS)
    offered.live.socketio.start_background_task(_send_round, offered, here, due)


def _send_round(offered: Services, here: Room, due: Sequence[str]) -> None:
    try:
        send_reports(offered, here, due)
    finally:
        here.hearing.busy = False


def list_reported(offered: Services) -> list[str]:
    """Sittings that are going on here; a training run that this server made up is nobody's business."""
    with offered.storage.read() as session:
        return list(session.scalars(select(SittingRecord.id).where(
            SittingRecord.state.in_(ACTIVE), SittingRecord.claim != "", SittingRecord.campaign != TRAINING)))


def send_reports(offered: Services, here: Room, sittings: Sequence[str]) -> int:
    """Reports these sittings; returns how many the hub heard of."""
    hearing = here.hearing
    with offered.storage.read() as session:
        school = find_school(session)
    if not sittings or school is None or not school.is_enrolled or not here.keys.is_unlocked:
        return 0
    try:
        link = _open_line(offered, here, school)
        for sitting in sittings:
            hearing.note_watched(sitting, _send(offered, here, link, sitting))
    except Refusal as refusal:
        hearing.note_trouble(refusal.code, here.clock.now_ms())
        hearing.watched.clear()
        return 0
    hearing.note_answer(here.clock.now_ms())
    return len(sittings)


def _open_line(offered: Services, here: Room, school: School) -> HubLink:
    hearing = here.hearing
    hearing.link = hearing.link or here.open_hub(school, here.keys.key())
    hearing.hints = hearing.hints or WatchHints(hearing.link, _listen(hearing))
    hearing.hints.keep(offered.live.socketio.start_background_task)
    return hearing.link


def _listen(hearing: HubHearing) -> Callable[[str], None]:
    return lambda sitting: hearing.note_watched(sitting, True)


def _send(offered: Services, here: Room, link: HubLink, sitting: str) -> bool:
    with offered.storage.read() as session:
        snapshot = take_snapshot(session, here, sitting)
        incidents = session.scalar(select(func.count()).select_from(IncidentRecord).where(
            IncidentRecord.sitting == sitting)) or 0
        campaign = session.get_one(SittingRecord, sitting).campaign
    report = make_report(snapshot, incidents, sitting in here.hearing.watched)
    return link.send_report({**report, "campaign": campaign})
