"""The form of a response package: its manifest and what stands where in its tar (protocol.md §5).

`package_id` = SHA-256 of the bytes of manifest.json; that is also the idempotency key of an upload.
"""

from __future__ import annotations

import msgspec

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.refusals import ContractRefusal

FORMAT = "response-package/1"
MANIFEST, SIGNATURE, LEASES, LEDGER = "manifest.json", "manifest.sig", "leases.jsonl", "ledger.jsonl"


class UnsupportedFormat(ContractRefusal):
    """A manifest of a format this release does not know."""

    code = "unsupported_format"


class Head(msgspec.Struct, kw_only=True):
    """The last event of a lease."""

    lease: int
    number: int
    digest: str


class PackedAttempt(msgspec.Struct, kw_only=True):
    """One candidate's attempt: a code, never a name. `receipt`: 20 Crockford characters."""

    id: str
    code: str
    variant: str
    state: str
    heads: list[Head]
    seconds_used: int
    receipt: str


class PackedRecording(msgspec.Struct, kw_only=True):
    """A recording as FLAC under recordings/<flac_sha256>.flac; the digest that was acknowledged is of its PCM."""

    attempt: str
    lease: int
    number: int
    item: str
    response: str
    rate_hz: int
    pcm_sha256: str
    flac_sha256: str
    bytes: int
    samples: int
    gaps: list[dict[str, int | str]]
    verdict: str
    state: str


class PackedFile(msgspec.Struct, kw_only=True):
    """A file given as an answer, under files/<sha256>. `state`: whole or written_off (then it is not in the tar)."""

    attempt: str
    item: str
    response: str
    sha256: str
    bytes: int
    type: str
    name: str
    state: str


class Entry(msgspec.Struct, kw_only=True):
    """A file of the tar and its digest; `carried_by`: the earlier package that has it instead."""

    path: str
    bytes: int
    sha256: str
    carried_by: str = ""


class Balance(msgspec.Struct, kw_only=True):
    """issued = finished + absent + spoiled + transferred (to another sitting) + missing, each of these with its reason;
    `moved`: candidates who changed seats within the sitting, told apart."""

    issued: int
    finished: int
    absent: int
    spoiled: int
    moved: int
    missing: list[dict[str, str]]
    transferred: int = 0


class Manifest(msgspec.Struct, kw_only=True):
    """manifest.json; `archive`: SHA-256 of the materials archive; `previous`: package id or None."""

    format: str
    school: str
    sitting: str
    assessment: str
    campaign: str
    archive: str
    generation: int
    instance: str
    fold_version: int
    software: str
    made_at_ms: int
    sequence: int
    previous: str | None
    kind: str
    reason: str
    training: bool
    attempts: list[PackedAttempt]
    recordings: list[PackedRecording]
    entries: list[Entry]
    balance: Balance
    files: list[PackedFile] = []


def write_manifest(manifest: Manifest) -> bytes:
    """The bytes of manifest.json, written once."""
    return msgspec.json.encode(manifest, order="sorted")


def read_manifest(data: bytes) -> Manifest:
    """The manifest; raises UnsupportedFormat or ContractRefusal naming the field."""
    try:
        found = msgspec.json.decode(data, type=dict)
        if found.get("format") != FORMAT:
            raise UnsupportedFormat(f"format {found.get('format')!r}")
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ContractRefusal(str(error)) from error


def package_id_of(manifest_bytes: bytes) -> str:
    """The name of a package."""
    return sha256_hex(manifest_bytes)
