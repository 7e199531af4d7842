"""Keeping a recording, in the worker: digest of the whole, lossless FLAC, this server's own verdict.

The core imports this module to name its jobs; what reads sound is imported where a job runs.
"""
from __future__ import annotations

from pathlib import Path
from typing import Any

from audio.faults import SoundUnreadable
from testing_server.contracts.canonical import sha256_hex
from testing_server.exam_day.responses.parts import RecordingName, recording_path
from testing_server.foundation.files.store import digest_file
from testing_server.foundation.jobs import JobContext, job

REPORT = "/v1/internal/recordings/{attempt}/{lease}/{number}"


@job
def keep_recording(context: JobContext, attempt: str, lease: int, number: int, rate_hz: int, sha256: str,
                   length: int) -> None:
    """Repeatable: the FLAC is stored under its digest, the report says the same each time."""
    pcm = recording_path(context.settings.data / "recordings", RecordingName(attempt, lease, number))
    report = REPORT.format(attempt=attempt, lease=lease, number=number)
    context.report_to_core(report, _keep(context, pcm, rate_hz, sha256, length))


def _keep(context: JobContext, pcm: Path, rate_hz: int, sha256: str, length: int) -> dict[str, Any]:
    if length == 0:
        same = sha256 == sha256_hex(b"")
        return {"outcome": "kept" if same else "differs", "verdict": "no_data", "flac_sha256": "", "sha256": ""}
    from audio.encode import encode_flac
    found = digest_file(pcm)
    if found != sha256:
        return {"outcome": "differs", "sha256": found}
    flac = context.settings.data / "encoded" / f"{sha256}.flac"
    flac.parent.mkdir(parents=True, exist_ok=True)
    try:
        encode_flac(pcm, rate_hz, flac)
    except SoundUnreadable as error:
        return {"outcome": "differs", "sha256": found, "trouble": str(error)}
    return {"outcome": "kept", "flac_sha256": digest_file(flac), "verdict": judge_pcm(pcm, rate_hz)}


@job
def keep_partial(context: JobContext, attempt: str, lease: int, number: int, rate_hz: int, length: int) -> None:
    """What came of a recording that was written off: its first `length` bytes, losslessly."""
    from audio.encode import encode_flac
    folder = context.settings.data / "encoded"
    folder.mkdir(parents=True, exist_ok=True)
    pcm = recording_path(context.settings.data / "recordings", RecordingName(attempt, lease, number))
    piece = folder / f".{attempt}-{lease}-{number}.pcm"
    with open(pcm, "rb") as source, open(piece, "wb") as target:
        target.write(source.read(length))
    sha256 = digest_file(piece)
    flac = folder / f"{sha256}.flac"
    encode_flac(piece, rate_hz, flac)
    found = {"outcome": "partial", "sha256": sha256, "bytes": length, "flac_sha256": digest_file(flac),
             "verdict": judge_pcm(piece, rate_hz)}
    piece.unlink()
    context.report_to_core(REPORT.format(attempt=attempt, lease=lease, number=number), found)


def judge_pcm(pcm: Path, rate_hz: int) -> str:
    """The server's verdict on a whole recording, in constant memory."""
    from audio.encode import read_pcm
    from audio.speech_quality import SpeechJudge
    judge = SpeechJudge(rate_hz)
    for block in read_pcm(pcm, rate_hz):
        judge.add(block)
    return str(judge.judge().verdict)
