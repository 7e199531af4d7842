"""Sealing and sending a package, in the worker. Every job is repeatable; progress is told to the core."""
from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyrage

from task_bank.sealing import Entry
from task_bank.sealing.tar_stream import TarStream, list_folder
from testing_server.contracts.packages import MANIFEST, package_id_of
from testing_server.exam_day.packages.contents import PLAN
from testing_server.exam_day.school.keyring import KeyLocked, KeyRing
from testing_server.exam_day.school.link import open_hub_link
from testing_server.exam_day.school.queries import School
from testing_server.foundation.files.store import make_durable
from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.hub_link import HubAway, HubLink, HubRefused, Pending, Quarantined, Receipt

REPORT = "/v1/internal/packages/{package}"
TELL_EVERY_S = 0.5
# A hub at rest checks a package of a room in a second or two: the organizer should see the receipt before going home.
CHECKS_WAITED_FOR, CHECK_EVERY_S = 10, 0.5


class PackageChanged(Exception):
    """The staged manifest is not the one the package is named by."""


def package_path(data: Path, package: str) -> Path:
    """The sealed file, as it is sent or carried on a stick."""
    return data / "packages" / f"{package}.age"


@job
def seal_package(context: JobContext, package: str, folder: str, recipients: list[str]) -> None:
    """Stream the tar through age to its recipients; the file appears under its name only when it is whole."""
    staged, target = Path(folder), package_path(context.settings.data, package)
    if not target.exists():
        _seal(staged, target, package, recipients)
    context.report_to_core(REPORT.format(package=package), {"state": "made", "bytes": target.stat().st_size})
    shutil.rmtree(staged, ignore_errors=True)


def _seal(staged: Path, target: Path, package: str, recipients: list[str]) -> None:
    if package_id_of((staged / MANIFEST).read_bytes()) != package:
        raise PackageChanged(package)
    sound: dict[str, str] = msgspec.json.decode((staged / PLAN).read_bytes())
    entries = [entry for entry in list_folder(staged) if entry.name != PLAN]
    entries += [Entry(name, Path(path)) for name, path in sound.items()]
    entries.sort(key=lambda entry: entry.name)
    draft = target.with_suffix(".draft")
    with open(draft, "wb") as file:
        pyrage.encrypt_io(TarStream(entries), file, [pyrage.x25519.Recipient.from_str(one) for one in recipients])
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, target)
    make_durable(target.parent)


@job(attempts=1)
def send_package(context: JobContext, package: str, school: dict[str, Any], metadata: dict[str, str]) -> None:
    """Send or go on sending; the core asks again while the hub is away."""
    path = package_path(context.settings.data, package)
    tell = _make_teller(context, package)
    try:
        link = _open_link(context, school)
        tell({"state": "sending", "bytes": path.stat().st_size})
        link.upload_package(path, metadata, lambda sent, whole: tell({"state": "sending", "sent": sent}, often=True))
        tell({"state": "sent", "sent": path.stat().st_size})
        _ask_receipt(link, package, tell, CHECKS_WAITED_FOR)
    except (HubAway, HubRefused, KeyLocked) as refusal:
        tell({"state": "sending", "trouble": refusal.code})


@job(attempts=1)
def ask_receipt(context: JobContext, package: str, school: dict[str, Any]) -> None:
    """Whether the hub has checked the package."""
    tell = _make_teller(context, package)
    try:
        _ask_receipt(_open_link(context, school), package, tell)
    except (HubAway, HubRefused, KeyLocked) as refusal:
        tell({"state": "sent", "trouble": refusal.code})


def _ask_receipt(link: HubLink, package: str, tell: Callable[..., None], tries: int = 1) -> None:
    found = link.fetch_receipt(package)
    while isinstance(found, Pending) and (tries := tries - 1) > 0:
        time.sleep(CHECK_EVERY_S)
        found = link.fetch_receipt(package)
    if isinstance(found, Receipt) and found.payload.get("package_id") == package:
        tell({"state": "receipted", "receipt": found.envelope.decode()})
    elif isinstance(found, Quarantined):
        tell({"state": "quarantined", "trouble": found.reason})
    elif isinstance(found, Pending):
        tell({"state": "sent"})


def _open_link(context: JobContext, school: dict[str, Any]) -> HubLink:
    keys = KeyRing(context.settings.keys_folder, MemoryKeeper.inherit(os.environ))
    return open_hub_link(School(**school), keys.key())


def _make_teller(context: JobContext, package: str) -> Callable[..., None]:
    """Reports to the core; those marked `often` at most twice a second."""
    told_at = 0.0

    def tell(body: dict[str, Any], often: bool = False) -> None:
        nonlocal told_at
        if often and time.monotonic() - told_at < TELL_EVERY_S:
            return
        told_at = time.monotonic()
        context.report_to_core(REPORT.format(package=package), body)
    return tell
