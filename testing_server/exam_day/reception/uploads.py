"""Bytes of uploads that are not verified yet, in data/uploads. Takes pieces in order; gives their length and path."""
from __future__ import annotations

import os
import re
from pathlib import Path

from testing_server.exam_day.reception.rules import OffsetDiffers, UploadUnknown
from testing_server.foundation.files.store import make_durable

UPLOAD = re.compile(r"[0-9a-f]{32}")


class UploadFolder:
    """Files by upload id; durable when `append` returns."""

    def __init__(self, data: Path) -> None:
        self._uploads, self._quarantine, self._packages = data / "uploads", data / "quarantine", data / "packages"
        for folder in (self._uploads, self._quarantine, self._packages):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def create(self, upload: str) -> None:
        """An empty file."""
        self.path(upload).touch(exist_ok=False)
        make_durable(self._uploads)

    def length(self, upload: str) -> int:
        """Bytes received. Raises UploadUnknown."""
        try:
            return self.path(upload).stat().st_size
        except FileNotFoundError:
            raise UploadUnknown() from None

    def append(self, upload: str, data: bytes, offset: int) -> int:
        """The length after the piece. Raises OffsetDiffers, UploadUnknown."""
        have = self.length(upload)
        if offset != have:
            raise OffsetDiffers(details={"offset": have})
        with open(self.path(upload), "ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return have + len(data)

    def discard(self, upload: str) -> None:
        """Forget the bytes; missing ones are no error."""
        self.path(upload).unlink(missing_ok=True)

    def path(self, upload: str) -> Path:
        """Where the bytes of an upload lie now. Raises UploadUnknown when the text is no upload id."""
        if not UPLOAD.fullmatch(upload):
            raise UploadUnknown()
        aside = self._quarantine / f"{upload}.age"
        return aside if aside.exists() else self._uploads / upload

    def keep_aside(self, upload: str) -> None:
        """Move a refused package to the quarantine; repeating it is harmless."""
        source = self.path(upload)
        if source.parent == self._uploads and source.exists():
            os.replace(source, self._quarantine / f"{upload}.age")

    def keep_accepted(self, upload: str, package: str) -> None:
        """Move an accepted package among the accepted ones, or drop it when it is there already."""
        target, source = self._packages / f"{package}.age", self.path(upload)
        if not source.exists():
            return
        if target.exists():
            source.unlink()
        else:
            os.replace(source, target)
