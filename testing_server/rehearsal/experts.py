"""Robot experts: they empty the queue, listen to every recording, and the head signs. Speak HTTP only."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from testing_server.rehearsal.person import Person, Refused


@dataclass
class MarkingTally:
    """What robot experts did: how many answers, how many seconds of sound they fetched."""

    answers: int = 0
    recordings: int = 0
    points: list[dict[str, int]] = field(default_factory=list)


class RobotExpert:
    """Marks what comes, by a seed: a spoken or written answer gets points, an empty one zeros."""

    def __init__(self, hub: str, login: str, password: str, seed: int) -> None:
        self._person = Person(hub)
        self._person.sign_in(login, password)
        self._random = random.Random(seed)

    def close(self) -> None:
        """Leaves the browser."""
        self._person.close()

    def mark_all(self) -> MarkingTally:
        """Takes answers until the queue is empty."""
        tally = MarkingTally()
        self._person.open("/marking")
        while (answer := self._take()) is not None:
            self._mark(answer, tally)
        return tally

    def _take(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._person.send_json("/v1/marking/next", {})
            return found
        except Refused as refusal:
            # only "nothing to mark" ends the work; any other refusal is a fault of the line
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def _mark(self, answer: dict[str, Any], tally: MarkingTally) -> None:
        for recording in answer["content"]["recordings"]:
            assert self._person.fetch(f"/marking/recordings/{recording['sha256']}")
            tally.recordings += 1
        points = self._choose_points(answer)
        self._person.send_json("/v1/marking/save", {
            "assignment": answer["assignment"], "version": answer["version"], "points": points})
        tally.answers += 1
        tally.points.append(points)

    def _choose_points(self, answer: dict[str, Any]) -> dict[str, int]:
        empty = not answer["content"]["recordings"] and not answer["content"]["responses"]
        return {one["id"]: 0 if empty else self._random.randint(1, one["max"]) for one in answer["criteria"]}


def sign_protocols(hub: str, login: str, password: str, archives: list[str]) -> dict[str, bytes]:
    """The head signs each work; gives the result forms (Excel bytes) by archive. Raises Refused."""
    head = Person(hub)
    head.sign_in(login, password)
    forms = {}
    for archive in archives:
        head.open(f"/commission/{archive}")
        head.submit(f"/commission/{archive}/freeze")
        forms[archive] = head.fetch(f"/results/{archive}.xlsx")
    head.close()
    return forms
