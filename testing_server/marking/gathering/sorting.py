"""An opened criteria archive and attempts, joined: nameless answers into the queue, machine points beside them.

Takes an archive's folder and attempts of one work. What no rule can score or no key knows is told in the log and left
out: it must not stop the others of the school.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.orm import Session

from task_bank.scoring import ScoringError, restore_responses, score_item
from testing_server.foundation.services import Services
from testing_server.marking.gathering.actions import WorkToMark, add_attempts, open_work
from testing_server.marking.gathering.rules import (
    CriteriaBook, SortedAttempt, SubmittedAttempt, UnknownVariant, sort_attempt)
from testing_server.marking.listening.jobs import measure_recordings

log = logging.getLogger(__name__)
Sorted = list[tuple[SubmittedAttempt, SortedAttempt]]


def read_book(folder: Path) -> CriteriaBook:
    """An opened criteria archive."""
    return CriteriaBook(
        assessment=json.loads((folder / "assessment.json").read_bytes()),
        keys={path.stem: json.loads(path.read_bytes()) for path in sorted((folder / "keys").glob("*.json"))},
        items={path.stem: path.read_bytes() for path in sorted((folder / "items").glob("*.xml"))},
        prompts={path.stem: json.loads(path.read_bytes()) for path in sorted((folder / "prompts").glob("*.json"))})


def sort_attempts(book: CriteriaBook, attempts: Iterable[SubmittedAttempt]) -> Sorted:
    """Every attempt that can be split between people and the machine."""
    found = []
    for one in attempts:
        try:
            found.append((one, sort_attempt(one, book, score_item, restore_responses)))
        except UnknownVariant:
            log.error("attempt %s names variant %s, which its archive has not", one.attempt, one.variant)
        except ScoringError as error:
            log.error("attempt %s cannot be scored: %s", one.attempt, error)
    return found


def queue_attempts(offered: Services, work: WorkToMark, found: Sorted) -> int:
    """Opens the work where it is not open and queues what is new; returns how many attempts that are."""
    now_ms = offered.clock.now_ms()

    def act(session: Session) -> int:
        open_work(session, now_ms, work)
        return add_attempts(session, now_ms, work, found)

    added = offered.storage.write(act)
    if added:
        recordings = [one.sha256 for attempt, _ in found for one in attempt.recordings]
        offered.jobs.enqueue(measure_recordings, recordings=recordings)
    offered.live.changed("marking", now_ms)
    return added
