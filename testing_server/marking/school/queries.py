"""What the school organizer sees of marking: works with what they wait for and how far they are. Takes a session."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from testing_server.exam_day.training.rules import CAMPAIGN as TRAINING
from testing_server.marking.gathering.room_source import OwnWork, list_own_works
from testing_server.marking.protocol.queries import WorkProgress, list_works


@dataclass(frozen=True)
class WorkLine:
    """`progress`: None until the first answers were queued."""

    work: OwnWork
    progress: WorkProgress | None

    @property
    def is_signed(self) -> bool:
        """Whether a protocol of it is signed and holds."""
        return self.progress is not None and self.progress.state == "frozen"


def list_lines(session: Session) -> list[WorkLine]:
    """Works written on this server that the region knows of, the latest day first."""
    opened = {one.archive: one for one in list_works(session)}
    lines = [WorkLine(one, opened.get(one.archive)) for one in list_own_works(session)]
    return sorted((one for one in lines if one.work.campaign != TRAINING), key=lambda one: one.work.day, reverse=True)
