"""Do the events of a package fit together? Takes its files; gives the folded state of each attempt, or a reason."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import msgspec

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import Event, digest_of, read_event
from testing_server.contracts.fold import AttemptState, fold
from testing_server.contracts.packages import LEASES, Manifest, PackedAttempt
from testing_server.contracts.refusals import ContractRefusal
from testing_server.exam_day.reception.quarantine import Quarantine

Grants = dict[tuple[str, int], str]
Chain = dict[int, tuple[Event, str]]
Chains = dict[int, Chain]


class _Lease(msgspec.Struct):
    """A line of leases.jsonl, as far as it is checked here."""

    attempt: str
    lease: int
    grant: str


def read_grants(folder: Path) -> Grants:
    """(attempt, lease) -> digest of the grant its first event must follow. Raises Quarantine."""
    path = folder / LEASES
    lines = path.read_bytes().splitlines() if path.exists() else []
    try:
        listed = [msgspec.json.decode(line, type=_Lease) for line in lines]
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Quarantine("unreadable", f"{LEASES}: {error}") from error
    return {(one.attempt, one.lease): sha256_hex(one.grant.encode()) for one in listed}


def find_beginning(folder: Path, manifest: Manifest) -> int | None:
    """When the first event of the package happened (Unix ms); None where there is none that can be read."""
    moments = []
    for attempt in manifest.attempts:
        path = folder / "events" / f"{attempt.id}.jsonl"
        with path.open("rb") if path.exists() else io.BytesIO() as lines:
            moments += _read_moment(next(iter(lines), b""))
    return min(moments, default=None)


def _read_moment(line: bytes) -> list[int]:
    try:
        return [read_event(line).at_ms]
    except ContractRefusal:
        # check_attempt says what is wrong with it
        return []


def check_attempt(attempt: PackedAttempt, folder: Path, grants: Grants, earlier: dict[str, list[Any]],
                  window: tuple[int, int]) -> AttemptState:
    """The folded state of an attempt whose events fit together. `earlier`: {lease -> [number, digest]} accepted
    before; `window`: when answers count (Unix ms). Raises Quarantine."""
    path = folder / "events" / f"{attempt.id}.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    events = _read_events(attempt, lines)
    for lease, chain in events.items():
        _check_chain(attempt, lease, chain, grants.get((attempt.id, lease)))
    _check_heads(attempt, events, earlier)
    every = [event for chain in events.values() for event, _digest in chain.values()]
    return fold(every, window=window)


def _read_events(attempt: PackedAttempt, lines: list[bytes]) -> Chains:
    found: Chains = {}
    for line in lines:
        try:
            event = read_event(line)
        except ContractRefusal as error:
            raise Quarantine("unreadable", f"an event of {attempt.id}: {error}") from error
        if event.attempt != attempt.id:
            raise Quarantine("digest_mismatch", f"an event of {event.attempt} among those of {attempt.id}")
        chain, digest = found.setdefault(event.lease, {}), digest_of(line)
        if event.number in chain and chain[event.number][1] != digest:
            raise Quarantine("digest_mismatch", f"event {event.number} of lease {event.lease} occurs in two forms")
        chain[event.number] = event, digest
    return found


def _check_chain(attempt: PackedAttempt, lease: int, chain: Chain, grant: str | None) -> None:
    """Neighbours must follow each other, the first the grant; a hole is the classroom's to explain, no forgery."""
    for number, (event, _digest) in chain.items():
        before = chain[number - 1][1] if number - 1 in chain else grant if number == 1 else None
        if before is not None and event.prev != before:
            raise Quarantine("digest_mismatch", f"event {number} of lease {lease} of {attempt.id} does not follow")


def _check_heads(attempt: PackedAttempt, events: Chains,
                 earlier: dict[str, list[Any]]) -> None:
    for head in attempt.heads:
        chain = events.get(head.lease, {})
        if head.number != max(chain, default=0) or chain[head.number][1] != head.digest:
            raise Quarantine("digest_mismatch", f"the head of lease {head.lease} of {attempt.id} is another event")
    if unnamed := events.keys() - {head.lease for head in attempt.heads}:
        raise Quarantine("digest_mismatch", f"lease {min(unnamed)} of {attempt.id} has no head")
    for lease, (number, digest) in earlier.items():
        known = events.get(int(lease), {}).get(number)
        if known is None or known[1] != digest:
            raise Quarantine("diverged", f"lease {lease} of {attempt.id} has lost what was accepted before")
