"""A disk that refuses in the middle of a step leaves nobody before a screen that says "speak" and hears nothing."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from audio import pcm_file
from kiosk_client.drafts import Draft
from kiosk_client.journal import Journal
from kiosk_client.refusals import JournalFull
from kiosk_client.seat import Seat
from testing_server.contracts.events import EventKind
from tests.kiosk_client.builders import SeatMaker
from tests.kiosk_client.conftest import wait_until


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[SeatMaker]:
    made = SeatMaker(tmp_path)
    yield made
    made.close()


def speak(maker: SeatMaker) -> Seat:
    """In the middle of the spoken answer."""
    seat = maker.sit()
    maker.start(seat)
    seat.go("i3")
    seat.prepare()
    maker.clock.advance(1000)
    seat.speak()
    wait_until(lambda: seat.log.journal.count_waiting_parts())
    return seat


def refuse(monkeypatch: pytest.MonkeyPatch, *kinds: EventKind) -> list[bool]:
    """The journal has no room for events of these kinds while the returned list is not empty."""
    full, append = [True], Journal.append

    def append_or_refuse(journal: Journal, attempt: str, lease: int, drafts: Sequence[Draft], stamp: Any) -> Any:
        if full and any(draft.kind in kinds for draft in drafts):
            raise JournalFull("no room")
        return append(journal, attempt, lease, drafts, stamp)

    monkeypatch.setattr(Journal, "append", append_or_refuse)
    return full


def count(seat: Seat, kind: EventKind) -> int:
    return sum(event.kind == kind for event in seat.log.journal.list_events(seat.log.attempt))


def test_an_agent_that_starts_again_on_a_full_disk_records_once_there_is_room(
        maker: SeatMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(maker)
    maker.close()
    maker.clock.advance(60_000)
    seat = maker.sit(is_present=False)
    full = refuse(monkeypatch, EventKind.INCIDENT_RAISED)
    with pytest.raises(JournalFull):
        seat.come_back()
    with pytest.raises(JournalFull):
        maker.pass_time(seat, 1)
    assert not seat.speaking.is_recording
    full.clear()
    maker.pass_time(seat, 2)
    assert seat.speaking.is_recording
    # The time without a seat is given back, and once only.
    maker.pass_time(seat, 10)
    assert count(seat, EventKind.INCIDENT_RAISED) == 1


def test_speech_that_could_not_be_journalled_begins_by_itself(
        maker: SeatMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    seat = maker.sit()
    maker.start(seat)
    seat.go("i3")
    seat.prepare()
    full = refuse(monkeypatch, EventKind.RECORDING_STARTED)
    with pytest.raises(JournalFull):
        seat.speak()
    assert seat.state.stage == "speak" and not seat.speaking.is_recording
    full.clear()
    maker.pass_time(seat, 2)
    assert seat.speaking.is_recording and count(seat, EventKind.RECORDING_STARTED) == 1


def test_a_recording_whose_end_found_no_room_is_closed_and_followed_by_another(
        maker: SeatMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    seat = speak(maker)
    full = refuse(monkeypatch, EventKind.RECORDING_COMMITTED)
    with pytest.raises(JournalFull):
        seat.stop_speaking()
    full.clear()
    maker.pass_time(seat, 2)
    first, second = seat.state.recordings
    assert first.committed and first.bytes > 0 and not second.committed and seat.speaking.is_recording


def test_a_disk_that_refuses_the_file_is_told_as_trouble(maker: SeatMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    seat = maker.sit()
    maker.start(seat)
    seat.go("i3")
    seat.prepare()

    def fail(path: Path) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pcm_file, "_create", fail)
    seat.speak()
    assert seat.speaking.trouble is not None and seat.speaking.trouble.code == "storage_failed"
    maker.pass_time(seat, 5)
    assert count(seat, EventKind.RECORDING_STARTED) == 1
    monkeypatch.undo()
    seat.retry_microphone()
    assert seat.speaking.trouble is None and seat.speaking.is_recording
