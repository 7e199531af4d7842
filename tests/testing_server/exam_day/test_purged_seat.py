"""The whole way of one work: a real seat at a real classroom, a package, the hub's receipt, the order, nothing left.

The canary: an answer, the speech and the codes of the candidate are looked for in the bytes of every file of the seat.
"""
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.serving import make_server

from audio.sources import FileSource
from kiosk_client.agent import Agent, Options
from testing_server.exam_day.packages.purging import view_purge
from testing_server.exam_day.packages.queries import read_closing
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.foundation.settings import change_settings
from testing_server.foundation.tls import ensure_tls
from tests.kiosk_client import conftest
from tests.testing_server.exam_day.builders import Classroom, join_hub, make_open_room

CANARY = "канарейка-зелёная-4417"
DAY_MS = 24 * 3_600_000


def wait_until(condition: Callable[[], object]) -> None:
    conftest.wait_until(condition, 60)


def serve(stack: ExitStack, room: Classroom, application: Any) -> int:
    """Over the room's own TLS; the port."""
    files = ensure_tls(room.services.settings.keys_folder, int(time.time() * 1000))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    listening = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=context)
    threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
    stack.callback(listening.server_close)
    stack.callback(listening.shutdown)
    return int(listening.server_port)


class Seat:
    """A real agent; `sound`: a stretch of what the candidate said, as its bytes lay on the disk."""

    def __init__(self, room: Classroom, agent: Agent) -> None:
        self.room, self.agent = room, agent
        self.attempt, self.sound = "", b""

    def pair(self, seat: str) -> None:
        digits = self.agent.begin_pairing()
        assert self.agent.pairing is not None
        typed = SimpleNamespace(pairing=self.agent.pairing.pairing)
        assert self.room.type_digits(typed, digits, seat) == "green"  # type: ignore[arg-type]
        self.agent.confirm_pairing(True)
        wait_until(lambda: self.agent.connection and self.agent.connection.welcome)

    def work(self, login: str) -> None:
        """Signs in, is started, types, speaks and finishes."""
        self.agent.sign_in(login)
        self.agent.attach()
        seat = self.agent.require_seat()
        self.attempt = seat.log.attempt
        self.room.command("start", [self.attempt])
        wait_until(lambda: seat.state.started and seat.items)
        seat.answer("i1", "r1", CANARY)
        seat.go("i2")
        seat.prepare()
        seat.speak()
        wait_until(lambda: len(self.agent.journal.list_parts(*(self.agent.recorder.running or ("", 0, 0)))) > 0)
        seat.stop_speaking()
        self.sound = self.read_sound()

    def read_sound(self) -> bytes:
        pcm = b"".join(self.agent.recorder.find_file(one).read_bytes()
                       for one in self.agent.journal.list_recordings(self.attempt))
        start = next(place for place in range(0, len(pcm), 2) if pcm[place:place + 64].count(0) < 8)
        return pcm[start:start + 64]

    def finish(self) -> None:
        self.agent.require_seat().go("i1")
        self.agent.require_seat().finish()
        journal = self.agent.journal
        wait_until(lambda: not journal.count_unacked() and not journal.count_waiting())

    def find_traces(self, login: str = "") -> set[str]:
        """Which of the canaries can be read in any file of the seat's folder."""
        needles = {"answer": CANARY.encode(), "escaped": CANARY.encode("unicode_escape"), "sound": self.sound,
                   "attempt": self.attempt.encode(), "login": (login or self.room.logins[0]).encode()}
        bodies = [path.read_bytes() for path in self.agent.options.folder.rglob("*") if path.is_file()]
        return {name for name, needle in needles.items() if any(needle in body for body in bodies)}


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classroom]:
    made = make_open_room(tmp_path / "data", 2, sound_check=False)
    made.hub = join_hub(made, tmp_path / "hub", monkeypatch)
    yield made
    made.close()


@pytest.fixture
def seat(room: Classroom, tmp_path: Path) -> Iterator[Seat]:
    """Paired; nobody has signed in."""
    with ExitStack() as stack:
        room.services.settings = change_settings(room.services.settings, files_port=serve(stack, room, room.files))
        address = f"https://127.0.0.1:{serve(stack, room, room.app)}"
        spoken = conftest.make_speech(tmp_path / "speech.wav")
        agent = Agent(Options(tmp_path / "seat", address, lambda: FileSource(spoken)))
        agent.start()
        stack.callback(agent.stop)
        made = Seat(room, agent)
        made.pair("1")
        yield made


def receive(room: Classroom) -> None:
    """Everybody else was absent; closed, packed, received."""
    room.command("absent")
    wait_until(lambda: not room.sweep() and not list_open(room))
    room.close_room()
    room.pack()
    room.run_jobs()


def list_open(room: Classroom) -> list[Any]:
    room.run_jobs()
    with room.services.storage.read() as session:
        return list(read_closing(session, room.sitting).unsettled)


def order(room: Classroom) -> None:
    person = room.browser()
    assert person.post(f"/sittings/{room.sitting}/purge", page="/workstations").status_code == 302


def wait_answer(room: Classroom, seat: Seat, result: str) -> None:
    """Hints go by a socket that these servers have not: the seat is told to look."""
    def look() -> bool:
        seat.agent.purging.hurry()
        return read_answers(room) == [result]

    wait_until(look)


def read_answers(room: Classroom) -> list[str]:
    with room.services.storage.read() as session:
        return [one.result for one in view_purge(session, room.sitting).purges]


def test_received_and_ordered_nothing_of_the_work_is_left(room: Classroom, seat: Seat) -> None:
    seat.work(room.logins[0])
    seat.finish()
    assert seat.find_traces() >= {"answer", "sound", "attempt", "login"}
    receive(room)
    assert seat.find_traces() >= {"answer", "sound", "attempt", "login"}, "a receipt alone deletes nothing"
    order(room)
    wait_answer(room, seat, "done")
    wait_until(lambda: not seat.find_traces())
    seat.agent.stop()
    assert seat.find_traces() == set()
    with room.services.storage.read() as session:
        assert find_sitting(session, room.sitting).state == "purged"


def test_before_its_day_the_seat_keeps_the_work_and_deletes_it_then(room: Classroom, seat: Seat) -> None:
    room.hub.received_at_ms = room.room.clock.now_ms()
    seat.work(room.logins[0])
    seat.finish()
    receive(room)
    order(room)
    wait_answer(room, seat, "too_early")
    assert seat.find_traces() >= {"answer", "sound"}
    room.clock.advance(31 * DAY_MS)
    seat.agent.connection.exchange_time()  # type: ignore[union-attr]
    wait_answer(room, seat, "done")
    wait_until(lambda: not seat.find_traces())
