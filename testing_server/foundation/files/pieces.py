"""Bytes of uploads that are under way: written at their place, in any process of the hub, until the whole is adopted.

Takes pieces with their offset; gives the length without a gap, and in the end one file of this machine. No lock is
needed: the same bytes at the same place are no change, and what differs is found when the whole is checked.
"""
from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from testing_server.foundation.files.store import UploadMissing, WrongOffset, make_durable
from testing_server.foundation.loop import keep_loop_free
from testing_server.foundation.storage.refusals import StorageFull

if TYPE_CHECKING:
    from testing_server.foundation.files.bucket import Bucket

UPLOAD = re.compile(r"[0-9a-f]{32}")
PIECE_NAME = re.compile(r"(\d{15})-(\d{1,15})")


class Pieces(Protocol):
    """Where bytes wait that are not checked yet."""

    def create(self, upload: str) -> None:
        """Before the first piece; once more changes nothing."""

    def length(self, upload: str) -> int:
        """Bytes from the beginning without a gap. Raises UploadMissing."""

    def write(self, upload: str, data: bytes, offset: int) -> int:
        """The length after the piece, durable. Raises WrongOffset, UploadMissing, StorageFull."""

    def collect(self, upload: str, folder: Path) -> Path:
        """A file with all bytes, perhaps made in `folder`. Raises UploadMissing."""

    def discard(self, upload: str) -> None:
        """Forgets the bytes; missing ones are no error."""


class FolderPieces:
    """One growing file for each upload."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, upload: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path(upload).touch(exist_ok=True)
        make_durable(self._folder)

    def length(self, upload: str) -> int:
        try:
            return self._path(upload).stat().st_size
        except FileNotFoundError:
            raise UploadMissing() from None

    def write(self, upload: str, data: bytes, offset: int) -> int:
        if offset > (have := self.length(upload)):
            raise WrongOffset(details={"length": have})
        path = self._path(upload)
        return keep_loop_free(lambda: _write_at(path, data, offset))

    def collect(self, upload: str, folder: Path) -> Path:
        self.length(upload)
        return self._path(upload)

    def discard(self, upload: str) -> None:
        self._path(upload).unlink(missing_ok=True)

    def _path(self, upload: str) -> Path:
        return self._folder / check_upload(upload)


class BucketPieces:
    """An object for each piece, `uploads/<upload>/<offset>-<bytes>`; none is ever replaced by a shorter one."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def create(self, upload: str) -> None:
        check_upload(upload)

    def length(self, upload: str) -> int:
        chain = self._choose(upload)
        return chain[-1].end if chain else 0

    def write(self, upload: str, data: bytes, offset: int) -> int:
        if offset > (have := self.length(upload)):
            raise WrongOffset(details={"length": have})
        if data:
            self._bucket.put(_prefix(upload) + name_piece(offset, len(data)), data)
        return max(have, offset + len(data))

    def collect(self, upload: str, folder: Path) -> Path:
        target = folder / check_upload(upload)
        with target.open("wb") as file:
            for piece in self._choose(upload):
                # where two overlap they hold the same bytes
                file.seek(piece.start)
                self._bucket.pour(_prefix(upload) + piece.name, file)
        return target

    def discard(self, upload: str) -> None:
        for name in self._bucket.list(_prefix(upload)):
            self._bucket.delete(name)

    def _choose(self, upload: str) -> list[Piece]:
        return choose_pieces(name.rpartition("/")[2] for name in self._bucket.list(_prefix(upload)))


@dataclass(frozen=True, order=True)
class Piece:
    """Bytes `start` to `end` of an upload, and the name of the object that holds them."""

    start: int
    end: int
    name: str


def choose_pieces(names: Iterable[str]) -> list[Piece]:
    """Those that make the longest beginning without a gap, in order; other names are left out."""
    found = sorted(Piece(int(match[1]), int(match[1]) + int(match[2]), name)
                   for name in names if (match := PIECE_NAME.fullmatch(name)))
    chain: list[Piece] = []
    for piece in found:
        reached = chain[-1].end if chain else 0
        if piece.start > reached:
            break
        if piece.end > reached:
            chain.append(piece)
    return chain


def name_piece(offset: int, length: int) -> str:
    """Sorted by place."""
    return f"{offset:015d}-{length}"


def check_upload(upload: str) -> str:
    """The id itself. Raises UploadMissing: anything but our own form could leave the folder."""
    if not UPLOAD.fullmatch(upload):
        raise UploadMissing()
    return upload


def _prefix(upload: str) -> str:
    return f"uploads/{check_upload(upload)}/"


def _write_at(path: Path, data: bytes, offset: int) -> int:
    try:
        with open(path, "r+b") as file:
            file.seek(offset)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            return max(offset + len(data), os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        # given up meanwhile
        raise UploadMissing() from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull() from error
        raise
