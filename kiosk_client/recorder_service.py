"""Speech at the seat: recordings whose parts are journalled as they become durable, and sound checks.

Takes a way to make a source (microphone or file); tells levels and faults to listeners. A recording is known by
(attempt, lease, number of its `recording_started`); its PCM lies in the recordings folder.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from audio.faults import SoundRefusal
from audio.levels import BYTES_PER_SAMPLE
from audio.microphone import MicrophoneSource
from audio.parts import Gap, Part, find_missing, list_ranges
from audio.pcm_file import recover_parts
from audio.recorder import Recorder
from audio.recording import Fault, FaultKind, Level, Recorded
from audio.sources import Source
from audio.speech_quality import Judgement
from audio.stillness import Habits
from kiosk_client.drafts import Draft
from kiosk_client.journal import Journal, PartRow, RecordingFile
from kiosk_client.refusals import JournalFull, MicrophoneRefused, NotNow
from testing_server.contracts.events import EventKind

MakeSource = Callable[[], Source]
Started = tuple[str, int, int]

log = logging.getLogger(__name__)


def make_microphone(device: str | None) -> MakeSource:
    """The named microphone, or the default one."""
    return lambda: MicrophoneSource(device)


@dataclass
class Running:
    """A recording that goes on."""

    started: Started
    recorder: Recorder
    gaps: list[Gap]


class RecorderService:
    """At most one recording or check at a time. Listeners are called from the recorder's own threads: keep them short.

    `usual_speech_db10`: how loud this candidate spoke at the sound check. `make_room()`: gives room on the disk back
    that was kept for the end of a recording; whether there was any.
    """

    def __init__(self, journal: Journal, folder: Path, make_source: MakeSource,
                 make_room: Callable[[], bool] = lambda: False) -> None:
        self.make_source, self._make_room = make_source, make_room
        self.on_level: Callable[[Level], None] = lambda level: None
        self.on_fault: Callable[[Fault], None] = lambda fault: None
        self.on_part: Callable[[], None] = lambda: None
        # What the system says of the microphone of now, as a word of `audio.devices_state.Silence`; switching it on.
        self.explain_silence: Callable[[], str] = lambda: ""
        self.open_up: Callable[[], None] = lambda: None
        self.usual_speech_db10: int | None = None
        self._journal, self._folder = journal, folder
        self._habits: dict[str, Habits] = {}
        self._lock = threading.RLock()
        self._running: Running | None = None
        self._check: Recorder | None = None
        self._checked: tuple[Path, Recorded] | None = None
        # Parts whose bytes are on the disk and for which the journal had no room: a full disk must not hide speech.
        self._unlisted: deque[PartRow] = deque()
        folder.mkdir(parents=True, exist_ok=True)

    # Recordings of answers.

    @property
    def running(self) -> Started | None:
        """The recording that goes on, if any."""
        with self._lock:
            return self._running.started if self._running else None

    def choose_source(self) -> Source:
        """The source to record from now; raises MicrophoneRefused."""
        try:
            return self.make_source()
        except SoundRefusal as refusal:
            raise MicrophoneRefused(refusal.code, refusal.details) from refusal

    def forget_devices(self) -> None:
        """Another candidate, another headset on the same plug."""
        self._habits.clear()

    def _know(self, source: Source) -> Habits:
        return self._habits.setdefault(source.name, Habits())

    def begin(self, started: Started, source: Source) -> None:
        """Record from the source; `recording_started` has been journalled. Raises MicrophoneRefused, NotNow."""
        attempt, lease, number = started
        path = self._folder / f"{attempt}-{lease}-{number}.pcm"
        with self._lock:
            if self._running:
                raise NotNow("a recording goes on")
            # Time may begin an answer while somebody still checks the sound.
            self._drop_check()
            self._journal.keep_recording(attempt, lease, number, path.name, source.rate)
            gaps: list[Gap] = []
            recorder = Recorder(source, path, lambda part: self._keep_part(started, part), self._tell_level,
                                self._tell_fault, gaps.append, usual_speech_db10=self.usual_speech_db10,
                                habits=self._know(source))
            recorder.use_reserve(self._make_room)
            start_recorder(recorder)
            self._running = Running(started, recorder, gaps)

    def end(self, reason: str) -> list[Draft]:
        """Stop the recording; drafts of its gaps and of `recording_committed`. Nothing if none goes on."""
        with self._lock:
            running, self._running = self._running, None
            if running is None:
                return []
            recorded = running.recorder.stop(reason)
        facts = {"bytes": recorded.bytes, "samples": recorded.samples, "sha256": recorded.sha256,
                 "parts": recorded.parts, "end_reason": reason, "verdict": str(recorded.verdict)}
        return draft_recording(running.started, facts, list(recorded.gaps))

    def _keep_part(self, started: Started, part: Part) -> None:
        self._unlisted.append(PartRow(*started, part.part_no, part.offset_bytes, part.length_bytes, part.sha256, 0,
                                      str(part.verdict)))
        self.list_parts()

    def list_parts(self) -> None:
        """Journal the parts that are not yet; those for which there is no room wait for the next call."""
        for part in tuple(self._unlisted):
            try:
                self._journal.keep_part(part)
            except JournalFull:
                return
            # Another thread may have listed the same one: a repeat is harmless, and each is taken off once.
            with suppress(ValueError):
                self._unlisted.remove(part)
            self.on_part()

    def list_forgotten_parts(self, recording: RecordingFile) -> None:
        """Of a recording that was closed: what was on the disk and in no part, as an agent left it that was killed on a
        full disk."""
        started, path = (recording.attempt, recording.lease, recording.number), self._folder / recording.path
        known = [Part(p.part_no, p.offset, p.length, p.sha256) for p in self._journal.list_parts(*started)]
        if path.exists() and find_missing(list_ranges(known), count_whole_bytes(path)):
            for part in recover_parts(path, known, recording.rate).new:
                self._keep_part(started, part)

    def _tell_level(self, level: Level) -> None:
        self.on_level(level)

    def _tell_fault(self, fault: Fault) -> None:
        if fault.kind is FaultKind.all_zero and not fault.is_over:
            fault = replace(fault, details=self.explain_silence())
        self.on_fault(fault)

    def recover(self, recording: RecordingFile, is_after_power_cut: bool = False) -> list[Draft]:
        """What a crash left of a recording: its unlisted tail becomes parts; drafts that close it.

        `is_after_power_cut`: the machine was started anew since it began."""
        started = (recording.attempt, recording.lease, recording.number)
        path = self._folder / recording.path
        if not path.exists():
            return draft_recording(started, EMPTY_RECORDING | {"end_reason": "recovered"}, [])
        known = [Part(p.part_no, p.offset, p.length, p.sha256) for p in self._journal.list_parts(*started)]
        found = recover_parts(path, known, recording.rate, is_after_power_cut)
        for part in found.new:
            self._keep_part(started, part)
        facts = {"bytes": found.bytes, "samples": found.samples, "sha256": found.sha256, "parts": len(found.parts),
                 "end_reason": "recovered", "verdict": str(found.judgement.verdict)}
        return draft_recording(started, facts, list(found.gaps))

    def find_file(self, recording: RecordingFile) -> Path:
        """Where its PCM lies."""
        return self._folder / recording.path

    def forget(self, recordings: list[RecordingFile], with_checks: bool) -> None:
        """Their sound goes; `with_checks`: nobody sits here, so that sound checks left behind go too."""
        for recording in recordings:
            self.find_file(recording).unlink(missing_ok=True)
        with self._lock:
            if with_checks and self._check is None:
                self._drop_check()
                for left in self._folder.glob("check-*.pcm"):
                    left.unlink(missing_ok=True)

    # The sound check.

    def begin_check(self) -> str:
        """Record a phrase; the device's name. Raises MicrophoneRefused, NotNow."""
        source = self.choose_source()
        with self._lock:
            self._drop_check()
            if self._running:
                raise NotNow("a recording goes on")
            path = self._folder / f"check-{secrets.token_hex(4)}.pcm"
            recorder = Recorder(source, path, lambda part: None, self._tell_level, self._tell_fault,
                                habits=self._know(source))
            start_recorder(recorder)
            self._check = recorder
        return source.name

    def end_check(self) -> Judgement:
        """Stop; what was heard. Raises NotNow when none goes on."""
        with self._lock:
            recorder, self._check = self._check, None
            if recorder is None:
                raise NotNow("no sound check goes on")
            recorded = recorder.stop()
            self._checked = (recorder.path, recorded)
        return recorded.judgement

    def read_check(self) -> tuple[bytes, int] | None:
        """(PCM, rate) of the last check, None if there was none."""
        with self._lock:
            return (self._checked[0].read_bytes(), self._checked[1].rate) if self._checked else None

    def drop_check(self) -> None:
        """Forget the check of now and its sound."""
        with self._lock:
            self._drop_check()

    def _drop_check(self) -> None:
        if self._check is not None:
            self._check.stop()
        if self._checked is not None:
            self._checked[0].unlink(missing_ok=True)
        self._check = self._checked = None

    def close(self) -> None:
        """End what goes on without writing anything: the next start recovers it as after a crash."""
        with self._lock:
            self._drop_check()
            running, self._running = self._running, None
            if running is not None:
                running.recorder.stop()


def count_whole_bytes(path: Path) -> int:
    """The size of a recording without half a sample at its end."""
    return path.stat().st_size // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE


EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
EMPTY_RECORDING: dict[str, Any] = {
    "bytes": 0, "samples": 0, "sha256": EMPTY_SHA256, "parts": 0, "end_reason": "device", "verdict": "no_data"}


def start_recorder(recorder: Recorder) -> None:
    """Raises MicrophoneRefused when the device does not open or the disk refuses the file."""
    try:
        recorder.start()
    except SoundRefusal as refusal:
        raise MicrophoneRefused(refusal.code, refusal.details) from refusal
    except OSError as error:
        raise MicrophoneRefused(str(FaultKind.storage_failed), str(error)) from error


def draft_recording(started: Started, facts: dict[str, Any], gaps: list[Gap]) -> list[Draft]:
    """The events that close a recording: one per gap, then `recording_committed`."""
    name = [started[1], started[2]]
    drafts = [Draft(EventKind.RECORDING_GAP, {"started": name, "at_sample": gap.at_sample, "lost_ms": gap.lost_ms,
                                              "reason": gap.reason}) for gap in gaps]
    return [*drafts, Draft(EventKind.RECORDING_COMMITTED, {"started": name, **facts, "gaps": len(gaps)})]
