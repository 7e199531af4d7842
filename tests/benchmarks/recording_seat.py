"""`python -m tests.benchmarks.recording_seat URL FOLDER SECONDS`: the agent of one seat as a process, to be measured.

Tells JSON lines: the digits of pairing, that the item is there, and after SECONDS of speech what they cost. In a folder
where somebody sits already it only comes back. SECONDS 0: nothing is said, the process waits to be killed.
"""
import json
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np

from audio.recorder import FileSource
from audio.sources import PREFERRED_RATE, Door, Source, make_noise
from kiosk_client.agent import Agent, Options
from kiosk_client.journal import PartRow
from tests.benchmarks.seat_marks import LOGIN, SPOKEN_ITEM

LOOK_S = 0.01


class NotedSource(FileSource):
    """Speech without an end; remembers when its first sample was spoken (seconds of the machine's monotonic clock)."""

    began_s = 0.0

    def start(self, door: Door) -> None:
        self.began_s = time.monotonic()
        super().start(door)


def tell(**step: object) -> None:
    print(json.dumps(step), flush=True)


def wait_until(condition: object) -> None:
    while not condition():  # type: ignore[operator]
        time.sleep(LOOK_S)


def read_rss_mb() -> float:
    """Memory of this process that lies in the machine's own, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def sit(agent: Agent) -> None:
    """Paired, signed in, at the spoken item; or there again after a restart."""
    if agent.connection is None:
        tell(digits=agent.begin_pairing())
        wait_until(lambda: agent.pairing_state == "green")
        agent.confirm_pairing(True)
    if agent.seating.seat is None:
        agent.sign_in(LOGIN)
    tell(signed_in=True)
    agent.attach()
    wait_until(lambda: agent.require_seat().items and agent.require_seat().present)


def speak(agent: Agent, source: NotedSource, seconds: float) -> None:
    """Speech for so long; tells what it cost and when which bytes were durable here."""
    durable: list[tuple[int, int, float]] = []
    keep = agent.journal.keep_part

    def note(part: PartRow) -> None:
        keep(part)
        durable.append((part.offset, part.length, time.monotonic()))

    agent.journal.keep_part = note  # type: ignore[method-assign]
    seat = agent.require_seat()
    seat.prepare()
    seat.speak()
    before, began = os.times(), time.monotonic()
    time.sleep(seconds)
    after, took = os.times(), time.monotonic() - began
    cpu = after.user - before.user + after.system - before.system
    rss = read_rss_mb()
    seat.stop_speaking()
    wait_until(lambda: not agent.journal.count_waiting())
    tell(cpu_ms_per_s=cpu / took * 1000, rss_mb=rss, began_s=source.began_s, durable=durable)


def main(url: str, folder: Path, seconds: float) -> None:
    voice = np.concatenate([make_noise(1, PREFERRED_RATE, 3_000), make_noise(1, PREFERRED_RATE, 8)])
    source = NotedSource(np.tile(voice, 120), PREFERRED_RATE)

    def make_source() -> Source:
        return source

    agent = Agent(Options(folder, url, make_source))
    agent.start()
    sit(agent)
    if agent.require_seat().state.item != SPOKEN_ITEM:
        agent.require_seat().go(SPOKEN_ITEM)
    tell(item=agent.require_seat().state.item)
    if seconds:
        speak(agent, source, seconds)
        agent.stop()
    else:
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
