"""The witness finds whatever was promised and is not there, and believes nobody's notes."""
from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from testing_server.rehearsal.drill.witness import Promises, count_kept, look_at_room, look_at_seat

SPEECH = bytes(range(256)) * 40


def make_line(number: int, value: str = "B", at_ms: int = 1_000, kind: str = "answer_set") -> bytes:
    return json.dumps({"attempt": "a", "lease": 1, "number": number, "kind": kind, "at_ms": at_ms,
                       "body": {"item": "i1", "response": "r1", "value": value}}).encode()


def make_seat(folder: Path, lines: dict[int, bytes], acked: int = 0, durable: int = 0) -> Path:
    """A workstation's folder; one recording where sound is durable."""
    (folder / "recordings").mkdir(parents=True)
    (folder / "recordings" / "a.pcm").write_bytes(SPEECH)
    opened = sqlite3.connect(folder / "journal.sqlite")
    opened.executescript(
        "CREATE TABLE events (attempt, lease, number, line); CREATE TABLE leases (attempt, lease, acked);"
        "CREATE TABLE recordings (attempt, lease, number, path, durable); CREATE TABLE settings (key, value);")
    opened.executemany("INSERT INTO events VALUES ('a', 1, ?, ?)", list(lines.items()))
    opened.execute("INSERT INTO leases VALUES ('a', 1, ?)", (acked,))
    opened.execute("INSERT INTO settings VALUES ('current_attempt', '\"a\"')")
    if durable:
        opened.execute("INSERT INTO recordings VALUES ('a', 1, 3, 'a.pcm', ?)", (durable,))
    opened.commit()
    opened.close()
    return folder


def make_room(folder: Path, lines: dict[int, bytes], sound: bytes = SPEECH, received_ms: int = 1_200) -> Path:
    """The server's folder."""
    (folder / "recordings" / "a").mkdir(parents=True)
    (folder / "recordings" / "a" / "1-3.pcm").write_bytes(sound)
    opened = sqlite3.connect(folder / "classroom.sqlite")
    opened.execute("CREATE TABLE room_event (attempt, lease, number, digest, line, received_at_ms)")
    opened.executemany("INSERT INTO room_event VALUES ('a', 1, ?, ?, ?, ?)", [
        (number, hashlib.sha256(line).hexdigest(), line.decode(), received_ms) for number, line in lines.items()])
    opened.commit()
    opened.close()
    return folder


LINES = {1: make_line(1), 2: make_line(2, "C")}


def find_lost(tmp_path: Path, held: dict[int, bytes], acked: int = 2, **room: Any) -> dict[str, int]:
    promises = Promises()
    promises.note_seat(look_at_seat(make_seat(tmp_path / "seat", LINES, acked, durable=4_000)))
    promises.note_answer("a", {"lease": 1, "number": 2, "item": "i1", "response": "r1", "value": "C"})
    lost = promises.list_lost(look_at_room(make_room(tmp_path / "room", held, **room)))
    return {what: len(names) for what, names in lost.items() if names}


def test_nothing_is_lost_where_all_is_held(tmp_path: Path) -> None:
    assert find_lost(tmp_path, LINES) == {}


def test_an_acknowledged_event_that_is_not_there_is_lost(tmp_path: Path) -> None:
    assert find_lost(tmp_path, {2: LINES[2]}) == {"events": 1}


def test_an_event_nobody_acknowledged_is_not_lost(tmp_path: Path) -> None:
    assert find_lost(tmp_path, {1: LINES[1], 2: make_line(2, "C", at_ms=1_001)}, acked=1) == {}


def test_an_event_that_was_changed_is_lost(tmp_path: Path) -> None:
    assert find_lost(tmp_path, {1: make_line(1, "A"), 2: LINES[2]}) == {"events": 1}


def test_an_answer_shown_as_saved_is_lost_though_nobody_acknowledged_it(tmp_path: Path) -> None:
    assert find_lost(tmp_path, {1: LINES[1]}, acked=1) == {"answers": 1}


def test_an_answer_journalled_again_under_another_number_is_there(tmp_path: Path) -> None:
    assert find_lost(tmp_path, {1: LINES[1], 7: make_line(7, "C")}, acked=1) == {}


@pytest.mark.parametrize("sound", [b"", SPEECH[:3_999], b"\1" + SPEECH[1:]])
def test_sound_called_durable_that_is_not_there_is_lost(tmp_path: Path, sound: bytes) -> None:
    assert find_lost(tmp_path, LINES, sound=sound) == {"recordings": 1}


def test_sound_beyond_what_was_called_durable_may_be_missing(tmp_path: Path) -> None:
    assert find_lost(tmp_path, LINES, sound=SPEECH[:4_000]) == {}


def test_a_promise_outlives_the_seat_that_had_it(tmp_path: Path) -> None:
    promises = Promises()
    promises.note_seat(look_at_seat(make_seat(tmp_path / "seat", LINES, acked=2)))
    promises.note_seat(look_at_seat(tmp_path / "another empty folder"))
    assert len(promises.list_lost(look_at_room(make_room(tmp_path / "room", {})))["events"]) == 2


def test_kept_is_counted_byte_for_byte(tmp_path: Path) -> None:
    seat = look_at_seat(make_seat(tmp_path / "seat", LINES, durable=10))
    room = look_at_room(make_room(tmp_path / "room", {1: LINES[1]}, sound=SPEECH + b"more"))
    assert count_kept([seat], room) == {"events": (2, 1), "recordings": (1, 0), "sound_bytes": (len(SPEECH), 0)}


@pytest.mark.parametrize("at_ms,misdated", [(1_000, 0), (1_200 + 86_400_000, 2), (1_200 - 86_400_000, 2)])
def test_a_wrong_clock_in_the_stamps_is_seen(tmp_path: Path, at_ms: int, misdated: int) -> None:
    lines = {number: make_line(number, at_ms=at_ms) for number in (1, 2)}
    assert look_at_room(make_room(tmp_path / "room", lines)).misdated == misdated


def test_a_server_without_a_database_holds_nothing(tmp_path: Path) -> None:
    assert look_at_room(tmp_path).events == {}
