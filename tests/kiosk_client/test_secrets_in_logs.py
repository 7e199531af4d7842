"""Canaries: what candidate, organizer and agent keep to themselves goes well and badly, and no log holds it."""
from __future__ import annotations

import io
import logging
import sqlite3
from collections.abc import Callable, Iterator

import httpx
import pytest

from kiosk_client.agent import Agent
from kiosk_client.fakes import FakeClassroom, FakeFault
from kiosk_client.lockdown.exit_guard import MOST_TRIES, ExitWrong
from kiosk_client.refusals import LoginWrong, SeatRefusal
from kiosk_client.screens.server import PageServer
from tests.kiosk_client.conftest import LOGIN, pair, sit_down, wait_until

ANSWER = "canary-answer-52e0"
WRONG_LOGIN = "99999990"
EXIT_CODE, WRONG_CODE = "042817", "031415"
MakeAgent = Callable[..., Agent]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the agent writes down (kiosk_client.cli.keep_log), and its own debugging besides."""
    text, root, own = io.StringIO(), logging.getLogger(), logging.getLogger("kiosk_client")
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    own.setLevel(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)
    own.setLevel(logging.NOTSET)


def open_page(agent: Agent) -> tuple[PageServer, httpx.Client, list[str]]:
    """The page of the seat, and what opened it."""
    page = PageServer(agent)
    page.start()
    origin = f"http://127.0.0.1:{page.port}"
    browser = httpx.Client(base_url=origin, headers={"Origin": origin})
    address = page.launch_address()
    assert browser.get(address).status_code == 303 and browser.get(address).status_code == 401
    return page, browser, [address.rpartition("/")[2], next(iter(browser.cookies.values()))]


def refuse(path: str) -> None:
    """The server answers nobody any more."""
    raise FakeFault(500, "broken")


def break_journal(agent: Agent) -> None:
    """Nothing more can be written down at this seat: failures are logged with what failed."""
    path = next(agent.options.folder.rglob("journal.sqlite"))
    with sqlite3.connect(path) as database:
        database.execute("CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'broken'); END")


def test_a_wrong_login_is_not_written_down(log: io.StringIO, classroom: FakeClassroom, make_agent: MakeAgent) -> None:
    agent = make_agent(classroom.url)
    pair(agent, classroom)
    with pytest.raises(LoginWrong):
        agent.sign_in(WRONG_LOGIN)
    agent.stop()
    assert log.getvalue() and WRONG_LOGIN not in log.getvalue()


def test_a_seats_day_leaves_no_secret_in_its_log(log: io.StringIO, classroom: FakeClassroom,
                                                 make_agent: MakeAgent) -> None:
    classroom.exit_code = EXIT_CODE
    agent = make_agent(classroom.url)
    attempt = sit_down(agent, classroom)
    page, browser, secrets = open_page(agent)
    secrets += list(classroom.tokens)
    seat = agent.require_seat()
    seat.answer("i1", "r1", ANSWER)
    wait_until(lambda: agent.exit_guard.needs_code)
    for _ in range(MOST_TRIES):
        with pytest.raises(ExitWrong):
            agent.exit_guard.leave(WRONG_CODE)
    classroom.fail = refuse
    seat.answer("i1", "r1", ANSWER + "!")
    browser.post("/v1/actions/answer", json={"item": "i1", "response": "r1", "value": [ANSWER]})
    break_journal(agent)
    with pytest.raises((SeatRefusal, sqlite3.Error)):
        seat.answer("i1", "r1", ANSWER + "?")
    page.stop()
    agent.stop()
    told = log.getvalue()
    assert "exit_refused" in told, "the log is not listened to"
    assert all(secrets) and attempt.code
    for secret in [*secrets, ANSWER, LOGIN, WRONG_LOGIN, EXIT_CODE, WRONG_CODE]:
        assert secret not in told
