"""Tar without a temporary file: takes named contents one after another, gives a readable stream of them.

Time, owner and mode are fixed, so the same contents in the same order are the same bytes. Nothing is held but the
entry whose turn it is: entries may come from a generator that makes each when it is asked for.
"""
from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Piece = io.BytesIO | io.FileIO
READ_SIZE = 256 * 1024


@dataclass(frozen=True)
class Entry:
    """One file of an archive: its path inside, and its contents as bytes or as a file on disk."""

    name: str
    content: bytes | Path

    def size(self) -> int:
        """Length in bytes."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)


class ChangedWhileRead(OSError):
    """A file became longer or shorter between its header and its contents."""


def list_folder(folder: Path) -> list[Entry]:
    """Every file of a folder as an entry, by name."""
    names = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    return [Entry(name, path) for name, path in names]


class TarStream(io.BufferedReader):
    """A file that is read once: `read(n)` gives the next n bytes of the tar, fewer only at its end."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        super().__init__(_RawTar(entries), READ_SIZE)


class _RawTar(io.RawIOBase):
    """The unbuffered stream: fills what it is given straight from the file whose turn it is."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._pieces = _write_tar(entries)
        self._piece: Piece | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer, /) -> int:
        while True:
            self._piece = self._piece or next(self._pieces, None)
            if self._piece is None:
                return 0
            if count := self._piece.readinto(into):
                return count
            self._piece = None


def _write_tar(entries: Iterable[Entry]) -> Iterator[Piece]:
    for entry in entries:
        size = entry.size()
        header = tarfile.TarInfo(entry.name)
        header.size, header.mode, header.mtime = size, 0o644, 0
        yield io.BytesIO(header.tobuf(tarfile.PAX_FORMAT))
        yield from _read_content(entry.content, size)
        yield io.BytesIO(bytes(-size % tarfile.BLOCKSIZE))
    yield io.BytesIO(bytes(2 * tarfile.BLOCKSIZE))


def _read_content(content: bytes | Path, size: int) -> Iterator[Piece]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
        return
    with content.open("rb", buffering=0) as file:
        yield file
        if file.tell() != size:
            # the header is on its way already: better no archive than one that ends in the wrong place
            raise ChangedWhileRead(f"{content.name} changed its size while it was sealed")
