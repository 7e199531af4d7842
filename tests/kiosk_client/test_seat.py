"""The seat's state machine: journalled first, the same after a restart in the middle of anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.faults import DeviceMissing
from audio.sources import Death, DyingSource, FileSource, Source
from kiosk_client.refusals import BadAnswer, NotNow, PlaysOver, UnknownItem
from kiosk_client.seat import Seat
from kiosk_client.speaking import Trouble
from testing_server.contracts.events import EventKind
from tests.kiosk_client.builders import SeatMaker
from tests.kiosk_client.conftest import wait_until


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[SeatMaker]:
    made = SeatMaker(tmp_path)
    yield made
    made.close()


def started(maker: SeatMaker, **changes: object) -> Seat:
    seat = maker.sit()
    maker.start(seat, **changes)
    return seat


def speaking(maker: SeatMaker, **changes: object) -> Seat:
    """In the middle of the spoken answer, half a second of it kept."""
    seat = started(maker, **changes)
    seat.go("i3")
    seat.prepare()
    maker.clock.advance(1000)
    seat.speak()
    wait_until(lambda: seat.log.journal.count_waiting_parts())
    return seat


def kinds(seat: Seat) -> list[str]:
    return [event.kind for event in seat.log.journal.list_events(seat.log.attempt)]


# Beginning.

def test_the_start_is_journalled_with_the_clock_and_the_first_item(maker: SeatMaker) -> None:
    seat = started(maker)
    assert kinds(seat)[1:] == ["directive_applied", "timer_started", "item_entered"]
    assert (seat.state.item, seat.state.stage) == ("i1", "answer")
    assert seat.log.left_ms("work") == 600_000


def test_keys_stay_out_of_the_events(maker: SeatMaker) -> None:
    seat = started(maker)
    lines = seat.log.journal.list_lines(seat.log.attempt, seat.log.lease, 0, 100)
    assert not any(b"AGE-SECRET-KEY" in line for line in lines)


def test_nothing_can_be_done_before_the_start(maker: SeatMaker) -> None:
    seat = maker.sit()
    for action in (seat.go_on, seat.prepare, seat.speak, seat.stop_speaking, seat.finish):
        with pytest.raises(NotNow):
            action()


# Answers.

def test_an_answer_is_durable_before_it_is_told(maker: SeatMaker) -> None:
    seat = started(maker)
    lease, number = seat.answer("i1", "r1", "c2")
    assert (lease, number) == (seat.log.lease, seat.log.journal.head(seat.log.attempt, lease)[0])
    assert seat.state.responses["i1/r1"].value == "c2"


def test_answers_of_another_form_or_item_are_refused(maker: SeatMaker) -> None:
    seat = started(maker)
    with pytest.raises(UnknownItem):
        seat.answer("i9", "r1", "c1")
    with pytest.raises(BadAnswer):
        seat.answer("i1", "r1", ["c1"])
    with pytest.raises(NotNow):
        seat.answer("i2", "r1", ["c1"])
    assert "answer_set" not in kinds(seat)


def test_a_restart_during_answers_loses_nothing_and_gives_the_outage_back(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.answer("i1", "r1", "c2")
    maker.pass_time(seat, 30)
    maker.close()
    maker.clock.advance(60_000)
    again = maker.sit()
    assert again.state.responses["i1/r1"].value == "c2" and again.state.item == "i1"
    assert again.log.left_ms("work") == pytest.approx(570_000, abs=5_000)
    assert again.state.incidents[-1]["kind"] == "outage"


def test_a_short_restart_is_no_outage(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.pass_time(seat, 5)
    maker.close()
    maker.clock.advance(4_000)
    again = maker.sit()
    assert again.state.incidents == [] and again.log.left_ms("work") == 591_000


# Listening.

def listening(maker: SeatMaker) -> Seat:
    seat = started(maker)
    seat.go("i2")
    maker.pass_time(seat, 2)
    return seat


def test_reading_time_comes_before_listening(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.go("i2")
    with pytest.raises(NotNow):
        seat.play("i2")
    seat.answer("i2", "r1", ["c1"])
    maker.pass_time(seat, 2)
    assert seat.state.stage == "listen"


def test_plays_are_counted_before_sound_and_stay_counted_after_a_restart(maker: SeatMaker) -> None:
    seat = listening(maker)
    assert seat.play("i2") == {"play": 1, "position_ms": 0, "media": "5" * 64}
    seat.play_progress("i2", 1, 4_000)
    maker.close()
    again = maker.sit()
    assert again.play("i2")["position_ms"] == 2_000
    again.play_ended("i2", 1)
    assert again.play("i2")["play"] == 2
    again.play_ended("i2", 2)
    with pytest.raises(PlaysOver):
        again.play("i2")
    maker.close()
    with pytest.raises(PlaysOver):
        maker.sit().play("i2")


def test_one_sound_at_a_time_and_none_of_another_item(maker: SeatMaker) -> None:
    seat = listening(maker)
    seat.play("i2")
    with pytest.raises(NotNow):
        seat.play("i2")
    with pytest.raises(NotNow):
        seat.play_ended("i2", 2)


# Speech.

def test_nobody_walks_away_from_preparation_or_speech(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.go("i3")
    seat.prepare()
    for action in (seat.go_on, lambda: seat.go("i1"), seat.finish):
        with pytest.raises(NotNow):
            action()


def test_speech_begins_by_itself_when_preparation_is_over(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.go("i3")
    seat.prepare()
    maker.pass_time(seat, 91, step_s=7)
    assert seat.state.stage == "speak" and seat.speaking.is_recording
    assert seat.log.left_ms("item:i3:speak") == pytest.approx(60_000, abs=1)


def test_speech_ends_by_itself_and_is_kept_whole(maker: SeatMaker) -> None:
    seat = speaking(maker)
    maker.pass_time(seat, 61, step_s=10)
    maker.pass_time(seat, 1)
    [recording] = seat.state.recordings
    assert (seat.state.stage, recording.end_reason, recording.committed) == ("after", "time", True)
    parts = seat.log.journal.list_parts(seat.log.attempt, recording.lease, recording.number)
    assert sum(part.length for part in parts) == recording.bytes > 0


def test_recording_started_is_journalled_before_the_microphone_opens(maker: SeatMaker) -> None:
    seen: list[list[str]] = []

    class Watching(FileSource):
        def start(self, door: object) -> None:
            seen.append(kinds(seat))
            super().start(door)  # type: ignore[arg-type]

    maker.make_source = lambda: Watching(np.zeros(2400, dtype=np.int16))
    seat = started(maker)
    seat.go("i3")
    seat.prepare()
    seat.speak()
    assert seen[0][-1] == EventKind.RECORDING_STARTED


def test_a_restart_in_the_middle_of_speech_goes_on_with_the_time_left(maker: SeatMaker) -> None:
    seat = speaking(maker)
    maker.pass_time(seat, 20)
    maker.close()
    maker.clock.advance(30_000)
    again = maker.sit()
    first, second = again.state.recordings
    assert first.committed and first.end_reason == "recovered" and first.samples > 0
    assert not second.committed and again.speaking.is_recording
    # The last sign of life is a tick, one every five seconds: the difference is the candidate's.
    left = again.log.left_ms("item:i3:speak")
    assert left is not None and 40_000 <= left <= 45_000


@pytest.mark.parametrize(("rule", "item", "stage"), [("repeat_prompt", "i3", "choose"), ("next_item", "i4", "answer")])
def test_the_work_decides_how_broken_speech_goes_on(maker: SeatMaker, rule: str, item: str, stage: str) -> None:
    seat = speaking(maker, on_move=rule)
    if rule == "next_item":
        seat.items = [dict(one, auto_move=True) for one in seat.items]
    maker.close()
    maker.clock.advance(30_000)
    again = maker.sit(is_present=False)
    if rule == "next_item":
        again.items = [dict(one, auto_move=True) for one in again.items]
    again.come_back()
    assert (again.state.item, again.state.stage) == (item, stage)
    assert not again.speaking.is_recording


def test_a_restart_in_preparation_keeps_its_clock(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.go("i3")
    seat.prepare()
    maker.pass_time(seat, 30)
    maker.close()
    maker.clock.advance(20_000)
    again = maker.sit()
    assert again.state.stage == "prepare"
    assert again.log.left_ms("item:i3:prepare") == pytest.approx(60_000, abs=5_000)


def test_a_microphone_that_is_missing_stops_the_clock_until_somebody_tries_again(maker: SeatMaker) -> None:
    def refuse() -> Source:
        raise DeviceMissing("no headset")

    seat = started(maker)
    maker.make_source = refuse
    seat.go("i3")
    seat.prepare()
    seat.speak()
    assert isinstance(seat.speaking.trouble, Trouble) and seat.speaking.trouble.code == "device_missing"
    maker.pass_time(seat, 40)
    assert seat.state.stage == "speak" and seat.log.left_ms("item:i3:speak") is None
    maker.make_source = lambda: FileSource(np.zeros(2400, dtype=np.int16))
    seat.retry_microphone()
    assert seat.speaking.is_recording and seat.log.left_ms("item:i3:speak") == 60_000
    assert seat.log.left_ms("work") == 600_000
    assert {incident["kind"] for incident in seat.state.incidents} == {"sound", "outage"}


def test_a_microphone_that_dies_keeps_what_was_said_and_tells_the_organizer(maker: SeatMaker) -> None:
    sound = np.full(24_000 * 10, 900, dtype=np.int16)
    maker.make_source = lambda: DyingSource(FileSource(sound), 0.6, Death.finish)
    seat = started(maker)
    seat.go("i3")
    seat.prepare()
    seat.speak()
    deadline = time.monotonic() + 5
    while seat.speaking.trouble is None and time.monotonic() < deadline:
        time.sleep(0.05)
        seat.tick()
    assert seat.speaking.trouble is not None and seat.speaking.trouble.code == "device_lost"
    [recording] = seat.state.recordings
    assert recording.end_reason == "device" and recording.samples >= 12_000
    maker.clock.advance(20_000)
    maker.make_source = lambda: FileSource(sound)
    seat.retry_microphone()
    assert len(seat.state.recordings) == 2 and seat.speaking.is_recording


# What the organizer does.

def test_a_pause_stops_speech_and_the_clock_and_speech_goes_on_after_it(maker: SeatMaker) -> None:
    seat = speaking(maker)
    maker.pass_time(seat, 10)
    maker.direct(seat, "pause", reason="")
    assert not seat.speaking.is_recording and seat.state.recordings[0].end_reason == "paused"
    with pytest.raises(NotNow):
        seat.stop_speaking()
    maker.pass_time(seat, 100, step_s=10)
    maker.direct(seat, "resume", reason="")
    assert seat.speaking.is_recording and len(seat.state.recordings) == 2
    assert seat.log.left_ms("item:i3:speak") == 50_000


def test_extra_time_and_credit_lengthen_the_work(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.direct(seat, "extra_time", seconds=60)
    maker.direct(seat, "credit", ms=5_000)
    assert seat.log.left_ms("work") == 665_000


def test_items_are_skipped_and_repeated_by_the_organizer(maker: SeatMaker) -> None:
    seat = speaking(maker)
    maker.direct(seat, "next_item", item="i3")
    assert seat.state.item == "i4" and seat.state.recordings[0].end_reason == "organizer"
    maker.direct(seat, "repeat_item", item="i3")
    assert (seat.state.item, seat.state.stage) == ("i3", "choose")
    seat.prepare()
    assert seat.log.left_ms("item:i3:prepare") == 90_000


def test_an_unknown_directive_is_answered_unsupported(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.direct(seat, "open_the_window")
    [*_, event] = seat.log.journal.list_events(seat.log.attempt)
    assert event.kind == "directive_applied" and event.body["result"] == "unsupported"


def test_a_directive_is_applied_once(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.direct(seat, "extra_time", seconds=60)
    before = kinds(seat)
    seat.apply_directives()
    maker.close()
    assert kinds(maker.sit(is_present=False)) == before


def test_a_moved_seat_takes_nothing_more_but_keeps_what_was_said(maker: SeatMaker) -> None:
    seat = speaking(maker)
    maker.direct(seat, "move", workstation="w2", lease=seat.log.lease + 1)
    assert seat.moved and seat.state.recordings[0].committed
    for action in (seat.go_on, seat.finish, lambda: seat.answer("i1", "r1", "c1")):
        with pytest.raises(NotNow):
            action()


def test_the_seat_that_was_moved_to_stays(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.direct(seat, "move", workstation="w1", lease=seat.log.lease)
    assert not seat.moved and seat.is_running


def test_the_organizer_ends_the_work_in_the_middle_of_speech(maker: SeatMaker) -> None:
    seat = speaking(maker)
    maker.direct(seat, "finish", reason="fire alarm")
    assert seat.state.finish_reason == "organizer" and seat.state.recordings[0].committed
    assert kinds(seat)[-1] == "attempt_finished"


# Time and the end.

def test_ticks_tell_the_time_left_every_five_seconds(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.pass_time(seat, 21)
    ticks = [e for e in seat.log.journal.list_events(seat.log.attempt) if e.kind == "timer_tick"]
    assert 4 <= len(ticks) <= 5
    assert ticks[-1].body["left_ms"]["work"] == pytest.approx(580_000, abs=1_100)


def test_the_work_ends_when_its_time_is_over_and_stays_ended(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.answer("i1", "r1", "c2")
    maker.pass_time(seat, 610, step_s=10)
    assert seat.state.finish_reason == "time"
    with pytest.raises(NotNow):
        seat.answer("i1", "r1", "c3")
    maker.close()
    assert maker.sit().state.finished


def test_the_window_ends_the_work_even_when_nobody_is_at_the_seat(maker: SeatMaker) -> None:
    seat = started(maker, window_ends_at_ms=maker.clock.wall_ms() + 60_000)
    seat.go_away()
    maker.pass_time(seat, 61, step_s=10)
    maker.pass_time(seat, 1)
    assert seat.state.finish_reason == "time"


def test_while_nobody_is_at_the_seat_no_tick_is_written_and_the_time_is_given_back(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.pass_time(seat, 10)
    seat.go_away()
    before = kinds(seat).count("timer_tick")
    maker.pass_time(seat, 60)
    assert kinds(seat).count("timer_tick") == before
    seat.come_back()
    assert seat.log.left_ms("work") == 590_000


def test_a_changed_machine_clock_is_noted(maker: SeatMaker) -> None:
    seat = started(maker)
    maker.clock.set_wall_ahead(3_600_000)
    maker.pass_time(seat, 6)
    assert "clock_jump" in kinds(seat) and seat.log.left_ms("work") == 594_000


def test_the_receipt_does_not_change_after_the_end(maker: SeatMaker) -> None:
    seat = started(maker)
    seat.finish()
    receipt = seat.log.make_receipt()
    maker.direct(seat, "message", text="late")
    maker.pass_time(seat, 10)
    assert seat.log.make_receipt() == receipt
