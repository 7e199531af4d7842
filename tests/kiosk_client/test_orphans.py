"""Works of a server whose key is lost: shown to the new server until it knows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from kiosk_client.connection import Connection
from kiosk_client.journal import Journal
from kiosk_client.orphans import SHOW_EVERY, Orphans
from testing_server.contracts.messages import SignedIn, Welcome
from testing_server.contracts.orphans import WorksShown, WorksTaken

ATTEMPT = "11111111-0000-4000-8000-000000000000"


class FakeLink:
    """Takes what is shown; knows what it is told to know."""

    def __init__(self) -> None:
        self.token, self.hellos = "t", 0
        self.shown: list[WorksShown] = []
        self.known: list[str] = []

    def ask(self, method: str, path: str, kind: type, body: WorksShown) -> WorksTaken:
        assert (method, path) == ("POST", "/v1/works")
        self.shown.append(body)
        return WorksTaken(known=self.known)

    def renew_token(self, old: str) -> str:
        self.hellos += 1
        return old


class FakeConnection:
    def __init__(self, acked: dict[str, dict[str, int]], **changes: Any) -> None:
        self.link = FakeLink()
        self.welcome = Welcome(token="t", seat="1", server_at_ms=1, generation=0, claim="", files_url="", school="",
                               room="", state="paired", acked=acked, **changes)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.sqlite")
    signed_in = SignedIn(attempt=ATTEMPT, code="10003", lease=5, generation=0, grant='{"lease":5}', state="started",
                         assessment={"id": "english-7"}, variant="10001", bundles=[])
    made.keep_attempt(ATTEMPT, "12345678", msgspec.json.encode(signed_in).decode())
    made.keep_grant(ATTEMPT, 5, '{"lease":5}')
    yield made
    made.close()


def look(orphans: Orphans, connection: FakeConnection, times: int = 1) -> None:
    for _ in range(times):
        orphans.look(cast(Connection, connection))


def test_a_work_the_server_does_not_know_is_shown_without_the_login(journal: Journal) -> None:
    connection, orphans = FakeConnection({}), Orphans(journal)
    look(orphans, connection)
    [shown] = connection.link.shown
    work = shown.works[ATTEMPT]
    assert (work.code, work.variant, work.assessment, work.own) == ("10003", "10001", "english-7", [5])
    assert b"12345678" not in msgspec.json.encode(shown) and connection.link.hellos == 0


def test_it_is_shown_again_and_greeted_once_it_is_known(journal: Journal) -> None:
    connection, orphans = FakeConnection({}), Orphans(journal)
    look(orphans, connection, SHOW_EVERY)
    assert len(connection.link.shown) == 1
    connection.link.known = [ATTEMPT]
    look(orphans, connection)
    assert len(connection.link.shown) == 2 and connection.link.hellos == 1


@pytest.mark.parametrize("connection", [
    FakeConnection({ATTEMPT: {"5": 3}}), FakeConnection({}, recovering=True)])
def test_a_known_work_and_a_server_that_still_gathers_hear_nothing(journal: Journal,
                                                                   connection: FakeConnection) -> None:
    look(Orphans(journal), connection)
    assert connection.link.shown == []
