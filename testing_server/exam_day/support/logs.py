"""Logs on the disk, a few megabytes at most. Takes a folder and the name of a process; its lines appear in a file."""
from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FILE_BYTES, FILES = 1024 * 1024, 3


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
    logging.getLogger().addHandler(handler)
