"""The phrase somebody said in a seat's sound check, for the organizer to hear. Kept only until the sitting closes.

Takes the data folder and FLAC bytes, or the WAV of a seat in a browser, which makes no FLAC; one FLAC a workstation,
the last one wins. The file's time is the room's clock. It is in no package, ledger or backup: those name the folders
they take.
"""
from __future__ import annotations

import io
import os
import wave
from pathlib import Path

from flask_babel import lazy_gettext as _

from audio.faults import SoundUnreadable
from testing_server.foundation.refusals import Refusal

FOLDER = "test-recordings"
FLAC_MARK, WAV_MARK = b"fLaC", b"RIFF"
RATES = range(8_000, 96_001)
LIMIT_BYTES = 2 * 1024 * 1024


class NotARecording(Refusal):
    code = "not_a_recording"
    status = 422
    message = _("Пробная запись не похожа на звук.")
    remedy = _("Повторите проверку звука на рабочем месте.")


def recording_file(data: Path, workstation: str) -> Path:
    """Where the last test recording of a workstation lies, if there is one."""
    return data / FOLDER / f"{workstation}.flac"


def keep_test_recording(data: Path, now_ms: int, workstation: str, sound: bytes) -> None:
    """In place of the one before. Raises NotARecording."""
    target = recording_file(data, workstation)
    target.parent.mkdir(exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}")
    if sound.startswith(WAV_MARK):
        _encode_wav(sound, draft)
    elif sound.startswith(FLAC_MARK):
        draft.write_bytes(sound)
    else:
        raise NotARecording()
    os.utime(draft, ns=(now_ms * 1_000_000, now_ms * 1_000_000))
    os.replace(draft, target)


def _encode_wav(sound: bytes, flac: Path) -> None:
    """Only what our page makes: 16-bit mono. A few seconds take a few milliseconds."""
    # here: its libraries are large, and only seats in a browser send such a phrase
    from audio.encode import encode_flac
    try:
        with wave.open(io.BytesIO(sound)) as opened:
            form = opened.getnchannels(), opened.getsampwidth()
            rate, samples = opened.getframerate(), opened.readframes(opened.getnframes())
    except (wave.Error, EOFError) as error:
        raise NotARecording() from error
    if form != (1, 2) or rate not in RATES:
        raise NotARecording()
    pcm = flac.with_suffix(".pcm")
    try:
        pcm.write_bytes(samples)
        encode_flac(pcm, rate, flac)
    except SoundUnreadable as error:
        raise NotARecording() from error
    finally:
        pcm.unlink(missing_ok=True)


def list_recorded(data: Path) -> set[str]:
    """Workstations that have one."""
    return {path.stem for path in (data / FOLDER).glob("[!.]*.flac")}


def forget_test_recordings(data: Path, closed_at_ms: int) -> int:
    """Those made before a sitting closed are gone after it; returns how many."""
    old = [path for path in (data / FOLDER).glob("*.flac") if path.stat().st_mtime_ns // 1_000_000 <= closed_at_ms]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
