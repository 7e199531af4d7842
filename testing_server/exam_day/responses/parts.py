"""Sound as it arrives: parts written at their offset, made durable, listed in parts.sqlite.

Takes a folder. Gives `PartStore.put`, which answers how many bytes are safe; one process writes, others may read.
Nothing here decodes sound or knows an exam.
"""
from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _

from testing_server.foundation.files.durable import sync_or_end
from testing_server.foundation.files.store import make_durable
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.storage.shared_commits import SharedCommits

PART_LIMIT = 256 * 1024
RECORDINGS_AT_ONCE = 64
RECORDING_LIMIT = 128 * 1024 * 1024
ATTEMPT = re.compile(r"[0-9a-f-]{36}")
SCHEMA = """
CREATE TABLE IF NOT EXISTS part (
  attempt TEXT NOT NULL, lease INTEGER NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL,
  length INTEGER NOT NULL, part_no INTEGER NOT NULL, sha256 TEXT NOT NULL,
  verdict TEXT NOT NULL DEFAULT '', received_at_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (attempt, lease, number, offset, length));
CREATE TABLE IF NOT EXISTS part_conflict (
  attempt TEXT NOT NULL, lease INTEGER NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL,
  length INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (attempt, lease, number, offset, length, sha256));
"""
# What lists of parts that an older server began do not have.
LATER_COLUMNS = {"verdict": "TEXT NOT NULL DEFAULT ''", "received_at_ms": "INTEGER NOT NULL DEFAULT 0"}


class PartConflict(Refusal):
    code = "part_conflict"
    status = 409
    message = _("На этом месте записи сервер хранит другой звук.")
    safe = _("Сохранены оба куска.")
    remedy = _("Позовите технического специалиста.")


class PartDamaged(Refusal):
    code = "digest_mismatch"
    status = 422
    message = _("Кусок записи пришёл повреждённым.")
    remedy = _("Он будет отправлен ещё раз.")


class PartTooLarge(Refusal):
    code = "too_large"
    status = 413
    message = _("Кусок записи больше 256 килобайт, или вся запись больше 128 мегабайт.")


class BadPart(Refusal):
    code = "bad_part"
    status = 400
    message = _("Кусок записи описан неверно.")


@dataclass(frozen=True)
class RecordingName:
    """(attempt, lease, number of its recording_started)."""

    attempt: str
    lease: int
    number: int


@dataclass(frozen=True)
class Received:
    """`durable_bytes` are contiguous from 0; `missing` lists holes before the furthest byte, as [from, to)."""

    durable_bytes: int
    missing: list[list[int]]


def sum_ranges(ranges: list[tuple[int, int]]) -> Received:
    """What (offset, length) pairs cover together."""
    durable, furthest, missing = 0, 0, []
    for offset, length in sorted(ranges):
        if offset > furthest:
            missing.append([furthest, offset])
        elif not missing:
            durable = max(durable, offset + length)
        furthest = max(furthest, offset + length)
    return Received(durable, missing)


class PartStore:
    """The one writer of data/parts.sqlite and data/recordings."""

    def __init__(self, data: Path) -> None:
        self._recordings = data / "recordings"
        self._recordings.mkdir(parents=True, exist_ok=True)
        # parts of one recording come one after another, of two recordings at once: their fsyncs need not wait in line
        self._locks = [threading.Lock() for _ in range(RECORDINGS_AT_ONCE)]
        self._database = _connect(data)
        self._database.executescript(SCHEMA)
        self._commits = SharedCommits(self._database)
        self._reading, self._reading_lock = _connect(data), threading.Lock()
        _add_later_columns(self._database)

    def put(self, name: RecordingName, part_no: int, offset: int, sha256: str, body: bytes, verdict: str = "",
            now_ms: int = 0) -> Received:
        """Keep a part and answer only when it is durable. Raises PartConflict, PartDamaged, PartTooLarge, BadPart.

        `verdict`: what was heard in it, "" = nobody judged."""
        check_part(name, part_no, offset, sha256, body)
        with self._locks[hash(name) % RECORDINGS_AT_ONCE]:
            known = self._ranges(name)
            if self._is_repeat(name, offset, sha256, body):
                return sum_ranges(known)
            path = self.path(name)
            if not _fits(path, known, offset, body):
                self._keep_aside(name, offset, sha256, body)
                raise PartConflict(details={"offset": offset})
            _write_at(path, offset, body)
            self._commits.execute(
                "INSERT INTO part (attempt, lease, number, offset, length, part_no, sha256, verdict, received_at_ms) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (name.attempt, name.lease, name.number, offset, len(body), part_no, sha256, verdict, now_ms))
            return sum_ranges([*known, (offset, len(body))])

    def path(self, name: RecordingName) -> Path:
        """Where the raw sound lies: PCM s16le mono."""
        return recording_path(self._recordings, name)

    def close(self) -> None:
        self._database.close()
        self._reading.close()

    def _ranges(self, name: RecordingName) -> list[tuple[int, int]]:
        with self._reading_lock:
            return read_ranges(self._reading, name)

    def _is_repeat(self, name: RecordingName, offset: int, sha256: str, body: bytes) -> bool:
        with self._reading_lock:
            row = self._reading.execute(
                "SELECT sha256 FROM part WHERE attempt=? AND lease=? AND number=? AND offset=? AND length=?",
                (name.attempt, name.lease, name.number, offset, len(body))).fetchone()
        return row is not None and row[0] == sha256

    def _keep_aside(self, name: RecordingName, offset: int, sha256: str, body: bytes) -> None:
        folder = self._recordings / name.attempt / "aside"
        folder.mkdir(parents=True, exist_ok=True)
        _write_at(folder / f"{name.lease}-{name.number}-{offset}-{sha256[:16]}.pcm", 0, body)
        self._commits.execute("INSERT OR IGNORE INTO part_conflict VALUES (?, ?, ?, ?, ?, ?)", (
            name.attempt, name.lease, name.number, offset, len(body), sha256))


def _connect(data: Path) -> sqlite3.Connection:
    database = sqlite3.connect(data / "parts.sqlite", check_same_thread=False, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        database.execute(f"PRAGMA {pragma}")
    return database


def recording_path(recordings: Path, name: RecordingName) -> Path:
    """recordings/<attempt>/<lease>-<number>.pcm"""
    return recordings / name.attempt / f"{name.lease}-{name.number}.pcm"


def check_part(name: RecordingName, part_no: int, offset: int, sha256: str, body: bytes) -> None:
    """Raises BadPart, PartTooLarge, PartDamaged."""
    if not ATTEMPT.fullmatch(name.attempt) or min(name.lease, name.number) < 1 or min(part_no, offset) < 0:
        raise BadPart()
    if not body or len(body) % 2 or offset % 2:
        raise BadPart()
    if len(body) > PART_LIMIT or offset + len(body) > RECORDING_LIMIT:
        raise PartTooLarge()
    if hashlib.sha256(body).hexdigest() != sha256:
        raise PartDamaged()


def _add_later_columns(database: sqlite3.Connection) -> None:
    known = {row[1] for row in database.execute("PRAGMA table_info(part)")}
    for name, kind in LATER_COLUMNS.items():
        if name not in known:
            database.execute(f"ALTER TABLE part ADD COLUMN {name} {kind}")


def read_ranges(database: sqlite3.Connection, name: RecordingName) -> list[tuple[int, int]]:
    """(offset, length) of every part that is here."""
    return database.execute("SELECT offset, length FROM part WHERE attempt=? AND lease=? AND number=?",
                            (name.attempt, name.lease, name.number)).fetchall()


def read_durable(data: Path, attempts: Sequence[str]) -> dict[str, int]:
    """"attempt/lease/number" -> contiguous durable bytes, of every recording of these attempts that has a part."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    marks = ",".join("?" * len(attempts))
    with read_parts(data) as database:
        rows = database.execute(f"SELECT attempt, lease, number, offset, length FROM part WHERE attempt IN ({marks})",
                                list(attempts)) if database and attempts else []
        for attempt, lease, number, offset, length in rows:
            ranges.setdefault(f"{attempt}/{lease}/{number}", []).append((offset, length))
    return {name: sum_ranges(found).durable_bytes for name, found in ranges.items()}


@contextmanager
def read_parts(data: Path) -> Iterator[sqlite3.Connection | None]:
    """parts.sqlite for reading in another process; None before the first part came."""
    path = data / "parts.sqlite"
    if not path.exists():
        yield None
        return
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        yield database
    finally:
        database.close()


def _fits(path: Path, known: list[tuple[int, int]], offset: int, body: bytes) -> bool:
    """Whether the bytes agree with what other parts have already put in the same place."""
    overlapping = [(start, length) for start, length in known if start < offset + len(body) and offset < start + length]
    if not overlapping:
        return True
    with open(path, "rb") as file:
        for start, length in overlapping:
            low, high = max(start, offset), min(start + length, offset + len(body))
            file.seek(low)
            if file.read(high - low) != body[low - offset:high - offset]:
                return False
    return True


def _write_at(path: Path, offset: int, body: bytes) -> None:
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600), "r+b") as file:
        file.seek(offset)
        file.write(body)
        file.flush()
        sync_or_end(file.fileno())
    if is_new:
        make_durable(path.parent)
        make_durable(path.parent.parent)
