"""A copy on a stick while the room goes on: whatever was acknowledged before it began is in it, and it is whole."""
from __future__ import annotations

import errno
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from testing_server.contracts.events import digest_of
from testing_server.exam_day.recovery import backups
from testing_server.exam_day.recovery.backups import list_backups, make_backup, read_backup_note, restore_backup
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk


def keep_writing(kiosk: FakeKiosk, stop: threading.Event, written: list[int]) -> None:
    """Answers and speech, one after the other, until told to stop."""
    while not stop.is_set():
        assert kiosk.answer("i1", "r1", f"answer {len(written)}").status == 200
        kiosk.record("i2", "r2", make_speech(1))
        written.append(len(kiosk.lines[kiosk.lease]))


def test_a_copy_made_while_answers_and_sound_arrive_is_whole(open_room: Classroom, tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    stop, written = threading.Event(), [0]
    writer = threading.Thread(target=keep_writing, args=(kiosk, stop, written), daemon=True)
    writer.start()
    for number in range(2):
        while len(written) < 2 * number + 2 and writer.is_alive():
            writer.join(0.01)
        before = written[-1]
        make_backup(open_room.data, tmp_path / "stick", 1_000 + number)
        restored = tmp_path / f"restored-{number}"
        restore_backup(list_backups(tmp_path / "stick")[-1], restored)
        assert_holds(restored, kiosk, before)
    stop.set()
    writer.join(60)
    assert not writer.is_alive() and len(written) > 2
    note = read_backup_note(open_room.data)
    assert note is not None and note.event > 0 and note.part > 0


@pytest.fixture
def spoken(open_room: Classroom) -> FakeKiosk:
    """A seat with a recording on the server's disk."""
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    kiosk.record("i2", "r2", make_speech(2))
    return kiosk


def read_blobs(stick: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_ino, path.stat().st_size) for path in (stick / "blobs").iterdir()}


def test_a_second_copy_needs_no_room_for_what_the_first_has_and_writes_it_once(
        open_room: Classroom, spoken: FakeKiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stick, usage = tmp_path / "stick", shutil.disk_usage(tmp_path)
    made = make_backup(open_room.data, stick, 1_000)
    assert made.fresh == made.files > 0
    before = read_blobs(stick)
    databases = sum(path.stat().st_size for name in backups.DATABASES for path in open_room.data.glob(f"{name}*"))
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda path: usage._replace(
        free=backups.RESERVE_BYTES + databases + 4_096))
    again = make_backup(open_room.data, stick, 2_000)
    assert (again.fresh, again.files) == (0, made.files) and read_blobs(stick) == before


def test_a_file_that_rotted_on_the_stick_is_written_anew(open_room: Classroom, spoken: FakeKiosk,
                                                         tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    make_backup(open_room.data, stick, 1_000)
    name, (_inode, size) = max(read_blobs(stick).items(), key=lambda one: one[1][1])
    (stick / "blobs" / name).write_bytes(bytes(size))
    assert make_backup(open_room.data, stick, 2_000).fresh == 1
    restore_backup(stick, tmp_path / "restored")


def test_a_full_stick_keeps_nothing_of_a_copy_that_did_not_fit(
        open_room: Classroom, spoken: FakeKiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stick, kept = tmp_path / "stick", backups._read_through

    def fill_up(source: BinaryIO, size: int, target: BinaryIO | None = None) -> str:
        if target is not None:
            target.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        return kept(source, size, target)
    monkeypatch.setattr(backups, "_read_through", fill_up)
    with pytest.raises(OSError, match="No space"):
        make_backup(open_room.data, stick, 1_000)
    assert [path.name for path in stick.iterdir()] == ["blobs"] and not list((stick / "blobs").iterdir())


def test_sealed_packages_are_in_the_copy(open_room: Classroom, tmp_path: Path) -> None:
    (open_room.data / "packages").mkdir(exist_ok=True)
    (open_room.data / "packages" / f"{'a' * 64}.age").write_bytes(b"sealed")
    make_backup(open_room.data, tmp_path / "stick" / backups.ON_STICK, 1_000)
    # named by the root of the stick, where the console makes a folder of its own
    restore_backup(tmp_path / "stick", tmp_path / "restored")
    assert (tmp_path / "restored" / "packages" / f"{'a' * 64}.age").read_bytes() == b"sealed"


def assert_holds(restored: Path, kiosk: FakeKiosk, before: int) -> None:
    """All lines that were acknowledged, and every part the copy lists has its bytes."""
    with sqlite3.connect(restored / "classroom.sqlite") as database:
        held = {digest for digest, in database.execute("SELECT digest FROM room_event")}
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {digest_of(line.encode()) for line in kiosk.lines[kiosk.lease][:before]} <= held
    with sqlite3.connect(restored / "parts.sqlite") as database:
        parts = database.execute("SELECT attempt, lease, number, offset, length FROM part").fetchall()
    sizes = [(restored / "recordings" / attempt / f"{lease}-{number}.pcm").stat().st_size - offset - length
             for attempt, lease, number, offset, length in parts]
    assert parts and min(sizes) >= 0
