"""The archive statement: what an archive is, for whom, for which software. Takes facts, gives the payload to sign.

A statement has versions: a new cipher, another day and a withdrawal are each a new statement of the same archive.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from task_bank.sealing.archive import SealedArchive, UnencryptedArchive

if TYPE_CHECKING:
    from task_bank.sealing.contents import Gathered

STATEMENT_FORMAT = "archive/1"
BY_CIPHER, UNENCRYPTED = "cipher", "none"
VALID, WITHDRAWN = "valid", "withdrawn"


@dataclass(frozen=True)
class ArchiveAbout:
    """What the one who seals knows of an archive. `day`: ISO date; instants in Unix ms; `protocol`: lowest needed."""

    kind: Literal["materials", "criteria"]
    campaign: str
    school: str
    assessment: str
    day: str
    sealed_at_ms: int
    opens_at_ms: int
    protocol: str


def describe_archive(
    about: ArchiveAbout, written: SealedArchive | UnencryptedArchive, gathered: Gathered
) -> dict[str, Any]:
    """The payload of an archive's first statement: integers and text only, so that it may be signed.

    `archive` and `key` are the SHA-256 of the archive and of key.age, `key` empty where no cipher locks it. A classroom
    that lacks one of `needs` refuses days before the work.
    """
    key = written.key_sha256 if isinstance(written, SealedArchive) else ""
    return {
        "format": STATEMENT_FORMAT, "version": 1, "state": VALID,
        "archive": written.sha256, "key": key, "lock": BY_CIPHER if key else UNENCRYPTED,
        "kind": about.kind, "campaign": about.campaign, "school": about.school, "assessment": about.assessment,
        "day": about.day, "sealed_at_ms": about.sealed_at_ms, "opens_at_ms": about.opens_at_ms,
        "needs": {"protocol": about.protocol, "interactions": sorted(gathered.interactions)},
        "variants": sorted(gathered.numbers),
    }


def describe_change(payload: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The payload of the next statement of the same archive: one version higher, `changes` made."""
    return {**payload, "state": payload.get("state", VALID), "version": read_version(payload) + 1, **changes}


def read_version(payload: dict[str, Any]) -> int:
    """Which statement of its archive this is; statements made before versions were counted are the first."""
    return int(payload.get("version", 1))


def is_unencrypted(payload: dict[str, Any]) -> bool:
    """Whether anybody can open the archive without a cipher."""
    return payload.get("lock", BY_CIPHER) == UNENCRYPTED
