"""What is heard of a candidate who speaks just now: the verdicts of the parts that have come, joined by a pure rule.

Takes parts in the order of their sound; gives one word of contracts.verdicts, "" for a pause or when nobody can tell.
Also reads them from parts.sqlite, which the files process writes.
"""
from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testing_server.contracts.verdicts import Verdict
from testing_server.exam_day.responses.parts import RecordingName, read_parts
from testing_server.exam_day.responses.queries import Recording

BYTES_PER_SAMPLE = 2
# Nothing since the recording began: the candidate was to speak at once. A pause inside speech may last longer.
FIRST_WORD_MS, PAUSE_MS = 2_500, 10_000
# What was said last; a word that is not "heard" must have lasted for this long of it.
LATELY_MS, LASTING_MS = 3_000, 1_000
# Parts come twice a second: without them nothing is known of now.
FRESH_MS = 5_000
QUIET = frozenset({Verdict.SILENT, Verdict.WRONG_DEVICE, Verdict.NO_DATA})


@dataclass(frozen=True)
class PartHeard:
    """A part: where it lies in its recording, what was heard in it, and when it came (the server's time)."""

    from_ms: int
    to_ms: int
    verdict: str
    received_at_ms: int = 0


def judge_now(parts: Sequence[PartHeard]) -> str:
    """What is heard at the end of these parts of one recording."""
    judged = [part for part in parts if part.verdict]
    spoken = [part for part in judged if part.verdict not in QUIET]
    if not judged:
        return ""
    now_ms = judged[-1].to_ms
    quiet_ms = now_ms - (spoken[-1].to_ms if spoken else judged[0].from_ms)
    if quiet_ms:
        return Verdict.SILENT if quiet_ms >= (PAUSE_MS if spoken else FIRST_WORD_MS) else ""
    return _judge_speech([part for part in spoken if part.to_ms > now_ms - LATELY_MS])


def _judge_speech(spoken: Sequence[PartHeard]) -> str:
    """One word that was heard is enough; else the word that lasted longest, if it lasted."""
    lasted: Counter[str] = Counter()
    for part in spoken:
        lasted[part.verdict] += part.to_ms - part.from_ms
    if lasted[Verdict.HEARD]:
        return Verdict.HEARD
    [(verdict, lasted_ms)] = lasted.most_common(1)
    return verdict if lasted_ms >= LASTING_MS else ""


def is_fresh(parts: Sequence[PartHeard], now_ms: int) -> bool:
    """Whether these parts tell of now."""
    return bool(parts) and now_ms - max(part.received_at_ms for part in parts) <= FRESH_MS


def draw_strip(parts: Sequence[PartHeard]) -> list[tuple[str, int, int]]:
    """Stretches of one verdict as (verdict, from, to) in ms of the recording."""
    strip: list[tuple[str, int, int]] = []
    for part in parts:
        if strip and strip[-1][0] == part.verdict and strip[-1][2] == part.from_ms:
            strip[-1] = (part.verdict, strip[-1][1], part.to_ms)
        else:
            strip.append((part.verdict, part.from_ms, part.to_ms))
    return strip


def hear_now(data: Path, recordings: Iterable[Recording], now_ms: int) -> dict[str, str]:
    """Attempt -> what is heard in its recording that goes on; of several the newest, which comes last."""
    newest = {one.attempt: one for one in recordings}
    rates = {RecordingName(one.attempt, one.lease, one.number): one.rate_hz for one in newest.values()
             if one.state == "recording"}
    heard = read_heard(data, rates) if rates else {}
    return {name.attempt: judge_now(parts) for name, parts in heard.items() if is_fresh(parts, now_ms)}


def read_heard(data: Path, rates: Mapping[RecordingName, int]) -> dict[RecordingName, list[PartHeard]]:
    """The parts of these recordings (name -> rate in Hz) in the order of their sound; none while the list is older
    than the verdicts: the files process adds them when it starts."""
    with read_parts(data) as database:
        if database is None:
            return {}
        try:
            return {name: _read_parts_of(database, name, rate) for name, rate in rates.items() if rate > 0}
        except sqlite3.OperationalError:
            return {}


def _read_parts_of(database: sqlite3.Connection, name: RecordingName, rate_hz: int) -> list[PartHeard]:
    rows = database.execute(
        "SELECT offset, length, verdict, received_at_ms FROM part WHERE attempt=? AND lease=? AND number=? "
        "ORDER BY offset", (name.attempt, name.lease, name.number))
    per_second = rate_hz * BYTES_PER_SAMPLE
    return [PartHeard(offset * 1000 // per_second, (offset + length) * 1000 // per_second, verdict, received_at_ms)
            for offset, length, verdict, received_at_ms in rows]
