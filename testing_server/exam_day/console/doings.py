"""What candidates have done, for the commands that go by it. Takes a sitting and whom; gives a `Doing` for each."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from testing_server.exam_day.responses.hearings import read_allowed
from testing_server.exam_day.responses.queries import list_recordings
from testing_server.exam_day.room import Room, room
from testing_server.exam_day.sittings.actions import find_sitting, list_attempts
from testing_server.exam_day.sittings.commands import ALL
from testing_server.exam_day.sittings.repeats import Doing
from testing_server.foundation.services import services


def see_doings(sitting: str, targets: Sequence[str] | str) -> dict[str, Doing]:
    """By attempt. Raises NotFound."""
    with services().storage.read() as session:
        return read_doings(session, room(), sitting, targets)


def read_doings(session: Session, here: Room, sitting_id: str, targets: Sequence[str] | str) -> dict[str, Doing]:
    """The same of this session. Raises NotFound."""
    sitting = find_sitting(session, sitting_id)
    attempts = [one for one in list_attempts(session, sitting_id) if targets == ALL or one.id in targets]
    ids = [one.id for one in attempts]
    states = here.states.read(session, ids, (sitting.opens_at_ms, sitting.closes_at_ms))
    verdicts = _read_verdicts(session, ids)
    return {one.id: Doing(states[one.id], verdicts.get(one.id, {}), {
        item: allowed.plays for item, allowed in read_allowed(here.data, sitting.archive, one.variant).items()})
        for one in attempts}


def _read_verdicts(session: Session, attempts: Sequence[str]) -> Mapping[str, dict[tuple[int, int], str]]:
    found: dict[str, dict[tuple[int, int], str]] = {}
    for one in list_recordings(session, attempts):
        found.setdefault(one.attempt, {})[one.lease, one.number] = one.server_verdict
    return found
