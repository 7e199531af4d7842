"""The ballast: a file of half a gigabyte that an organizer deletes when the disk is full, so that work can be ended.

Takes the data folder. It really holds its blocks: a file with holes would give nothing back.
"""
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from testing_server.foundation.disk.rules import may_hold_ballast

log = logging.getLogger(__name__)
NAME = "ballast"
BLOCK = bytes(1024 * 1024)


def ballast_file(data: Path) -> Path:
    """Where it lies."""
    return data / NAME


def count_ballast(data: Path) -> int:
    """Bytes that letting it go would give back; 0 where there is none."""
    try:
        return ballast_file(data).stat().st_size
    except FileNotFoundError:
        return 0


def keep_ballast(data: Path, size: int, free_bytes: int) -> bool:
    """Make it where there is none and the disk has room; returns whether it is there. A disk that refuses is no
    reason not to start."""
    if count_ballast(data):
        return True
    if not may_hold_ballast(free_bytes, size):
        return False
    draft = ballast_file(data).with_suffix(".new")
    try:
        with open(draft, "wb") as file:
            _take_blocks(file.fileno(), size)
        os.replace(draft, ballast_file(data))
    except OSError as error:
        log.warning("no ballast is kept on the disk: %s", error.strerror)
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        return False
    return True


def release_ballast(data: Path) -> int:
    """Delete it; bytes that became free, 0 where it was gone before."""
    size = count_ballast(data)
    ballast_file(data).unlink(missing_ok=True)
    return size


def _take_blocks(descriptor: int, size: int) -> None:
    allocate: Callable[[int, int, int], None] | None = getattr(os, "posix_fallocate", None)
    if allocate is not None:
        allocate(descriptor, 0, size)
        return
    for _ in range(size // len(BLOCK)):
        os.write(descriptor, BLOCK)
