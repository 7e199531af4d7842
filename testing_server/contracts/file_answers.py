"""A file as an answer (upload, drawing): its reference stands in the answer, its bytes travel beside the events.

Reference: one line `<sha256> <bytes> <media type> <file name>`. The name is given by the seat, never the candidate's
own: the name of a child's file is often the child's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ATTEMPT_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 192 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")
_REFERENCE = re.compile(r"([0-9a-f]{64}) (\d{1,12}) ([a-z]+/[a-z0-9][a-z0-9.+-]{0,100}) ([^\x00-\x1f/\\]{1,120})")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,100}")
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class FileReference:
    """`type` is the media type the browser named; nobody may rely on it being true."""

    sha256: str
    bytes: int
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.sha256} {self.bytes} {self.type} {self.name}"


def read_reference(text: str) -> FileReference | None:
    """The reference of an answer; None when the text is none."""
    found = _REFERENCE.fullmatch(text)
    return FileReference(found[1], int(found[2]), found[3], found[4]) if found else None


def name_file(given: str) -> str:
    """The name under which a file is kept: "answer" and the extension of the given name, where that is a plain one."""
    _, dot, extension = given.rpartition(".")
    plain = extension.lower() if dot and _EXTENSION.fullmatch(extension.lower()) else ""
    return f"answer.{plain}" if plain else "answer"


def read_type(given: str) -> str:
    """The media type without its parameters; an unreadable one is no type."""
    plain = given.partition(";")[0].strip().lower()
    return plain if _TYPE.fullmatch(plain) else UNKNOWN_TYPE
