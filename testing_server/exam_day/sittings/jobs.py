"""Opening archives in the worker: unpack; of materials check every variant, encrypt bundles; tell the core."""
from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import msgspec

from task_bank.sealing import DamagedArchive, open_unencrypted, open_with_identity
from testing_server.exam_day.sittings.bundles import MadeBundle, make_bundle
from testing_server.exam_day.sittings.checking import VariantCheck, check_variant
from testing_server.foundation.jobs import JobContext, job

REPORT = "/v1/internal/archives/{archive}"
NO_ROOM = "no_room"


def archive_folder(data: Path, archive: str) -> Path:
    """archive.age (or archive.tar), key.age and statement.json as they came."""
    return data / "archives" / archive


def opened_folder(data: Path, archive: str) -> Path:
    """What the archive held, after its hour."""
    return data / "opened" / archive


@job
def open_materials(context: JobContext, archive: str, identity: str) -> None:
    """Repeatable: unpacks into a temporary name first, bundles replace those of an earlier run.

    `identity`: what the cipher unlocked, "" for an archive without one.
    """
    data = context.settings.data
    folder = opened_folder(data, archive)
    if not _try_unpacking(context, archive, identity):
        return
    numbers = sorted(path.stem for path in (folder / "variants").glob("*.json"))
    described: dict[str, Any] = msgspec.json.decode((folder / "media.json").read_bytes())
    checks = _check_all(context, archive, folder, numbers, described)
    bundles = [] if any(not check.ok for check in checks) or not checks else _bundle_all(
        folder, data / "bundles", checks, described)
    _report(context, archive, {
        "state": "opened", "assessment": (folder / "assessment.json").read_text(),
        "checks": {check.number: {"ok": check.ok, "trouble": check.trouble} for check in checks},
        "bundles": [bundle.as_json() for bundle in bundles]})


@job
def open_criteria(context: JobContext, archive: str, identity: str) -> None:
    """Repeatable. Nothing of it is read here: what lies inside is for marking alone."""
    if _try_unpacking(context, archive, identity):
        _report(context, archive, {"state": "opened"})


def _try_unpacking(context: JobContext, archive: str, identity: str) -> bool:
    """Whether the archive lies open in its folder; else the core is told why not."""
    data = context.settings.data
    try:
        _unpack(archive_folder(data, archive), archive, identity, opened_folder(data, archive))
    except DamagedArchive as error:
        _report(context, archive, {"state": "damaged", "trouble": str(error)})
        return False
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        # the archive is whole: with more room the same cipher opens it
        _report(context, archive, {"state": "kept", "trouble": NO_ROOM})
        return False
    return True


def _unpack(source: Path, archive: str, identity: str, folder: Path) -> None:
    if identity:
        open_with_identity(source / "archive.age", identity, folder)
    else:
        open_unencrypted(source / "archive.tar", archive, folder)


def _check_all(context: JobContext, archive: str, folder: Path, numbers: list[str],
               described: dict[str, Any]) -> list[VariantCheck]:
    known: dict[str, bool] = {}
    checks = []
    for number in numbers:
        checks.append(check_variant(folder, number, described, known))
        _report(context, archive, {"state": "opening", "done": len(checks), "whole": len(numbers)})
    return checks


def _bundle_all(folder: Path, into: Path, checks: list[VariantCheck], described: dict[str, Any]) -> list[MadeBundle]:
    media = list(dict.fromkeys(sha256 for check in checks for sha256 in check.media))
    made = [make_bundle((folder / "media" / sha256).read_bytes(), into, plain=sha256,
                        type=described[sha256]["type"]) for sha256 in media]
    return made + [make_bundle((folder / "variants" / f"{check.number}.json").read_bytes(), into,
                               variant=check.number, media=check.media) for check in checks]


def _report(context: JobContext, archive: str, body: dict[str, Any]) -> None:
    context.report_to_core(REPORT.format(archive=archive), body)
