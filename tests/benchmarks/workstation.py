"""What a seat costs and how quick it is: processor and memory while somebody speaks, a spoken sample's way to the disk
and to the server, journal writes against the disk's own fsyncs, a killed agent's way back to the same item.

Takes a folder; gives numbers, each beside the plainest thing that could do the same. The agent is a process of its own,
over TLS to a server that writes every part durably, as the classroom's files process does.
"""
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Response, request

from audio.recorder import FileSource, Recorder
from audio.sources import BLOCKS_PER_SECOND, PREFERRED_RATE, make_noise
from kiosk_client.clock import ServerTime
from kiosk_client.clock import SystemClock as SeatSystemClock
from kiosk_client.drafts import Draft
from kiosk_client.fake_work import FakeWork
from kiosk_client.fakes import FakeClassroom
from kiosk_client.journal import Journal
from testing_server.exam_day.responses.parts import PartStore, RecordingName
from tests.benchmarks.measures import Measure
from tests.benchmarks.seat_marks import LOGIN, SPOKEN_ITEM
from tests.benchmarks.sound import Measured, count_cpu
from tests.kiosk_client.builders import ATTEMPT, LEASE, make_log

SPEECH_S = 20.0
RESTARTS = 5
WRITES = 300
BYTES_PER_SECOND = 2 * PREFERRED_RATE
ATTEMPT_NAME = "00000000-0000-4000-8000-000000000000"


class DurableClassroom(FakeClassroom):
    """Remembers when which bytes of sound were durable here: (offset, length, monotonic seconds)."""

    def __init__(self, folder: Path) -> None:
        speaking = {"prepare_s": 60, "record_s": 120, "takes": 1, "early_start": True, "early_finish": True,
                    "playback": False}
        self.durable: list[tuple[int, int, float]] = []
        (folder / "tls").mkdir(parents=True)
        self._parts = PartStore(folder)
        super().__init__(FakeWork(speaking, sound_check=False), {LOGIN: "10001"}, folder / "tls")

    def _part(self, attempt: str, lease: int, number: int, part_no: int) -> Response:
        block, offset = request.get_data(), int(request.args["offset"])
        self._parts.put(RecordingName(ATTEMPT_NAME, lease, number), part_no, offset, request.args["sha256"], block)
        self.durable.append((offset, len(block), time.monotonic()))
        return super()._part(attempt, lease, number, part_no)


class SeatProcess:
    """The agent as a process; `tell` answers with the first line that has a word."""

    def __init__(self, room: FakeClassroom, folder: Path, seconds: float) -> None:
        self._room = room
        self.began_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.recording_seat", room.url, str(folder), str(seconds)],
            stdout=subprocess.PIPE, text=True)

    def wait_for(self, word: str) -> dict[str, Any]:
        for line in self.process.stdout or ():
            told: dict[str, Any] = json.loads(line)
            if "digits" in told:
                self._room.type_digits(told["digits"])
            elif "signed_in" in told:
                self._start_once()
            if word in told:
                return told
        raise RuntimeError(f"the seat ended before it told {word!r}")

    def _start_once(self) -> None:
        attempt = self._room.find_attempt(LOGIN)
        if not attempt.directives:
            self._room.start_work(attempt)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def measure_all(folder: Path) -> Iterator[Measured]:
    """All measurements, one by one as they are done; about a minute."""
    room = DurableClassroom(folder / "room")
    room.start()
    try:
        yield from measure_speaking(room, folder)
        yield measure_resume(room, folder)
    finally:
        room.stop()


def measure_speaking(room: DurableClassroom, folder: Path) -> Iterator[Measured]:
    """Twenty seconds of speech at one seat."""
    seat = SeatProcess(room, folder / "speaking", SPEECH_S)
    told = seat.wait_for("durable")
    seat.process.wait()
    alone = count_cpu(lambda: record_alone(folder / "alone.pcm")) / SPEECH_S * 1000
    yield Measured("recording seat, processor", told["cpu_ms_per_s"], "CPU ms per second", alone, "the recorder alone")
    yield Measured("recording seat, memory", told["rss_mb"], "MB", measure_imports(), "the same libraries imported")
    sync_ms = time_syncs(folder)
    for name, durable in (("disk", told["durable"]), ("server", room.durable)):
        waits = list_waits(durable, told["began_s"])
        least = 1000 / BLOCKS_PER_SECOND + sync_ms * (1 if name == "disk" else 2)
        said = "a block of 20 ms and the fsyncs on its way"
        yield Measured(f"spoken sample to {name}, median", waits[len(waits) // 2], "ms", least, said)
        yield Measured(f"spoken sample to {name}, 99 of 100", waits[len(waits) * 99 // 100], "ms", least, said)


def list_waits(durable: list[tuple[int, int, float]], began_s: float) -> list[float]:
    """Milliseconds from being spoken to being durable, of every 20 ms of sound, in order of length."""
    step = BYTES_PER_SECOND // BLOCKS_PER_SECOND
    return sorted((at_s - began_s - place / BYTES_PER_SECOND) * 1000
                  for offset, length, at_s in durable for place in range(offset, offset + length, step))


def record_alone(path: Path) -> None:
    """The same seconds through the recorder, with nobody told."""
    recorder = Recorder(FileSource(make_noise(2 * SPEECH_S, PREFERRED_RATE, 3_000)), path, lambda part: None)
    recorder.start()
    time.sleep(SPEECH_S)
    recorder.stop()


def measure_imports() -> float:
    """MB of a process that has imported what a seat needs and does nothing."""
    said = ("import numpy, soundfile, soxr, flask, httpx, msgspec, cryptography, socketio, zeroconf; "
            "print(open('/proc/self/statm').read())")
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout
    pages = int(told.split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def time_syncs(folder: Path) -> float:
    """Milliseconds of one fsync after 20 ms of sound, the median of many."""
    return sorted(_list_syncs(folder / "syncs", bytes(BYTES_PER_SECOND // BLOCKS_PER_SECOND)))[WRITES // 2] * 1000


def _list_syncs(path: Path, block: bytes) -> Iterator[float]:
    with path.open("wb", buffering=0) as file:
        for _ in range(WRITES):
            began = time.perf_counter()
            file.write(block)
            os.fsync(file.fileno())
            yield time.perf_counter() - began


def measure_resume(room: DurableClassroom, folder: Path) -> Measured:
    """SIGKILL at an item, then from the start of the process to the same item; beside the start of Python with the same
    libraries."""
    seat = SeatProcess(room, folder / "resumed", 0)
    seat.wait_for("item")
    took = []
    for _ in range(RESTARTS):
        seat.kill()
        seat = SeatProcess(room, folder / "resumed", 0)
        assert seat.wait_for("item")["item"] == SPOKEN_ITEM
        took.append(time.monotonic() - seat.began_s)
    seat.kill()
    plain = [time_it(lambda: subprocess.run([sys.executable, "-c", "import tests.benchmarks.recording_seat"],
                                            check=True)) for _ in range(RESTARTS)]
    return Measured("killed agent back at its item", sorted(took)[RESTARTS // 2], "s", sorted(plain)[RESTARTS // 2],
                    "Python importing the agent")


def time_it(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def write_journal(folder: Path) -> float:
    """Answers a second, each durable before the next."""
    journal = Journal(folder / "journal.sqlite")
    log = make_log(journal, ServerTime(SeatSystemClock()), LEASE)
    body = {"item": "i1", "response": "r1", "value": "c2"}
    took = time_it(lambda: [log.append(Draft("answer_set", body)) for _ in range(WRITES)])
    assert journal.head(ATTEMPT, LEASE)[0] == WRITES + 1
    journal.close()
    return WRITES / took


def sync_lines(folder: Path) -> float:
    """Lines of the same size a second, appended to a plain file with an fsync each: what this disk can do."""
    return WRITES / sum(_list_syncs(folder / "lines", bytes(400)))


MEASURES = (Measure("journal-writes", "writes/s", write_journal, sync_lines),)
