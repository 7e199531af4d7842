"""`python -m tests.faults.campaign.seat_agent`: the real agent and its page server with a counted microphone.

Tells JSON lines: `page` with addresses that each open the page once. Everything else is the product's.
"""
from __future__ import annotations

import json
import logging
import sys
import threading
import time
from pathlib import Path

import click
import numpy as np

from audio.levels import Samples
from audio.sources import BLOCKS_PER_SECOND, Door
from kiosk_client.agent import Agent, Options
from kiosk_client.following import Following
from kiosk_client.screens.server import PageServer
from kiosk_client.seeking import Seeker
from tests.faults.campaign.control import Control

RATE = 24_000
BLOCK = RATE // BLOCKS_PER_SECOND
VOICE_S = 60
PAGES = 40
RESERVE_BYTES = 1024 * 1024


def make_voice() -> Samples:
    """Sound in which no two moments are alike: every lost, repeated or exchanged block shows."""
    chance = np.random.default_rng(7)
    return np.asarray(chance.normal(0, 3_000, RATE * VOICE_S).clip(-32_000, 32_000), dtype="<i2")


def cut_voice(voice: Samples, take: int, samples: int) -> bytes:
    """What take number `take` begins with."""
    start = take * 7919 * 131 % len(voice)
    indexes = (start + np.arange(samples)) % len(voice)
    return bytes(voice[indexes].tobytes())


def name_take(control: Control, take: int) -> str:
    """The name of the device as the journal keeps it: of this computer and this take alone."""
    return f"{control.path.stem}-take-{take}"


class CountedMicrophone:
    """Gives 20 ms blocks in real time and notes, outside of this process, what it has handed over."""

    def __init__(self, control: Control, voice: Samples) -> None:
        self.rate = RATE
        self._control, self._voice = control, voice
        self.take = control.begin_take()
        self.name = name_take(control, self.take)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, door: Door) -> None:
        self._thread = threading.Thread(target=self._feed, args=(door,), daemon=True)
        self._thread.start()

    def _feed(self, door: Door) -> None:
        started, given = time.monotonic(), 0
        size = VOICE_S * RATE * 2
        sound = cut_voice(self._voice, self.take, VOICE_S * RATE)
        while not self._stopping.wait(max(0.0, started + (given // (2 * BLOCK) + 1) / BLOCKS_PER_SECOND
                                          - time.monotonic())):
            at = given % size
            # Noted before it is handed over: a kill in between counts as lost, never as not spoken.
            given += 2 * BLOCK
            self._control.note_given(self.take, given)
            door.take(sound[at:at + 2 * BLOCK])

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def is_right_device(self) -> bool:
        return True


@click.command()
@click.option("--server", required=True)
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--control", "control_path", type=click.Path(path_type=Path), required=True)
def main(server: str, data: Path, control_path: Path) -> None:
    """The agent of one seat, until it is killed."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # The server lies behind the seat's own cable: an address that leads around it would end every fault of the cable.
    Seeker.list_candidates = lambda seeker: []  # type: ignore[method-assign,assignment]
    Following._list_servers = lambda *asked: []  # type: ignore[method-assign,assignment]
    control, voice = Control(control_path), make_voice()
    agent = Agent(Options(data, server, lambda: CountedMicrophone(control, voice), RESERVE_BYTES))
    page = PageServer(agent)
    agent.start()
    page.start()
    print(json.dumps({"step": "page", "addresses": [page.launch_address() for _ in range(PAGES)]}), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
