"""Finished attempts of closed sittings, as marking takes them. Takes a session and the data folder; gives dataclasses.

A sitting counts from its balance on: then all sound and all files are here or written off by a person. The same
events give the same responses as at the hub: both fold them within the sitting's window.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.fold import AttemptState
from testing_server.contracts.verdicts import choose_verdict
from testing_server.exam_day.packages.erasing import find_erased
from testing_server.exam_day.responses.answer_files import WHOLE, list_answer_files
from testing_server.exam_day.responses.pieces import answer_file_path
from testing_server.exam_day.responses.queries import Recording, list_recordings
from testing_server.exam_day.responses.states import StateCache
from testing_server.exam_day.sittings.actions import list_attempts
from testing_server.exam_day.sittings.records import AttemptRecord, SittingRecord

GOING_ON = frozenset({"open", "running", "paused", "closing"})
SETTLED = frozenset({"balanced", "packaged", "packaged_with_late", "sent", "receipted", "purged"})
# these took no part
LEFT_OUT = frozenset({"assigned", "absent", "spoiled", "transferred"})
Value = str | list[str] | None


@dataclass(frozen=True)
class HeldSitting:
    """A sitting of this server that was held. `is_settled`: its balance is struck."""

    id: str
    archive: str
    assessment: str
    campaign: str
    day: str
    is_settled: bool


@dataclass(frozen=True)
class FinishedRecording:
    """A recording that counts; `path`: its FLAC on this server's disk."""

    item: str
    response: str
    flac_sha256: str
    path: Path
    seconds: int
    verdict: str


@dataclass(frozen=True)
class FinishedAttempt:
    """One candidate's work, by code. `responses`: "item/response" → value; `files`: digest → where it lies."""

    attempt: str
    code: str
    variant: str
    sitting: str
    responses: Mapping[str, Value]
    recordings: tuple[FinishedRecording, ...]
    files: Mapping[str, Path]


def list_held(session: Session) -> list[HeldSitting]:
    """Sittings that go on or are over here, the oldest first; not those another server leads, nor erased ones."""
    rows = session.scalars(select(SittingRecord).where(SittingRecord.state.in_(GOING_ON | SETTLED))
                           .order_by(SittingRecord.day, SittingRecord.made_at_ms))
    return [HeldSitting(row.id, row.archive, row.assessment, row.campaign, row.day, row.state in SETTLED)
            for row in rows if row.state != "purged" or find_erased(session, row.id) is None]


def list_finished_ids(session: Session, sitting: str) -> list[str]:
    """Attempts of those who took part."""
    return [one.id for one in _list_present(session, sitting)]


def read_finished(session: Session, data: Path, sitting: str, attempts: set[str]) -> list[FinishedAttempt]:
    """These attempts of a sitting."""
    held = session.get_one(SittingRecord, sitting)
    chosen = [one for one in _list_present(session, sitting) if one.id in attempts]
    states = StateCache().read(session, [one.id for one in chosen], (held.opens_at_ms, held.closes_at_ms))
    return [_describe(session, data, one, states[one.id]) for one in chosen]


def _list_present(session: Session, sitting: str) -> list[AttemptRecord]:
    return [one for one in list_attempts(session, sitting) if one.state not in LEFT_OUT]


def _describe(session: Session, data: Path, one: AttemptRecord, state: AttemptState) -> FinishedAttempt:
    counted = {(found.lease, found.number) for found in state.recordings}
    recordings = tuple(_describe_recording(data, found) for found in list_recordings(session, [one.id])
                       if found.flac_sha256 and (found.lease, found.number) in counted)
    files = {file.sha256: answer_file_path(data, one.id, file.sha256)
             for file in list_answer_files(session, [one.id]) if file.state == WHOLE}
    responses = {name: found.value for name, found in state.responses.items()}
    return FinishedAttempt(one.id, one.code, one.variant, one.sitting, responses, recordings, files)


def _describe_recording(data: Path, one: Recording) -> FinishedRecording:
    return FinishedRecording(one.item, one.response, one.flac_sha256, data / "encoded" / f"{one.pcm_sha256}.flac",
                             one.seconds, choose_verdict(one.server_verdict, one.verdict))
