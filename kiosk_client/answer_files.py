"""Files given as answers: kept on this disk under their digest, sent to the server in pieces until it has the whole.

Takes the bytes the page hands over. A file is fsynced before the journal speaks of it, and stays until the hub's
receipt: it is part of the candidate's work like speech.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from kiosk_client.drafts import Draft
from kiosk_client.journal import FileRow, Journal
from kiosk_client.link import Link
from kiosk_client.refusals import FileMissing, FileTooLarge, JournalFull
from kiosk_client.rules import BadValue, Item
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import EventKind
from testing_server.contracts.file_answers import (
    MAX_ATTEMPT_BYTES, MAX_FILE_BYTES, PIECE_BYTES, FileReference, name_file, read_reference, read_type)

log = logging.getLogger(__name__)
FILE = "file"


class AnswerFiles:
    """The folder `answer-files/<attempt>/<sha256>` of this workstation."""

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal, self._folder = journal, folder

    def write(self, attempt: str, data: bytes, kind: str, name: str) -> FileReference:
        """Put a file on the disk, durable when this returns. Raises FileTooLarge, JournalFull."""
        if not data or len(data) > MAX_FILE_BYTES:
            raise FileTooLarge(f"{len(data)} bytes")
        reference = FileReference(sha256_hex(data), len(data), read_type(kind), name_file(name))
        known = {row.sha256: row.bytes for row in self._journal.list_files(attempt)}
        if sum(known.values()) + (0 if reference.sha256 in known else len(data)) > MAX_ATTEMPT_BYTES:
            raise FileTooLarge("the files of this work together")
        path = self.find(attempt, reference.sha256)
        if not path.exists():
            write_durably(path, data)
        return reference

    def find(self, attempt: str, sha256: str) -> Path:
        """Where a file of an attempt lies."""
        return self._folder / attempt / sha256

    def fetch(self, link: Link, attempt: str, sha256: str) -> None:
        """Bring a file here that was given at another seat; it is kept like one given here, so that a server that loses
        it can have it again. Raises FileMissing, JournalFull, Refused, ServerAway."""
        data = link.fetch_file(attempt, sha256)
        if sha256_hex(data) != sha256:
            raise FileMissing(f"the server gave other bytes for {sha256}")
        write_durably(self.find(attempt, sha256), data)
        self._journal.keep_file(attempt, sha256, len(data))

    def forget(self, attempt: str) -> None:
        """Every file of an attempt goes."""
        shutil.rmtree(self._folder / attempt, ignore_errors=True)

    def read(self, attempt: str, sha256: str) -> bytes:
        """The bytes of a file given at this workstation. Raises FileMissing: it lies at another one, or is lost."""
        try:
            return self.find(attempt, sha256).read_bytes()
        except OSError as error:
            raise FileMissing(str(error)) from error


def draft_file(item: str, response: str, reference: FileReference) -> Draft:
    """The event that says a file is on this disk."""
    return Draft(EventKind.FILE_KEPT, {"item": item, "response": response, "sha256": reference.sha256,
                                       "bytes": reference.bytes, "type": reference.type, "name": reference.name})


def takes_file(item: Item, response: str) -> bool:
    """Whether an item asks for a file in this response."""
    return any(one["id"] == response and one["base_type"] == FILE for one in item.get("interactions", []))


def check_reference(item: Item, response: str, value: str | list[str] | None, kept: Mapping[str, object]) -> None:
    """Raises BadValue when an answer names a file that was never given here."""
    if value is None or not takes_file(item, response):
        return
    reference = read_reference(value) if isinstance(value, str) else None
    if reference is None or reference.sha256 not in kept:
        raise BadValue(f"{response}: the file was not kept")


def write_durably(path: Path, data: bytes) -> None:
    """The whole file under its name, or nothing. Raises JournalFull when the disk has no room."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise JournalFull(str(error)) from error


def sync_folder(folder: Path) -> None:
    """Make a new name durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FileOutbox:
    """Sends every file until the server has it whole; what the server says it has decides where to go on."""

    def __init__(self, journal: Journal, link: Link, files: AnswerFiles) -> None:
        self._journal, self._link, self._files = journal, link, files

    def send(self) -> bool:
        """One piece of one file; whether there is more. Raises Refused, ServerAway."""
        waiting = self._journal.list_waiting_files()
        if not waiting:
            return False
        self._send_piece(waiting[0])
        return True

    def _send_piece(self, row: FileRow) -> None:
        try:
            data = self._files.read(row.attempt, row.sha256)
        except FileMissing as error:
            log.error("the file %s of an answer cannot be read: %s", row.sha256, error.details)
            self._journal.set_file_durable(row, row.bytes)
            return
        # An empty piece asks how far the server is: after a hello nobody knows.
        offset = max(row.durable, 0)
        piece = b"" if row.durable < 0 else data[offset:offset + PIECE_BYTES]
        reply = self._link.send_piece(row.attempt, row.sha256, offset, row.bytes, piece)
        self._journal.set_file_durable(row, reply.durable_bytes)
