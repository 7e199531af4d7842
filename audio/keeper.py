"""What the recorder's writer thread does with a block: write, measure, make durable, tell.

Takes blocks with the time of their arrival; keeps the file, the running verdict, the meter and the gaps.
Everything here runs in the writer's thread, so what others notice travels with the blocks.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audio.levels import BYTES_PER_SAMPLE, Samples, read_samples
from audio.listeners import Listeners
from audio.meter import Meter
from audio.parts import Gap
from audio.pcm_file import FULL_DISK, PcmFile
from audio.recording import FaultKind, Recorded
from audio.speech_quality import BlockFacts, FrameReader, Tally
from audio.stillness import Habits, Stillness
from audio.timeline import Timeline

FSYNC_SECONDS = 0.5
RETRY_SECONDS = 0.25
LAST_TRIES_SECONDS = 5.0
LAST_TRY_EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class Captured:
    """A block as it left the device.

    `dropped` samples before it found no room in the queue; `suspicion` names why sound before it may be lost.
    """

    block: bytes
    at: float
    dropped: int = 0
    suspicion: str | None = None


class Keeper:
    """The recording as it is kept. `ending`: set once no more waiting for a full disk makes sense; then `make_room`
    is asked for what was kept back, and tells whether there was anything."""

    def __init__(
        self,
        path: Path,
        rate: int,
        clock: Callable[[], float],
        listeners: Listeners,
        ending: threading.Event,
        usual_speech_db10: int | None,
        habits: Habits | None = None,
    ) -> None:
        self.samples = 0
        self.make_room: Callable[[], bool] = lambda: False
        self._path, self._rate, self._clock = path, rate, clock
        self._listeners, self._ending = listeners, ending
        self._usual_speech_db10 = usual_speech_db10
        self._reader, self._tally = FrameReader(rate), Tally(rate)
        self._timeline, self._meter = Timeline(rate), Meter(rate)
        self._suspicion = ""
        self._suspected_sample = 0
        self._gaps: list[Gap] = []
        self._stillness = Stillness(rate, habits)
        self._unkept_samples = 0
        self._has_failed = False
        self._give_up_at: float | None = None

    def open(self) -> None:
        """:raises RecordingExists: the file is there already."""
        self._file = PcmFile(self._path, self._rate, self._usual_speech_db10)
        self._durable_at = self._clock()

    def keep(self, captured: Captured) -> None:
        """Write a block, measure it, tell of it."""
        self._note_loss(captured)
        self._timeline.arrive(captured.at, len(captured.block) // BYTES_PER_SAMPLE + captured.dropped)
        if self._append(captured.block):
            self._measure(read_samples(captured.block))
        if self._timeline.is_proven(captured.at):
            self._settle_suspicion()
        self.make_durable_in_time()

    def make_durable_in_time(self) -> None:
        if self._clock() - self._durable_at >= FSYNC_SECONDS:
            self._make_durable()

    def close(self, stopped_at: float, dropped: int, suspicion: str | None) -> None:
        """The end: the last part and the last gaps; `suspicion` if no block came after it."""
        self._make_durable()
        if self._timeline.is_suspecting:
            self._settle_suspicion()
        if suspicion:
            self._add_gap(self._timeline.find_trailing_loss(stopped_at), suspicion)
        self._add_gap(self._count_ms(dropped), self._name_drop())
        self._end_unkept()
        self._file.close()

    def describe(self, end_reason: str) -> Recorded:
        is_right = not self._listeners.has_seen(FaultKind.wrong_device)
        return Recorded(
            bytes=self._file.bytes,
            samples=self.samples,
            sha256=self._file.whole.hexdigest(),
            parts=self._file.parts,
            gaps=tuple(self._gaps),
            judgement=self._tally.judge(self._usual_speech_db10, is_right),
            end_reason=end_reason,
            rate=self._rate,
        )

    # Writing.

    def _append(self, block: bytes) -> bool:
        while not self._has_failed:
            try:
                self._file.append(block)
            except OSError as error:
                if self._wait_for_room(error):
                    continue
                break
            self._end_unkept()
            self.samples += len(block) // BYTES_PER_SAMPLE
            self._listeners.end_fault(FaultKind.storage_full)
            return True
        self._unkept_samples += len(block) // BYTES_PER_SAMPLE
        return False

    def _wait_for_room(self, error: OSError) -> bool:
        """Whether to try again; blocks meanwhile wait in the queue, in memory."""
        if error.errno not in FULL_DISK:
            self._fail(error)
            return False
        self._listeners.begin_fault(FaultKind.storage_full, str(error))
        self._make_durable()
        if self._ending.is_set():
            return self._wait_last() and not self._has_failed
        self._ending.wait(RETRY_SECONDS)
        return not self._has_failed

    def _wait_last(self) -> bool:
        """The recording ends: what waits is a fraction of a second, for which room that was kept back is given."""
        if self.make_room():
            return True
        self._give_up_at = self._give_up_at or self._clock() + LAST_TRIES_SECONDS
        time.sleep(LAST_TRY_EVERY_SECONDS)
        return self._clock() < self._give_up_at

    def _make_durable(self) -> None:
        if self._has_failed:
            return
        self._file.is_right_device = not self._listeners.has_seen(FaultKind.wrong_device)
        try:
            durable = self._file.make_durable()
        except OSError as error:
            self._fail(error)
            return
        self._durable_at = self._clock()
        for part in durable:
            self._listeners.tell_part(part)

    def _fail(self, error: OSError) -> None:
        # After a failed fsync nobody knows what the disk holds: it is not tried again.
        self._has_failed = True
        self._listeners.begin_fault(FaultKind.storage_failed, str(error))

    # Measuring.

    def _measure(self, samples: Samples) -> None:
        facts = self._reader.read(samples)
        self._tally.add(facts)
        self._file.describe(facts)
        self._follow_stillness(facts)
        level = self._meter.add(samples, facts, self.samples)
        if level is not None:
            self._listeners.tell_level(level)

    def _follow_stillness(self, facts: BlockFacts) -> None:
        for length, is_still in facts.stretches:
            self._stillness.follow(length, is_still)
        self._listeners.follow_fault(FaultKind.all_zero, self._stillness.is_dead)
        self._listeners.follow_fault(FaultKind.maybe_muted, self._stillness.may_be_muted)

    # Gaps.

    def _note_loss(self, captured: Captured) -> None:
        if captured.dropped:
            self._add_gap(self._count_ms(captured.dropped), self._name_drop())
        if captured.suspicion and not self._timeline.is_suspecting:
            self._timeline.suspect(captured.at)
            self._suspicion, self._suspected_sample = captured.suspicion, self.samples

    def _settle_suspicion(self) -> None:
        self._add_gap(self._timeline.find_loss(), self._suspicion, self._suspected_sample)

    def _end_unkept(self) -> None:
        unkept, self._unkept_samples = self._unkept_samples, 0
        self._add_gap(self._count_ms(unkept), self._name_drop())

    def _add_gap(self, lost_ms: int, reason: str, at_sample: int | None = None) -> None:
        if lost_ms <= 0:
            return
        gap = Gap(self.samples if at_sample is None else at_sample, lost_ms, reason)
        self._gaps.append(gap)
        self._listeners.tell_gap(gap)

    def _name_drop(self) -> str:
        for kind in (FaultKind.storage_failed, FaultKind.storage_full):
            if self._listeners.has_seen(kind):
                return str(kind)
        return str(FaultKind.overrun)

    def _count_ms(self, samples: int) -> int:
        return samples * 1000 // self._rate
