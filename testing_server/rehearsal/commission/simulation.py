"""The simulation's course: found, serve, standardise, mark, order anew what bad experts did, sign, count again."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from testing_server.contracts.statements import read_unverified
from testing_server.rehearsal.commission.counting import Happened, Row, find_breaches
from testing_server.rehearsal.commission.founding import FoundedCommission, found_commission
from testing_server.rehearsal.commission.robots import Book, RobotMarker
from testing_server.rehearsal.commission.world import (
    REGION, SUBJECT, RobotProfile, World, draw_truth, list_profiles)
from testing_server.rehearsal.person import Person
from testing_server.rehearsal.processes import Server

PEOPLE, REFERRALS, STANDARDS = "/commission/people", "/commission/referrals", "/commission/standards"
FIGURES = "/commission/figures"
# pausing one expert may show another only after the first one's answers went round again
MOST_ROUNDS = 6
Tell = Callable[[str], None]
Serve = Callable[[Path, Path], AbstractContextManager[str]]


@dataclass
class Outcome:
    """What came of a simulation. `wall_s`: seconds of marking; `signs`: words of the head's figures by expert.

    `missed`: bad experts found neither by control answers nor by figures; `false_alarms`: good ones that were.
    """

    world: World
    profiles: list[RobotProfile]
    book: Book
    wall_s: float = 0.0
    breaches: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    signs: dict[str, str] = field(default_factory=dict)
    thirds: int = 0


class RobotHead:
    """The head of the commission at a browser: rules, seats, standard answers, decisions, signatures."""

    def __init__(self, hub: str, founded: FoundedCommission, world: World) -> None:
        self._founded, self._world = founded, world
        self._person = Person(hub)
        self._person.sign_in(founded.head.login, founded.head.password)
        self.standards: dict[int, dict[str, int]] = {}
        self.zeroed: set[int] = set()

    def close(self) -> None:
        """Leaves the browser."""
        self._person.close()

    def agree_standards(self) -> None:
        """Marks the first answers as they deserve and makes them control answers."""
        self._person.open("/marking/desk")
        for _ in range(self._world.controls):
            answer = self._person.send_json("/v1/marking/next", {})
            number = int(answer["content"]["responses"]["NOTE"])
            points = draw_truth(self._world, number)
            self._person.send_json("/v1/marking/save", {
                "assignment": answer["assignment"], "version": answer["version"], "points": points})
            self._person.submit(STANDARDS, assignment=answer["assignment"], use="control", comment="")
            self.standards[number] = points

    def open_commission(self, profiles: Sequence[RobotProfile]) -> str:
        """Rules and seats; returns the commission's id."""
        self._person.open(PEOPLE)
        page = self._person.submit(PEOPLE, subject=SUBJECT, region=REGION, opens="2020-01-01T00:00",
                                   closes="2099-01-01T00:00", control_every=str(self._world.control_every),
                                   daily_limit="0", pass_percent="70")
        commission = re.findall(rf"{PEOPLE}/([0-9a-f-]+)/seats", page)[0]
        self._person.submit(f"{PEOPLE}/{commission}/seats", logins="\n".join(one.login for one in profiles))
        return str(commission)

    def read_signs(self, commission: str) -> dict[str, str]:
        """Experts whose figures ask for a look, with the words that stand there."""
        page = self._person.open(f"{FIGURES}?commission={commission}")
        return {html.unescape(expert): ", ".join(re.findall(r"<small>(.*?)</small>", words))
                for expert, words in re.findall(r'data-sign="([^"]+)".*?</span>(.*?)</th>', page, re.S)}

    def pause(self, commission: str, expert: str) -> None:
        """Stops an expert whose figures were looked at."""
        self._person.submit(f"{PEOPLE}/{commission}/{expert}/state", state="paused", reason="имитация")

    def order_remarking(self, commission: str, expert: str) -> None:
        """Everything this expert marked goes to others."""
        self._person.submit(f"{PEOPLE}/{commission}/{expert}/remark")

    def close_referrals(self) -> None:
        """What could not be marked is closed with zero."""
        for number in re.findall(r'id="referral-(\d+)"', self._person.open(REFERRALS)):
            self._person.submit(f"{REFERRALS}/{number}", decision="zero", reason="имитация")

    def sign_all(self) -> dict[int, Row]:
        """Signs every school's protocol and reads them back; answer → row."""
        found = {}
        for archive in self._founded.archives:
            self._person.open(f"/commission/{archive}")
            self._person.submit(f"/commission/{archive}/freeze")
            envelope = self._person.fetch(f"/commission/{archive}/protocol.json")
            for row in json.loads(read_unverified(envelope).payload)["rows"]:
                position = row["positions"][0]
                found[int(row["code"])] = Row(position["criteria"], int(Decimal(position["points"])))
        return found


@contextmanager
def serve_hub(data: Path, log: Path) -> Iterator[str]:
    """The address of a hub with processes of its own, as it is installed. Raises NotUp."""
    server = Server("hub", data, log)
    try:
        server.wait_until_healthy()
        yield server.address
    finally:
        server.stop()


def simulate(folder: Path, world: World, tell: Tell, serve: Serve = serve_hub) -> Outcome:
    """A whole commission in an empty folder. Raises NotUp, Refused where the hub itself fails.

    `serve`: makes a hub of a founded folder and a place for its log, and gives its address.
    """
    profiles, book = list_profiles(world), Book()
    outcome = Outcome(world, profiles, book)
    tell(f"{world.answers} answers of {world.schools} schools, {world.experts} experts")
    founded = found_commission(folder / "hub", world, profiles)
    with serve(folder / "hub", folder / "hub.log") as address:
        _run(address, founded, outcome, tell)
    return outcome


def _run(hub: str, founded: FoundedCommission, outcome: Outcome, tell: Tell) -> None:
    head = RobotHead(hub, founded, outcome.world)
    head.agree_standards()
    commission = head.open_commission(outcome.profiles)
    robots = _sign_in_all(hub, founded, outcome)
    tell("everybody is signed in")
    remarked = _mark_all(head, commission, robots, outcome, tell)
    tell("signing")
    _judge(outcome, head, remarked, head.sign_all())
    head.close()
    for robot in robots:
        robot.close()


def _sign_in_all(hub: str, founded: FoundedCommission, outcome: Outcome) -> list[RobotMarker]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda one: RobotMarker(hub, founded.experts[one.login], one, outcome.world, outcome.book),
                             outcome.profiles))


def _mark_all(head: RobotHead, commission: str, robots: list[RobotMarker], outcome: Outcome,
              tell: Tell) -> list[tuple[int, str]]:
    """Until nothing is left: rounds of marking, and between them what found experts did is ordered anew."""
    book, remarked, known = outcome.book, list[tuple[int, str]](), set[str]()
    for _ in range(MOST_ROUNDS):
        began = time.monotonic()
        _work_together([robot for robot in robots if robot.profile.login not in known])
        outcome.wall_s += time.monotonic() - began
        head.close_referrals()
        outcome.signs |= {expert: words for expert, words in head.read_signs(commission).items() if expert not in known}
        fresh = sorted({*book.paused, *outcome.signs} - known)
        tell(f"{len(book.saved)} marks, found: {', '.join(fresh) or 'nobody new'}")
        if not fresh:
            break
        for expert in fresh:
            if expert not in book.paused:
                head.pause(commission, expert)
            head.order_remarking(commission, expert)
            remarked.append((book.count(), expert))
        known |= set(fresh)
    return remarked


def _work_together(robots: Sequence[RobotMarker]) -> None:
    threads = [threading.Thread(target=robot.work, name=robot.profile.login) for robot in robots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _judge(outcome: Outcome, head: RobotHead, remarked: list[tuple[int, str]], protocol: dict[int, Row]) -> None:
    book, profiles = outcome.book, outcome.profiles
    happened = Happened(
        book.saved, book.taken_back, head.standards, frozenset(book.referred - set(head.standards)), remarked,
        {one.login: one.school for one in profiles}, outcome.world.schools, outcome.world.answers)
    outcome.breaches = find_breaches(happened, protocol) + book.troubles
    found = {*book.paused, *outcome.signs}
    outcome.missed = [one.login for one in profiles if one.kind != "good" and one.login not in found]
    outcome.false_alarms = [one.login for one in profiles if one.kind == "good" and one.login in found]
    outcome.thirds = sum(one.is_third for one in book.saved)


def summarise(outcome: Outcome) -> dict[str, Any]:
    """Numbers of a simulation: marks a second, quantiles of requests in milliseconds."""
    found: dict[str, Any] = {"marks": len(outcome.book.saved), "seconds": round(outcome.wall_s, 1),
                             "marks_per_second": round(len(outcome.book.saved) / max(outcome.wall_s, 0.001), 1)}
    for act, spent in sorted(outcome.book.spent_s.items()):
        ordered = sorted(spent)
        found[act] = {"p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
                      "p99_ms": round(1000 * ordered[len(ordered) * 99 // 100], 1), "count": len(ordered)}
    return found
