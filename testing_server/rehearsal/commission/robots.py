"""Robot experts: each in a thread with a browser's session of its own, telling a common book what the hub confirmed."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from testing_server.rehearsal.commission.world import RobotProfile, World, draw_points, draw_truth
from testing_server.rehearsal.founding import Account
from testing_server.rehearsal.person import Person, Refused

# how often a robot does what people do: listen to a piece, change its mind, ask again, hand an answer to the head
HEARS, RETHINKS, ASKS_AGAIN, REFERS = 0.05, 0.02, 0.02, 0.003
IDLE_S = 0.5


@dataclass(frozen=True)
class Saved:
    """A mark the hub confirmed: `order` counts confirmations of the whole commission; `points` by criterion;
    `is_third`: the desk showed the marks of two before."""

    order: int
    expert: str
    number: int
    points: dict[str, int]
    is_third: bool = False


@dataclass
class Book:
    """What all robots did, in the order of the confirmations. `spent_s`: seconds of each request by its name."""

    saved: list[Saved] = field(default_factory=list)
    taken_back: list[tuple[int, str, int]] = field(default_factory=list)
    referred: set[int] = field(default_factory=set)
    paused: dict[str, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    spent_s: dict[str, list[float]] = field(default_factory=dict)
    order: int = 0
    working: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> int:
        """The next number of order."""
        with self._lock:
            self.order += 1
            return self.order

    def change_working(self, by: int) -> None:
        """A robot begins or ceases to have something to do."""
        with self._lock:
            self.working += by

    def count_saved(self) -> Counter[str]:
        """Marks by expert."""
        return Counter(one.expert for one in self.saved)


class RobotMarker:
    """One robot expert of a hub. Signs in at once."""

    def __init__(self, hub: str, account: Account, profile: RobotProfile, world: World, book: Book) -> None:
        self.profile = profile
        self._world, self._book, self._saved = world, book, 0
        self._chance = random.Random(f"{world.seed}:{profile.login}")
        self._person = Person(hub)
        self._person.sign_in(account.login, account.password)
        self._person.open("/marking/desk")

    def close(self) -> None:
        """Leaves the browser."""
        self._person.close()

    def work(self) -> None:
        """Marks until nobody of the commission finds anything more, or it is paused."""
        self._book.change_working(1)
        is_working = True
        while True:
            answer = self._take()
            if answer is None and self.profile.login in self._book.paused:
                break
            if (answer is not None) != is_working:
                is_working = answer is not None
                self._book.change_working(1 if is_working else -1)
            if answer is not None:
                self._mark(answer)
            elif self._book.working <= 0:
                return
            else:
                time.sleep(IDLE_S)
        if is_working:
            self._book.change_working(-1)

    def _take(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._ask("next", {})
            return found
        except Refused as refusal:
            if refusal.status == HTTPStatus.CONFLICT:
                self._book.paused[self.profile.login] = _read_reason(refusal)
            elif refusal.status != HTTPStatus.NOT_FOUND:
                self._book.troubles.append(f"{self.profile.login}: {refusal}")
                raise
            return None

    def _mark(self, answer: dict[str, Any]) -> None:
        number = int(answer["content"]["responses"]["NOTE"])
        if self._chance.random() < HEARS:
            self._hear(answer)
        if self._chance.random() < ASKS_AGAIN and self._ask("next", {})["assignment"] != answer["assignment"]:
            self._book.troubles.append(f"{self.profile.login}: another answer on the desk than before")
        if self._chance.random() < REFERS and not answer["others"]:
            self._refer(answer, number)
            return
        self._save(answer, number)
        if self._chance.random() < RETHINKS:
            self._rethink(answer["assignment"], number)

    def _hear(self, answer: dict[str, Any]) -> None:
        sound = self._person.fetch(f"/marking/recordings/{answer['content']['recordings'][0]['sha256']}")
        if not sound.startswith(b"fLaC"):
            self._book.troubles.append("what came was no sound")

    def _save(self, answer: dict[str, Any], number: int) -> None:
        points = draw_points(self.profile, draw_truth(self._world, number), [one["id"] for one in answer["criteria"]],
                             self._chance, self._saved / self._world.per_expert)
        self._saved += 1
        self._ask("save", {"assignment": answer["assignment"], "version": answer["version"], "points": points})
        self._book.saved.append(Saved(self._book.count(), self.profile.login, number, points,
                                      bool(answer["others"])))

    def _rethink(self, assignment: str, number: int) -> None:
        """Takes the marks back and gives them anew; where a third expert has begun it is refused, and rightly."""
        try:
            answer = self._ask("undo", {"assignment": assignment})
        except Refused as refusal:
            if refusal.status != HTTPStatus.CONFLICT:
                raise
            return
        self._book.taken_back.append((self._book.count(), self.profile.login, number))
        self._save(answer, number)

    def _refer(self, answer: dict[str, Any], number: int) -> None:
        self._ask("refer", {"assignment": answer["assignment"], "version": answer["version"],
                            "kind": "technical_fault", "reason": ""})
        self._book.referred.add(number)

    def _ask(self, act: str, body: dict[str, Any]) -> Any:
        began = time.perf_counter()
        try:
            return self._person.send_json(f"/v1/marking/{act}", body)
        finally:
            self._book.spent_s.setdefault(act, []).append(time.perf_counter() - began)


def _read_reason(refusal: Refused) -> str:
    """The beginning of what the hub told a paused expert."""
    found = re.search(r'"reason":"((?:\\u[0-9a-f]{4}|[^"\\])*)', str(refusal))
    return str(json.loads(f'"{found.group(1)}"')) if found else str(refusal)
