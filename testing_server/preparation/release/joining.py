"""Getting a slot's key back from its holders, after the hour. Takes services and a slot; gives the key, in memory.

Keepers are asked by the hub; halves a coordinator opened on an own PC are brought as a file. Forty thousand schools
ask in the same minute: one asks the holders, the others wait for it, and a failure holds for a few seconds.
"""
from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from testing_server.contracts.canonical import sha256_hex
from testing_server.foundation.audit import append_audit
from testing_server.foundation.services import Services
from testing_server.preparation.founding.actions import obtain_keys_of
from testing_server.preparation.holders.asking import Asker, KeeperSilent, send_postponement
from testing_server.preparation.holders.roll import Holder
from testing_server.preparation.holders.shares import BadHalf, Half
from testing_server.preparation.holders.trust import read_trusted_roll
from testing_server.preparation.private_files import write_private_file_once
from testing_server.preparation.release.joining_halves import find_identity
from testing_server.preparation.release.rules import HoldersAway, TooManyHalves, check_opened
from testing_server.preparation.release.slots import HeldSlot, Unlock, keep_opened, list_postponements, read_opened

ASK_AGAIN_MS = 3_000
BROUGHT = ".halves"
VAULT_NAME = "slots_refused"
# files of halves of one holder for one slot: two are usual, rubbish may come before
MOST_BROUGHT = 32
_one_at_a_time = Lock()


def make_unlock(offered: Services) -> Unlock:
    """As open_slot takes it."""
    return lambda slot: unlock_slot(offered, slot)


def unlock_slot(offered: Services, slot: HeldSlot) -> str:
    """The identity of a slot, from two halves. Raises NotYet, HoldersAway with why each holder gave none."""
    refused: dict[str, tuple[int, HoldersAway]] = offered.vault.setdefault(VAULT_NAME, {})
    folder = offered.settings.data / "slots"
    with _one_at_a_time:
        if known := read_opened(folder, slot.id):
            return known
        at_ms, refusal = refused.get(slot.id, (0, None))
        if refusal is not None and offered.clock.monotonic_ms() - at_ms < ASK_AGAIN_MS:
            raise refusal
        try:
            identity = _ask_holders(offered, slot)
        except HoldersAway as away:
            refused[slot.id] = (offered.clock.monotonic_ms(), away)
            raise
        keep_opened(folder, slot.id, identity)
        return identity


def bring_halves(offered: Services, slot: HeldSlot, holder: str, halves: dict[str, str], by: str) -> None:
    """Halves a coordinator opened, kept from the hour on beside what was brought before: one half alone proves nothing,
    so none takes another's place, and with the first that fits the slot is open.

    Raises NotYet, BadHalf for what this holder has not, TooManyHalves.
    """
    check_opened(offered.clock.now_ms(), slot.opens_at_ms)
    known = slot.halves_of(holder)
    if not halves or not halves.keys() <= known.keys():
        raise BadHalf("these halves are not of this slot")
    brought = read_brought_halves(slot, halves)
    if identity := find_identity(slot, [*_list_brought(offered, slot), *brought]):
        keep_opened(offered.settings.data / "slots", slot.id, identity)
    data, folder = json.dumps(halves, sort_keys=True).encode(), _folder_of(offered, slot) / holder
    if identity is None and len(list(folder.glob("*.json"))) >= MOST_BROUGHT:
        raise TooManyHalves()
    write_private_file_once(folder / f"{sha256_hex(data)[:32]}.json", data)
    offered.vault.get(VAULT_NAME, {}).pop(slot.id, None)
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: append_audit(db, now_ms, "hub", by, "halves_brought", slot.id, {"holder": holder}))


def read_brought_halves(slot: HeldSlot, halves: dict[str, str]) -> list[Half]:
    """Raises BadHalf."""
    try:
        return [Half(slot.id, pair, slot.sealed_hour_ms, bytes.fromhex(half)) for pair, half in halves.items()]
    except (ValueError, TypeError, AttributeError) as error:
        raise BadHalf("these halves are damaged") from error


def _ask_holders(offered: Services, slot: HeldSlot) -> str:
    check_opened(offered.clock.now_ms(), slot.opens_at_ms)
    roll, found, why = read_trusted_roll(offered.settings), list(_list_brought(offered, slot)), dict[str, str]()
    for keeper in roll.keepers if roll else ():
        if identity := find_identity(slot, found):
            return identity
        try:
            found += _ask_keeper(offered, keeper, slot)
        except KeeperSilent as silent:
            why[keeper.name] = silent.code
    identity = find_identity(slot, found)
    if identity is None:
        raise HoldersAway(why)
    return identity


def _ask_keeper(offered: Services, keeper: Holder, slot: HeldSlot) -> list[Half]:
    keys = obtain_keys_of(offered)
    signed = list_postponements(offered.settings.data / "slots", slot.id)
    if signed:
        # a keeper that was away when the hour was moved learns of it before it is asked
        send_postponement(keeper, signed)
    return Asker(keys.signing, keys.statement).ask_halves(
        keeper, slot.id, slot.sealed_hour_ms, slot.halves_of(keeper.name), offered.clock.now_ms())


def _list_brought(offered: Services, slot: HeldSlot) -> Iterable[Half]:
    for path in sorted(_folder_of(offered, slot).glob("*/*.json")):
        yield from read_brought_halves(slot, json.loads(path.read_bytes()))


def list_brought_by(offered: Services, slot: HeldSlot) -> list[str]:
    """Coordinators whose halves are here already."""
    return sorted({path.parent.name for path in _folder_of(offered, slot).glob("*/*.json")})


def _folder_of(offered: Services, slot: HeldSlot) -> Path:
    return offered.settings.data / "slots" / f"{slot.id}{BROUGHT}"
