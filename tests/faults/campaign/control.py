"""The page of memory that a seat's agent shares with whoever does it harm.

Holds what the disk and the clock of the seat are to do, and how much sound its microphone has given: it outlives the
agent, so that what a kill took can be counted to the byte. `shim.c` reads the first four numbers.
"""
from __future__ import annotations

import mmap
import struct
import uuid
from enum import IntEnum
from pathlib import Path

PAGE_BYTES = 4096
LOG_BYTES = 192 * 1024 * 1024
MODE, FREE, CLOCK, USED, TAKES = 0, 8, 16, 24, 32
SLOTS_AT, SLOTS = 64, 200


class Disk(IntEnum):
    """What the seat's disk does."""

    sound = 0
    full = 1
    read_only = 2


class Control:
    """`path` is the page; beside it lies the log of the disk (`.changes`)."""

    def __init__(self, path: Path) -> None:
        self.path, self.log = path, path.with_suffix(".changes")
        for file, size in ((self.path, PAGE_BYTES), (self.log, LOG_BYTES)):
            with open(file, "ab") as opened:
                opened.truncate(size)
        self.boot = path.with_suffix(".boot")
        if not self.boot.exists():
            self.boot_anew()
        with open(self.path, "r+b") as opened:
            self._page = mmap.mmap(opened.fileno(), PAGE_BYTES)

    def _get(self, at: int) -> int:
        return int(struct.unpack_from("<q", self._page, at)[0])

    def _put(self, at: int, value: int) -> None:
        struct.pack_into("<q", self._page, at, value)

    # Disk and clock.

    def set_disk(self, mode: Disk, free_bytes: int = 0) -> None:
        """From the next write on; `free_bytes`: what still fits on a full disk."""
        self._put(FREE, free_bytes)
        self._put(MODE, mode)

    def jump_clock(self, seconds: int) -> None:
        """What the seat's wall clock shows beside the truth."""
        self._put(CLOCK, seconds * 1_000_000_000)

    def boot_anew(self) -> None:
        """The machine is started: its boot has another name."""
        self.boot.write_text(f"{uuid.uuid4()}\n")

    @property
    def log_used(self) -> int:
        """Bytes of the log that are written."""
        return self._get(USED)

    def clear_log(self) -> None:
        """From here on the disk's log begins anew: only while no agent runs."""
        self._put(USED, 0)

    # The microphone.

    def begin_take(self) -> int:
        """The number of a new take."""
        number = self._get(TAKES) + 1
        self._put(self._slot(number), number)
        self._put(self._slot(number) + 8, 0)
        self._put(TAKES, number)
        return number

    @property
    def last_take(self) -> int:
        """The newest take, 0 before the first."""
        return self._get(TAKES)

    def note_given(self, take: int, total: int) -> None:
        """So many bytes of this take have been handed over."""
        self._put(self._slot(take) + 8, total)

    def count_given(self, take: int) -> int:
        """Bytes of a take that the microphone has handed over, 0 for one forgotten long ago."""
        slot = self._slot(take)
        return self._get(slot + 8) if self._get(slot) == take else 0

    @staticmethod
    def _slot(take: int) -> int:
        return SLOTS_AT + 16 * (take % SLOTS)
