"""Release slots: one X25519 key per campaign, assessment and opening instant, kept as files of their own.

Takes the slots folder. Gives an address to encrypt to at sealing, and decrypts only after the slot's own hour: the
hour stands inside the slot file, so changing the database opens nothing early. Where no holders are set up the key
lies in that file, and the machine's administrator can read it. With holders the file has halves of the key that only
two of them can open together; the key itself is put beside it when they did, after the hour.
"""
from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage

from testing_server.contracts.canonical import encode_canonical, sha256_hex
from testing_server.preparation.holders.roll import Holder
from testing_server.preparation.holders.shares import SealedPair, read_pairs, split_secret
from testing_server.preparation.private_files import write_private_file_once
from testing_server.preparation.release.rules import HoldersAway, SlotMissing, check_opened

FORMAT, HELD_FORMAT = "slot/1", "slot/2"
RAISED, OPENED = ".raised", ".opened"


@dataclass(frozen=True)
class Slot:
    """`recipient`: age1… address; `opens_at_ms`: before it nothing locked to the slot is opened here."""

    id: str
    opens_at_ms: int
    recipient: str

    def lock(self, value: dict[str, Any]) -> bytes:
        """Encrypt a JSON object to the slot."""
        return pyrage.encrypt(encode_canonical(value), [pyrage.x25519.Recipient.from_str(self.recipient)])


@dataclass(frozen=True)
class HeldSlot:
    """A slot whose key holders have in halves. `sealed_hour_ms`: the hour inside the halves; `opens_at_ms`: the one
    that holds now, later where it was postponed."""

    id: str
    recipient: str
    sealed_hour_ms: int
    opens_at_ms: int
    pairs: tuple[SealedPair, ...]

    def halves_of(self, holder: str) -> dict[str, str]:
        """Pair -> sealed half of one holder."""
        return {pair.name: pair.halves[holder] for pair in self.pairs if holder in pair.halves}


Unlock = Callable[[HeldSlot], str]


def refuse_to_unlock(slot: HeldSlot) -> str:
    """Where nobody may ask the holders."""
    raise HoldersAway({})


def name_slot(campaign: str, assessment: str, opens_at_ms: int, held: bool) -> str:
    """The id of a slot. One made with holders is another than one made without."""
    return sha256_hex(f"{HELD_FORMAT if held else FORMAT}/{campaign}/{assessment}/{opens_at_ms}".encode())


def obtain_slot(folder: Path, campaign: str, assessment: str, opens_at_ms: int, holders: Sequence[Holder] = ()) -> Slot:
    """The slot of that instant; its key is made at the first sealing for it, and with holders forgotten at once."""
    name = name_slot(campaign, assessment, opens_at_ms, bool(holders))
    path = folder / f"{name}.json"
    if not path.exists():
        identity = pyrage.x25519.Identity.generate()
        about = {"campaign": campaign, "assessment": assessment, "opens_at_ms": opens_at_ms}
        key: dict[str, Any] = {"format": FORMAT, "identity": str(identity)}
        if holders:
            pairs = split_secret(str(identity).encode(), holders, name, opens_at_ms)
            key = {"format": HELD_FORMAT, "recipient": str(identity.to_public()),
                   "pairs": [dict(pair.halves) for pair in pairs]}
        write_private_file_once(path, encode_canonical({**about, **key}))
    parts = read_slot(folder, name)
    recipient = parts.get("recipient") or str(_read_identity(parts["identity"]).to_public())
    return Slot(name, parts["opens_at_ms"], recipient)


def open_slot(folder: Path, slot: str, locked: bytes, now_ms: int, unlock: Unlock = refuse_to_unlock) -> dict[str, Any]:
    """What was locked to a slot. `unlock`: asks the holders for its key. Raises NotYet before its hour, SlotMissing,
    HoldersAway."""
    parts = read_slot(folder, slot)
    check_opened(now_ms, parts["opens_at_ms"])
    opened = _decrypt(_obtain_identity(folder, slot, parts, unlock), locked)
    check_opened(now_ms, opened["opens_at_ms"])
    if "locked" in opened:
        earlier = open_slot(folder, opened["slot"], bytes.fromhex(opened["locked"]), now_ms, unlock)
        return {**earlier, "opens_at_ms": opened["opens_at_ms"]}
    return opened


def relock_later(folder: Path, slot: str, locked: bytes, later: Slot) -> bytes:
    """The same, locked once more to a slot whose hour is no earlier: both must be open. Nothing is opened for it.

    Raises SlotMissing; ValueError for an earlier hour.
    """
    if later.opens_at_ms < read_slot(folder, slot)["opens_at_ms"]:
        raise ValueError("a slot is moved only later")
    return later.lock({"slot": slot, "locked": locked.hex(), "opens_at_ms": later.opens_at_ms})


def read_slot(folder: Path, slot: str) -> dict[str, Any]:
    """A slot file; `opens_at_ms` is raised where the slot was postponed. Raises SlotMissing."""
    try:
        parts: dict[str, Any] = json.loads((folder / f"{slot}.json").read_bytes())
    except (OSError, ValueError) as error:
        raise SlotMissing() from error
    parts["sealed_hour_ms"] = parts["opens_at_ms"]
    parts["opens_at_ms"] = max(parts["opens_at_ms"], _find_raised(folder, slot))
    return parts


def read_held_slot(folder: Path, slot: str) -> HeldSlot | None:
    """None for a slot without holders. Raises SlotMissing."""
    return _describe(slot, read_slot(folder, slot))


def raise_slot(folder: Path, slot: str, opens_at_ms: int, envelopes: Sequence[bytes]) -> int:
    """A later hour, by what two coordinators signed; an earlier one changes nothing. Returns the hour that holds.

    Each hour is a file of its own and the latest holds: of two processes at once neither takes the other's back.
    """
    known: int = read_slot(folder, slot)["opens_at_ms"]
    if opens_at_ms > known:
        write_private_file_once(folder / f"{slot}{RAISED}" / f"{opens_at_ms}.json", encode_canonical(
            {"opens_at_ms": opens_at_ms, "envelopes": [one.decode() for one in envelopes]}))
    return max(opens_at_ms, known)


def list_postponements(folder: Path, slot: str) -> list[bytes]:
    """What was signed for the hour that holds now, [] where nothing was."""
    hour = _find_raised(folder, slot)
    path = folder / f"{slot}{RAISED}" / f"{hour}.json"
    return [str(one).encode() for one in json.loads(path.read_bytes())["envelopes"]] if hour else []


def read_opened(folder: Path, slot: str) -> str | None:
    """The key of a held slot that was opened before, None while it was not."""
    path = folder / f"{slot}{OPENED}"
    return path.read_text() if path.exists() else None


def keep_opened(folder: Path, slot: str, identity: str) -> None:
    """Its hour has come and two holders gave their halves: a restart must not need them again."""
    write_private_file_once(folder / f"{slot}{OPENED}", identity.encode())


def _find_raised(folder: Path, slot: str) -> int:
    try:
        return max((int(name.removesuffix(".json")) for name in os.listdir(folder / f"{slot}{RAISED}")
                    if name.removesuffix(".json").isdecimal()), default=0)
    except FileNotFoundError:
        return 0


def _obtain_identity(folder: Path, slot: str, parts: dict[str, Any], unlock: Unlock) -> str:
    held = _describe(slot, parts)
    return str(parts["identity"]) if held is None else read_opened(folder, slot) or unlock(held)


def _describe(slot: str, parts: dict[str, Any]) -> HeldSlot | None:
    if parts["format"] != HELD_FORMAT:
        return None
    return HeldSlot(slot, parts["recipient"], parts["sealed_hour_ms"], parts["opens_at_ms"],
                    tuple(read_pairs(parts["pairs"])))


def _decrypt(identity: str, locked: bytes) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(pyrage.decrypt(locked, [_read_identity(identity)]))
    except pyrage.DecryptError as error:
        raise SlotMissing() from error
    return value


def _read_identity(text: str) -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.from_str(text)
