"""Disks that can be full: folders in memory whose size is changed, in a mount namespace of the drill's own.

Nothing outside of the namespace sees them, no right of the machine's owner is needed where users may make namespaces.
The kernel itself refuses to write (ENOSPC): nothing in the server or at the seat is replaced.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

MARK = "REHEARSAL_OWN_DISKS"
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
PAGE = 4096


def enter_own_disks() -> None:
    """Returns inside such a namespace, or at once where none can be made: then no disk is filled."""
    if MARK in os.environ or not can_make_disks():
        return
    command = ["unshare", "-rm", "--propagation", "private", sys.executable, *sys.orig_argv[1:]]
    os.execvpe("unshare", command, {**os.environ, MARK: "1", "PATH": PLACES})


def can_make_disks() -> bool:
    """Whether this user may mount memory in a namespace of his own, and change its size."""
    if not all(shutil.which(program, path=PLACES) for program in ("unshare", "mount")):
        return False
    script = "mount -t tmpfs -o size=64k none /tmp && mount -o remount,size=32k /tmp"
    tried = subprocess.run(["unshare", "-rm", "--propagation", "private", "sh", "-c", script],
                           env={**os.environ, "PATH": PLACES}, capture_output=True, check=False)
    return tried.returncode == 0


def has_own_disks() -> bool:
    """Whether disks can be filled here."""
    return MARK in os.environ


class SmallDisk:
    """A folder on a disk of its own. `size_mb` is what fits, not what it takes: memory is used as it is written."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        self.folder, self._size_mb = folder, size_mb
        folder.mkdir(parents=True, exist_ok=True)
        self._mount("-t", "tmpfs", "-o", f"size={size_mb}m,mode=0700", "none", str(folder))

    def fill(self) -> None:
        """From now on there is no room for another page."""
        used = os.statvfs(self.folder)
        self._resize(str(max(PAGE, (used.f_blocks - used.f_bfree) * used.f_frsize)))

    def free(self) -> None:
        """There is room again."""
        self._resize(f"{self._size_mb}m")

    def remove(self) -> None:
        """The folder is what it was before: empty."""
        subprocess.run(["umount", "-l", str(self.folder)], env={**os.environ, "PATH": PLACES}, check=False)

    def _resize(self, size: str) -> None:
        self._mount("-o", f"remount,size={size}", str(self.folder))

    @staticmethod
    def _mount(*words: str) -> None:
        subprocess.run(["mount", *words], env={**os.environ, "PATH": PLACES}, check=True, capture_output=True)
