"""Finding the key of a slot among opened halves. Takes a slot and halves of any pairs; gives its key, or None."""
from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pyrage

from testing_server.preparation.holders.shares import BadHalf, Half, join_halves
from testing_server.preparation.release.slots import HeldSlot


def find_identity(slot: HeldSlot, halves: Iterable[Half]) -> str | None:
    """The key from any two halves that fit and give the slot's own address.

    The same half may come twice, by a keeper and by hand, and rubbish beside good ones: every two are tried.
    """
    by_pair: dict[str, dict[bytes, Half]] = {}
    for half in halves:
        by_pair.setdefault(half.pair, {})[half.data] = half
    for known in by_pair.values():
        for one, other in combinations(known.values(), 2):
            if identity := _join(slot, one, other):
                return identity
    return None


def _join(slot: HeldSlot, one: Half, other: Half) -> str | None:
    try:
        text = join_halves(one, other).decode()
        fits = str(pyrage.x25519.Identity.from_str(text).to_public()) == slot.recipient
    except (BadHalf, ValueError, pyrage.IdentityError):
        return None
    return text if fits else None
