"""A recording may last as long as it likes: memory is that of its first seconds."""

import time
import tracemalloc
from pathlib import Path

import numpy as np

from audio.recorder import Recorder
from audio.sources import BLOCKS_PER_SECOND, Door, make_noise

RATE = 24_000
SHORT_S, LONG_S = 20, 240
# What four minutes may hold beyond twenty seconds: 10 MB of sound pass through.
ROOM_BYTES = 150_000


class EndlessSource:
    """Speech-like bursts, made block by block, as fast as the door takes them; notes memory as seconds go by."""

    rate, name = RATE, "endless"

    def __init__(self) -> None:
        bursts = np.repeat([1, 0, 1, 1, 0], RATE // 5)
        self._second = (make_noise(1, RATE, 3_000) * bursts).astype(np.int16)

    def feed(self, door: Door, seconds: int) -> int:
        """The memory that Python holds once all of it was taken, in bytes."""
        size = RATE // BLOCKS_PER_SECOND
        for _ in range(seconds):
            for at in range(0, RATE, size):
                while door.is_crowded():
                    self.pause()
                door.take(self._second[at:at + size].tobytes())
        while door.is_crowded():
            self.pause()
        return tracemalloc.get_traced_memory()[0]

    def pause(self) -> None:
        """Let the writer catch up."""
        time.sleep(0.002)

    def start(self, door: Door) -> None:
        """Nothing by itself: the test feeds."""

    def stop(self) -> None:
        """Nothing goes on."""

    def is_right_device(self) -> bool:
        return True


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    source = EndlessSource()
    parts: list[int] = []
    recorder = Recorder(source, tmp_path / "long.pcm", lambda part: parts.append(part.length_bytes))
    tracemalloc.start()
    try:
        recorder.start()
        early = source.feed(recorder, SHORT_S)
        late = source.feed(recorder, LONG_S - SHORT_S)
        recorded = recorder.stop()
    finally:
        tracemalloc.stop()
    assert recorded.samples == LONG_S * RATE and sum(parts) == recorded.bytes
    assert late - early < ROOM_BYTES, (early, late)
