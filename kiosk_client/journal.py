"""The journal of a seat: one SQLite file that nothing confirmed is ever lost from (WAL, synchronous=FULL).

Takes drafts of events and gives them numbers and their digest chain in the transaction that writes them; keeps
grants, directives, recordings, parts, bundles and what the server has acknowledged: everything a restart needs.
One lock: whoever holds it may join several calls.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kiosk_client.clock import Stamp
from kiosk_client.drafts import Draft
from kiosk_client.journal_tables import make_tables
from kiosk_client.refusals import JournalFull
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import Event, digest_of, read_event, write_event

PART_FIELDS = "attempt, lease, number, part_no, offset, length, sha256, sent, verdict"
OF_ATTEMPTS = ("attempts", "leases", "events", "aside", "directives", "recordings", "parts", "files")
Written = TypeVar("Written")
OPEN, REVOKED, CONFLICTED, FOREIGN = "open", "revoked", "conflicted", "foreign"
CURRENT = "current_attempt"


@dataclass(frozen=True)
class Lease:
    """A lease as this journal knows it. `own`: granted to this very journal, so it may be written to."""

    attempt: str
    lease: int
    grant: str
    acked: int
    state: str
    own: bool


@dataclass(frozen=True)
class RecordingFile:
    """Where a recording's PCM lies; its identity is (attempt, lease, number)."""

    attempt: str
    lease: int
    number: int
    path: str
    rate: int
    durable: int


@dataclass(frozen=True)
class PartRow:
    """A durable part of a recording, whether the server has it and what was heard in it ("" = nobody judged)."""

    attempt: str
    lease: int
    number: int
    part_no: int
    offset: int
    length: int
    sha256: str
    sent: int
    verdict: str = ""


@dataclass(frozen=True)
class FileRow:
    """A file given as an answer. `durable`: bytes the server has from the start, -1 = not asked since a hello."""

    attempt: str
    sha256: str
    bytes: int
    durable: int


class Journal:
    """`machine`: name of this computer; a journal that was copied from another one gets a new id."""

    def __init__(self, path: Path, machine: str = "", on_full: Callable[[], bool] = lambda: False) -> None:
        self.lock = threading.RLock()
        # After an I/O error nobody knows what the disk holds: whoever runs the journal ends the process here.
        self.on_broken: Callable[[sqlite3.Error], None] = lambda error: None
        self._on_full = on_full
        self._depth = 0
        self._heads: dict[tuple[str, int], tuple[int, str]] = {}
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        # What is deleted is overwritten, and no other file of the system gets a copy while the file is written anew.
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.execute("PRAGMA temp_store=MEMORY")
        make_tables(self._db)
        self._claim(machine)

    def _claim(self, machine: str) -> None:
        if self.get("machine") != machine or self.get("journal_id") is None:
            self.set("machine", machine)
            self.renew_id()

    @property
    def id(self) -> str:
        """The journal's random id: leases are granted to it."""
        return str(self.get("journal_id"))

    def renew_id(self) -> str:
        """Another id: leases granted until now can only be delivered, not written to."""
        self.set("journal_id", secrets.token_hex(16))
        return self.id

    def close(self) -> None:
        """Fold the WAL back into the file and let go of it."""
        with self.lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, fsynced when it ends; the outermost one commits. Raises JournalFull."""
        with self.lock:
            if self._depth:
                yield
                return
            self._depth = 1
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._commit()
            except sqlite3.DatabaseError as error:
                if is_broken(error):
                    self.on_broken(error)
                self._roll_back()
                raise
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth = 0

    def _commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            raise JournalFull(str(error)) from error

    def _roll_back(self) -> None:
        self._heads.clear()
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.lock:
            return list(self._db.execute(sql, values))

    def _write(self, sql: str, *values: Any) -> None:
        with self.transaction():
            try:
                self._db.execute(sql, values)
            except sqlite3.OperationalError as error:
                if is_full(error):
                    raise JournalFull(str(error)) from error
                raise

    # Settings.

    def get(self, key: str) -> Any:
        """A setting's JSON value, None if it was never set."""
        rows = self._rows("SELECT value FROM settings WHERE key = ?", key)
        return json.loads(rows[0][0]) if rows else None

    def set(self, key: str, value: Any) -> None:
        """Keep a JSON value."""
        text = json.dumps(value, ensure_ascii=False)
        self._find_room(lambda: self._write("INSERT OR REPLACE INTO settings VALUES (?, ?)", key, text))

    # Events.

    def append(self, attempt: str, lease: int, drafts: Sequence[Draft], stamp: Callable[[], Stamp]) -> list[Event]:
        """Give the drafts their numbers, chain them and write them; they are durable when this returns.

        Raises JournalFull when the disk has no room even after its reserve was given back.
        """
        return self._find_room(lambda: self._append(attempt, lease, drafts, stamp))

    def _find_room(self, write: Callable[[], Written]) -> Written:
        """Do it; on a full disk once more, after the reserve was given back. Raises JournalFull."""
        with self.lock:
            try:
                return write()
            except JournalFull:
                if self._depth or not self._on_full():
                    raise
                return write()

    def _append(self, attempt: str, lease: int, drafts: Sequence[Draft], stamp: Callable[[], Stamp]) -> list[Event]:
        written = []
        with self.transaction():
            for draft in drafts:
                number, prev = self._head(attempt, lease)
                now = stamp()
                event = Event(attempt=attempt, lease=lease, number=number + 1, kind=str(draft.kind), at_ms=now.at_ms,
                              err_ms=now.err_ms, mono_ms=now.mono_ms, boot_id=now.boot_id, body=draft.body, prev=prev)
                self._insert(event, write_event(event))
                written.append(event)
        return written

    def _insert(self, event: Event, line: bytes) -> None:
        digest = digest_of(line)
        self._write("INSERT INTO events VALUES (?, ?, ?, ?, ?)", event.attempt, event.lease, event.number, line, digest)
        self._heads[event.attempt, event.lease] = (event.number, digest)

    def _head(self, attempt: str, lease: int) -> tuple[int, str]:
        """(last number, its digest); (0, digest of the grant) before the first event."""
        known = self._heads.get((attempt, lease))
        if known:
            return known
        rows = self._rows("SELECT number, digest FROM events WHERE attempt = ? AND lease = ? "
                          "ORDER BY number DESC LIMIT 1", attempt, lease)
        if rows:
            return rows[0][0], rows[0][1]
        grants = self._rows("SELECT granted FROM leases WHERE attempt = ? AND lease = ?", attempt, lease)
        return 0, sha256_hex(grants[0][0].encode())

    def head(self, attempt: str, lease: int) -> tuple[int, str]:
        """The last number of a lease and the digest it ends with."""
        with self.lock:
            return self._head(attempt, lease)

    def store_history(self, lines: Iterable[bytes], grants: Mapping[str, str] | None = None) -> None:
        """Events of other seats' leases, as they came; a repeat is harmless. `grants`: {lease as text: grant}."""
        with self.transaction():
            for line in lines:
                event = read_event(line)
                self._write("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)", event.attempt, event.lease,
                            event.number, line, digest_of(line))
                self._write("INSERT OR IGNORE INTO leases (attempt, lease, granted, journal, state) "
                            "VALUES (?, ?, '', '', 'foreign')", event.attempt, event.lease)
                self._write("UPDATE leases SET acked = max(acked, ?) WHERE attempt = ? AND lease = ? "
                            "AND state = 'foreign'", event.number, event.attempt, event.lease)
                grant = (grants or {}).get(str(event.lease))
                if grant and event.number == 1:
                    self._write("UPDATE leases SET granted = ? WHERE attempt = ? AND lease = ? AND state = 'foreign'",
                                grant, event.attempt, event.lease)
            self._heads.clear()

    def set_aside(self, attempt: str, lease: int, known: Collection[str]) -> list[Event]:
        """Events of a lease that the server does not have under their numbers (their digests are not `known`):
        kept in a table of their own, told so that they can be journalled again under another lease."""
        with self.transaction():
            rows = self._rows("SELECT number, line, digest FROM events WHERE attempt = ? AND lease = ? "
                              "ORDER BY number", attempt, lease)
            foreign = [(number, line, digest) for number, line, digest in rows if digest not in known]
            for number, line, digest in foreign:
                self._write("INSERT OR IGNORE INTO aside VALUES (?, ?, ?, ?, ?)", attempt, lease, number, line, digest)
                self._write("DELETE FROM events WHERE attempt = ? AND lease = ? AND number = ?", attempt, lease, number)
            self._heads.clear()
        return [read_event(line) for _, line, _ in foreign]

    def list_events(self, attempt: str) -> list[Event]:
        """Every event of an attempt by lease and number."""
        rows = self._rows("SELECT line FROM events WHERE attempt = ? ORDER BY lease, number", attempt)
        return [read_event(line) for line, in rows]

    def list_lines(self, attempt: str, lease: int, after: int, limit: int) -> list[bytes]:
        """Lines of one lease with numbers above `after`, in order."""
        rows = self._rows("SELECT line FROM events WHERE attempt = ? AND lease = ? AND number > ? "
                          "ORDER BY number LIMIT ?", attempt, lease, after, limit)
        return [line for line, in rows]

    # Attempts and leases.

    def keep_attempt(self, attempt: str, login: str, signed_in: str) -> None:
        """What the sign-in answered; the newest one is the attempt this seat shows."""
        with self.transaction():
            place = self._rows("SELECT coalesce(max(place), 0) + 1 FROM attempts")[0][0]
            self._write("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?)", attempt, login, signed_in, place)

    def get_attempt(self, attempt: str) -> tuple[str, str] | None:
        """(login, text of SignedIn)."""
        rows = self._rows("SELECT login, signed_in FROM attempts WHERE attempt = ?", attempt)
        return (rows[0][0], rows[0][1]) if rows else None

    def list_attempts(self) -> list[str]:
        """Every attempt kept here, oldest first."""
        return [attempt for attempt, in self._rows("SELECT attempt FROM attempts ORDER BY place")]

    def forget_attempt(self, attempt: str, key: str, value: Any) -> None:
        """Everything of an attempt goes, and a setting that says so is kept, in one transaction; `scrub` follows."""
        with self.transaction():
            for table in OF_ATTEMPTS:
                self._write(f"DELETE FROM {table} WHERE attempt = ?", attempt)
            self._write("DELETE FROM settings WHERE key LIKE '%:' || ?", attempt)
            self.set(key, value)
            self._heads.clear()

    def forget_bundle(self, sha256: str) -> None:
        """Its file is gone."""
        self._write("DELETE FROM bundles WHERE sha256 = ?", sha256)

    def scrub(self) -> None:
        """Write the file anew and empty the WAL: what was deleted is then in no page of either."""
        with self.lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep_grant(self, attempt: str, lease: int, grant: str) -> None:
        """A lease granted to this journal; a repeat is harmless."""
        self._write("INSERT INTO leases (attempt, lease, granted, journal, state) VALUES (?, ?, ?, ?, 'granted') "
                    "ON CONFLICT DO NOTHING", attempt, lease, grant, self.id)

    def set_lease_state(self, attempt: str, lease: int, state: str) -> None:
        """granted, open, revoked, closed; foreign ones stay what they are."""
        self._write("UPDATE leases SET state = ? WHERE attempt = ? AND lease = ? AND state <> 'foreign'",
                    state, attempt, lease)

    def list_leases(self, attempt: str | None = None) -> list[Lease]:
        """Every lease known here, oldest first."""
        rows = self._rows("SELECT attempt, lease, granted, acked, state, journal FROM leases "
                          "WHERE ?1 IS NULL OR attempt = ?1 ORDER BY lease", attempt)
        own = self.id
        return [Lease(a, lease, grant, acked, state, journal == own) for a, lease, grant, acked, state, journal in rows]

    def set_acked(self, attempt: str, lease: int, acked: int) -> None:
        """What the server has; it may also go down, when the server's disk was lost."""
        self._write("UPDATE leases SET acked = ? WHERE attempt = ? AND lease = ?", acked, attempt, lease)

    def count_unacked(self, attempt: str | None = None) -> int:
        """Events the server has not confirmed yet."""
        return int(self._rows(
            "SELECT count(*) FROM leases l JOIN events e ON e.attempt = l.attempt AND e.lease = l.lease "
            "AND e.number > l.acked WHERE ?1 IS NULL OR l.attempt = ?1", attempt)[0][0])

    def list_heads(self) -> dict[str, dict[str, int]]:
        """The inventory of a hello: {attempt: {lease: highest number}}."""
        heads: dict[str, dict[str, int]] = {}
        for attempt, lease, number in self._rows("SELECT attempt, lease, max(number) FROM events GROUP BY 1, 2"):
            heads.setdefault(attempt, {})[str(lease)] = number
        return heads

    # Directives.

    def keep_directive(self, attempt: str, generation: int, number: int, text: str) -> bool:
        """Whether it is new."""
        with self.transaction():
            known = self._rows("SELECT 1 FROM directives WHERE attempt = ? AND generation = ? AND number = ?",
                               attempt, generation, number)
            self._write("INSERT OR IGNORE INTO directives VALUES (?, ?, ?, ?)", attempt, generation, number, text)
        return not known

    def list_directives(self, attempt: str) -> list[str]:
        """Their JSON texts in order."""
        rows = self._rows("SELECT text FROM directives WHERE attempt = ? ORDER BY generation, number", attempt)
        return [text for text, in rows]

    # Recordings and parts.

    def keep_recording(self, attempt: str, lease: int, number: int, path: str, rate: int) -> None:
        """A recording whose `recording_started` has this number."""
        self._write("INSERT OR IGNORE INTO recordings VALUES (?, ?, ?, ?, ?, 0)", attempt, lease, number, path, rate)

    def list_recordings(self, attempt: str | None = None) -> list[RecordingFile]:
        """Recordings made at this seat."""
        rows = self._rows("SELECT attempt, lease, number, path, rate, durable FROM recordings "
                          "WHERE ?1 IS NULL OR attempt = ?1 ORDER BY lease, number", attempt)
        return [RecordingFile(*row) for row in rows]

    def keep_part(self, part: PartRow) -> None:
        """A part whose bytes are fsynced; a repeat is harmless."""
        self._find_room(lambda: self._write(
            f"INSERT OR IGNORE INTO parts ({PART_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)", part.attempt, part.lease,
            part.number, part.part_no, part.offset, part.length, part.sha256, part.verdict))

    def list_parts(self, attempt: str, lease: int, number: int) -> list[PartRow]:
        """The parts of a recording in order."""
        rows = self._rows(f"SELECT {PART_FIELDS} FROM parts "
                          "WHERE attempt = ? AND lease = ? AND number = ? ORDER BY part_no", attempt, lease, number)
        return [PartRow(*row) for row in rows]

    def rename_recording(self, old: tuple[str, int, int], new: tuple[str, int, int]) -> None:
        """A recording whose beginning was journalled again under another lease: its parts go under the new name."""
        with self.transaction():
            for table, field in (("recordings", "durable"), ("parts", "sent")):
                self._write(f"UPDATE {table} SET attempt = ?, lease = ?, number = ?, {field} = 0 "
                            "WHERE attempt = ? AND lease = ? AND number = ?", *new, *old)

    def list_waiting_parts(self, limit: int = 20) -> list[PartRow]:
        """Parts the server has not confirmed, newest recording first."""
        rows = self._rows(f"SELECT {PART_FIELDS} FROM parts WHERE sent = 0 "
                          "ORDER BY lease DESC, number DESC, part_no LIMIT ?", limit)
        return [PartRow(*row) for row in rows]

    def count_waiting_parts(self, attempt: str | None = None) -> int:
        """Parts that only this computer has."""
        return int(self._rows("SELECT count(*) FROM parts WHERE sent = 0 AND (?1 IS NULL OR attempt = ?1)",
                              attempt)[0][0])

    def mark_part(self, part: PartRow, sent: int) -> None:
        """1 = the server has it, 0 = to be sent again, 2 = the server keeps other bytes there."""
        self._write("UPDATE parts SET sent = ? WHERE attempt = ? AND lease = ? AND number = ? AND part_no = ?",
                    sent, part.attempt, part.lease, part.number, part.part_no)

    def set_durable(self, attempt: str, lease: int, number: int, durable: int) -> None:
        """How many bytes from the start of a recording the server has."""
        self._write("UPDATE recordings SET durable = ? WHERE attempt = ? AND lease = ? AND number = ?",
                    durable, attempt, lease, number)

    def resend_parts(self, attempt: str, lease: int, number: int, from_byte: int) -> None:
        """The server says it has only so much: what lies behind goes again."""
        self._write("UPDATE parts SET sent = 0 WHERE attempt = ? AND lease = ? AND number = ? AND sent = 1 "
                    "AND offset + length > ?", attempt, lease, number, from_byte)

    # Files given as answers.

    def keep_file(self, attempt: str, sha256: str, size: int) -> None:
        """A file whose bytes are fsynced; a repeat is harmless."""
        self._write("INSERT OR IGNORE INTO files VALUES (?, ?, ?, -1)", attempt, sha256, size)

    def list_files(self, attempt: str | None = None) -> list[FileRow]:
        """Files given at this seat."""
        rows = self._rows("SELECT attempt, sha256, bytes, durable FROM files WHERE ?1 IS NULL OR attempt = ?1 "
                          "ORDER BY attempt, sha256", attempt)
        return [FileRow(*row) for row in rows]

    def list_waiting_files(self, attempt: str | None = None) -> list[FileRow]:
        """Files the server does not have whole."""
        return [row for row in self.list_files(attempt) if row.durable < row.bytes]

    def count_waiting(self, attempt: str | None = None) -> int:
        """Parts of speech and files that the server does not have whole."""
        return self.count_waiting_parts(attempt) + len(self.list_waiting_files(attempt))

    def set_file_durable(self, row: FileRow, durable: int) -> None:
        """How many bytes from the start of a file the server has."""
        self._write("UPDATE files SET durable = ? WHERE attempt = ? AND sha256 = ?", durable, row.attempt, row.sha256)

    def ask_files_again(self) -> None:
        """After a hello: the server may be another one, or may have lost its disk."""
        self._write("UPDATE files SET durable = -1")

    # Bundles.

    def keep_bundle(self, sha256: str, size: int, plain: str, kind: str) -> None:
        """An encrypted file whose bytes were checked and lie in the bundle folder."""
        self._write("INSERT OR IGNORE INTO bundles VALUES (?, ?, ?, ?)", sha256, size, plain, kind)

    def has_bundle(self, sha256: str) -> bool:
        """Whether it lies here, checked."""
        return bool(self._rows("SELECT 1 FROM bundles WHERE sha256 = ?", sha256))


def is_full(error: sqlite3.OperationalError) -> bool:
    """Whether SQLite says that the disk has no room."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or "full" in str(error)


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the disk refused to write or read, or the file is damaged."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
