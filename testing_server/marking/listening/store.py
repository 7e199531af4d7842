"""Listening data by the digest of the recording, in a folder: computed once, whoever asks first."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

from testing_server.foundation.files.store import FileMissing, FileStore

FOLDER = "listening"


class ListeningStore:
    """One small JSON file for each recording; a file that is there is whole."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def path(self, sha256: str) -> Path:
        """Where the data of a recording lies or would lie."""
        return self._folder / sha256[:2] / f"{sha256}.json"

    def find(self, sha256: str) -> bytes | None:
        """What is known already."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None

    def obtain(self, sha256: str, files: FileStore) -> bytes:
        """JSON of audio.listening; measured now where nobody has. Raises FileMissing, also for what is no sound."""
        return self.find(sha256) or self._measure(sha256, files)

    def _measure(self, sha256: str, files: FileStore) -> bytes:
        # where nobody listens, as on most classroom servers, the library of sound is not carried
        from audio.faults import SoundUnreadable
        from audio.listening import prepare_flac
        try:
            found = json.dumps(prepare_flac(files.path(sha256)).as_json()).encode()
        except SoundUnreadable:
            raise FileMissing(details={"sha256": sha256}) from None
        self._keep(sha256, found)
        return found

    def _keep(self, sha256: str, data: bytes) -> None:
        # another thread or the worker may measure the same: the last one wins, both are right
        target = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{uuid.uuid4().hex}")
        unfinished.write_bytes(data)
        os.replace(unfinished, target)
