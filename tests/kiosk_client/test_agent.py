"""The whole agent against a fake classroom: what is journalled arrives, once, whatever happens to the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk_client.agent import Agent, Options
from kiosk_client.fakes import FakeClassroom, FakeFault
from kiosk_client.link import Refused
from kiosk_client.recorder_service import make_microphone
from kiosk_client.refusals import AlreadyRunning, LoginWrong, NotNow, ServerAway
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import check_chain
from tests.kiosk_client.conftest import LOGIN, pair, sit_down, wait_until

MakeAgent = Callable[..., Agent]


def arrived(classroom: FakeClassroom, agent: Agent) -> bool:
    """Everything the journal holds is at the server."""
    attempt = classroom.find_attempt(LOGIN)
    heads = agent.journal.list_heads()[attempt.id]
    return all(attempt.acked(int(lease)) == number for lease, number in heads.items())


def refuse_events(path: str, code: str = "busy") -> None:
    """A fault of the server that lasts until it is taken away."""
    if path.endswith("/events"):
        raise FakeFault(503, code, 0.1)


def test_answers_arrive_in_order_and_chained(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    seat = agent.require_seat()
    for value in ("c1", "c2", "c3") * 10:
        seat.answer("i1", "r1", value)
    wait_until(lambda: arrived(classroom, agent))
    lease = seat.log.lease
    lines = [attempt.lines[key].encode() for key in sorted(attempt.lines)]
    check_chain(lines, sha256_hex(attempt.leases[lease][2].encode()))
    assert attempt.state.responses["i1/r1"].value == "c3"


def test_a_repeated_batch_after_a_lost_reply_is_harmless(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    store, lost = classroom._store, []

    def lose_first_reply(*told: object) -> None:
        store(*told)  # type: ignore[arg-type]
        if len(lost) < 3:
            lost.append(told)
            raise FakeFault(503, "busy", 0.1)

    classroom._store = lose_first_reply  # type: ignore[method-assign]
    agent.require_seat().answer("i1", "r1", "c2")
    wait_until(lambda: arrived(classroom, agent))
    assert len(lost) == 3 and attempt.state.responses["i1/r1"].value == "c2"


def test_work_goes_on_while_the_server_is_away_and_catches_up(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    wait_until(lambda: arrived(classroom, agent))
    classroom.stop()
    seat = agent.require_seat()
    seat.answer("i1", "r1", "c3")
    seat.go("i3")
    seat.prepare()
    seat.speak()
    wait_until(lambda: agent.journal.count_waiting_parts() >= 2)
    wait_until(lambda: agent.connection and agent.connection.is_away)
    seat.stop_speaking()
    classroom.start()
    wait_until(lambda: arrived(classroom, agent) and not agent.journal.count_waiting_parts(), 40)
    [recording] = attempt.state.recordings
    assert attempt.state.responses["i1/r1"].value == "c3"
    assert sha256_hex(bytes(attempt.sound[recording.lease, recording.number])) == recording.sha256


def test_a_server_that_lost_its_disk_is_given_everything_again(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    agent.require_seat().answer("i1", "r1", "c2")
    wait_until(lambda: arrived(classroom, agent))
    attempt.lines.clear()
    classroom.tokens.clear()
    wait_until(lambda: attempt.lines and arrived(classroom, agent))
    assert attempt.state.responses["i1/r1"].value == "c2"


@pytest.mark.parametrize("code", ["storage_full", "storage_readonly", "busy", "fenced"])
def test_a_server_that_refuses_is_asked_again(classroom: FakeClassroom, make_agent: MakeAgent, code: str) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)

    classroom.fail = lambda path: refuse_events(path, code)
    agent.require_seat().answer("i1", "r1", "c2")
    wait_until(lambda: classroom.requests.count(f"POST /v1/attempts/{classroom.find_attempt(LOGIN).id}/events") > 3)
    classroom.fail = lambda path: None
    wait_until(lambda: arrived(classroom, agent))


def test_a_conflict_brings_another_lease_and_no_answer_is_lost(
        classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    wait_until(lambda: arrived(classroom, agent))
    first = agent.require_seat().log.lease
    classroom.fail = refuse_events
    agent.require_seat().answer("i1", "r1", "c2")
    number = agent.journal.head(attempt.id, first)[0]
    other = agent.journal.list_lines(attempt.id, first, 0, 1)[0].decode().replace('"number":1,', f'"number":{number},')
    attempt.lines[first, number] = other
    classroom.fail = lambda path: None
    wait_until(lambda: agent.require_seat().log.lease > first)
    wait_until(lambda: attempt.acked(agent.require_seat().log.lease) == agent.journal.head(
        attempt.id, agent.require_seat().log.lease)[0])
    again = agent.require_seat()
    assert again.state.responses["i1/r1"].value == "c2" and again.is_running and again.items
    again.answer("i1", "r1", "c3")
    wait_until(lambda: attempt.state.responses["i1/r1"].value == "c3")


def test_a_disk_that_lost_a_confirmed_tail_does_not_number_it_again(
        classroom: FakeClassroom, make_agent: MakeAgent, tmp_path: Path) -> None:
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    agent.require_seat().answer("i1", "r1", "c2")
    wait_until(lambda: arrived(classroom, agent))
    first = agent.require_seat().log.lease
    agent.stop()
    with_less = make_agent(classroom.url)
    with_less.stop()
    journal = with_less.options.folder / "journal.sqlite"
    forget_tail(journal)
    again = make_agent(classroom.url)
    again.attach()
    wait_until(lambda: again.require_seat().log.lease > first, 20)
    again.require_seat().answer("i1", "r1", "c3")
    wait_until(lambda: attempt.state.responses["i1/r1"].value == "c3")


def forget_tail(path: Path) -> None:
    """What a lying disk does at a power cut."""
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM events WHERE number > 3")


def test_a_moved_candidate_goes_on_at_another_seat(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    old = make_agent(classroom.url, "old")
    attempt = sit_down(old, classroom)
    old.require_seat().answer("i1", "r1", "c2")
    wait_until(lambda: arrived(classroom, old))
    new = make_agent(classroom.url, "new")
    pair(new, classroom)
    seat = new.sign_in(LOGIN)
    new.attach()
    wait_until(lambda: new.require_seat().is_running and new.require_seat().items)
    assert seat.state.responses["i1/r1"].value == "c2" and seat.state.item == "i1"
    old.require_seat().answer("i1", "r1", "c1")
    wait_until(lambda: old.require_seat().moved)
    seat.go("i4")
    seat.answer("i4", "r1", "word")
    wait_until(lambda: "i4/r1" in attempt.state.responses)
    assert len(attempt.state.opened_leases) == 2


def test_a_restart_of_the_agent_needs_no_server(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    agent.require_seat().answer("i1", "r1", "c2")
    agent.stop()
    classroom.stop()
    again = make_agent("")
    again.attach()
    wait_until(lambda: again.require_seat().is_running and again.require_seat().items)
    again.require_seat().go("i4")
    again.require_seat().answer("i4", "r1", "alone")
    assert again.require_seat().state.responses["i1/r1"].value == "c2"
    classroom.start()
    wait_until(lambda: arrived(classroom, again), 30)


WRONG_DIGIT = LOGIN[:-1] + str((int(LOGIN[-1]) + 1) % 10)


@pytest.mark.parametrize("typed", ["123", "", "abcdefgh", WRONG_DIGIT])
def test_a_mistyped_login_is_refused_before_it_is_sent(
        classroom: FakeClassroom, make_agent: MakeAgent, typed: str) -> None:
    agent = make_agent(classroom.url)
    pair(agent, classroom)
    with pytest.raises(LoginWrong):
        agent.sign_in(typed)
    assert "POST /v1/attempts/sign-in" not in classroom.requests


def test_a_login_the_server_does_not_know_is_refused_with_its_code(
        classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    pair(agent, classroom)
    classroom.logins.clear()
    with pytest.raises(Refused) as refusal:
        agent.sign_in(LOGIN)
    assert refusal.value.code == "unknown_login" and agent.seating.seat is None


def test_nobody_signs_in_over_somebody_who_works(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    with pytest.raises(NotNow):
        agent.sign_in(LOGIN)
    with pytest.raises(NotNow):
        agent.seating.leave()


def test_materials_are_on_the_seat_before_the_start(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    pair(agent, classroom)
    agent.sign_in(LOGIN)
    wait_until(lambda: agent.seating.count_missing() == 0)
    assert agent.seating.materials is None
    names = {path.name for path in (agent.options.folder / "bundles").iterdir()}
    assert names == set(classroom.work.bundles)


def test_the_next_candidate_may_sit_down_when_the_work_is_over(
        classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    sit_down(agent, classroom)
    agent.require_seat().finish()
    wait_until(lambda: arrived(classroom, agent))
    agent.seating.leave()
    assert agent.seating.seat is None
    agent.stop()
    assert make_agent(classroom.url).seating.seat is None


def test_without_a_pairing_nothing_is_sent(classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    with pytest.raises(ServerAway):
        agent.sign_in(LOGIN)
    # which room this is may be asked by anybody, and is asked now and then
    assert [one for one in classroom.requests if one != "GET /v1/place"] == []


def test_one_agent_a_folder(classroom: FakeClassroom, make_agent: MakeAgent, tmp_path: Path) -> None:
    make_agent(classroom.url)
    with pytest.raises(AlreadyRunning):
        Agent(Options(tmp_path / "seat", classroom.url, make_microphone(None)))
