"""What is measured. Each takes a folder and gives a rate; its baseline is the plain way of doing the same."""
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit, verify_audit
from testing_server.foundation.files import FolderStore
from testing_server.foundation.progress import post_progress
from testing_server.foundation.storage import Base, Storage
from testing_server.foundation.storage.storage import prepare_sqlite

WRITERS = 30
WRITES = 40
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Measure:
    """`run` and `baseline` give the same `unit`; more is better."""

    name: str
    unit: str
    run: Callable[[Path], float]
    baseline: Callable[[Path], float]


def write_together(folder: Path) -> float:
    """Thirty writers at once through the one door."""
    storage = Storage(f"sqlite:///{folder / 'together.sqlite'}")
    storage.create_tables()
    rate = _race(lambda number: storage.write(
        lambda session: post_progress(session, f"school-{number}", "", "", "codes", "ready", 1)))
    storage.close()
    return rate


def write_apart(folder: Path) -> float:
    """The same writers, each with a commit of its own behind a lock."""
    engine = create_engine(f"sqlite:///{folder / 'apart.sqlite'}", connect_args={"check_same_thread": False})
    with engine.connect() as connection:
        prepare_sqlite(connection.connection, writing=True)
    Base.metadata.create_all(engine)
    lock = threading.Lock()

    def write(number: int) -> None:
        with lock, Session(engine) as session:
            post_progress(session, f"school-{number}", "", "", "codes", "ready", 1)
            session.commit()

    return _race(write)


def append_lines(folder: Path) -> float:
    """Audit lines a second, written and then verified."""
    storage = Storage(f"sqlite:///{folder / 'audit.sqlite'}")
    storage.create_tables()
    rate = _race(lambda number: storage.write(
        lambda session: append_audit(session, 1, f"sitting:{number % 4}", "anna", "did", "it")))
    with storage.read() as session:
        assert verify_audit(session, "sitting:0") is None
    storage.close()
    return rate


def insert_lines(folder: Path) -> float:
    """Rows of the same size by bare sqlite3, one commit each, no chain."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None, check_same_thread=False)
    prepare_sqlite(connection, writing=True)
    connection.execute("CREATE TABLE line (content TEXT, digest TEXT)")
    lock = threading.Lock()

    def write(number: int) -> None:
        content = "x" * 120
        with lock:
            connection.execute("INSERT INTO line VALUES (?, ?)", (content, hashlib.sha256(b"x").hexdigest()))

    return _race(write)


def store_files(folder: Path) -> float:
    """MiB a second into the store: appended, hashed, durable."""
    store, piece = FolderStore(folder / "files"), os.urandom(8 * MEBIBYTE)
    began = time.perf_counter()
    for number in range(8):
        store.add(number.to_bytes(8) + piece)
    return 64 / (time.perf_counter() - began)


def copy_files(folder: Path) -> float:
    """The same bytes by write and fsync."""
    piece = os.urandom(8 * MEBIBYTE)
    began = time.perf_counter()
    for number in range(8):
        with open(folder / f"plain-{number}", "wb") as file:
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    return 64 / (time.perf_counter() - began)


def _race(write: Callable[[int], object]) -> float:
    threads = [threading.Thread(target=lambda first=first: [write(first * WRITES + n) for n in range(WRITES)])
               for first in range(WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return WRITERS * WRITES / (time.perf_counter() - began)


MEASURES = (
    Measure("durable-writes", "writes/s", write_together, write_apart),
    Measure("audit-lines", "lines/s", append_lines, insert_lines),
    Measure("file-store", "MiB/s", store_files, copy_files),
)
