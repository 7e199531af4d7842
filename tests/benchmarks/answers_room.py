"""A classroom full of seats for benchmarks, and the requests its seats will send.

Takes a folder and how many seats. Gives `Hall`: the server's data folder with every seat signed in, and scripts for the
load maker (`answers_load.c`), written beforehand so that making them costs nothing while it is measured.
"""
from __future__ import annotations

import hashlib
import sqlite3
import struct
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.leases import make_generation, make_lease
from testing_server.exam_day.sittings.records import AttemptRecord, DirectiveRecord, LeaseRecord, SittingRecord
from testing_server.exam_day.workstations.records import WorkstationRecord
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.storage import Storage
from testing_server.foundation.tokens import make_token
from testing_server.migrations import upgrade_database
from tests.testing_server.exam_day.builders import make_classroom

GENERATION = make_generation(1, 7)
LEASE = make_lease(GENERATION, 1)
START = msgspec.json.encode({"generation": GENERATION, "number": 1, "kind": "start", "body": {}}).decode()
HOURS_12_MS = 12 * 3_600_000
SAID_BY_SEATS = ("Host: 127.0.0.1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
                 "User-Agent: python-httpx/0.28.1\r\nProtocol: 1.0\r\n")


@dataclass
class Seat:
    """One workstation with its candidate; `number` and `digest`: of the last event written."""

    attempt: str
    workstation: str
    token: str
    grant: str
    number: int = 0
    digest: str = ""

    def write_answer(self, now_ms: int) -> str:
        """An answer: about 400 bytes."""
        return self.write("answer_set", now_ms, {"item": f"i{self.number % 20}", "response": "r1",
                                                 "value": "They have been living here"})

    def write(self, kind: str, now_ms: int, body: dict[str, Any]) -> str:
        """The next line of its journal."""
        self.number += 1
        prev = self.digest or sha256_hex(self.grant.encode())
        line = msgspec.json.encode({
            "attempt": self.attempt, "lease": LEASE, "number": self.number, "kind": kind, "at_ms": now_ms,
            "err_ms": 3, "mono_ms": now_ms, "boot_id": "4c1d5b2e-9a3f-4d7c-8a51-0f6e2b7d9c10", "body": body,
            "prev": prev})
        self.digest = hashlib.sha256(line).hexdigest()
        return line.decode()

    def ask(self, method: str, path: str, body: bytes = b"", length: int | None = None) -> bytes:
        """A whole request as the kiosk's client would send it; with `length` the body follows by itself."""
        head = (f"{method} {path} HTTP/1.1\r\n{SAID_BY_SEATS}Authorization: Bearer {self.token}\r\n"
                f"Content-Length: {len(body) if length is None else length}\r\n\r\n")
        return head.encode() + body

    def append(self, now_ms: int, answers: int) -> bytes:
        """The request that sends the next `answers` answers."""
        return self.send([self.write_answer(now_ms) for _ in range(answers)])

    def start(self, now_ms: int) -> list[bytes]:
        """What a seat asks and says when the organizer starts everybody."""
        lines = [self.write("directive_applied", now_ms, {"generation": GENERATION, "number": 1, "kind": "start",
                                                          "body": {}}),
                 self.write("timer_started", now_ms, {"timer": "work", "allotted_ms": 2_700_000}),
                 self.write("item_entered", now_ms, {"item": "i1", "stage": "answer"})]
        return [self.ask("GET", f"/v1/attempts/{self.attempt}/directives?after="), self.send(lines)]

    def send(self, lines: list[str]) -> bytes:
        """The request that sends these lines."""
        return self.ask("POST", f"/v1/attempts/{self.attempt}/events",
                        msgspec.json.encode({"lease": LEASE, "events": lines}))


@dataclass
class Hall:
    """`data`: the folder of the classroom server."""

    data: Path
    seats: list[Seat] = field(default_factory=list)

    def count_kept(self) -> dict[str, int]:
        """attempt -> events on the disk, read when the server is gone."""
        with sqlite3.connect(self.data / "classroom.sqlite") as database:
            return dict(database.execute("SELECT attempt, count(*) FROM room_event GROUP BY attempt"))


def make_hall(data: Path, count: int, started: bool = True) -> Hall:
    """A server's folder in which `count` candidates sit and have started; else the organizer has just said start."""
    data.mkdir(parents=True)
    upgrade_database(f"sqlite:///{data / 'classroom.sqlite'}")
    room = make_classroom(data, SystemClock())  # type: ignore[arg-type]
    room.set_up()
    room.close()
    now_ms, hall = SystemClock().now_ms(), Hall(data)
    key = obtain_key(data / "run", "mac.key")
    for _ in range(count):
        attempt, workstation = str(uuid.uuid4()), str(uuid.uuid4())
        hall.seats.append(Seat(attempt, workstation, make_token(key, workstation, "workstation", now_ms + HOURS_12_MS,
                                                                str(GENERATION)), f'{{"attempt":"{attempt}"}}'))
    storage = Storage(f"sqlite:///{data / 'classroom.sqlite'}")
    storage.write(lambda session: _seat_all(session, now_ms, hall.seats, started))
    storage.close()
    return hall


def _seat_all(session: Session, now_ms: int, seats: Sequence[Seat], started: bool) -> None:
    sitting = SittingRecord(
        id=str(uuid.uuid4()), archive="0" * 64, assessment="english-7", campaign="demo", room="12", day="2025-10-09",
        state="running" if started else "open", generation=GENERATION, opens_at_ms=now_ms - 1,
        closes_at_ms=now_ms + HOURS_12_MS, made_at_ms=now_ms, opened_at_ms=now_ms,
        started_at_ms=now_ms if started else None)
    session.add(sitting)
    for number, seat in enumerate(seats):
        session.add(WorkstationRecord(id=seat.workstation, public_key=f"{number:064x}", seat=str(number + 1),
                                      certificate="", state="ready", paired_at_ms=now_ms))
        session.add(AttemptRecord(id=seat.attempt, sitting=sitting.id, code=str(10_001 + number), login=f"l{number}",
                                  variant="10001", state="started" if started else "checked",
                                  workstation=seat.workstation, seated_at_ms=now_ms))
        session.add(LeaseRecord(attempt=seat.attempt, lease=LEASE, workstation=seat.workstation, state="open",
                                grant=seat.grant, granted_at_ms=now_ms))
        if not started:
            session.add(DirectiveRecord(attempt=seat.attempt, generation=GENERATION, number=1, kind="start",
                                        text=START, at_ms=now_ms))


def write_script(path: Path, requests: Iterable[Sequence[tuple[bytes, int]]], shared: Sequence[bytes] = ()) -> Path:
    """What each connection sends: (head, number of the shared body after it, 0 for none) in order."""
    each = [list(one) for one in requests]
    with path.open("wb") as file:
        file.write(struct.pack("<I", len(shared)))
        for body in shared:
            file.write(struct.pack("<I", len(body)) + body)
        file.write(struct.pack("<I", len(each)))
        for one in each:
            file.write(struct.pack("<I", len(one)))
            for head, body_number in one:
                file.write(struct.pack("<II", len(head), body_number) + head)
    return path


def write_answers(path: Path, seats: Sequence[Seat], requests: int, answers: int) -> Path:
    """Each seat sends `requests` requests of `answers` answers."""
    now_ms = SystemClock().now_ms()
    return write_script(path, ([(seat.append(now_ms, answers), 0) for _ in range(requests)] for seat in seats))
