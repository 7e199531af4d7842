"""Sealing a school's two archives. Takes a plan; gives files in data/archives and the facts to record.

Runs in the worker: it touches no database, and a cipher exists in clear only inside these functions. Variants are
rendered while the archive is written, so memory does not grow with their number. What is finished is kept with its
facts until the core has recorded it: a run after a crash hands the same archives and ciphers over.
"""
from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from task_bank.items import AssessmentPackage
from task_bank.packages import open_package
from task_bank.sealing import (
    ArchiveAbout, Entry, Gathered, SealedArchive, UnencryptedArchive, build_criteria_entries, build_materials_entries,
    describe_archive, keep_for_escrow, seal_archive, write_unencrypted)
from task_bank.variants import Delivery, Prover, assemble, deliver
from testing_server.contracts.check_digits import make_cipher
from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES, PROTOCOL
from testing_server.preparation.holders.roll import Holder
from testing_server.preparation.materials.shared_seed import obtain_shared_seed
from testing_server.preparation.private_files import write_private_file
from testing_server.preparation.release.slots import Slot, obtain_slot

Progress = Callable[[int], None]
Kind = Literal["materials", "criteria"]
ARCHIVES, FACTS = "archives", "facts.json"


@dataclass(frozen=True)
class SealingPlan:
    """Everything a sealing needs, as JSON values. `package`: path of a content package; instants in Unix ms.

    `encrypted`: whether a cipher locks the materials; criteria are always locked. `zone`: of the school, `ordinal`:
    its place among all schools; far-apart zones and neighbouring places share as few items as the bank allows.
    `due_ms`: until when the campaign wants the archives published, None where nothing counts.
    """

    sealing: str
    school: str
    campaign: str
    package: str
    count: int
    day: str
    sealed_at_ms: int
    cipher_opens_at_ms: int
    criteria_opens_at_ms: int
    encrypted: bool = True
    zone: str = ""
    ordinal: int | None = None
    due_ms: int | None = None


@dataclass(frozen=True)
class ArchiveFacts:
    """One sealed archive, ready to be recorded; bytes as hex so that it may travel as JSON.

    Without a cipher `key_sha256`, `slot` and `cipher_locked` are empty.
    """

    archive: str
    kind: str
    size_bytes: int
    key_sha256: str
    opens_at_ms: int
    slot: str
    cipher_locked: str
    statement: str


@dataclass(frozen=True)
class SealedPair:
    """What a sealing gives: both archives, the work's id and title, and the locked seed (hex)."""

    assessment: str
    title: dict[str, str]
    variants: int
    seed_locked: str
    materials: ArchiveFacts
    criteria: ArchiveFacts

    def as_json(self) -> dict[str, Any]:
        """For the way from the worker to the core."""
        return asdict(self)


def read_sealed_pair(data: dict[str, Any]) -> SealedPair:
    """The reverse of as_json."""
    return SealedPair(data["assessment"], data["title"], data["variants"], data["seed_locked"],
                      ArchiveFacts(**data["materials"]), ArchiveFacts(**data["criteria"]))


@dataclass(frozen=True)
class SealingKeys:
    """`signing` signs statements; `escrow`: age1… address of those who may give an archive a new cipher.

    `holders`: between whom the keys of release slots are split, () where this hub keeps them itself.
    """

    signing: Ed25519PrivateKey
    escrow: str
    holders: tuple[Holder, ...] = ()


def make_archives(plan: SealingPlan, data: Path, keys: SealingKeys,
                  on_progress: Progress = lambda done: None) -> SealedPair:
    """Assemble, render and seal, or take up what an earlier run of the same plan finished.

    `on_progress(variants done)`. Raises PackageError, BankTooSmall and its kin, NotEnoughRoom, OSError.
    """
    bench = bench_of(data, plan.sealing)
    if not (bench / FACTS).exists():
        shutil.rmtree(bench, ignore_errors=True)
        bench.mkdir(parents=True, mode=0o700)
        package = read_package_once(Path(plan.package), _read_stamp(Path(plan.package)))
        pair = _Work(plan, data, bench, keys, package).seal_both(on_progress)
        # from here on these are the archives of this plan: both ciphers are kept, locked to their slots
        write_private_file(bench / FACTS, json.dumps(pair.as_json()).encode())
    pair = read_sealed_pair(json.loads((bench / FACTS).read_bytes()))
    for facts in (pair.materials, pair.criteria):
        if (bench / facts.kind).exists():
            os.replace(bench / facts.kind, data / ARCHIVES / facts.archive)
    return pair


def bench_of(data: Path, sealing: str) -> Path:
    """Where a sealing is being made; it holds nothing unencrypted but what the plan wants unencrypted."""
    return data / ARCHIVES / f".{sealing}"


def clear_bench(data: Path, sealing: str) -> None:
    """The core has recorded the archives: their facts need not be kept here any longer."""
    shutil.rmtree(bench_of(data, sealing), ignore_errors=True)


@lru_cache(maxsize=1)
def read_package_once(path: Path, stamp: tuple[int, int]) -> AssessmentPackage:
    """The package, read once for many schools; `stamp` makes a changed one be read again. Raises PackageError."""
    return open_package(path)


def _read_stamp(path: Path) -> tuple[int, int]:
    times = [one.stat().st_mtime_ns for one in (path, *path.rglob("*"))] if path.exists() else []
    return len(times), max(times, default=0)


def make_deliveries(package: AssessmentPackage, plan: SealingPlan, seed: int, shared: str,
                    on_progress: Progress) -> Iterator[Delivery]:
    """Variants one by one, rendered when the archive has come to them.

    Each is proven first. What is raised here stops the sealing, and nothing of it is published. Raises UnprovenVariant.
    """
    variants = assemble(package.assessment, plan.school, plan.count, seed, zone=plan.zone or None,
                        ordinal=plan.ordinal, campaign_seed=shared)
    prover = Prover(package)
    for done, variant in enumerate(variants, start=1):
        delivery = deliver(package, variant, seed)
        prover.require(delivery)
        yield delivery
        on_progress(done)


@dataclass(frozen=True)
class _Work:
    plan: SealingPlan
    data: Path
    bench: Path
    keys: SealingKeys
    package: AssessmentPackage

    def seal_both(self, on_progress: Progress) -> SealedPair:
        """Both archives in the bench, with everything there is to record of them."""
        plan, seed, gathered = self.plan, secrets.randbits(128), Gathered()
        shared = obtain_shared_seed(self.data, plan.campaign, self.package.assessment.id)
        deliveries = gathered.watch(make_deliveries(self.package, plan, seed, shared, on_progress))
        entries = build_materials_entries(self.package, deliveries)
        materials = self.make("materials", entries, gathered, plan.cipher_opens_at_ms, plan.encrypted)
        entries = build_criteria_entries(self.package, gathered)
        criteria = self.make("criteria", entries, gathered, plan.criteria_opens_at_ms)
        locked = self.slot(plan.criteria_opens_at_ms).lock(
            {"sealing": plan.sealing, "seed": str(seed), "opens_at_ms": plan.criteria_opens_at_ms})
        assessment = self.package.assessment
        return SealedPair(assessment.id, dict(assessment.title), len(gathered.numbers), locked.hex(),
                          materials, criteria)

    def slot(self, opens_at_ms: int) -> Slot:
        return obtain_slot(self.data / "slots", self.plan.campaign, self.package.assessment.id, opens_at_ms,
                           self.keys.holders)

    def make(self, kind: Kind, entries: Iterable[Entry], gathered: Gathered, opens_at_ms: int,
             encrypted: bool = True) -> ArchiveFacts:
        """One archive with its key, its escrow copy and its first statement."""
        draft, cipher, slot, locked = self.bench / kind, make_cipher(secrets.randbelow), "", b""
        written: SealedArchive | UnencryptedArchive
        if encrypted:
            written = seal_archive(entries, cipher, draft)
            keep_for_escrow(written.identity, self.keys.escrow, draft)
            found = self.slot(opens_at_ms)
            slot, locked = found.id, found.lock(
                {"archive": written.sha256, "cipher": cipher, "opens_at_ms": opens_at_ms})
        else:
            written = write_unencrypted(entries, draft)
        payload = describe_archive(self.describe(kind, opens_at_ms), written, gathered)
        statement = sign_statement(payload, PAYLOAD_TYPES["archive"], self.keys.signing)
        write_private_file(draft / "statement.json", statement)
        return ArchiveFacts(written.sha256, kind, written.bytes, payload["key"], opens_at_ms, slot, locked.hex(),
                            statement.hex())

    def describe(self, kind: Kind, opens_at_ms: int) -> ArchiveAbout:
        """What the plan knows of an archive."""
        plan = self.plan
        return ArchiveAbout(kind=kind, campaign=plan.campaign, school=plan.school,
                            assessment=self.package.assessment.id, day=plan.day, sealed_at_ms=plan.sealed_at_ms,
                            opens_at_ms=opens_at_ms, protocol=PROTOCOL)


def write_title(title: dict[str, str]) -> str:
    """Title as it is kept in a column."""
    return json.dumps(title, ensure_ascii=False)
