"""Room on the disk before anything starts. Takes a folder; raises DiskTooFull when a day would not fit."""
import shutil
from pathlib import Path

from testing_server.foundation.disk.ballast import count_ballast
from testing_server.foundation.disk.rules import SCARCE_BYTES


class DiskTooFull(Exception):
    """Starting now would stop in the middle of an exam; the message says how much is missing."""


def check_disk(folder: Path, least_bytes: int = SCARCE_BYTES) -> int:
    """Free bytes on the disk of `folder` (made if it is not there). Raises DiskTooFull below `least_bytes`.

    The ballast counts as room: a computer that was switched off in the middle of a day must come up again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free + count_ballast(folder) < least_bytes:
        raise DiskTooFull(f"{folder}: {free // 2**20} MiB are free, {least_bytes // 2**20} MiB are needed; "
                          "free some space or choose another disk with --data")
    return free
