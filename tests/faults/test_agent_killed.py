"""The agent of a workstation is killed while its candidate answers and speaks; another candidate changes seats.

One sitting with three robots; the tests look at what was seen on the way.
"""
from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from testing_server.contracts.fold import WORK_TIMER, FoldedRecording
from tests.faults.candidate import Candidate, JournalView
from tests.faults.evidence import list_missing_in_package, list_unreadable_parts
from tests.faults.world import RATE, World, read_speech

SHORT_S, LONG_S = 2.0, 12.0
WORK = frozenset({"answer_set", "recording_started"})
BYTES_PER_S = RATE * 2
# From `recording_started` to the first block that the source gives.
OPENING_S = 0.3


@dataclass
class Kill:
    """`before`: the journal after the kill, `after`: once the candidate could go on; `back_at_ms`: that moment."""

    candidate: Candidate
    before: JournalView
    after: JournalView
    killed_at_ms: int
    back_at_ms: int
    returned_s: float

    @property
    def outages(self) -> list[dict[str, int]]:
        """Outages that were journalled after the kill."""
        known = len(self.before.state.incidents)
        return [one for one in self.after.state.incidents[known:] if one["kind"] == "outage"]

    @property
    def broken(self) -> tuple[FoldedRecording, FoldedRecording]:
        """The recording that went on when the agent was killed, as it was and as it became."""
        index, was = next((index, one) for index, one in enumerate(self.before.state.recordings) if not one.committed)
        return was, self.after.state.recordings[index]


@dataclass
class Day:
    """The sitting afterwards."""

    answering: Kill
    speaking: Kill
    old_seat: Candidate
    new_seat: Candidate
    package: str


@pytest.fixture(scope="module")
def day(world: World) -> Day:
    """The first is killed answering, for a short time; the second speaking, for a long one; the third moves."""
    codes = [world.take_code() for _ in range(3)]
    sitting = world.open_sitting(codes)
    candidates = [world.make_candidate(code) for code in codes]
    first, second, third = candidates
    world.seat_all(sitting, candidates)
    new_seat = world.make_candidate(codes[2])
    new_seat.start()
    new_seat.robot.wait_for("waiting", 60)
    world.start_work(sitting, *candidates)
    first.wait_for_answers(2)
    answering = kill(first, SHORT_S)
    third.wait_until_speaking()
    move(world, sitting, third, new_seat)
    second.wait_until_speaking(spoken=0)
    speaking = kill(second, LONG_S)
    for candidate in (first, second, third, new_seat):
        candidate.wait_done()
    world.organizer.close_sitting(sitting)
    package = world.organizer.send_package(sitting)
    return Day(answering, speaking, third, new_seat, str(package["receipt"]["package_id"]))


def kill(candidate: Candidate, seconds: float) -> Kill:
    """SIGKILL, a while of nothing, a new process in the same folder; until the candidate can go on."""
    candidate.kill()
    killed_at_ms, before = int(time.time() * 1000), candidate.look()
    time.sleep(seconds)
    began = time.monotonic()
    candidate.start()
    candidate.robot.wait_for("item", 60)
    candidate.wait_until("the work goes on", lambda: count_work(candidate.look()) > count_work(before))
    return Kill(candidate, before, candidate.look(), killed_at_ms, int(time.time() * 1000), time.monotonic() - began)


def count_work(view: JournalView) -> int:
    """Answers and recordings so far."""
    return sum(event.kind in WORK for event in view.events)


def move(world: World, sitting: str, old_seat: Candidate, new_seat: Candidate) -> None:
    """The organizer's command; until the old seat says that it is over."""
    workstation = new_seat.robot.wait_for("paired", 60)["workstation"]
    world.organizer.command(sitting, "move", [old_seat.look().attempt], workstation=workstation)
    old_seat.robot.wait_for("moved", 60)


def find_state_at_return(found: Kill) -> tuple[str, str]:
    """Item and stage as the agent left them and found them, before the robot did anything."""
    steps = [event for event in found.after.events if event.kind == "item_entered"]
    known = sum(event.kind == "item_entered" for event in found.before.events)
    back = steps[known - 1]
    return str(back.body["item"]), str(back.body["stage"])


@pytest.mark.parametrize("what", ["answering", "speaking"])
def test_the_candidate_comes_back_to_the_same_item_and_stage(day: Day, what: str) -> None:
    found: Kill = getattr(day, what)
    assert find_state_at_return(found) == (found.before.state.item, found.before.state.stage)
    first_step = found.candidate.robot.find("item")[0]
    assert first_step["position"] == (1 if what == "answering" else 2)


@pytest.mark.parametrize("what", ["answering", "speaking"])
def test_the_candidate_goes_on_within_seconds(day: Day, what: str) -> None:
    assert getattr(day, what).returned_s < 15


def test_a_short_outage_gives_no_time_back(day: Day) -> None:
    found = day.answering
    assert found.outages == []
    expected = found.before.state.left_ms(WORK_TIMER, found.back_at_ms)
    assert abs(expected - found.after.state.left_ms(WORK_TIMER, found.back_at_ms)) < 1000


def test_a_long_outage_is_given_back(day: Day) -> None:
    found = day.speaking
    assert len(found.outages) == 1
    outage = found.outages[0]
    assert outage["credited_ms"] == outage["to_ms"] - outage["from_ms"] >= LONG_S * 1000
    at_the_end = found.before.state.left_ms(WORK_TIMER, outage["from_ms"])
    assert abs(at_the_end - found.after.state.left_ms(WORK_TIMER, outage["to_ms"])) < 1000


def test_the_clock_of_speech_stood_while_nobody_could_speak(day: Day) -> None:
    found = day.speaking
    timer = f"item:{found.before.state.item}:speak"
    outage = found.outages[0]
    left = found.before.state.left_ms(timer, outage["from_ms"])
    assert abs(left - found.after.state.left_ms(timer, outage["to_ms"])) < 1000


def test_at_most_the_last_second_of_speech_is_lost(day: Day, world: World) -> None:
    found = day.speaking
    was, became = found.broken
    assert (became.committed, became.end_reason) == (True, "recovered")
    spoken = int(((found.killed_at_ms - was.started_at_ms) / 1000 - OPENING_S) * BYTES_PER_S)
    assert became.bytes >= spoken - BYTES_PER_S
    sound = found.candidate.read_sound(was.lease, was.number)
    assert len(sound) == became.bytes and read_speech(world.speech).startswith(sound)


def test_speech_goes_on_as_a_further_recording_of_the_same_task(day: Day) -> None:
    item = day.speaking.before.state.item
    pieces = [one for one in day.speaking.candidate.look().state.recordings if one.item == item]
    assert [one.end_reason for one in pieces] == ["recovered", "candidate"]


def test_a_moved_candidate_has_two_pieces_and_loses_nothing(day: Day, world: World) -> None:
    state = day.new_seat.look().state
    first, second = [one for one in state.recordings if one.item == state.recordings[0].item]
    assert first.lease < second.lease and min(first.bytes, second.bytes) > BYTES_PER_S
    assert first.end_reason == "moved" and second.end_reason in ("candidate", "time")
    for seat, piece in ((day.old_seat, first), (day.new_seat, second)):
        held = world.room / "recordings" / seat.look().attempt / f"{piece.lease}-{piece.number}.pcm"
        assert seat.read_sound(piece.lease, piece.number) == held.read_bytes()


def test_the_attempts_are_packaged_with_everything(day: Day, world: World) -> None:
    for candidate in (day.answering.candidate, day.speaking.candidate, day.old_seat, day.new_seat):
        assert list_missing_in_package(world.hub.data, day.package, candidate.look()) == []
    assert list_unreadable_parts(world.room) == []
