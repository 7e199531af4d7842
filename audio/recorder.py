"""The recorder: takes a source and a path, keeps the sound on the disk while it is spoken.

Callback → queue → writer thread. The file is open before the device is; blocks are written as they come
(20 ms); every half second they are fsynced and announced as a part. A watchdog notices a device that died
without a word. Sound is never padded: what was lost is a gap. Memory does not depend on the length.
"""

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from audio.faults import NotRecording, RateChanged, StorageStuck
from audio.keeper import Captured, Keeper
from audio.listeners import Listeners, OnFault, OnGap, OnLevel, OnPart
from audio.microphone import MicrophoneSource
from audio.pcm_file import recover_parts
from audio.recording import FaultKind, Recorded, Recovered
from audio.sources import FileSource, Source
from audio.stillness import Habits

QUEUE_SECONDS = 60
BLOCKS_PER_SECOND = 50
WATCH_SECONDS = 0.1
SILENT_DEVICE_SECONDS = 0.8
STOP_SECONDS = 10.0


class Recorder:
    """One recording. `start` once, `stop` once; `path` must not exist.

    `on_part(Part)`: its bytes are fsynced, journal it. `on_level(Level)`: ten times a second.
    `on_fault(Fault)`: once when it begins, once more (`is_over`) if it ends. `on_gap(Gap)`: measured loss.
    Part, level and gap come from the writer's thread: keep these listeners short and never `stop` in them.
    Faults come from the watchdog's thread, within a tenth of a second, or from the one that stops.
    An exception raised by a listener becomes the fault `listener_failed`; the recording goes on.
    `usual_speech_db10`: the candidate's level at the sound check, for the verdict `neighbour`. `habits`: of the device.
    """

    def __init__(
        self,
        source: Source,
        path: Path,
        on_part: OnPart,
        on_level: OnLevel | None = None,
        on_fault: OnFault | None = None,
        on_gap: OnGap | None = None,
        clock: Callable[[], float] = time.monotonic,
        usual_speech_db10: int | None = None,
        habits: Habits | None = None,
    ) -> None:
        self.rate = source.rate
        self.path = path
        self._source = source
        self._clock = clock
        self._listeners = Listeners(on_part, on_level, on_fault, on_gap, self._count_samples)
        self._ending = threading.Event()
        self._keeper = Keeper(path, self.rate, clock, self._listeners, self._ending, usual_speech_db10, habits)
        self._queue: queue.Queue[Captured] = queue.Queue(maxsize=QUEUE_SECONDS * BLOCKS_PER_SECOND)
        self._dropped = 0
        self._suspicion: str | None = None
        self._overrun = threading.Event()
        self._ended = threading.Event()
        self._last_block_at = self._stopped_at = 0.0
        self._writer = threading.Thread(target=self._write, name="sound writer", daemon=True)
        self._watchdog = threading.Thread(target=self._watch, name="sound watchdog", daemon=True)

    def start(self) -> None:
        """Open the file, then the device.

        :raises RecordingExists: the file is there already. :raises SoundRefusal: the device does not open;
            the empty file is left, so that the same number is never recorded twice. :raises OSError: the disk refuses;
            a disk that is only full is waited for, with the sound in memory.
        """
        self._keeper.open()
        self._last_block_at = self._clock()
        self._writer.start()
        try:
            self._source.start(self)
        except BaseException:
            self._end_writer()
            raise
        self._last_block_at = self._clock()
        self._watchdog.start()

    def use_reserve(self, make_room: Callable[[], bool]) -> None:
        """Where a recording ends on a full disk, the writer's thread asks for room that was kept back: whether there
        was any."""
        self._keeper.make_room = make_room

    def stop(self, end_reason: str = "finished") -> Recorded:
        """End the recording; what came until now is on the disk when this returns.

        :raises NotRecording: not started, or stopped before. :raises StorageStuck: the disk hangs.
        """
        self._require_running()
        self._stopped_at = self._clock()
        self._source.stop()
        self._note_overrun()
        self._end_writer()
        self._listeners.tell_faults()
        return self._keeper.describe(end_reason)

    def replace_source(self, source: Source) -> None:
        """Go on from another device (a headset plugged in again); the time between is a gap.

        :raises RateChanged: the new device has another rate: begin another recording instead.
        """
        if source.rate != self.rate:
            raise RateChanged(f"{self.rate} → {source.rate}")
        self._require_running()
        self._source.stop()
        self._ended.clear()
        self._suspicion = self._suspicion or "device_replaced"
        self._source = source
        source.start(self)
        self._last_block_at = self._clock()

    def wait_until_ended(self, timeout: float) -> bool:
        """Wait for a source that ends by itself (a file, a lost device); whether it did."""
        return self._ended.wait(timeout)

    # What a source calls (`audio.sources.Door`).

    def take(self, block: bytes, overrun: bool = False) -> None:
        self._last_block_at = now = self._clock()
        if overrun:
            self._suspicion = self._suspicion or str(FaultKind.overrun)
            self._overrun.set()
        try:
            self._queue.put_nowait(Captured(block, now, self._dropped, self._suspicion))
            self._dropped, self._suspicion = 0, None
        except queue.Full:
            self._dropped += len(block) // 2

    def finish(self, reason: str) -> None:
        if reason != "ended" and not self._ending.is_set():
            self._suspicion = self._suspicion or "device_lost"
            self._listeners.begin_fault(FaultKind.device_lost, reason)
        self._ended.set()

    def is_crowded(self) -> bool:
        return self._queue.qsize() > BLOCKS_PER_SECOND

    # The writer's thread.

    def _write(self) -> None:
        while not (self._ending.is_set() and self._queue.empty()):
            try:
                captured = self._queue.get(timeout=WATCH_SECONDS)
            except queue.Empty:
                self._keeper.make_durable_in_time()
                continue
            self._keeper.keep(captured)
        self._keeper.close(self._stopped_at, self._dropped, self._suspicion)

    def _end_writer(self) -> None:
        self._ending.set()
        self._writer.join(timeout=STOP_SECONDS)
        if self._writer.is_alive():
            raise StorageStuck(f"{self.path}: {STOP_SECONDS} s")

    def _require_running(self) -> None:
        if self._ending.is_set() or not self._writer.ident:
            raise NotRecording(str(self.path))

    def _count_samples(self) -> int:
        return self._keeper.samples

    # The watchdog's thread.

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_SECONDS):
            self._watch_callbacks()
            self._note_overrun()
            self._listeners.follow_fault(FaultKind.wrong_device, not self._source.is_right_device())
            self._listeners.tell_faults()

    def _watch_callbacks(self) -> None:
        is_silent = self._clock() - self._last_block_at > SILENT_DEVICE_SECONDS and not self._ended.is_set()
        if is_silent:
            self._suspicion = self._suspicion or "device_stalled"
            self._listeners.begin_fault(FaultKind.no_callbacks)
        else:
            self._listeners.end_fault(FaultKind.no_callbacks)

    def _note_overrun(self) -> None:
        # The device's own thread takes no lock but the queue's.
        if self._overrun.is_set():
            self._overrun.clear()
            self._listeners.begin_fault(FaultKind.overrun)
            self._listeners.end_fault(FaultKind.overrun)


__all__ = ["FileSource", "MicrophoneSource", "Recorded", "Recorder", "Recovered", "recover_parts"]
