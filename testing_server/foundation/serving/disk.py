"""Room on the disk before anything starts. Takes a folder; raises DiskTooFull when a day would not fit."""
import shutil
from pathlib import Path

LEAST_BYTES = 500 * 1024 * 1024


class DiskTooFull(Exception):
    """Starting now would stop in the middle of an exam; the message says how much is missing."""


def check_disk(folder: Path, least_bytes: int = LEAST_BYTES) -> int:
    """Free bytes on the disk of `folder` (made if it is not there). Raises DiskTooFull below `least_bytes`."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < least_bytes:
        raise DiskTooFull(f"{folder}: {free // 2**20} MiB are free, {least_bytes // 2**20} MiB are needed; "
                          "free some space or choose another disk with --data")
    return free
