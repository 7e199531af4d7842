"""Logs on the disk, a few megabytes at most. Takes a folder and the name of a process; its lines appear in a file
while the disk has room for more than answers and sound."""
from __future__ import annotations

import logging
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from testing_server.foundation.disk import Disk, Writing
from testing_server.foundation.disk.rules import goes_on

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FILE_BYTES, FILES = 1024 * 1024, 3
LOOK_EVERY_S = 5.0


def logs_folder(data: Path) -> Path:
    """Where they lie."""
    return data / "logs"


def keep_log(data: Path, process: str) -> None:
    """From now on this process also writes to logs/<process>.log; a disk that refuses is no reason not to start."""
    folder = logs_folder(data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(folder / f"{process}.log", maxBytes=FILE_BYTES, backupCount=FILES, delay=True)
    except OSError as error:
        logging.getLogger(__name__).warning("no log is kept on the disk: %s", error.strerror)
        return
    handler.setFormatter(logging.Formatter(FORM))
    handler.addFilter(WhileThereIsRoom(Disk(data)))
    logging.getLogger().addHandler(handler)


class WhileThereIsRoom(logging.Filter):
    """Lets lines into the file, or only onto the terminal when the disk is scarce; looks once in some seconds."""

    def __init__(self, disk: Disk, clock_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._disk, self._clock_s = disk, clock_s
        self._look_at_s, self._is_room = 0.0, True

    def filter(self, record: logging.LogRecord) -> bool:
        if self._clock_s() >= self._look_at_s:
            self._look_at_s = self._clock_s() + LOOK_EVERY_S
            self._is_room = goes_on(self._disk.level, Writing.EXTRA)
        return self._is_room
