"""A recording in a process of its own, as tests see it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audio.parts import Part
from audio.verdicts import Verdict
from tests.audio.builders import wait_until


class RecordingProcess:
    """Starts `record_speech` and collects what it tells."""

    def __init__(self, path: Path, source: str, environment: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.told: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.audio.record_speech", str(path), source],
            env=dict(environment or os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(json.loads(line))

    def list_told(self, kind: str) -> list[dict[str, Any]]:
        return [told for told in self.told if told["kind"] == kind]

    def wait_for(self, kind: str, seconds: float = 15.0) -> dict[str, Any]:
        wait_until(lambda: self.list_told(kind), seconds)
        return self.list_told(kind)[0]

    def stop(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write("stop\n")
        self.process.stdin.flush()
        recorded = self.wait_for("recorded")
        self._finish()
        return recorded

    def kill(self) -> float:
        """SIGKILL; the moment of it."""
        self.process.kill()
        killed_at = time.monotonic()
        self._finish()
        return killed_at

    def _finish(self) -> None:
        self.process.wait(timeout=10)
        self._reader.join(timeout=5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def list_parts(self) -> list[Part]:
        return [
            Part(told["part_no"], told["offset_bytes"], told["length_bytes"], told["sha256"],
                 Verdict(told["verdict"]))
            for told in self.list_told("part")
        ]
