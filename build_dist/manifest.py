"""The manifest of a dist folder and the digests for people.

Takes a folder and what each target uses; gives manifest.json and SHA256SUMS, and finds what does not fit them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from testing_server.contracts.handout import FORMAT, MANIFEST, NAME, Handout, HandoutFile, read_handout
from testing_server.contracts.versions import PROTOCOL

SUMS = "SHA256SUMS"


class NameNotAllowed(Exception):
    """A file whose name a workstation would refuse."""


def write_manifest(folder: Path, version: str, used: Mapping[str, set[str]]) -> Handout:
    """Write both lists. `used`: target → names of its wheels. Raises NameNotAllowed."""
    handout = Handout(format=FORMAT, version=version, protocol=[PROTOCOL, PROTOCOL], files=[
        describe_file(path, sorted(target for target, names in used.items() if path.name in names))
        for path in list_files(folder)])
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(handout)))
    lines = [f"{file.sha256}  {file.name}\n" for file in handout.files]
    lines.append(f"{hash_file(folder / MANIFEST)}  {MANIFEST}\n")
    (folder / SUMS).write_text("".join(lines), encoding="ascii")
    return handout


def list_files(folder: Path) -> list[Path]:
    """What a dist folder gives away, without the lists themselves."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name not in (MANIFEST, SUMS))


def describe_file(path: Path, targets: list[str]) -> HandoutFile:
    """Raises NameNotAllowed."""
    if not NAME.fullmatch(path.name):
        raise NameNotAllowed(path.name)
    return HandoutFile(name=path.name, sha256=hash_file(path), bytes=path.stat().st_size, targets=targets)


def hash_file(path: Path) -> str:
    """SHA-256 as hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_differences(folder: Path) -> list[str]:
    """Names that are missing, changed or not listed. Raises BadHandout."""
    handout = read_handout((folder / MANIFEST).read_bytes())
    listed = {file.name: file for file in handout.files}
    present = {path.name: path for path in list_files(folder)}
    changed = [name for name in listed.keys() & present.keys() if hash_file(present[name]) != listed[name].sha256]
    return sorted({*(listed.keys() ^ present.keys()), *changed})
