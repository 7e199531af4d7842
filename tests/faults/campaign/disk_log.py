"""What a disk holds after a power cut: takes the log of `shim.c` and chance, gives the files of the folder.

The disk is a journaling one, as ext4, NTFS and APFS are: names and sizes are kept in order, an fsync of any file keeps
all names until then, and of bytes that were never synced any may be there or not, in any order, by blocks of 4 KiB.
"""
from __future__ import annotations

import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.campaign.control import Control

HEAD = struct.Struct("<IIQqqII")
PENDING = -2 ** 63
WRITE, TRUNCATE, CREATE, RENAME, UNLINK, SYNC, MKDIR = range(1, 8)
BLOCK = 4096
SOURCE = Path(__file__).with_name("shim.c")


def build_shim(folder: Path) -> Path:
    """The shim as a library; raises CalledProcessError where there is no C compiler."""
    library = folder / "shim.so"
    if not library.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


def make_environ(library: Path, control: Control, folder: Path) -> dict[str, str]:
    """What the agent is started with."""
    return {"LD_PRELOAD": str(library), "FAULTS_CONTROL": str(control.path), "FAULTS_LOG": str(control.log),
            "FAULTS_DATA": str(folder), "FAULTS_BOOT": str(control.boot)}


@dataclass(frozen=True)
class Entry:
    """One change of a file. `at`: where it lies in the log; `result` PENDING: the process was killed in it."""

    at: int
    op: int
    inode: int
    offset: int
    result: int
    first: bytes
    second: bytes


def read_log(control: Control) -> Iterator[Entry]:
    """Every change that happened, in order."""
    with open(control.log, "rb") as file:
        data = file.read(control.log_used)
    at = 0
    while at + HEAD.size <= len(data):
        size, op, inode, offset, result, first, second = HEAD.unpack_from(data, at)
        if not size:
            return
        body = at + HEAD.size
        yield Entry(at, op, inode, offset, result, data[body:body + first], data[body + first:body + first + second])
        at += size


@dataclass
class Inode:
    """A file's bytes: those the disk surely holds, and what came after the last fsync."""

    durable: bytearray = field(default_factory=bytearray)
    later: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        """Everything until now is safe."""
        for offset, data in self.later:
            change(self.durable, offset, data)
        self.later.clear()

    def cut(self, chance: random.Random) -> bytes:
        """What is there after the power came back."""
        data, mood = self.durable, chance.choice(("nothing", "everything", "prefix", "any"))
        if mood == "prefix":
            self.later = self.later[:chance.randint(0, len(self.later))]
        written: dict[int, float] = {}
        for number, (offset, block) in enumerate([] if mood == "nothing" else self.later):
            for start, piece in tile(offset, block):
                # A block goes to the disk as it was at some moment: with all writes until then and none after.
                until = written.setdefault(start // BLOCK, chance.uniform(-0.5, 1.2) * len(self.later))
                if mood != "any" or number < until:
                    change(data, start, piece)
        return bytes(data)


def tile(offset: int, data: bytes | None) -> Iterator[tuple[int, bytes | None]]:
    """A write as the blocks of the disk it touches; a change of size is one piece."""
    if data is None:
        yield offset, None
        return
    at = offset
    while at < offset + len(data):
        end = min(offset + len(data), at - at % BLOCK + BLOCK)
        yield at, data[at - offset:end - offset]
        at = end


def change(data: bytearray, offset: int, block: bytes | None) -> None:
    """Write a block, or set the size where there is none."""
    if block is None:
        del data[offset:]
        data.extend(bytes(offset - len(data)))
        return
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset:offset + len(block)] = block


class DiskLog:
    """The disk of one seat since `begin`; `folder` is where the agent really writes."""

    def __init__(self, control: Control, folder: Path) -> None:
        self._control, self._folder = control, folder
        self._names: dict[str, int] = {}
        self._files: dict[int, Inode] = {}
        self._base: dict[str, tuple[int, bytes]] = {}

    def begin(self) -> None:
        """All that lies in the folder now is on the disk; no agent runs."""
        self._base = {str(path.relative_to(self._folder)): (path.stat().st_ino, path.read_bytes())
                      for path in self._folder.rglob("*") if path.is_file() and is_logged(path)}
        self._control.clear_log()

    def settle(self) -> None:
        """After a kill without a power cut: whether the last change still happened is seen in the folder itself."""
        with open(self._control.log, "r+b") as log:
            for entry in read_log(self._control):
                if entry.result == PENDING:
                    log.seek(entry.at + 24)
                    log.write(struct.pack("<q", len(entry.first) if self._has_happened(entry) else -1))

    def _has_happened(self, entry: Entry) -> bool:
        if entry.op == WRITE:
            return any(read_piece(path, entry.offset, len(entry.first)) == entry.first
                       for path in self._folder.rglob("*") if path.is_file() and path.stat().st_ino == entry.inode)
        if entry.op == TRUNCATE:
            return any(path.stat().st_size == entry.offset
                       for path in self._folder.rglob("*") if path.stat().st_ino == entry.inode)
        is_there = (self._folder / entry.first.decode()).exists()
        return not is_there if entry.op in (RENAME, UNLINK) else is_there

    def cut_power(self, chance: random.Random) -> int:
        """Put into the folder what the disk would hold; how many bytes had not been synced. No agent runs."""
        names = self._replay(chance)
        unsynced = sum(len(data or b"") for file in self._files.values() for _, data in file.later)
        found = {name: self._files[inode].cut(chance) for name, inode in names.items()}
        shutil.rmtree(self._folder)
        self._folder.mkdir()
        for name, data in found.items():
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self._folder / name).write_bytes(data)
        self.begin()
        return unsynced

    def _replay(self, chance: random.Random) -> dict[str, int]:
        """The names after the cut; the files are left with what came after their last fsync."""
        self._files = {inode: Inode(bytearray(data)) for inode, data in self._base.values()}
        kept = {name: inode for name, (inode, _) in self._base.items()}
        later: list[Entry] = []
        for entry in read_log(self._control):
            if entry.op in (WRITE, TRUNCATE) and entry.result != -1:
                data = None if entry.op == TRUNCATE else entry.first[:read_length(entry)]
                self._files.setdefault(entry.inode, Inode()).later.append((entry.offset, data))
            elif entry.op == SYNC and entry.result == 0:
                self._sync(entry, kept, later)
                later.clear()
            elif entry.op in (CREATE, RENAME, UNLINK) and entry.result != -1:
                if entry.op == CREATE:
                    self._files[entry.inode] = Inode()
                later.append(entry)
        for entry in later[:chance.randint(0, len(later))]:
            rename(kept, entry)
        return kept

    def _sync(self, entry: Entry, kept: dict[str, int], later: list[Entry]) -> None:
        for one in later:
            rename(kept, one)
        if entry.inode in self._files:
            self._files[entry.inode].sync()


def read_length(entry: Entry) -> int:
    """How much of a write was written; of one that the cut fell into, all may be there."""
    return len(entry.first) if entry.result == PENDING else entry.result


def rename(names: dict[str, int], entry: Entry) -> None:
    """Apply one change of names."""
    name = entry.first.decode()
    if entry.op == CREATE:
        names[name] = entry.inode
    elif entry.op == UNLINK:
        names.pop(name, None)
    elif entry.op == RENAME and name in names:
        names[entry.second.decode()] = names.pop(name)


def read_piece(path: Path, offset: int, length: int) -> bytes:
    """A piece of a file."""
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(length)


def is_logged(path: Path) -> bool:
    """Whether the shim looks after a file: not the shared memory of SQLite and not the lock."""
    return not path.name.endswith("-shm") and path.name != "agent.lock"


if sys.byteorder != "little":
    raise ImportError("the log is read on little-endian machines only")
