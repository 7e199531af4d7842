"""The kit of a region for the day the hub is down: encrypted ciphers and halves, which two holders open on any PC.

Takes sealed rows and slot files; gives JSON that holds nothing readable, and with two holders' halves each school's
cipher. Nothing here asks a clock: before the hour it is people who keep it, as docs/threats.md says.
"""
from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from testing_server.preparation.holders.roll import HolderKey
from testing_server.preparation.holders.shares import BadHalf, Half, open_half
from testing_server.preparation.release.joining_halves import find_identity
from testing_server.preparation.release.rules import HoldersAway, SlotMissing
from testing_server.preparation.release.slots import HELD_FORMAT, HeldSlot, open_slot

FORMAT, OPENED_FORMAT, TOLD_FORMAT = "kit/1", "opened-halves/1", "told/1"
# the kit is opened where no gate stands; a slot's own hour is kept by whoever gives a half
NO_HOUR_MS = 1 << 52


class BadKit(Exception):
    """A kit, or a file of opened halves, that cannot be used; the text says why."""


@dataclass(frozen=True)
class KitWork:
    """One archive of one school. `locked`: its cipher encrypted to `slot`, hex; `opens_at_ms`: its hour."""

    archive: str
    kind: str
    login: str
    school: str
    title: str
    opens_at_ms: int
    slot: str
    locked: str


@dataclass(frozen=True)
class Kit:
    """`slots`: id -> the slot file as the hub has it."""

    day: str
    made_at_ms: int
    slots: Mapping[str, dict[str, Any]]
    works: tuple[KitWork, ...]


@dataclass(frozen=True)
class OpenedWork:
    """A work with its cipher: 30 digits."""

    work: KitWork
    cipher: str = field(repr=False)


def write_kit(kit: Kit) -> bytes:
    """Slots that hold their key in clear are never written. Raises BadKit for one."""
    for name, slot in kit.slots.items():
        if slot.get("format") != HELD_FORMAT:
            raise BadKit(f"slot {name} has no holders")
    told = {"format": FORMAT, "day": kit.day, "made_at_ms": kit.made_at_ms, "slots": dict(kit.slots),
            "works": [asdict(one) for one in kit.works]}
    return json.dumps(told, ensure_ascii=False).encode()


def read_kit(data: bytes) -> Kit:
    """Raises BadKit."""
    try:
        told = json.loads(data)
        if told["format"] != FORMAT:
            raise BadKit("not a kit of ciphers")
        return Kit(str(told["day"]), int(told["made_at_ms"]), {str(name): dict(one) for name, one in
                                                               told["slots"].items()},
                   tuple(KitWork(**one) for one in told["works"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadKit(f"not a kit of ciphers: {error}") from error


def open_slot_halves(slot: str, parts: dict[str, Any], key: HolderKey) -> list[Half]:
    """All halves of a slot that belong to one holder. Raises BadHalf, BadKit for a slot without this holder."""
    sealed = [pair[key.name] for pair in parts.get("pairs", []) if key.name in pair]
    if not sealed:
        raise BadKit(f"{key.name} holds no half of slot {slot}")
    opened = [open_half(one, key.identity) for one in sealed]
    if any(half.slot != slot for half in opened):
        raise BadHalf("these halves are of another slot")
    return opened


def write_halves(slot: str, holder: str, halves: Iterable[Half]) -> bytes:
    """What a coordinator brings to the hub or to a kit: {format, slot, holder, halves {pair: hex}}."""
    return json.dumps({"format": OPENED_FORMAT, "slot": slot, "holder": holder,
                       "halves": {half.pair: half.data.hex() for half in halves}}).encode()


def read_halves(data: bytes) -> tuple[str, str, dict[str, str]]:
    """(slot, holder, pair -> half). Raises BadKit."""
    try:
        told = json.loads(data)
        if told["format"] != OPENED_FORMAT:
            raise BadKit("not a file of opened halves")
        return str(told["slot"]), str(told["holder"]), {str(pair): str(one) for pair, one in told["halves"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadKit(f"not a file of opened halves: {error}") from error


def open_kit(kit: Kit, keys: Sequence[HolderKey], brought: Sequence[bytes] = (), login: str = "") -> list[OpenedWork]:
    """Ciphers of all works, or of one school's. `brought`: files of opened halves.

    Raises BadKit where two holders are not together, or a slot was never sealed for them.
    """
    halves = [half for data in brought for half in _read_brought(data, kit)]
    wanted = [one for one in kit.works if login in ("", one.login)]

    def unlock(slot: HeldSlot) -> str:
        own = [half for key in keys for half in open_slot_halves(slot.id, kit.slots[slot.id], key)]
        identity = find_identity(slot, [*own, *(half for half in halves if half.slot == slot.id)])
        if identity is None:
            raise BadKit("one holder alone opens nothing: bring the key or the halves of a second one")
        known[slot.id] = identity
        return identity

    known: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, parts in kit.slots.items():
            (Path(folder) / f"{name}.json").write_text(json.dumps(parts))
        return [_open_work(Path(folder), one, lambda slot: known.get(slot.id) or unlock(slot)) for one in wanted]


def write_told(works: Iterable[OpenedWork], at_ms: int) -> bytes:
    """What the hub is told afterwards: whose cipher was read out, and when. No cipher is in it."""
    return json.dumps({"format": TOLD_FORMAT, "at_ms": at_ms,
                       "archives": [one.work.archive for one in works]}).encode()


def read_told(data: bytes) -> tuple[int, list[str]]:
    """(when, archives). Raises BadKit."""
    try:
        told = json.loads(data)
        if told["format"] != TOLD_FORMAT:
            raise BadKit("not a list of ciphers that were told")
        return int(told["at_ms"]), [str(one) for one in told["archives"]]
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadKit(f"not a list of ciphers that were told: {error}") from error


def _open_work(folder: Path, work: KitWork, unlock: Any) -> OpenedWork:
    try:
        opened = open_slot(folder, work.slot, bytes.fromhex(work.locked), NO_HOUR_MS, unlock)
    except (SlotMissing, HoldersAway, BadHalf) as error:
        raise BadKit(f"the kit has no slot for {work.login}") from error
    if opened["archive"] != work.archive:
        raise BadKit(f"the cipher beside {work.login} belongs to another archive")
    return OpenedWork(work, str(opened["cipher"]))


def _read_brought(data: bytes, kit: Kit) -> list[Half]:
    slot, _holder, halves = read_halves(data)
    hour = int(kit.slots.get(slot, {}).get("opens_at_ms", 0))
    try:
        return [Half(slot, pair, hour, bytes.fromhex(half)) for pair, half in halves.items()]
    except ValueError as error:
        raise BadKit("a file of opened halves is damaged") from error
