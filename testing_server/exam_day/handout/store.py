"""The folder that is handed out. Takes the data folder; gives its manifest and its files.

Raises NothingToHandOut where there is none, HandoutDamaged where it does not fit its manifest.
"""
from __future__ import annotations

import hashlib
from pathlib import Path

import testing_server
from testing_server.contracts.handout import MANIFEST, BadHandout, Handout, read_handout
from testing_server.exam_day.handout import seat_installer
from testing_server.exam_day.handout.rules import HandoutDamaged, NothingToHandOut, find_incomplete

AUTHORITY_PLACE = "@AUTHORITY@"


def find_folder(data: Path) -> Path:
    """The folder of the data, else the one next to the installation. Raises NothingToHandOut."""
    places = (data / "dist", Path(testing_server.__file__).resolve().parent.parent / "dist")
    for place in places:
        if (place / MANIFEST).is_file():
            return place.resolve()
    raise NothingToHandOut()


def load_handout(folder: Path) -> Handout:
    """The manifest, every file of which lies there in its size. Raises HandoutDamaged."""
    try:
        handout = read_handout((folder / MANIFEST).read_bytes())
    except (OSError, BadHandout) as error:
        raise HandoutDamaged(details={"why": str(error)[:200]}) from error
    sizes = {path.name: path.stat().st_size for path in folder.iterdir() if path.is_file()}
    incomplete = find_incomplete(handout, sizes)
    if incomplete:
        raise HandoutDamaged(details={"files": incomplete[:20]})
    return handout


def find_file(folder: Path, name: str) -> tuple[Path, str]:
    """A listed file and its digest; nothing else of the folder is given. Raises NothingToHandOut, HandoutDamaged."""
    for file in load_handout(folder).files:
        if file.name == name:
            return folder / name, file.sha256
    raise NothingToHandOut()


def make_installer(authority_pem: str) -> bytes:
    """The installer of a new workstation, with this server's authority inside."""
    source = Path(seat_installer.__file__).read_text(encoding="utf-8")
    return source.replace(AUTHORITY_PLACE, authority_pem.strip(), 1).encode()


def hash_installer(authority_pem: str) -> str:
    """SHA-256 of `make_installer`, as a technician compares it."""
    return hashlib.sha256(make_installer(authority_pem)).hexdigest()
