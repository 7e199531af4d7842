"""Tar without a temporary file: takes named contents, gives a readable stream of the same bytes every time.

Names are sorted, time, owner and mode fixed, so two sealings of the same contents hold the same tar.
"""
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

READ_SIZE = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """One file of an archive: its path inside, and its contents as bytes or as a file on disk."""

    name: str
    content: bytes | Path

    def size(self) -> int:
        """Length in bytes."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)


def list_folder(folder: Path) -> list[Entry]:
    """Every file of a folder as an entry."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [Entry(path.relative_to(folder).as_posix(), path) for path in paths]


class TarStream:
    """A file-like object: `read(n)` gives the next bytes of the tar."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._pieces = _write_tar(sorted(entries, key=lambda entry: entry.name))
        self._waiting = b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; b"" at the end."""
        while not self._waiting:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._waiting = piece
        if size < 0:
            everything = self._waiting + b"".join(self._pieces)
            self._waiting = b""
            return everything
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given


def _write_tar(entries: list[Entry]) -> Iterator[bytes]:
    for entry in entries:
        size = entry.size()
        header = tarfile.TarInfo(entry.name)
        header.size, header.mode, header.mtime = size, 0o644, 0
        yield header.tobuf(tarfile.PAX_FORMAT)
        yield from _read_content(entry.content)
        yield bytes(-size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _read_content(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(READ_SIZE):
            yield piece
