"""Files a candidate gave as answers, as they go into the file of an appeal.

Takes what the receipt proves and what the commission marked; gives safe names, and bytes while they are few enough.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.file_answers import MAX_ATTEMPT_BYTES, MAX_FILE_BYTES, read_reference
from testing_server.exam_day.appeals.queries import Proof
from testing_server.foundation.files import FileStore
from testing_server.foundation.files.store import FileMissing

PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "webp"})
# what people open without it running: no page, no program, no document with macros, no drawing with a script
PLAIN = PICTURES | {"pdf", "txt", "csv", "docx", "odt", "xlsx", "ods", "pptx", "odp", "odg", "bmp", "tif", "tiff",
                    "mp3", "ogg", "wav", "flac", "mp4", "webm"}


class Place(StrEnum):
    """What became of a file."""

    PACKED = "packed"
    MISSING = "missing"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class GivenFile:
    """`path`: inside the zip, also where it was left out; `is_proven`: an event under the receipt has its digest."""

    sha256: str
    path: str
    place: Place
    bytes: int
    is_picture: bool
    is_proven: bool


def collect_files(store: FileStore, proof: Proof, marked: Sequence[Mapping[str, Any]],
                  most_bytes: int = MAX_ATTEMPT_BYTES) -> tuple[dict[str, GivenFile], dict[str, bytes]]:
    """By digest, and the bytes by their path. `marked`: contents of the answers people marked."""
    proven, found, packed = {one.sha256: one.name for one in proof.files}, dict[str, GivenFile](), dict[str, bytes]()
    names = proven | {sha256: name for content in marked for sha256, name in name_marked(content).items()}
    left = most_bytes
    for sha256, name in sorted(names.items()):
        path, extension = name_inside(sha256, name)
        place, data = _read_file(store, sha256, min(left, MAX_FILE_BYTES))
        found[sha256] = GivenFile(sha256, path, place, len(data), extension in PICTURES, sha256 in proven)
        if place is Place.PACKED:
            packed[path], left = data, left - len(data)
    return found, packed


def name_marked(content: Mapping[str, Any]) -> dict[str, str]:
    """Digest → the name the seat gave, of the files of one marked answer."""
    known = {one["sha256"] for one in content.get("files", [])}
    read = [read_reference(value) for value in content.get("responses", {}).values() if isinstance(value, str)]
    return {one.sha256: one.name for one in read if one is not None and one.sha256 in known}


def name_inside(sha256: str, name: str) -> tuple[str, str]:
    """(path inside the zip, its extension): what may run when it is opened by a double click is called .bin."""
    given = name.rpartition(".")[2].lower()
    extension = given if given in PLAIN else "bin"
    return f"files/{sha256}.{extension}", extension


def _read_file(store: FileStore, sha256: str, most: int) -> tuple[Place, bytes]:
    """Bytes that are not those of the digest are no file of this candidate's."""
    try:
        with store.open(sha256) as source:
            data = source.read(most + 1)
    except (FileMissing, OSError):
        return Place.MISSING, b""
    if len(data) > most:
        return Place.TOO_LARGE, b""
    return (Place.PACKED, data) if sha256_hex(data) == sha256 else (Place.MISSING, b"")
