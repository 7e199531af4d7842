"""Release slots: one X25519 key per campaign, assessment and opening instant, kept as files of their own.

Takes the slots folder. Gives an address to encrypt to at sealing, and decrypts only after the slot's own hour: the
hour stands inside the slot file, so changing the database opens nothing early. On one machine its administrator
can read these files; where that matters the private halves lie with holders.
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage

from testing_server.contracts.canonical import encode_canonical, sha256_hex
from testing_server.preparation.private_files import write_private_file_once
from testing_server.preparation.release.rules import SlotMissing, check_opened

FORMAT = "slot/1"


@dataclass(frozen=True)
class Slot:
    """`recipient`: age1… address; `opens_at_ms`: before it nothing locked to the slot is opened here."""

    id: str
    opens_at_ms: int
    recipient: str

    def lock(self, value: dict[str, Any]) -> bytes:
        """Encrypt a JSON object to the slot."""
        return pyrage.encrypt(encode_canonical(value), [pyrage.x25519.Recipient.from_str(self.recipient)])


def obtain_slot(folder: Path, campaign: str, assessment: str, opens_at_ms: int) -> Slot:
    """The slot of that instant; its key is made at the first sealing for it."""
    name = sha256_hex(f"{FORMAT}/{campaign}/{assessment}/{opens_at_ms}".encode())
    path = folder / f"{name}.json"
    if not path.exists():
        identity = pyrage.x25519.Identity.generate()
        write_private_file_once(path, encode_canonical({
            "format": FORMAT, "campaign": campaign, "assessment": assessment, "opens_at_ms": opens_at_ms,
            "identity": str(identity)}))
    parts = _read_slot(path)
    return Slot(name, parts["opens_at_ms"], str(_identity(parts).to_public()))


def open_slot(folder: Path, slot: str, locked: bytes, now_ms: int) -> dict[str, Any]:
    """What was locked to a slot. Raises NotYet before the slot's hour, SlotMissing."""
    parts = _read_slot(folder / f"{slot}.json")
    check_opened(now_ms, parts["opens_at_ms"])
    opened = _decrypt(parts, locked)
    check_opened(now_ms, opened["opens_at_ms"])
    return opened


def relock_later(folder: Path, slot: str, locked: bytes, later: Slot) -> bytes:
    """The same value, locked to a slot whose hour is no earlier. It is shown to nobody, so this needs no hour.

    Raises SlotMissing; ValueError for an earlier hour.
    """
    parts = _read_slot(folder / f"{slot}.json")
    if later.opens_at_ms < parts["opens_at_ms"]:
        raise ValueError("a slot is moved only later")
    value = _decrypt(parts, locked)
    if later.opens_at_ms < value["opens_at_ms"]:
        raise ValueError("a slot is moved only later")
    return later.lock({**value, "opens_at_ms": later.opens_at_ms})


def _decrypt(parts: dict[str, Any], locked: bytes) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(pyrage.decrypt(locked, [_identity(parts)]))
    except pyrage.DecryptError as error:
        raise SlotMissing() from error
    return value


def _read_slot(path: Path) -> dict[str, Any]:
    try:
        parts: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError) as error:
        raise SlotMissing() from error
    return parts


def _identity(parts: dict[str, Any]) -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.from_str(parts["identity"])
