"""The journal: what it confirmed is there, whatever happens to the process, the disk or the machine."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk_client.clock import ServerTime, Stamp
from kiosk_client.drafts import Draft
from kiosk_client.fake_clock import FakeSeatClock
from kiosk_client.journal import Journal, PartRow
from kiosk_client.refusals import JournalFull
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import BadEvent, check_chain
from tests.kiosk_client.builders import ATTEMPT, LEASE, make_log, make_signed_in

WRITER = """
import sys, itertools
from pathlib import Path
from kiosk_client.clock import ServerTime, SystemClock
from kiosk_client.drafts import Draft
from kiosk_client.journal import Journal
from tests.kiosk_client.builders import make_log
journal = Journal(Path(sys.argv[1]))
log = make_log(journal, ServerTime(SystemClock()))
for number in itertools.count():
    [event] = log.append(Draft("answer_set", {"item": "i1", "response": "r1", "value": str(number)}))
    print(event.number, flush=True)
"""


def open_journal(folder: Path, machine: str = "") -> Journal:
    return Journal(folder / "journal.sqlite", machine)


def answer(value: str) -> Draft:
    return Draft("answer_set", {"item": "i1", "response": "r1", "value": value})


def stamp() -> Stamp:
    return Stamp(1_800_000_000_000, 1, 5, "boot-1")


def test_events_are_numbered_without_gaps_and_chained_to_the_grant(tmp_path: Path) -> None:
    log = make_log(open_journal(tmp_path), ServerTime(FakeSeatClock()))
    log.append(answer("a"), answer("b"))
    log.append(answer("c"))
    lines = log.journal.list_lines(ATTEMPT, LEASE, 0, 100)
    assert len(lines) == 4
    last = check_chain(lines, sha256_hex(make_signed_in().grant.encode()))
    assert log.journal.head(ATTEMPT, LEASE) == (4, last)


def test_nothing_confirmed_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    confirmed = [int(writer.stdout.readline()) for _ in range(200)]
    writer.send_signal(signal.SIGKILL)
    confirmed += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    lines = Journal(path).list_lines(ATTEMPT, LEASE, 0, 100_000)
    assert len(lines) >= confirmed[-1]
    check_chain(lines, sha256_hex(make_signed_in().grant.encode()))


def test_a_journal_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = open_journal(tmp_path)
    make_log(first, ServerTime(FakeSeatClock())).append(answer("a"))
    first.close()
    again = open_journal(tmp_path)
    assert again.id == Journal(tmp_path / "journal.sqlite").id
    [event] = again.append(ATTEMPT, LEASE, [answer("b")], stamp)
    assert event.number == 3


def test_a_journal_copied_from_another_machine_may_not_write_to_its_leases(tmp_path: Path) -> None:
    first = open_journal(tmp_path, "machine-a")
    make_log(first, ServerTime(FakeSeatClock()))
    assert [lease.own for lease in first.list_leases()] == [True]
    first.close()
    copied = open_journal(tmp_path, "machine-b")
    assert [lease.own for lease in copied.list_leases()] == [False]
    assert copied.list_events(ATTEMPT)


def test_a_refused_event_leaves_nothing_of_its_batch(tmp_path: Path) -> None:
    log = make_log(open_journal(tmp_path), ServerTime(FakeSeatClock()))
    with pytest.raises(BadEvent):
        log.append(answer("a"), Draft("answer_set", {"item": "i1"}))
    [event] = log.append(answer("b"))
    assert event.number == 2 and event.prev == sha256_hex(log.journal.list_lines(ATTEMPT, LEASE, 0, 1)[0])


def test_history_of_other_seats_is_kept_once_and_not_sent_again(tmp_path: Path) -> None:
    other = make_log(open_journal(tmp_path), ServerTime(FakeSeatClock()))
    other.append(answer("a"))
    lines = other.journal.list_lines(ATTEMPT, LEASE, 0, 10)
    here = Journal(tmp_path / "here.sqlite")
    here.store_history(lines)
    here.store_history(lines)
    assert [event.number for event in here.list_events(ATTEMPT)] == [1, 2]
    assert here.count_unacked() == 0 and not here.list_leases()[0].own


def test_a_full_disk_gives_its_reserve_back_before_an_answer_is_refused(tmp_path: Path) -> None:
    given: list[bool] = []

    def give_back() -> bool:
        given.append(True)
        journal._db.execute("PRAGMA max_page_count = 1000000")
        return len(given) == 1

    journal = Journal(tmp_path / "journal.sqlite", on_full=give_back)
    log = make_log(journal, ServerTime(FakeSeatClock()))
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    long = [answer("x" * 3000) for _ in range(8)]
    assert len(log.append(*long)) == 8 and given == [True]
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalFull):
        log.append(*[answer("x" * 3000) for _ in range(8)])
    assert len(journal.list_events(ATTEMPT)) == 9


def test_a_broken_disk_is_not_taken_for_a_full_one(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal._db.execute("PRAGMA query_only = 1")
    with pytest.raises(sqlite3.OperationalError):
        journal.set("x", 1)


def test_a_recording_journalled_again_keeps_its_parts(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.keep_recording(ATTEMPT, LEASE, 5, "sound.pcm", 24_000)
    journal.keep_part(PartRow(ATTEMPT, LEASE, 5, 0, 0, 100, "f" * 64, 0))
    [part] = journal.list_waiting_parts()
    journal.mark_part(part, 1)
    journal.rename_recording((ATTEMPT, LEASE, 5), (ATTEMPT, LEASE + 1, 2))
    [part] = journal.list_waiting_parts()
    assert (part.lease, part.number, part.sent) == (LEASE + 1, 2, 0)
    assert journal.list_recordings(ATTEMPT)[0].lease == LEASE + 1


@pytest.mark.parametrize(("code", "is_told"), [(sqlite3.SQLITE_IOERR_FSYNC, True), (sqlite3.SQLITE_CORRUPT, True),
                                               (sqlite3.SQLITE_FULL, False), (sqlite3.SQLITE_BUSY, False)])
def test_a_disk_that_fails_is_told_at_once_and_not_tried_again(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_told: bool) -> None:
    journal = open_journal(tmp_path)
    told: list[sqlite3.Error] = []
    journal.on_broken = told.append

    def fail() -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(journal, "_commit", fail)
    with pytest.raises(sqlite3.OperationalError):
        journal.set("x", 1)
    assert bool(told) == is_told


def test_a_journal_of_an_older_program_learns_what_was_heard_in_parts(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.keep_part(PartRow(ATTEMPT, LEASE, 5, 0, 0, 100, "f" * 64, 0, "heard"))
    journal._db.execute("ALTER TABLE parts DROP COLUMN verdict")
    journal.close()
    journal = open_journal(tmp_path)
    journal.keep_part(PartRow(ATTEMPT, LEASE, 5, 1, 100, 100, "e" * 64, 0, "silent"))
    assert [part.verdict for part in journal.list_waiting_parts()] == ["", "silent"]
    journal.close()
    assert [part.verdict for part in open_journal(tmp_path).list_parts(ATTEMPT, LEASE, 5)] == ["", "silent"]
