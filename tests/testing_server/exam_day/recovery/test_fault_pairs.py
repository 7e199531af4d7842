"""Every row of docs/fault-pairs.md has its tests; those that are of two machines at once are here."""
from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from testing_server.exam_day.packages.actions import settle_balance
from testing_server.exam_day.recovery.actions import write_off_seat
from testing_server.exam_day.recovery.backups import make_backup
from testing_server.exam_day.recovery.queries import list_awaited
from testing_server.exam_day.recovery.rules import SeatsNotHeard
from testing_server.exam_day.recovery.taking_over import take_over
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.records import AttemptRecord
from tests.testing_server.exam_day.builders import Classroom, make_classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.recovery.builders import (
    begin_elsewhere, fetch_ledger, greet, hand_in, resend, seal_ledgers)
from tests.testing_server.exam_day.recovery.standby.builders import make_pair

ROOT = Path(__file__).parents[4]
ROW = re.compile(r"^\| (?P<pair>[^|]+) \| (?P<lost>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
# protocol.md §3, one word or two of each row
PAIRS = ("server disk and link", "seat disk, link up", "seat disk, link down", "seat disk and server disk",
         "seat power cut", "seat disk full", "microphone dead", "server disk and school.key",
         "at the server", "at the seat", "workstations reimaged", "hub's store", "hub's package key",
         "two servers alive", "old copy")


def read_rows() -> dict[str, list[str]]:
    text = (ROOT / "docs" / "fault-pairs.md").read_text(encoding="utf-8")
    rows = [found for found in ROW.finditer(text) if "---" not in found["pair"] and found["pair"] != "what fails"]
    return {found["pair"]: re.findall(r"`([^`]+)`", found["tests"]) for found in rows}


def list_tests(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_every_pair_of_faults_has_a_test_that_exists() -> None:
    rows = read_rows()
    assert [pair for pair in PAIRS if not any(pair in row for row in rows)] == []
    assert [row for row, tests in rows.items() if not tests] == []
    named = [name.split("::") for tests in rows.values() for name in tests]
    assert [f"{path}::{test}" for path, test in named if test not in list_tests(ROOT / path)] == []


# ---- the pairs of machines

@pytest.fixture
def fresh(open_room: Classroom, tmp_path: Path) -> Iterator[Classroom]:
    """Another machine with key and archive, gathering."""
    made = begin_elsewhere(open_room, tmp_path / "elsewhere")
    yield made
    made.close()


def seat_two(room: Classroom) -> tuple[FakeKiosk, FakeKiosk]:
    """Both at work with an answer and some speech."""
    kiosks = room.seat(0), room.seat(1)
    room.start(*kiosks)
    for kiosk in kiosks:
        kiosk.answer("i1", "r1", "typed")
        kiosk.record("i2", "r2", make_speech(1))
    return kiosks


def list_lines(room: Classroom, attempt: str) -> list[str]:
    with room.services.storage.read() as session:
        return list(session.scalars(select(EventRecord.line).where(EventRecord.attempt == attempt).order_by(
            EventRecord.lease, EventRecord.number)))


def move_to_spare_seat(room: Classroom, kiosk: FakeKiosk, login: str) -> list[str]:
    """The history that another workstation is given."""
    spare = room.pair("20")
    room.command("move", [kiosk.attempt], workstation=spare.workstation)
    assert spare.sign_in(login).status == 200
    history: list[str] = spare.ask("GET", f"/v1/attempts/{spare.attempt}/history").json["events"]
    return history


def take_over_with(room: Classroom, fresh: Classroom, kiosk: FakeKiosk) -> None:
    """One workstation brings the ledger; the server leads."""
    seal_ledgers(room)
    envelope = fetch_ledger(room, kiosk)
    greet(kiosk, fresh)
    hand_in(kiosk, envelope)
    take_over(fresh.services, "organizer")


def test_a_seat_whose_disk_died_loses_only_what_it_had_not_sent(open_room: Classroom) -> None:
    kiosk, _ = seat_two(open_room)
    kiosk.write("answer_set", item="i1", response="r1", value="not sent yet")
    assert move_to_spare_seat(open_room, kiosk, open_room.logins[0]) == kiosk.lines[kiosk.lease][:-1]


def test_what_was_written_after_the_link_was_cut_goes_with_the_seat(open_room: Classroom) -> None:
    kiosk, _ = seat_two(open_room)
    promised = kiosk.send().json["acked"]
    for number in range(5):
        kiosk.write("answer_set", item="i1", response="r1", value=f"kept here {number}")
    history = move_to_spare_seat(open_room, kiosk, open_room.logins[0])
    assert (len(history), history) == (promised, kiosk.lines[kiosk.lease][:promised])


def test_both_disks_lose_that_attempt_and_no_other(open_room: Classroom, fresh: Classroom) -> None:
    alive, dead = seat_two(open_room)
    take_over_with(open_room, fresh, alive)
    greet(alive, fresh)
    assert resend(alive, alive.lease).json["acked"] == len(alive.lines[alive.lease])
    assert list_lines(fresh, alive.attempt) == alive.lines[alive.lease] and list_lines(fresh, dead.attempt) == []
    now_ms = fresh.room.clock.now_ms()
    with pytest.raises(SeatsNotHeard) as refusal:
        fresh.write(lambda s: settle_balance(s, now_ms, fresh.sitting, "organizer"))
    assert refusal.value.details["codes"] == [dead.seated["code"]]
    fresh.write(lambda s: write_off_seat(s, now_ms, dead.attempt, "диск умер", "organizer"))
    with fresh.services.storage.read() as session:
        assert all(one.is_settled for one in list_awaited(session, fresh.sitting))


def test_both_disks_lose_nothing_that_a_standby_has(open_room: Classroom, tmp_path: Path) -> None:
    alive, dead = seat_two(open_room)
    pair = make_pair(open_room, tmp_path / "spare")
    pair.keep_up()
    take_over(pair.spare.services, "organizer")
    assert list_lines(pair.spare, dead.attempt) == dead.lines[dead.lease]
    greet(alive, pair.spare)
    pair.spare.logins = open_room.logins
    assert move_to_spare_seat(pair.spare, dead, open_room.logins[1]) == dead.lines[dead.lease]
    pair.spare.close()


def test_both_disks_lose_nothing_that_is_on_the_stick(open_room: Classroom, tmp_path: Path) -> None:
    alive, dead = seat_two(open_room)
    make_backup(open_room.data, tmp_path / "stick", 1_000)
    dead.answer("i1", "r1", "after the copy")
    made = begin_elsewhere(open_room, tmp_path / "restored", tmp_path / "stick")
    take_over_with(open_room, made, alive)
    assert list_lines(made, dead.attempt) == dead.lines[dead.lease][:-1]
    made.close()


def test_both_disks_lose_nothing_that_a_former_seat_has(open_room: Classroom, fresh: Classroom) -> None:
    former, _ = seat_two(open_room)
    before = list(former.lines[former.lease])
    move_to_spare_seat(open_room, former, open_room.logins[0])
    take_over_with(open_room, fresh, former)
    greet(former, fresh)
    assert resend(former, former.lease).json["acked"] == len(before)
    assert list_lines(fresh, former.attempt) == before


def test_what_a_lying_disk_forgot_is_sent_again(open_room: Classroom, tmp_path: Path) -> None:
    kiosk, _ = seat_two(open_room)
    shutil.copytree(open_room.data, tmp_path / "as the disk had it")
    assert kiosk.answer("i1", "r1", "acknowledged, never on the disk").status == 200
    again = make_classroom(tmp_path / "as the disk had it")
    assert greet(kiosk, again).json["acked"][kiosk.attempt][str(kiosk.lease)] == len(kiosk.lines[kiosk.lease]) - 1
    assert resend(kiosk, kiosk.lease).json["acked"] == len(kiosk.lines[kiosk.lease])
    assert list_lines(again, kiosk.attempt) == kiosk.lines[kiosk.lease]
    again.close()


def test_without_server_and_workstations_the_stick_is_what_is_left(open_room: Classroom, tmp_path: Path) -> None:
    kiosks = seat_two(open_room)
    make_backup(open_room.data, tmp_path / "stick", 1_000)
    kiosks[0].answer("i1", "r1", "after the copy")
    made = begin_elsewhere(open_room, tmp_path / "restored", tmp_path / "stick")
    assert take_over(made.services, "organizer") == [open_room.sitting]
    assert list_lines(made, kiosks[0].attempt) == kiosks[0].lines[kiosks[0].lease][:-1]
    assert list_lines(made, kiosks[1].attempt) == kiosks[1].lines[kiosks[1].lease]
    with made.services.storage.read() as session:
        assert session.get_one(AttemptRecord, kiosks[0].attempt).state == "started"
        assert [one.state for one in list_awaited(session, made.sitting)] == ["awaited", "awaited"]
    made.close()
