"""The hub's receipt, and what a workstation may delete because of it: only what it covers, never before its day.

Pure: the receipt, what the workstation keeps of one attempt and the time come in; the reason why not comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from testing_server.contracts.hub_statements import TrustedHub
from testing_server.contracts.packages import Head
from testing_server.contracts.refusals import BadStatement

ACCEPTED = "accepted"


class PurgeResult(StrEnum):
    """What a workstation answers to the order to delete an attempt; whatever is not `done` left everything in place."""

    DONE = "done"
    STILL_AT_WORK = "still_at_work"
    NOT_DELIVERED = "not_delivered"
    HUB_UNKNOWN = "hub_unknown"
    BAD_RECEIPT = "bad_receipt"
    NOT_IN_RECEIPT = "not_in_receipt"
    TOO_EARLY = "too_early"
    EVENTS_NOT_COVERED = "events_not_covered"
    SOUND_NOT_COVERED = "sound_not_covered"
    FILES_NOT_COVERED = "files_not_covered"


class ReceivedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt as it was received. `recordings`: SHA-256 of the PCM of those that arrived whole; `files` likewise.

    Receipts of earlier releases name neither: they cover no sound and no files.
    """

    attempt: str
    receipt: str
    heads: list[Head]
    recordings: list[str] = []
    files: list[str] = []


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of a `receipt` statement."""

    package_id: str
    school: str
    sitting: str
    sequence: int
    received_at_ms: int
    purge_not_before_ms: int
    verdict: str
    attempts: list[ReceivedAttempt]

    def find(self, attempt: str) -> ReceivedAttempt | None:
        """What was received of an attempt."""
        return next((one for one in self.attempts if one.attempt == attempt), None)


def read_receipt(envelope: bytes, hub: TrustedHub) -> Receipt:
    """A receipt that this hub signed. Raises BadStatement and its kinds."""
    try:
        return msgspec.json.decode(hub.verify(envelope, "receipt").payload, type=Receipt)
    except (msgspec.MsgspecError, KeyError) as error:
        raise BadStatement(f"a receipt of another form: {error}") from error


@dataclass(frozen=True)
class KeptLease:
    """A lease's last event as the workstation has it. `acked`: up to which the server confirmed these very events."""

    number: int
    digest: str
    acked: int


@dataclass(frozen=True)
class KeptAttempt:
    """What a workstation keeps of one attempt: its leases with events, sound that holds anything, files.

    A recording whose digest is not known is "".
    """

    leases: Mapping[int, KeptLease]
    recordings: frozenset[str]
    files: frozenset[str]


def judge_purge(receipt: Receipt, attempt: str, kept: KeptAttempt, now_ms: int) -> PurgeResult:
    """DONE where everything kept is covered and the day has come, else the first reason why not."""
    received = receipt.find(attempt)
    if received is None or receipt.verdict != ACCEPTED:
        return PurgeResult.NOT_IN_RECEIPT
    if now_ms < receipt.purge_not_before_ms:
        return PurgeResult.TOO_EARLY
    heads = {head.lease: head for head in received.heads}
    if not all(_covers(heads.get(lease), head) for lease, head in kept.leases.items()):
        return PurgeResult.EVENTS_NOT_COVERED
    if not kept.recordings <= set(received.recordings):
        return PurgeResult.SOUND_NOT_COVERED
    return PurgeResult.DONE if kept.files <= set(received.files) else PurgeResult.FILES_NOT_COVERED


def _covers(received: Head | None, kept: KeptLease) -> bool:
    """The same last event; or a later one, where the server confirmed every event kept here as the one it has."""
    if received is None or received.number < kept.number:
        return False
    if received.number == kept.number:
        return received.digest == kept.digest
    return kept.acked >= kept.number
