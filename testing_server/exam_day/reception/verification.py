"""Is a package what it says? Takes its ciphertext and what the hub knows of the school; gives facts or a reason.

Nothing of it is used before everything fits: decrypted under a temporary name, unpacked within limits, signed by
the school, every digest right, every lease a chain. Runs in the worker.
"""
from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import pyrage
import soundfile

from testing_server.contracts.fold import AttemptState
from testing_server.contracts.packages import (
    MANIFEST, SIGNATURE, Manifest, PackedRecording, UnsupportedFormat, package_id_of, read_manifest)
from testing_server.contracts.refusals import BadStatement, ContractRefusal, UnknownKey
from testing_server.contracts.statements import verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.reception.event_checks import check_attempt, find_beginning, read_grants
from testing_server.exam_day.reception.ledger_checks import check_ledger
from testing_server.exam_day.reception.quarantine import Quarantine
from testing_server.exam_day.reception.unpacking import unpack_tar
from testing_server.foundation.files.store import digest_file


@dataclass(frozen=True)
class KnownKey:
    """A certified signing key of the school."""

    key_id: str
    public_key: str
    not_before_ms: int
    not_after_ms: int


@dataclass(frozen=True)
class KnownSchool:
    """What the hub knows before it looks inside. All JSON values.

    `archives`: materials archive -> [opens_at_ms, closes_at_ms] of its access window;
    `withdrawn`: those whose materials were withdrawn; `earlier`: archive -> windows of the days it was moved from;
    `pardoned`: whether a coordinator lets work on such materials through.
    `heads`: attempt -> {lease -> [number, digest]} of what was accepted before; `packages`: accepted package ids.
    """

    school: str
    keys: list[KnownKey]
    archives: dict[str, list[int]]
    heads: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    earlier: dict[str, list[list[int]]] = field(default_factory=dict)
    pardoned: bool = False


@dataclass(frozen=True)
class Verified:
    """A package that fits. `folder` holds its files; `states`: attempt -> its folded state."""

    package: str
    manifest: Manifest
    folder: Path
    states: dict[str, AttemptState]
    ciphertext_sha256: str


def verify_package(ciphertext: Path, identity: pyrage.x25519.Identity, known: KnownSchool, work: Path,
                   has_file: Callable[[str], bool]) -> Verified:
    """Check everything; `work` is a folder this call empties and fills. Raises Quarantine with the reason.

    `has_file(sha256)`: whether an earlier package brought a file that this one only names.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    folder = work / "files"
    _decrypt(ciphertext, identity, work / "plain.tar")
    unpack_tar(work / "plain.tar", folder)
    (work / "plain.tar").unlink()
    package, manifest = _read_signed_manifest(folder, known)
    _check_manifest(manifest, known)
    _check_entries(manifest, folder, has_file)
    check_ledger(folder)
    if package in known.packages:
        # the same package again, perhaps after a newer one: nothing can have been lost by it
        known = replace(known, heads={})
    grants, window = read_grants(folder), _choose_window(manifest, folder, known)
    states = {one.id: check_attempt(one, folder, grants, known.heads.get(one.id, {}), window)
              for one in manifest.attempts}
    for recording in manifest.recordings:
        _check_recording(recording, folder, states)
    _check_files(manifest, states)
    return Verified(package, manifest, folder, states, digest_file(ciphertext))


def _decrypt(ciphertext: Path, identity: pyrage.x25519.Identity, plain: Path) -> None:
    try:
        with ciphertext.open("rb") as sealed, plain.open("wb") as out:
            pyrage.decrypt_io(sealed, out, [identity])
    except (pyrage.DecryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            # our own disk, not the school's package: the job is tried again
            raise
        raise Quarantine("unreadable", str(error)) from error


def _read_signed_manifest(folder: Path, known: KnownSchool) -> tuple[str, Manifest]:
    for name in (MANIFEST, SIGNATURE):
        if not (folder / name).exists():
            raise Quarantine("unreadable", f"{name} is missing")
    data = (folder / MANIFEST).read_bytes()
    try:
        manifest = read_manifest(data)
    except UnsupportedFormat as error:
        raise Quarantine("unsupported_format", str(error)) from error
    except ContractRefusal as error:
        raise Quarantine("unreadable", f"{MANIFEST}: {error}") from error
    _check_signature(data, (folder / SIGNATURE).read_bytes(), manifest, known)
    return package_id_of(data), manifest


def _check_signature(data: bytes, envelope: bytes, manifest: Manifest, known: KnownSchool) -> None:
    trusted = {key.key_id: bytes.fromhex(key.public_key) for key in known.keys}
    try:
        statement = verify_statement(envelope, trusted, PAYLOAD_TYPES["manifest"])
    except UnknownKey as error:
        raise Quarantine("unknown_school_key", str(error)) from error
    except BadStatement as error:
        raise Quarantine("bad_signature", str(error)) from error
    if statement.payload != data:
        raise Quarantine("bad_signature", "the signature is over another manifest")
    key = next(one for one in known.keys if one.key_id == statement.key_id)
    if not key.not_before_ms <= manifest.made_at_ms <= key.not_after_ms:
        raise Quarantine("expired_key", f"key {key.key_id} was not valid when the package was made")


def _check_manifest(manifest: Manifest, known: KnownSchool) -> None:
    if manifest.school != known.school:
        raise Quarantine("unknown_school_key", "the manifest names another school")
    if manifest.archive not in known.archives:
        raise Quarantine("foreign_archive", manifest.archive)
    ids = [one.id for one in manifest.attempts]
    if len(set(ids)) != len(ids):
        raise Quarantine("unreadable", "an attempt occurs twice")


def _choose_window(manifest: Manifest, folder: Path, known: KnownSchool) -> tuple[int, int]:
    """When answers to this work count. Work on withdrawn materials, or on a day the work was moved from, needs a
    coordinator's word; then the day it was done on counts."""
    if manifest.archive in known.withdrawn and not known.pardoned:
        raise Quarantine("withdrawn_or_redated", "the materials were withdrawn")
    present, began = known.archives[manifest.archive], find_beginning(folder, manifest)
    on_day = [window for window in (present, *known.earlier.get(manifest.archive, ()))
              if began is not None and window[0] <= began < window[1]]
    chosen = on_day[0] if on_day else present
    if chosen != present and not known.pardoned:
        raise Quarantine("withdrawn_or_redated", "the work was done on a day it had been moved from")
    return chosen[0], chosen[1]


def _check_entries(manifest: Manifest, folder: Path, has_file: Callable[[str], bool]) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    listed = {entry.path for entry in manifest.entries if not entry.carried_by}
    if extra := found - listed - {MANIFEST, SIGNATURE}:
        raise Quarantine("unexpected_file", ", ".join(sorted(extra)[:5]))
    for entry in manifest.entries:
        if entry.carried_by:
            if not has_file(entry.sha256):
                raise Quarantine("missing_previous", f"{entry.path} of {entry.carried_by}")
        elif entry.path not in found:
            raise Quarantine("digest_mismatch", f"{entry.path} is missing")
        elif (folder / entry.path).stat().st_size != entry.bytes or digest_file(folder / entry.path) != entry.sha256:
            raise Quarantine("digest_mismatch", entry.path)


def _check_recording(recording: PackedRecording, folder: Path, states: dict[str, AttemptState]) -> None:
    if recording.attempt not in states:
        raise Quarantine("digest_mismatch", f"a recording of {recording.attempt}, which is not in the package")
    path = folder / "recordings" / f"{recording.flac_sha256}.flac"
    if recording.state != "whole" or not path.exists():
        return
    if (found := _digest_sound(path)) != (recording.pcm_sha256, recording.rate_hz, recording.samples):
        raise Quarantine("digest_mismatch", f"{path.name} does not hold the sound that was acknowledged: {found}")


def _check_files(manifest: Manifest, states: dict[str, AttemptState]) -> None:
    """Every file that a candidate gave stands in the package or was written off by a person."""
    paths = {entry.path for entry in manifest.entries}
    packed = {(one.attempt, one.sha256): one for one in manifest.files}
    for attempt, state in states.items():
        for sha256 in state.files:
            found = packed.get((attempt, sha256))
            if found is None or (found.state == "whole" and f"files/{sha256}" not in paths):
                raise Quarantine("digest_mismatch", f"files/{sha256} of {attempt} is missing")


def _digest_sound(path: Path) -> tuple[str, int, int]:
    """(SHA-256 of the PCM inside, rate, samples)."""
    digest, samples = hashlib.sha256(), 0
    try:
        with soundfile.SoundFile(path) as sound:
            while len(piece := sound.read(65536, dtype="int16")):
                digest.update(piece.tobytes())
                samples += len(piece)
            return digest.hexdigest(), sound.samplerate, samples
    except soundfile.LibsndfileError as error:
        raise Quarantine("digest_mismatch", f"{path.name} is no FLAC: {error}") from error


def describe_facts(verified: Verified) -> dict[str, Any]:
    """What the core records, as JSON values; the files are in the store by then."""
    manifest = verified.manifest
    entries = {entry.path: entry.sha256 for entry in manifest.entries}
    counted = {(attempt, one.lease, one.number) for attempt, state in verified.states.items()
               for one in state.recordings}
    return {
        "package": verified.package, "ciphertext_sha256": verified.ciphertext_sha256,
        "manifest": msgspec.to_builtins(manifest),
        "attempts": [{
            "attempt": one.id,
            "responses": {key: value.value for key, value in verified.states[one.id].responses.items()},
            "events_sha256": entries.get(f"events/{one.id}.jsonl", ""),
            "results_sha256": entries.get(f"results/{one.id}.xml", ""),
        } for one in manifest.attempts],
        "counted": sorted(list(one) for one in counted),
    }


def list_files(verified: Verified) -> list[Path]:
    """Files to keep by digest: everything but the manifest's own signature."""
    return sorted(path for path in verified.folder.rglob("*") if path.is_file())


__all__ = ["KnownKey", "KnownSchool", "Quarantine", "Verified", "describe_facts", "list_files",
           "verify_package"]
