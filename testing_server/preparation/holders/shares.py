"""Two of n without a library: for every pair of holders a random pad and the secret XOR the pad.

Takes a secret and holders; gives for each pair two halves, each age-encrypted to one of the two together with the
slot and the hour. One half is random bytes; two halves of one pair are the secret. Source: protocol.md §6.
"""
from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pyrage

from testing_server.contracts.canonical import encode_canonical
from testing_server.preparation.holders.roll import Holder

FORMAT = "half/1"


class BadHalf(Exception):
    """A half that is not one: damaged, another holder's, or of another slot. The text says which."""


@dataclass(frozen=True)
class Half:
    """One opened half. `pair`: names of both holders, as make_pair_name; `opens_at_ms`: the hour sealed with it."""

    slot: str
    pair: str
    opens_at_ms: int
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class SealedPair:
    """Two halves at rest: name of the holder -> age bytes as base64 text."""

    halves: Mapping[str, str]

    @property
    def name(self) -> str:
        """As make_pair_name."""
        return make_pair_name(self.halves)


def make_pair_name(holders: Iterable[str]) -> str:
    """One name of a pair whatever the order: "keeper-a+anna"."""
    return "+".join(sorted(holders))


def split_secret(secret: bytes, holders: Sequence[Holder], slot: str, opens_at_ms: int) -> list[SealedPair]:
    """A pair for every two holders; the pad of each pair is drawn anew."""
    return [_split_between(secret, pair, slot, opens_at_ms) for pair in combinations(holders, 2)]


def open_half(sealed: str, identity: pyrage.x25519.Identity) -> Half:
    """Raises BadHalf."""
    try:
        told = json.loads(pyrage.decrypt(base64.b64decode(sealed, validate=True), [identity]))
        if told["format"] != FORMAT:
            raise BadHalf(f"a half of an unknown format: {told['format']!r}")
        return Half(str(told["slot"]), str(told["pair"]), int(told["opens_at_ms"]), bytes.fromhex(told["half"]))
    except pyrage.DecryptError as error:
        raise BadHalf("this half is damaged or belongs to another holder") from error
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise BadHalf(f"not a half: {error}") from error


def join_halves(one: Half, other: Half) -> bytes:
    """The secret. Raises BadHalf for halves that do not belong together."""
    if (one.slot, one.pair) != (other.slot, other.pair) or len(one.data) != len(other.data):
        raise BadHalf("these two halves belong to different pairs")
    return _mix(one.data, other.data)


def read_pairs(told: Any) -> list[SealedPair]:
    """Pairs as a slot file has them."""
    return [SealedPair(dict(one)) for one in told]


def _split_between(secret: bytes, pair: Sequence[Holder], slot: str, opens_at_ms: int) -> SealedPair:
    pad = secrets.token_bytes(len(secret))
    name = make_pair_name(one.name for one in pair)
    halves = {}
    for holder, half in zip(pair, (pad, _mix(secret, pad)), strict=True):
        told = {"format": FORMAT, "slot": slot, "pair": name, "opens_at_ms": opens_at_ms, "half": half.hex()}
        sealed = pyrage.encrypt(encode_canonical(told), [pyrage.x25519.Recipient.from_str(holder.recipient)])
        halves[holder.name] = base64.b64encode(sealed).decode()
    return SealedPair(halves)


def _mix(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
