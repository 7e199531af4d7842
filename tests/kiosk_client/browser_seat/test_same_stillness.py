"""Digital silence means the same to a seat in a browser as to the installed program."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from audio.frames import FrameReader
from audio.levels import Samples
from audio.stillness import Habits, Stillness

LISTENER = Path(__file__).with_name("follow_stillness.mjs")
RATE = 8000
SECONDS = (0.1, 0.5, 1.4, 1.5, 2.4, 2.6, 3.2)


def draw_recording(chance: np.random.Generator) -> Samples:
    """Sound and digital silence by turns; either may come first."""
    pieces = []
    for number in range(int(chance.integers(1, 6))):
        samples = int(chance.choice(SECONDS) * RATE)
        is_sound = (number + chance.integers(0, 2)) % 2
        pieces.append(chance.integers(-50, 50, samples) if is_sound else np.zeros(samples))
    return np.concatenate(pieces).astype(np.int16)


def listen(samples: Samples, habits: Habits) -> list[list[bool]]:
    reader, stillness, seen = FrameReader(RATE), Stillness(RATE, habits), []
    for at in range(0, len(samples), RATE // 10):
        for length, is_still in reader.read(samples[at:at + RATE // 10]).stretches:
            stillness.follow(length, is_still)
        seen.append([stillness.is_dead, stillness.may_be_muted])
    return seen


def test_both_seats_hear_the_same() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node: make setup needs it for the pages")
    chance, told = np.random.default_rng(7), set()
    for _ in range(4):
        habits, never = Habits(), np.zeros(int(SECONDS[-1] * RATE), np.int16)
        recordings = [never, *(draw_recording(chance) for _ in range(5))]
        ours = [listen(samples, habits) for samples in recordings]
        given = {"rate": RATE, "recordings": [samples.tolist() for samples in recordings]}
        done = subprocess.run([node, str(LISTENER)], input=json.dumps(given), capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == ours
        told |= {tuple(one) for seen in ours for one in seen}
    assert told == {(False, False), (True, False), (False, True)}
