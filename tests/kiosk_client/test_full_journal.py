"""A journal without room for parts hides no speech: what is on the disk is listed as soon as there is room."""
from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audio.sources import FileSource, make_noise
from kiosk_client.journal import Journal, PartRow
from kiosk_client.recorder_service import RecorderService
from kiosk_client.refusals import JournalFull

RATE, STARTED = 24_000, ("attempt", 1, 2)


class FullJournal(Journal):
    """Refuses parts while `is_full`."""

    is_full = True

    def keep_part(self, part: PartRow) -> None:
        if self.is_full:
            raise JournalFull("no room")
        super().keep_part(part)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FullJournal]:
    made = FullJournal(tmp_path / "journal.sqlite")
    yield made
    made.close()


def record(journal: Journal, folder: Path) -> tuple[RecorderService, dict[str, Any]]:
    """A second and a half of sound; the service and the facts of its `recording_committed`."""
    service = RecorderService(journal, folder, lambda: FileSource(make_noise(2, RATE, 500), RATE))
    service.begin(STARTED, service.choose_source())
    time.sleep(1.5)
    return service, service.end("candidate")[-1].body


def count_listed(journal: Journal) -> int:
    return sum(part.length for part in journal.list_parts(*STARTED))


def test_parts_wait_until_there_is_room(journal: FullJournal, tmp_path: Path) -> None:
    service, committed = record(journal, tmp_path / "recordings")
    assert count_listed(journal) == 0 < committed["bytes"]
    service.list_parts()
    assert count_listed(journal) == 0
    journal.is_full = False
    service.list_parts()
    assert count_listed(journal) == committed["bytes"]


def test_parts_that_a_killed_agent_could_not_list_are_found(journal: FullJournal, tmp_path: Path) -> None:
    _, committed = record(journal, tmp_path / "recordings")
    journal.is_full = False
    again = RecorderService(journal, tmp_path / "recordings", lambda: FileSource(make_noise(2, RATE, 500), RATE))
    recording = journal.list_recordings()[0]
    again.list_forgotten_parts(recording)
    again.list_forgotten_parts(recording)
    assert count_listed(journal) == committed["bytes"]
