"""The phrase somebody said in a seat's sound check, for the organizer to hear. Kept only until the sitting closes.

Takes the data folder and FLAC bytes; one file a workstation, the last one wins. The file's time is the room's clock.
It is in no package, ledger or backup: those name the folders they take.
"""
from __future__ import annotations

import os
from pathlib import Path

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

FOLDER = "test-recordings"
FLAC_MARK = b"fLaC"
LIMIT_BYTES = 2 * 1024 * 1024


class NotARecording(Refusal):
    code = "not_a_recording"
    status = 422
    message = _("Пробная запись не похожа на звук.")
    remedy = _("Повторите проверку звука на рабочем месте.")


def recording_file(data: Path, workstation: str) -> Path:
    """Where the last test recording of a workstation lies, if there is one."""
    return data / FOLDER / f"{workstation}.flac"


def keep_test_recording(data: Path, now_ms: int, workstation: str, flac: bytes) -> None:
    """In place of the one before. Raises NotARecording."""
    if not flac.startswith(FLAC_MARK):
        raise NotARecording()
    target = recording_file(data, workstation)
    target.parent.mkdir(exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}")
    draft.write_bytes(flac)
    os.utime(draft, ns=(now_ms * 1_000_000, now_ms * 1_000_000))
    os.replace(draft, target)


def list_recorded(data: Path) -> set[str]:
    """Workstations that have one."""
    return {path.stem for path in (data / FOLDER).glob("[!.]*.flac")}


def forget_test_recordings(data: Path, closed_at_ms: int) -> int:
    """Those made before a sitting closed are gone after it; returns how many."""
    old = [path for path in (data / FOLDER).glob("*.flac") if path.stat().st_mtime_ns // 1_000_000 <= closed_at_ms]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
