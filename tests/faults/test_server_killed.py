"""The classroom server is killed while candidates answer and while they speak; a day later nothing is missing.

One sitting with three robots walks through all of it; the tests look at what was seen on the way.
"""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from testing_server.contracts.fold import WORK_TIMER
from tests.faults.candidate import Candidate, JournalView
from tests.faults.evidence import (
    count_packages, list_lost_events, list_lost_sound, list_missing_in_package, list_unreadable_parts, look_at_room)
from tests.faults.world import World

DOWN_S = 2.0


@dataclass
class Break:
    """One kill. `promised`: journals at the moment of the kill; `given`: answers while the server was away."""

    what: str
    promised: dict[int, JournalView]
    given: int = 0
    returned_s: float = 0.0
    lost_events: list[object] = field(default_factory=list)
    lost_sound: list[object] = field(default_factory=list)
    unreadable: list[object] = field(default_factory=list)
    left_apart_ms: int = 0
    was_locked: bool = False
    survivors: list[str] = field(default_factory=list)


@dataclass
class Day:
    """The sitting afterwards."""

    breaks: dict[str, Break]
    candidates: list[Candidate]
    sitting: str
    package: str


@pytest.fixture(scope="module")
def day(world: World) -> Day:
    """The first answers: the whole server. The second speaks: the whole server. The third: the core, then the files."""
    codes = [world.take_code() for _ in range(3)]
    sitting = world.open_sitting(codes)
    candidates = [world.make_candidate(code) for code in codes]
    world.seat_all(sitting, candidates)
    first, second, third = candidates
    breaks = {}
    world.start_work(sitting, first)
    first.wait_for_answers(2)
    breaks["answers"] = break_all(world, candidates, "answers", world.kill_classroom)
    world.start_work(sitting, second)
    second.wait_until_speaking()
    breaks["speech"] = break_all(world, candidates, "speech", world.kill_supervisor)
    world.start_work(sitting, third)
    third.wait_for_answers(2)
    breaks["core"] = break_one(world, candidates, "core")
    third.wait_until_speaking()
    breaks["files"] = break_one(world, candidates, "files")
    for candidate in candidates:
        candidate.wait_done()
    world.organizer.close_sitting(sitting)
    package = world.organizer.send_package(sitting)
    return Day(breaks, candidates, sitting, str(package["receipt"]["package_id"]))


def break_all(world: World, candidates: list[Candidate], what: str, kill: Callable[[], None]) -> Break:
    """The whole server ends at once; back after a while on the same folder and ports."""
    promised = {one.number: one.look() for one in candidates}
    before = sum(one.count("answered") for one in candidates)
    kill()
    time.sleep(DOWN_S)
    alive = world.list_alive()
    found = Break(what, promised, given=sum(one.count("answered") for one in candidates) - before,
                  survivors=alive)
    look_after(world, candidates, found)
    world.restart_classroom()
    wait_for_return(world, candidates, found)
    return found


def break_one(world: World, candidates: list[Candidate], name: str) -> Break:
    """SIGKILL to one process; the supervisor brings it back by itself."""
    promised = {one.number: one.look() for one in candidates}
    killed = world.classroom.kill_process(name)
    found = Break(name, promised)
    look_after(world, candidates, found)
    candidates[0].wait_until(f"another {name}", lambda: world.classroom.read_pids().get(name, killed) != killed)
    world.classroom.wait_until_healthy()
    wait_for_return(world, candidates, found)
    found.was_locked = not world.organizer.is_key_unlocked()
    return found


def look_after(world: World, candidates: list[Candidate], found: Break) -> None:
    """What the server's disk holds of what it had promised."""
    for one in candidates:
        promised = found.promised[one.number]
        found.lost_events += list_lost_events(promised, world.room)
        found.lost_sound += list_lost_sound(promised, one.folder / "recordings", world.room)
    found.unreadable += list_unreadable_parts(world.room)


def wait_for_return(world: World, candidates: list[Candidate], found: Break) -> None:
    """Until every seat's events of now are acknowledged; then both sides must see the same time left."""
    began = time.monotonic()
    for one in candidates:
        wanted = one.look().heads
        one.wait_until("answers arrive again", lambda: all(  # type: ignore[misc]
            one.look().acked.get(lease, 0) >= number for lease, number in wanted.items()), 30)
    found.returned_s = time.monotonic() - began
    found.left_apart_ms = max(measure_apart(world, one) for one in candidates)


def measure_apart(world: World, candidate: Candidate) -> int:
    """How far the two sides' time left is apart, at one moment; the seat's newest events may still be on their way."""
    apart = []
    for _ in range(20):
        seat = candidate.look()
        room, now = look_at_room(world.room, seat.attempt), int(time.time() * 1000)
        apart.append(abs((seat.state.left_ms(WORK_TIMER, now) or 0) - (room.state.left_ms(WORK_TIMER, now) or 0)))
        if apart[-1] < 1000:
            break
        time.sleep(0.25)
    return min(apart)


@pytest.mark.parametrize("what", ["answers", "speech", "core", "files"])
def test_nothing_acknowledged_is_missing_after_the_kill(day: Day, what: str) -> None:
    assert any(view.acked for view in day.breaks[what].promised.values())
    assert day.breaks[what].lost_events == []
    assert day.breaks[what].lost_sound == []


def test_no_process_outlives_its_killed_supervisor(day: Day) -> None:
    assert day.breaks["speech"].survivors == []


def test_candidates_answer_while_the_server_is_away(day: Day) -> None:
    assert day.breaks["answers"].given > 0


@pytest.mark.parametrize("what", ["answers", "speech", "core", "files"])
def test_answers_arrive_again_within_seconds(day: Day, what: str) -> None:
    assert day.breaks[what].returned_s < 10, day.breaks[what].returned_s


@pytest.mark.parametrize("what", ["answers", "speech", "core", "files"])
def test_both_sides_see_the_same_time_left(day: Day, what: str) -> None:
    assert day.breaks[what].left_apart_ms < 1000


def test_parts_that_were_durable_are_readable_after_a_kill_during_speech(day: Day) -> None:
    promised = day.breaks["speech"].promised.values()
    assert any(durable > 0 for view in promised for _, durable in view.recordings.values())
    assert day.breaks["speech"].unreadable == day.breaks["files"].unreadable == []


def test_a_killed_core_finds_the_school_key_unlocked(day: Day) -> None:
    assert not day.breaks["core"].was_locked


def test_recordings_are_whole_in_one_piece_each(day: Day, world: World) -> None:
    for candidate in day.candidates:
        recordings = candidate.look().state.recordings
        assert [one.end_reason for one in recordings] == ["candidate", "candidate"]
        for one in recordings:
            sound = candidate.read_sound(one.lease, one.number)
            held = world.room / "recordings" / candidate.look().attempt / f"{one.lease}-{one.number}.pcm"
            assert len(sound) == one.bytes and held.read_bytes() == sound


def test_the_package_holds_every_event_and_every_recording(day: Day, world: World) -> None:
    assert count_packages(world.hub.data, day.sitting) == 1
    for candidate in day.candidates:
        assert list_missing_in_package(world.hub.data, day.package, candidate.look()) == []
