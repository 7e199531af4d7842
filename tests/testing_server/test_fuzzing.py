"""A fuzzer over every endpoint and socket event of both servers: no failure of the server, nothing acknowledged lost.

Short and always the same here; `make fuzz` looks longer and elsewhere (FUZZ_EXAMPLES per server).
"""
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from sqlalchemy import select

from testing_server.exam_day.responses.queries import list_event_lines
from testing_server.foundation.access import AccountRole
from testing_server.foundation.audit import verify_audit
from testing_server.foundation.audit.records import AuditChainRecord
from testing_server.foundation.files.downloads import make_downloads_app
from testing_server.preparation.founding.actions import prepare_hub
from testing_server.roles import list_hub_mounts
from tests.builders import close_app, make_app, services_of
from tests.testing_server.endpoint_callers import Caller, make_person, make_program, make_worker
from tests.testing_server.exam_day.builders import Classroom, make_open_room
from tests.testing_server.fuzzing import ENDING, Request, make_messages, make_requests
from tests.testing_server.test_endpoints import list_rules
from tests.testing_server.test_socket_events import connect

pytestmark = pytest.mark.usefixtures("quick_passwords")
LONG = int(os.environ.get("FUZZ_EXAMPLES", "0"))
# answers of these are the truth about the world around the test, not failures: there is no hub and nothing to hand out
TRUE_5XX = {"hub_away", "handout_damaged"}
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


def fuzz_settings(short: int) -> Any:
    """As many examples as a short or a long run wants; a failure is told with its request, not made smaller."""
    return settings(max_examples=LONG or short, derandomize=not LONG, deadline=None, database=None,
                    phases=[Phase.generate], suppress_health_check=QUIET)


@dataclass
class Target:
    """A server, who asks it, and what it failed at: place of the failure -> the request."""

    app: Flask
    callers: list[Caller]
    known: list[str]
    failures: dict[str, str] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    def list_requests(self) -> st.SearchStrategy[Request]:
        rules = [(line, rule) for line, rule in sorted(list_rules(self.app).items(), key=lambda one: one[0])
                 if rule.rule not in ENDING]
        # which address is drawn first: else those with many fields would crowd out the others
        made = [make_requests(self.app, line, rule, self.callers, self.known) for line, rule in rules]
        return st.integers(0, len(made) - 1).flatmap(lambda place: made[place])

    def knock(self, request: Request) -> None:
        self.trace.clear()
        answer = request.send()
        if answer.status_code >= 500 and (answer.get_json(silent=True) or {}).get("code") not in TRUE_5XX:
            self.failures.setdefault(self.trace[-1] if self.trace else answer.text[:80], str(request))


class Traces(logging.Handler):
    """Where the last unforeseen failure happened, in our own code."""

    def __init__(self, trace: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.trace = trace

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        found, place = error.__traceback__ if error else None, ""
        while found is not None:
            name = found.tb_frame.f_code.co_filename
            place = f"{name.partition('testing_server/')[2]}:{found.tb_lineno}" if "/testing_server/" in name else place
            found = found.tb_next
        self.trace.append(f"{type(error).__name__} at {place}: {error}"[:200])


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """A sitting that goes on, with an answer and a piece of sound acknowledged."""
    made = make_open_room(tmp_path_factory.mktemp("fuzz") / "data")
    kiosk = made.seat(0)
    made.start(kiosk)
    kiosk.write("answer_set", response="r1", item="i1", value="kept")
    assert kiosk.send().status == 200
    yield made
    made.close()


@pytest.fixture(scope="module")
def classroom(room: Classroom) -> Iterator[Target]:
    kiosk, other = room.kiosks[0], room.pair("2")
    own = {"attempt_id": kiosk.attempt, "attempt": kiosk.attempt, "workstation_id": kiosk.workstation,
           "workstation": kiosk.workstation, "sitting": room.sitting, "archive": room.archive,
           "lease": str(kiosk.lease)}
    people = [make_person(room.app, role) for role in ("school_organizer", "room_organizer", "technician", "expert")]
    for one in people:
        one.own.update(own)
    seats = [make_program(room.app, name, "workstation", found.workstation, frozenset(), **own)
             for name, found in (("seat", kiosk), ("other seat", other))]
    stranger = Caller("stranger", room.app.test_client(), frozenset(), own=own)
    known = [*own.values(), *room.logins, other.workstation]
    yield from watch(Target(room.app, [*people, *seats, make_worker(room.app), stranger], known))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    app = make_app(tmp_path_factory.mktemp("fuzz") / "hub", list_hub_mounts())
    prepare_hub(services_of(app))
    people = [make_person(app, role.value) for role in AccountRole]
    school = make_program(app, "school", "school", "s1", frozenset())
    stranger = Caller("stranger", app.test_client(), frozenset())
    yield from watch(Target(app, [*people, school, make_worker(app), stranger], ["s1", "demo", "english-7"]))
    close_app(app)


def watch(target: Target) -> Iterator[Target]:
    """Form tokens and rates off, traces on."""
    target.app.config["WTF_CSRF_METHODS"] = set()
    target.app.extensions["rates"].enabled = False
    handler = Traces(target.trace)
    logging.getLogger("testing_server").addHandler(handler)
    yield target
    logging.getLogger("testing_server").removeHandler(handler)


def run(target: Target, short: int) -> None:
    """All examples, then what failed."""
    @fuzz_settings(short)
    @given(target.list_requests())
    def look(request: Request) -> None:
        target.knock(request)
    look()
    told = "\n".join(f"{place}\n    {request}" for place, request in target.failures.items())
    assert not target.failures, f"{len(target.failures)} failures:\n{told}"


def list_broken_chains(app: Flask) -> list[str]:
    """Chains of the audit that are not whole."""
    with services_of(app).storage.read() as session:
        chains = list(session.scalars(select(AuditChainRecord.chain)))
        return [chain for chain in chains if verify_audit(session, chain) is not None]


def test_classroom_answers_whatever_is_asked(classroom: Target) -> None:
    run(classroom, 300)


def test_hub_answers_whatever_is_asked(hub: Target) -> None:
    run(hub, 200)


def test_sockets_take_whatever_comes(classroom: Target, hub: Target) -> None:
    """Every event of every namespace; an exception in a handler would come up here."""
    for target, spaces in ((classroom, ("/", "/seat")), (hub, ("/",))):
        events = [(space, event) for space in spaces for event in sorted(
            target.app.extensions["socketio"].server.handlers[space]) if event not in ("connect", "disconnect")]

        @fuzz_settings(150)
        @given(st.sampled_from(events), st.sampled_from(target.callers), make_messages(target.known))
        def look(event: tuple[str, str], caller: Caller, message: Any) -> None:
            space, name = event
            socket = connect(target.app, caller, space)
            if socket.is_connected(space):
                socket.emit(name, message, namespace=space)
                socket.disconnect(space)
        look()


def test_a_greeting_of_any_form_is_answered(classroom: Target, hub: Target) -> None:
    """What a client sends as `auth`."""
    for target, spaces in ((classroom, ("/", "/seat")), (hub, ("/",))):
        @fuzz_settings(60)
        @given(st.sampled_from(spaces), make_messages(target.known))
        def look(space: str, auth: Any) -> None:
            if isinstance(auth, (int, float)) and not isinstance(auth, bool):
                # a bare number reads as the packet's own number in Socket.IO: the library drops such a connection
                return
            target.app.extensions["socketio"].test_client(target.app, namespace=space, auth=auth)
        look()


def test_files_processes_answer_whatever_is_asked(room: Classroom, classroom: Target, hub: Target) -> None:
    """Tokens of workstations, addresses and bytes of any kind."""
    downloads = make_downloads_app(services_of(hub.app).settings, services_of(hub.app).clock)
    for app, callers, known in ((room.files, classroom.callers, classroom.known), (downloads, hub.callers, hub.known)):
        programs = [replace(one, client=app.test_client()) for one in callers if one.headers or not one.role]
        run(Target(app, programs, known), 150)


def test_nothing_acknowledged_is_lost(room: Classroom, classroom: Target, hub: Target) -> None:
    kiosk = room.kiosks[0]
    with room.services.storage.read() as session:
        kept = {line if isinstance(line, str) else line.line for line in list_event_lines(session, kiosk.attempt)}
    assert set(kiosk.lines[kiosk.lease]) <= kept
    assert list_broken_chains(classroom.app) == [] and list_broken_chains(hub.app) == []
