"""What was heard in a part of a recording: the seat's word, or this server's where a seat has no judge.

Takes the part's bytes and the file they go to; gives a word of contracts.verdicts, "" where nobody can tell.
"""
from __future__ import annotations

from pathlib import Path

from testing_server.contracts.verdicts import Verdict

# As at a seat: a part is judged with what came just before it.
JUDGED_S = 2
BYTES_PER_SAMPLE = 2
RATES_HZ = range(8_000, 192_001)


def read_verdict(word: str) -> str:
    """The seat's word, "" for anything else: a part is never refused for it."""
    return word if word in tuple(Verdict) else ""


def judge_part(pcm: Path, rate_hz: int, offset: int, body: bytes) -> str:
    """`pcm`: the recording as far as it is here; `offset`: where the part goes in it."""
    if rate_hz not in RATES_HZ or offset < 0:
        return ""
    # here: most seats judge for themselves, and then nobody in this process needs the libraries of it
    from audio.levels import read_samples
    from audio.speech_quality import judge
    before = max(0, JUDGED_S * rate_hz * BYTES_PER_SAMPLE - len(body))
    samples = read_samples(_read_before(pcm, offset, min(before, offset)) + body)
    return str(judge(samples, rate_hz).verdict)


def _read_before(pcm: Path, offset: int, length: int) -> bytes:
    """Up to `length` bytes that end at `offset`; nothing when what lies there has not come yet."""
    try:
        with open(pcm, "rb") as file:
            file.seek(offset - length)
            found = file.read(length)
    except OSError:
        return b""
    return found if len(found) == length else b""
