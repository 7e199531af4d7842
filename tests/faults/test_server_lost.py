"""The classroom server's folder is destroyed in the middle of a sitting, and then that of the standby which stepped in.

Real processes: a hub, a classroom, a standby, three robots. The standby leads by one command; the third server has only
the organizer's key, the archive and its cipher. The robots find each by its announcement. One robot is started by each
server. Everybody finishes, the package is whole.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from testing_server.exam_day.school.link import open_hub_link
from testing_server.exam_day.school.queries import find_school
from testing_server.foundation.storage import Storage
from testing_server.foundation.supervision import find_free_port
from testing_server.preparation.school_key import unlock_school_key
from testing_server.rehearsal.drill.witness import ask
from testing_server.rehearsal.founding import Account
from testing_server.rehearsal.organizer import RobotOrganizer, wait_until
from testing_server.rehearsal.person import Person
from testing_server.rehearsal.processes import Server
from tests.faults.candidate import Candidate, JournalView
from tests.faults.evidence import list_missing_in_package, look_at_room
from tests.faults.world import World, raise_world

PATIENCE_S = 120
LEDGER_ROUND_S = 60
# the second is still speaking when its server dies, however slow the machine
SPEAK_S = (4.0, 14.0, 4.0)
# five seconds of silence and a look every two; the rest is for a slow machine
FOLLOW_S = 60


class SecondServer(Server):
    """`testing-server classroom --recover` or `--standby ADDRESS` in an empty folder; what is secret is typed."""

    def __init__(self, data: Path, how: list[str], key: Path, archive: Path, typed: list[str]) -> None:
        self.data, self.port, self.console_port = data, find_free_port(), find_free_port()
        self.name, log = f"classroom {how[0]}", data.with_suffix(".log")
        self.log = log
        self._file = open(log, "ab")
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "testing_server.cli", "classroom", *how, "--data", str(data),
             "--port", str(self.port), "--console-port", str(self.console_port), "--host", "127.0.0.1",
             "--key", str(key), "--archive", str(archive)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._file, start_new_session=True,
            env=dict(os.environ))
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in typed).encode())
        self.process.stdin.close()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(line.decode())

    @property
    def password(self) -> str:
        """The one-time password that was printed."""
        return next(line.split(": ")[1].split()[0] for line in self.said if line.startswith("organizer: "))


@dataclass
class Lost:
    """What was before, and after. `facts_*`: table -> rows of what the room's people did. `followed_s`: from the order
    to lead until every seat had a lease of the standby."""

    world: World
    candidates: list[Candidate]
    sitting: str
    promised: dict[int, JournalView]
    facts_before: dict[str, list[Any]]
    facts_after: dict[str, list[Any]] = field(default_factory=dict)
    copies: int = 0
    found_s: float = 0.0
    followed_s: float = 0.0
    package: str = ""


def read_room_facts(data: Path, sitting: str) -> dict[str, list[Any]]:
    """Orders, incidents and audit, as the database has them."""
    database = data / "classroom.sqlite"
    return {
        "directives": ask(database, "SELECT attempt, generation, number, text FROM room_directive ORDER BY 1, 2, 3"),
        "incidents": ask(database, "SELECT id, kind, text, by, at_ms FROM room_incident WHERE sitting = ? ORDER BY id",
                         sitting),
        "audit": ask(database, "SELECT number, content, digest FROM audit WHERE chain = ? ORDER BY number",
                     f"sitting:{sitting}"),
        "attempts": ask(database, "SELECT id, code, login, variant, workstation FROM room_attempt ORDER BY id")}


def prepare_stick(world: World, folder: Path) -> tuple[Path, Path]:
    """What an organizer has in a pocket: the locked key and the sealed archive."""
    folder.mkdir()
    shutil.copyfile(world.room / "keys" / "school.key", folder / "school.key")
    shutil.copytree(world.room / "archives" / world.archive, folder / "archive")
    return folder / "school.key", folder / "archive"


def begin_sitting(world: World) -> Lost:
    """One robot at work, soon paused until the third server lets it go on; two who wait."""
    codes = [world.take_code() for _ in range(3)]
    sitting = world.open_sitting(codes)
    candidates = [world.make_candidate(code, speak_s=seconds) for code, seconds in zip(codes, SPEAK_S, strict=True)]
    world.seat_all(sitting, candidates)
    world.start_work(sitting, candidates[0])
    candidates[0].wait_for_answers(1)
    for kind, body in (("extra_time", {"seconds": 300}), ("pause", {"reason": "врач"})):
        world.organizer.command(sitting, kind, [find_attempt(candidates[0])], **body)
    return Lost(world, candidates, sitting, {}, {})


def find_attempt(candidate: Candidate) -> str:
    return str(candidate.robot.find("signed_in")[0]["attempt"])


def step_in(found: Lost, standby: SecondServer) -> None:
    """The first server is destroyed once the standby has everything; the standby is told to lead."""
    world = found.world
    wait_until("the standby is level", lambda: is_level(world.room, standby.data), PATIENCE_S)
    world.kill_classroom()
    shutil.rmtree(world.room)
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "testing_server.cli", "promote", "--data", str(standby.data)],
                          capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    world.classroom = standby
    world.organizer.close()
    world.organizer = sign_in_anew(standby)
    wait_until("every seat follows", lambda: all(find_generation(one) == 2 for one in found.candidates), PATIENCE_S)
    found.followed_s = time.monotonic() - began
    world.organizer.wait_opened()


def is_level(leader: Path, standby: Path) -> bool:
    """The newest ledger, and all but the very last events: ticks go on."""
    sql = "SELECT generation, version, digest FROM room_ledger"
    places = [ask(data / "classroom.sqlite", sql)[:1] for data in (leader, standby)]
    counts = [ask(data / "classroom.sqlite", "SELECT count(*) FROM room_event")[0][0] for data in (leader, standby)]
    return bool(places[0]) and [row[:2] for row in places[0]] == [row[:2] for row in places[1]] and (
        counts[1] >= counts[0] - 5 > 0)


def find_generation(candidate: Candidate) -> int:
    """Of the newest lease the seat has opened."""
    return max(candidate.look().state.opened_leases, default=0) // 1024 // 4096


def lose_standby(found: Lost) -> None:
    """It leads: the second robot is started and speaks; then power off and the folder gone."""
    world, sitting, candidates = found.world, found.sitting, found.candidates
    world.start_work(sitting, candidates[1])
    world.organizer.command(sitting, "message", [find_attempt(candidates[1])], text="Пять минут")
    kept = [one.folder / "ledgers" for one in candidates]

    def is_kept() -> bool:
        rows = ask(world.room / "classroom.sqlite", "SELECT generation, version FROM room_ledger WHERE sitting = ? "
                   "AND made_at_ms > (SELECT max(at_ms) FROM audit WHERE chain = ?)", sitting, f"sitting:{sitting}")
        return bool(rows) and all((folder / f"{sitting}.{rows[0][0]}.{rows[0][1]}.ledger").exists() for folder in kept)
    wait_until("the ledger lies at every seat", is_kept, LEDGER_ROUND_S)
    found.facts_before = read_room_facts(world.room, sitting)
    found.copies = sum(bool(list(folder.glob(f"{sitting}.*.ledger"))) for folder in kept)
    candidates[1].wait_until_speaking()
    found.promised = {one.number: one.look() for one in candidates}
    world.kill_classroom()
    shutil.rmtree(world.room)


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    """A world of its own: its servers do not come back."""
    with ExitStack() as stack:
        world = raise_world(tmp_path_factory.mktemp("lost"), stack, candidates=3)
        key, archive = prepare_stick(world, world.folder / "stick")
        typed = [world.passphrase, fetch_cipher(world)]
        standby = SecondServer(world.folder / "standby", ["--standby", f"https://127.0.0.1:{world.classroom.port}"],
                               key, archive, typed)
        stack.callback(standby.kill)
        found = begin_sitting(world)
        standby.wait_until_healthy()
        step_in(found, standby)
        # made ready while the standby still leads: it is asked by nobody before that one is gone
        third = SecondServer(world.folder / "recovered", ["--recover"], key, archive, typed)
        stack.callback(third.kill)
        lose_standby(found)
        third.wait_until_healthy()
        world.classroom = third
        finish(found)
        yield found


def fetch_cipher(world: World) -> str:
    """As the organizer read it from the hub in the morning."""
    storage = Storage(f"sqlite:///{world.room / 'classroom.sqlite'}")
    with storage.read() as session:
        school = find_school(session)
    storage.close()
    link = open_hub_link(school, unlock_school_key((world.room / "keys" / "school.key").read_bytes(), world.passphrase))
    try:
        return str(link.fetch_release(world.archive)["cipher"])
    finally:
        link.close()


def finish(found: Lost) -> None:
    """Everybody is heard; the third is started by the new server; all finish; the organizer closes and sends."""
    world, began = found.world, time.monotonic()
    database = world.classroom.data / "classroom.sqlite"
    wait_until("the sitting stands again", lambda: ask(
        database, "SELECT 1 FROM room_sitting WHERE id = ?", found.sitting), PATIENCE_S)
    found.facts_after = read_room_facts(world.classroom.data, found.sitting)
    found.found_s = time.monotonic() - began
    world.organizer.close()
    assert isinstance(world.classroom, SecondServer)
    world.organizer = sign_in_anew(world.classroom)
    wait_until("the archive is open", lambda: ask(
        database, "SELECT 1 FROM room_archive WHERE state = 'opened'"), PATIENCE_S)
    world.start_work(found.sitting, found.candidates[2])
    paused = find_attempt(found.candidates[0])
    wait_until("the paused seat has told so", lambda: ask(
        database, "SELECT 1 FROM room_attempt WHERE id = ? AND state = 'paused'", paused), PATIENCE_S)
    world.organizer.command(found.sitting, "resume", [paused])
    for candidate in found.candidates:
        candidate.wait_done()
    world.organizer.close_sitting(found.sitting)
    found.package = str(world.organizer.send_package(found.sitting)["receipt"]["package_id"])


def sign_in_anew(server: SecondServer) -> RobotOrganizer:
    """With the one-time password that was printed; it must be replaced at once."""
    person, fresh = Person(server.address), "green apple tree"
    person.sign_in("organizer", server.password)
    person.open("/password")
    person.submit("/password", old=server.password, new=fresh, again=fresh)
    person.close()
    organizer = RobotOrganizer(server.address)
    organizer.sign_in(Account("organizer", fresh))
    return organizer


def test_every_seat_kept_the_ledger(lost: Lost) -> None:
    assert lost.copies == 3


def test_orders_incidents_and_audit_are_what_they_were(lost: Lost) -> None:
    for name, rows in lost.facts_before.items():
        assert [row for row in rows if row not in lost.facts_after[name]] == [], name


def test_nothing_that_was_promised_is_missing(lost: Lost) -> None:
    for candidate in lost.candidates:
        promised = lost.promised[candidate.number]
        held = look_at_room(lost.world.classroom.data, promised.attempt).digests
        assert any(promised.acked.values())
        assert {key: digest for key, digest in promised.digests.items() if held.get(key) != digest} == {}


def test_who_had_not_begun_began_under_the_new_generation(lost: Lost) -> None:
    assert all(candidate.look().state.finished for candidate in lost.candidates)
    leases = lost.candidates[2].look().state.opened_leases
    assert [lease // 1024 // 4096 for lease in leases] == [1, 2, 3]


def test_the_seats_follow_a_standby_within_a_minute(lost: Lost) -> None:
    assert 0 < lost.followed_s < FOLLOW_S


def test_the_package_holds_every_event_and_every_recording(lost: Lost) -> None:
    for candidate in lost.candidates:
        assert list_missing_in_package(lost.world.hub.data, lost.package, candidate.look()) == []
