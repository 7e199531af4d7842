"""What must hold before the agent begins: it is alone in its data folder and the disk has room.

Takes a folder; gives a lock that lasts as long as the process, or a refusal that says what to do. A reserve file is
kept so that the last answers find room even on a full disk.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import IO

from kiosk_client.refusals import AlreadyRunning, DiskTooFull

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LEAST_FREE_BYTES = 200 * 1024 * 1024
RESERVE_BYTES = 64 * 1024 * 1024

log = logging.getLogger(__name__)


class FolderLock:
    """Held until the process ends, also by a crash."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = open(folder / "agent.lock", "a+", encoding="ascii")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            raise AlreadyRunning(f"Рабочее место на этом компьютере уже запущено (папка {folder}). Второе не нужно: "
                                 "вернитесь к его окну.") from error

    def release(self) -> None:
        """Let another agent in."""
        self._file.close()


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def check_disk(folder: Path, least_bytes: int = LEAST_FREE_BYTES) -> int:
    """Free bytes; raises DiskTooFull when an exam's speech and answers might not fit."""
    free = count_free_bytes(folder)
    if free < least_bytes:
        raise DiskTooFull(f"{free // 1_000_000} MB free in {folder}, {least_bytes // 1_000_000} MB needed")
    return free


def count_free_bytes(folder: Path) -> int:
    """Free bytes of the disk a folder lies on."""
    return shutil.disk_usage(folder).free


class Reserve:
    """A file that is given back to the disk when the journal, or the end of a recording, finds no room."""

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        self._path, self._size = folder / "reserve", size

    def keep(self) -> None:
        """Make the file if it is not there whole; a disk without room for it goes without."""
        try:
            if self._is_whole() or count_free_bytes(self._path.parent) < 2 * self._size:
                return
            self._make()
        except OSError as error:
            # A quota, or a disk that filled meanwhile. Nobody may be kept from the work for want of a reserve.
            log.warning("no reserve: %s", error)
            self.give_back()

    def _is_whole(self) -> bool:
        return self._path.exists() and self._path.stat().st_size >= self._size

    def _make(self) -> None:
        with open(self._path, "wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, self._size)
            else:
                file.truncate(self._size)

    def give_back(self) -> bool:
        """Whether there was something to give back."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
