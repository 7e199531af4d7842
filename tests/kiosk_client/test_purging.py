"""An attempt leaves the workstation by order and receipt, whole and without a trace; anything else leaves it alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeAttempt, FakeClassroom
from kiosk_client.purging import PURGED, SCRUB_DUE
from testing_server.contracts.check_digits import make_login
from testing_server.contracts.events import digest_of
from tests.kiosk_client.conftest import LOGIN, sit_down, wait_until
from tests.kiosk_client.fake_hub import FakeHub

ANSWER, FILE = "канарейка-ответ-7f3a", b"canary-file-9c1d"
ALONE = make_login(lambda below: 5 % below)


class Desk:
    """A finished attempt with an answer, speech and a file, all delivered."""

    def __init__(self, agent: Agent, classroom: FakeClassroom, hub: FakeHub) -> None:
        self.agent, self.classroom, self.hub = agent, classroom, hub
        self.attempt = sit_down(agent, classroom)
        self.work()
        self.sound = self.read_sound()

    def work(self) -> None:
        seat = self.agent.require_seat()
        seat.answer("i1", "r1", "c2")
        seat.go("i4")
        seat.answer("i4", "r1", ANSWER)
        with self.agent.journal.transaction():
            reference = self.agent.files.write(seat.log.attempt, FILE, "text/plain", "notes.txt")
            self.agent.journal.keep_file(seat.log.attempt, reference.sha256, reference.bytes)
        seat.go("i3")
        seat.prepare()
        seat.speak()
        wait_until(lambda: self.agent.journal.list_parts(*self.agent.recorder.running or ("", 0, 0)))
        seat.stop_speaking()
        seat.go("i1")
        seat.finish()
        wait_until(self.is_delivered)

    def is_delivered(self) -> bool:
        journal = self.agent.journal
        return not journal.count_unacked() and not journal.count_waiting()

    def read_sound(self) -> bytes:
        """A stretch of the candidate's speech that is not silence."""
        pcm = b"".join(self.agent.recorder.find_file(one).read_bytes()
                       for one in self.agent.journal.list_recordings(self.attempt.id))
        start = next(place for place in range(0, len(pcm), 2) if pcm[place:place + 64].count(0) < 8)
        return pcm[start:start + 64]

    def order(self, **changes: object) -> int:
        """The organizer's word; its number."""
        number = self.classroom.direct(self.attempt, "purge", **self.hub.receive(self.attempt, **changes))
        self.agent.purging.hurry()
        return number

    def wait_answer(self) -> str:
        wait_until(lambda: self.classroom.purge_answers)
        return str(self.classroom.purge_answers[-1]["result"])

    def wait_gone(self) -> None:
        """Told, and then not even the attempt's name is left."""
        assert self.wait_answer() == "done"
        wait_until(lambda: not self.find_traces())

    def find_traces(self) -> list[str]:
        """Files of the agent's folder in which anything of the attempt can be read."""
        needles = {"answer": re.escape(ANSWER.encode()), "file": FILE, "sound": re.escape(self.sound),
                   "attempt": f'"attempt": ?"{self.attempt.id}"'.encode(), "login": LOGIN.encode()}
        return [f"{path.name}: {name}" for path in self.agent.options.folder.rglob("*") if path.is_file()
                for name, needle in needles.items() if re.search(needle, path.read_bytes())]


@pytest.fixture
def hub(classroom: FakeClassroom) -> FakeHub:
    made = FakeHub()
    classroom.hub_root = made.fingerprint
    return made


@pytest.fixture
def desk(classroom: FakeClassroom, hub: FakeHub, make_agent: Callable[..., Agent]) -> Desk:
    return Desk(make_agent(classroom.url), classroom, hub)


def test_by_order_and_receipt_nothing_remains(desk: Desk) -> None:
    traces = desk.find_traces()
    assert {name.split(": ")[1] for name in traces} >= {"answer", "file", "sound", "attempt", "login"}
    number = desk.order()
    assert desk.wait_answer() == "done"
    assert desk.classroom.purge_answers == [{
        "attempt": desk.attempt.id, "generation": desk.classroom.generation, "number": number, "result": "done"}]
    desk.wait_gone()
    assert desk.agent.journal.list_attempts() == [] and desk.agent.seating.seat is None
    assert desk.agent.journal.get(PURGED)["count"] == 1
    assert list((desk.agent.options.folder / "bundles").iterdir()) == []
    desk.agent.stop()
    assert desk.find_traces() == []


def test_the_server_hears_of_it_by_no_event(desk: Desk) -> None:
    """An event would make the packed sitting late again."""
    lines = dict(desk.attempt.lines)
    desk.order()
    assert desk.wait_answer() == "done" and desk.attempt.lines == lines


def test_the_next_candidate_is_not_touched(desk: Desk) -> None:
    desk.classroom.logins[ALONE] = "10002"
    desk.agent.seating.leave()
    desk.agent.sign_in(ALONE)
    other = desk.classroom.find_attempt(ALONE)
    desk.classroom.start_work(other)
    wait_until(lambda: desk.agent.require_seat().items)
    desk.agent.require_seat().answer("i1", "r1", "c3")
    desk.order()
    time.sleep(3)
    assert desk.classroom.purge_answers == []
    desk.agent.require_seat().finish("organizer")
    desk.wait_gone()
    assert desk.agent.journal.list_attempts() == [other.id]
    assert desk.agent.require_seat().state.responses["i1/r1"].value == "c3"
    assert desk.agent.bundles.open_materials(desk.agent.seating.find_start() or {}, desk.agent.seating.list_bundles())


@pytest.mark.parametrize(("changes", "reason"), [
    ({"purge_not_before_ms": 1 << 60}, "too_early"), ({"recordings": []}, "sound_not_covered"),
    ({"heads": []}, "events_not_covered"), ({"attempt": "somebody else"}, "not_in_receipt")])
def test_what_the_receipt_does_not_cover_stays(desk: Desk, changes: dict[str, object], reason: str) -> None:
    before = desk.find_traces()
    desk.order(**changes)
    assert desk.wait_answer() == reason and desk.find_traces() == before


def test_a_receipt_of_another_hub_is_not_believed(desk: Desk) -> None:
    desk.hub = FakeHub()
    before = desk.find_traces()
    desk.order()
    assert desk.wait_answer() == "bad_receipt" and desk.find_traces() == before


def test_a_server_cannot_name_another_hub_later(desk: Desk) -> None:
    other = FakeHub()
    desk.classroom.hub_root, desk.hub = other.fingerprint, other
    desk.classroom.tokens.clear()
    wait_until(lambda: desk.classroom.tokens)
    # After a hello the server is asked again how much of a file it has.
    time.sleep(0.5)
    wait_until(desk.is_delivered)
    desk.order()
    assert desk.wait_answer() == "bad_receipt" and desk.find_traces()


@pytest.mark.parametrize("body", [{}, {"receipt": "{}"}, {"receipt": 7, "hub_keys": 7}])
def test_an_order_without_a_receipt_deletes_nothing(desk: Desk, body: dict[str, object]) -> None:
    before = desk.find_traces()
    desk.classroom.direct(desk.attempt, "purge", **body)
    desk.agent.purging.hurry()
    assert desk.wait_answer() == "bad_receipt" and desk.find_traces() == before


def test_a_candidate_who_is_only_out_of_the_room_keeps_everything(
        classroom: FakeClassroom, hub: FakeHub, make_agent: Callable[..., Agent]) -> None:
    """Nothing waits to be sent and the receipt is right, but the work is not finished."""
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    agent.require_seat().answer("i1", "r1", "c2")
    classroom.direct(attempt, "pause")
    wait_until(lambda: agent.require_seat().state.is_paused)
    wait_until(lambda: not agent.journal.count_unacked() and not agent.journal.count_waiting())
    classroom.direct(attempt, "purge", **hub.receive(attempt))
    agent.purging.hurry()
    wait_until(lambda: classroom.purge_answers)
    assert classroom.purge_answers[-1]["result"] == "still_at_work"
    assert agent.require_seat().state.responses["i1/r1"].value == "c2"


def test_whoever_shows_pages_hears_of_it(desk: Desk) -> None:
    heard: list[str] = []
    desk.agent.purging.on_deleted = lambda: heard.extend(desk.agent.journal.list_attempts() or ["nothing is left"])
    desk.order()
    desk.wait_gone()
    assert heard == ["nothing is left"]


def test_without_a_hub_nothing_is_deleted(classroom: FakeClassroom, make_agent: Callable[..., Agent]) -> None:
    desk = Desk(make_agent(classroom.url), classroom, FakeHub())
    desk.order()
    assert desk.wait_answer() == "hub_unknown" and desk.find_traces()


def test_an_order_that_came_too_early_is_carried_out_on_its_day(
        desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.order(purge_not_before_ms=desk.classroom.now_ms() + 86_400_000)
    assert desk.wait_answer() == "too_early"
    monkeypatch.setattr(desk.agent.time, "now_ms", lambda: desk.classroom.now_ms() + 2 * 86_400_000)
    desk.agent.purging.hurry()
    wait_until(lambda: desk.classroom.purge_answers[-1]["result"] == "done")
    desk.wait_gone()


def test_what_is_only_here_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    body = desk.hub.receive(desk.attempt)
    lost = max(desk.attempt.lines)
    assert digest_of(desk.attempt.lines[lost].encode())
    lease = desk.agent.require_seat().log.lease
    desk.agent.journal.set_acked(desk.attempt.id, lease, lost[1] - 1)
    monkeypatch.setattr(desk.agent._outboxes[0], "wake", lambda: None)
    desk.agent._outboxes[0].stop()
    desk.classroom.direct(desk.attempt, "purge", **body)
    desk.agent.purging.hurry()
    assert desk.wait_answer() == "not_delivered" and desk.find_traces()


def test_a_crash_in_the_middle_is_finished_by_the_next_start(
        desk: Desk, make_agent: Callable[..., Agent], monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are gone, the pages are not yet overwritten, the server has not heard of it."""
    def crash(*told: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(desk.agent.journal, "scrub", crash)
    desk.order()
    wait_until(lambda: desk.agent.journal.get(SCRUB_DUE))
    desk.agent.stop()
    assert desk.classroom.purge_answers == []
    again = make_agent(desk.classroom.url)
    desk.agent = again
    desk.wait_gone()
    assert not again.journal.get(SCRUB_DUE)


def test_a_server_that_knows_nothing_of_orders_is_left_in_peace(desk: Desk) -> None:
    """An older classroom server has no such address."""
    desk.classroom.fail = refuse_purge
    desk.order(recordings=[])
    wait_until(lambda: any(one.endswith("/purge") for one in desk.classroom.requests))
    time.sleep(0.5)
    assert desk.agent.connection and desk.agent.connection.refusal == ""


def refuse_purge(path: str) -> None:
    from kiosk_client.fakes import FakeFault
    if path.endswith("/purge"):
        raise FakeFault(404, "not_found")


def test_an_order_for_a_seat_at_work_is_not_its_own_affair(
        classroom: FakeClassroom, hub: FakeHub, make_agent: Callable[..., Agent]) -> None:
    """It never becomes an event of the seat, whatever state the seat is in."""
    agent = make_agent(classroom.url)
    attempt: FakeAttempt = sit_down(agent, classroom)
    classroom.direct(attempt, "purge", **hub.receive(attempt))
    classroom.direct(attempt, "message", text="hello")
    wait_until(lambda: any(one.body.get("kind") == "message" for one in attempt.events))
    assert not any(one.body.get("kind") == "purge" for one in attempt.events)
    assert agent.require_seat().is_running


def test_sounds_of_checks_go_too(desk: Desk) -> None:
    left: Path = desk.agent.options.folder / "recordings" / "check-0123.pcm"
    left.write_bytes(b"a voice")
    desk.order()
    assert desk.wait_answer() == "done" and not left.exists()
