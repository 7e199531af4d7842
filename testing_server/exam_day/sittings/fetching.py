"""Downloading a materials archive, in the worker: goes on after a cut, tells how far it is."""
from __future__ import annotations

import errno
import os
import time
from typing import Any

from testing_server.exam_day.school.keyring import KeyLocked, KeyRing
from testing_server.exam_day.school.link import open_hub_link
from testing_server.exam_day.school.queries import School
from testing_server.exam_day.sittings.jobs import REPORT, archive_folder
from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.hub_link import AnswerNotTrusted, FileDamaged, HubAway, HubRefused

TELL_EVERY_S = 0.5
NO_DISK = "disk"


@job(attempts=1)
def fetch_materials(context: JobContext, archive: str, school: dict[str, Any]) -> None:
    """Repeatable: bytes that are here are not asked for again."""
    report = REPORT.format(archive=archive)
    told_at = 0.0

    def tell_progress(done: int, whole: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TELL_EVERY_S:
            told_at = time.monotonic()
            context.report_to_core(report, {"state": "fetching", "done": done, "whole": whole})

    folder = archive_folder(context.settings.data, archive)
    try:
        keys = KeyRing(context.settings.keys_folder, MemoryKeeper.inherit(os.environ))
        link = open_hub_link(School(**school), keys.key())
        payload = link.fetch_archive(archive, folder, tell_progress)
    except (HubAway, HubRefused, FileDamaged, AnswerNotTrusted, KeyLocked) as refusal:
        context.report_to_core(report, {"state": "offered", "trouble": refusal.code})
        return
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        context.report_to_core(report, {"state": "offered", "trouble": NO_DISK})
        return
    context.report_to_core(report, {
        "state": "kept", "payload": payload, "statement": (folder / "statement.json").read_text()})
