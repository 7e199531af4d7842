"""Room on the disk of this moment. Takes the data folder and who tells the free bytes; gives levels and refusals."""
from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from testing_server.foundation.disk.ballast import count_ballast
from testing_server.foundation.disk.refusals import DiskScarce, SoundWaits
from testing_server.foundation.disk.rules import Level, Writing, goes_on, judge_room

if TYPE_CHECKING:
    from testing_server.foundation.services import Services

NAME = "disk"
REFUSALS = {Writing.SOUND: SoundWaits, Writing.EXTRA: DiskScarce}
AskFree = Callable[[Path], int]


def ask_free(folder: Path) -> int:
    """Free bytes where a folder lies."""
    return shutil.disk_usage(folder).free


class Disk:
    """`ask` is asked anew each time: one call of the system, a few microseconds."""

    def __init__(self, data: Path, ask: AskFree = ask_free) -> None:
        self.data, self.ask = data, ask

    @property
    def free_mb(self) -> int:
        """Free mebibytes, for people."""
        return self.ask(self.data) // (1024 * 1024)

    @property
    def ballast_mb(self) -> int:
        """What letting the ballast go would give back."""
        return count_ballast(self.data) // (1024 * 1024)

    @property
    def level(self) -> Level:
        """How much room is left. A disk that does not tell is not called full: writing will show it."""
        try:
            return judge_room(self.ask(self.data))
        except OSError:
            return Level.AMPLE

    def check(self, writing: Writing) -> None:
        """Raises DiskScarce or SoundWaits where this kind of writing has to wait."""
        if not goes_on(self.level, writing):
            raise REFUSALS[writing]()


def attach_disk(offered: Services) -> Disk:
    """The disk of these services, made at the first call."""
    found = offered.vault.get(NAME)
    if found is None:
        found = offered.vault[NAME] = Disk(offered.settings.data)
    return found
