"""A copy on a stick while the room goes on: whatever was acknowledged before it began is in it, and it is whole."""
from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from testing_server.contracts.events import digest_of
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
