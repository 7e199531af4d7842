"""Sealing a school's two archives. Takes a plan; gives files in data/archives and the facts to record.

Runs in the worker: it touches no database, and a cipher exists in clear only inside these functions.
"""
from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from task_bank.items import AssessmentPackage
from task_bank.items.package import read_package
from task_bank.sealing import Entry, SealedArchive, build_criteria_entries, build_materials_entries, seal_archive
from task_bank.sealing.statement import list_interactions
from task_bank.variants import Delivery, assemble, deliver
from testing_server.contracts.check_digits import make_cipher
from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES, PROTOCOL
from testing_server.preparation.private_files import write_private_file
from testing_server.preparation.release.slots import Slot, obtain_slot

Progress = Callable[[int], None]
STATEMENT_FORMAT = "archive/1"
MATERIALS, CRITERIA = "materials", "criteria"


@dataclass(frozen=True)
class SealingPlan:
    """Everything a sealing needs, as JSON values. `package`: path of a content package; instants in Unix ms."""

    sealing: str
    school: str
    campaign: str
    package: str
    count: int
    day: str
    sealed_at_ms: int
    cipher_opens_at_ms: int
    criteria_opens_at_ms: int


@dataclass(frozen=True)
class ArchiveFacts:
    """One sealed archive, ready to be recorded; bytes as hex so that it may travel as JSON."""

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


def make_archives(plan: SealingPlan, data: Path, signing: Ed25519PrivateKey,
                  on_progress: Progress = lambda done: None) -> SealedPair:
    """Assemble, render and seal. `on_progress(variants done)`. Raises PackageError, PoolTooSmall."""
    package, seed = read_package(Path(plan.package)), secrets.randbits(128)
    deliveries = make_deliveries(package, plan, seed, on_progress)
    work = _Work(plan, data, signing, package, deliveries)
    materials = work.seal(MATERIALS, build_materials_entries(package, deliveries), plan.cipher_opens_at_ms)
    criteria = work.seal(CRITERIA, build_criteria_entries(package, deliveries), plan.criteria_opens_at_ms)
    locked = work.slot(plan.criteria_opens_at_ms).lock(
        {"sealing": plan.sealing, "seed": str(seed), "opens_at_ms": plan.criteria_opens_at_ms})
    return SealedPair(package.assessment.id, dict(package.assessment.title), len(deliveries), locked.hex(),
                      materials, criteria)


def make_deliveries(package: AssessmentPackage, plan: SealingPlan, seed: int, on_progress: Progress) -> list[Delivery]:
    """Every variant rendered for delivery."""
    deliveries = []
    for variant in assemble(package.assessment, plan.school, plan.count, seed):
        deliveries.append(deliver(package, variant, seed))
        on_progress(len(deliveries))
    return deliveries


@dataclass(frozen=True)
class _Work:
    plan: SealingPlan
    data: Path
    signing: Ed25519PrivateKey
    package: AssessmentPackage
    deliveries: list[Delivery]

    def slot(self, opens_at_ms: int) -> Slot:
        return obtain_slot(self.data / "slots", self.plan.campaign, self.package.assessment.id, opens_at_ms)

    def seal(self, kind: str, entries: list[Entry], opens_at_ms: int) -> ArchiveFacts:
        """One archive under data/archives/<sha256>/ with its key and statement."""
        draft = self.data / "archives" / f".{self.plan.sealing}-{kind}"
        shutil.rmtree(draft, ignore_errors=True)
        cipher = make_cipher(secrets.randbelow)
        sealed = seal_archive(entries, cipher, draft)
        statement = sign_statement(self.describe(kind, sealed, opens_at_ms), PAYLOAD_TYPES["archive"], self.signing)
        write_private_file(draft / "statement.json", statement)
        os.replace(draft, self.data / "archives" / sealed.sha256)
        slot = self.slot(opens_at_ms)
        locked = slot.lock({"archive": sealed.sha256, "cipher": cipher, "opens_at_ms": opens_at_ms})
        return ArchiveFacts(sealed.sha256, kind, sealed.bytes, sealed.key_sha256, opens_at_ms, slot.id,
                            locked.hex(), statement.hex())

    def describe(self, kind: str, sealed: SealedArchive, opens_at_ms: int) -> dict[str, Any]:
        """Payload of the archive statement."""
        return {
            "format": STATEMENT_FORMAT, "archive": sealed.sha256, "key": sealed.key_sha256, "kind": kind,
            "campaign": self.plan.campaign, "school": self.plan.school, "assessment": self.package.assessment.id,
            "day": self.plan.day, "sealed_at_ms": self.plan.sealed_at_ms, "opens_at_ms": opens_at_ms,
            "needs": {"protocol": PROTOCOL, "interactions": list_interactions(self.deliveries)},
            "variants": sorted(one.variant_json["number"] for one in self.deliveries),
        }


def write_title(title: dict[str, str]) -> str:
    """Title as it is kept in a column."""
    return json.dumps(title, ensure_ascii=False)
