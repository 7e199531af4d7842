"""The clock of a drill's server, moved as somebody moves the clock of a machine.

Takes a file that says how far it is wrong. Gives the environment that makes every Python process of that server read
its wall clock through it (`sitecustomize.py`, which Python loads by itself); the monotonic clock goes on untouched. No
part of the server knows of this: only who starts it, and could move the machine's clock as well, decides.
"""
from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from testing_server.rehearsal.drill.moved_clock.sitecustomize import LOOK_S

VARIABLE = "REHEARSAL_CLOCK"


class ServerClock:
    """`file` is made with the first move; without it the clock is right."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def describe(self, environ: Mapping[str, str]) -> dict[str, str]:
        """What the server has to be started with, beside `environ`."""
        known = environ.get("PYTHONPATH", "")
        places = [str(Path(__file__).parent), *([known] if known else [])]
        return {VARIABLE: str(self._file), "PYTHONPATH": os.pathsep.join(places)}

    def move(self, ahead_ms: int) -> None:
        """The server's machine shows a time so far ahead, to all its processes once this returns."""
        partial = self._file.with_suffix(".new")
        partial.write_text(str(ahead_ms))
        # a reader never meets half a number, and none goes on by what it read before
        partial.replace(self._file)
        time.sleep(LOOK_S)

    def mend(self) -> None:
        """The clock is right again."""
        self.move(0)
