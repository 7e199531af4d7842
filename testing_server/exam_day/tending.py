"""What a classroom server does by itself: note arrived sound, report to the hub, ask for receipts and for what
changed in archives, be found.

Takes the application. Runs in the core beside the requests; one round never ends the next.
"""
from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from flask import Flask
from sqlalchemy import func, select

from testing_server.exam_day.packages.actions import close_sitting
from testing_server.exam_day.packages.internal import tend_packages
from testing_server.exam_day.recovery.keeping import keep_ledgers
from testing_server.exam_day.recovery.standby.pulling import pull_in_background
from testing_server.exam_day.recovery.taking_over import tend_recovery
from testing_server.exam_day.recovery.telling import tell_in_background
from testing_server.exam_day.rehearsals.keeping import tend_rehearsals
from testing_server.exam_day.reporting import report_sittings
from testing_server.exam_day.responses.answer_files import sweep_answer_files
from testing_server.exam_day.responses.heard_changes import tell_heard
from testing_server.exam_day.responses.recordings import sweep_recordings
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.sittings.following import follow_in_background
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.sittings.rules import ADMITTING
from testing_server.exam_day.workstations.test_recordings import forget_test_recordings
from testing_server.foundation.services import EXTENSION, Services

log = logging.getLogger(__name__)
ROUND_S = 1.0
CLOSE_AFTER_MS = 5 * 60_000


@dataclass
class Duty:
    """One thing to do every `every_ms`."""

    name: str
    every_ms: int
    act: Callable[[Services], None]
    due_ms: int = 0


@dataclass
class Tending:
    """Runs duties when they are due; a failing one is logged and tried again at its next time."""

    offered: Services
    duties: list[Duty] = field(default_factory=list)

    def run_round(self) -> None:
        for duty in self.duties:
            now_ms = self.offered.clock.monotonic_ms()
            if now_ms < duty.due_ms:
                continue
            duty.due_ms = now_ms + duty.every_ms
            try:
                duty.act(self.offered)
            except Exception:
                log.exception("duty %s failed", duty.name)

    def run_forever(self) -> None:
        while True:
            self.run_round()
            self.offered.live.socketio.sleep(ROUND_S)


def start_tending(app: Flask) -> Tending:
    """Begin; returns the object for whoever wants to look."""
    offered: Services = app.extensions[EXTENSION]
    tending = Tending(offered, list_duties())
    offered.live.socketio.start_background_task(tending.run_forever)
    return tending


def list_duties() -> list[Duty]:
    """In the order of a round."""
    return [Duty("tell what is heard", 500, hear),
            Duty("sweep recordings", 1_000, sweep), Duty("tend packages", 5_000, tend_packages),
            Duty("report sittings", 1_000, report_sittings), Duty("close expired", 10_000, close_expired),
            Duty("follow the hub", 60_000, follow_in_background), Duty("keep ledgers", 5_000, keep_room_ledgers),
            Duty("forget test recordings", 10_000, forget_old_test_recordings),
            Duty("recover", 2_000, tend_recovery), Duty("tell older servers", 15_000, tell_in_background),
            Duty("keep up", 1_000, pull_in_background), Duty("tend rehearsals", 5_000, tend_rehearsals)]


def hear(offered: Services) -> None:
    """What is heard of who speaks now."""
    tell_heard(offered)


def keep_room_ledgers(offered: Services) -> None:
    """What happened in the room since the last round, for the workstations to keep."""
    keep_ledgers(offered)


def forget_old_test_recordings(offered: Services) -> None:
    """A sitting closed: what was said in sound checks before it is not needed any more."""
    with offered.storage.read() as session:
        closed_at_ms = session.scalar(select(func.max(SittingRecord.closed_at_ms)))
    if closed_at_ms is not None:
        forget_test_recordings(offered.settings.data, closed_at_ms)


def close_expired(offered: Services) -> None:
    """The access window is over: after some minutes for what is on its way, nobody goes on."""
    here = attach_room(offered)
    now_ms = here.clock.now_ms()
    with offered.storage.read() as session:
        over = list(session.scalars(select(SittingRecord.id).where(
            SittingRecord.state.in_(ADMITTING), SittingRecord.closes_at_ms + CLOSE_AFTER_MS < now_ms)))
    for sitting in over:
        offered.storage.write(partial(close_sitting, now_ms=now_ms, sitting_id=sitting, by="window_end"))
        offered.live.changed(f"sitting:{sitting}", here.clock.monotonic_ms())


def sweep(offered: Services) -> None:
    """Sound and files of answers that arrived since the last round."""
    sweep_answer_files(offered.storage, offered.settings.data)
    sweep_recordings(offered.storage, offered.jobs, offered.settings.data, attach_room(offered).clock.now_ms())
