"""Making a copy in the worker, so that nobody waits for a slow stick. Tells the core how far it is and how it ended."""
from __future__ import annotations

import errno
import sqlite3
import time
from pathlib import Path
from typing import Any

from testing_server.exam_day.recovery.backups import StickFull, make_backup
from testing_server.exam_day.recovery.drives import is_same_disk
from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.refusals import Refusal

REPORT = "/v1/internal/backup"
TELL_EVERY_S = 0.5
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@job(attempts=1)
def copy_server(context: JobContext, target: str, may_be_same: bool = True) -> None:
    """`target`: absolute path; `may_be_same`: somebody wants it on this very disk.

    A worker that dies is followed by one that begins a new copy in the same folder.
    """
    told_at = 0.0

    def tell(done: int, whole: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TELL_EVERY_S:
            told_at = time.monotonic()
            context.report_to_core(REPORT, {"state": "running", "done": done, "whole": whole, "folder": target})

    context.report_to_core(REPORT, {"state": "running", "done": 0, "whole": 0, "folder": target})
    if not may_be_same and is_same_disk(context.settings.data, Path(target)):
        # pulled out meanwhile: what stands at its place is a folder of the server's own disk
        made: dict[str, Any] = {"state": "failed", "trouble": "stick_lost"}
    else:
        made = _copy(context, Path(target), tell)
    context.report_to_core(REPORT, {**made, "folder": target})


def _copy(context: JobContext, target: Path, tell: Any) -> dict[str, Any]:
    try:
        made = make_backup(context.settings.data, target, context.clock.now_ms(), tell)
    except Refusal as refusal:
        return {"state": "failed", "trouble": refusal.code}
    except OSError as error:
        return {"state": "failed", "trouble": StickFull.code if error.errno in NO_ROOM else "stick_lost"}
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        return {"state": "failed", "trouble": StickFull.code if full else "stick_lost"}
    return {"state": "done", "files": made.files, "fresh": made.fresh}
