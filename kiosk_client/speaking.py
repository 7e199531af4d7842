"""Speaking at the seat: opens the microphone, journals the recording before it begins and after it ends.

Takes an item, gives events; what the microphone refuses becomes `trouble`, which stops the task's clock until
somebody tries again: the time in between is credited as an outage.
"""

from __future__ import annotations

from dataclasses import dataclass

from audio.devices_state import Silence
from audio.recording import Fault, FaultKind
from audio.sources import Source
from audio.stillness import DEAD_MS
from kiosk_client.attempt_log import AttemptLog
from kiosk_client.drafts import Draft
from kiosk_client.journal import RecordingFile
from kiosk_client.recorder_service import EMPTY_RECORDING, RecorderService, draft_recording
from kiosk_client.refusals import MicrophoneRefused
from kiosk_client.rules import Item, Stage, enter_stage, start_speech_timer
from testing_server.contracts.events import EventKind
from testing_server.contracts.fold import FoldedRecording


# What a microphone that was switched off is called, as far as the system shows why.
OFF_CODES = {Silence.muted: "muted", Silence.turned_down: "muted", Silence.unplugged: "unplugged"}


@dataclass(frozen=True)
class Trouble:
    """Why nobody can be heard at this seat, since when (server time); `code` is one of `audio`'s words."""

    code: str
    since_ms: int


class Speaking:
    """The spoken part of one attempt; the seat's lock is held by whoever calls."""

    def __init__(self, log: AttemptLog, recorder: RecorderService) -> None:
        self._log, self._recorder = log, recorder
        self.trouble: Trouble | None = None
        self.is_muted = False

    @property
    def is_recording(self) -> bool:
        """Whether a recording of an answer goes on."""
        return self._recorder.running is not None

    def enter(self, item: Item, new_take: bool) -> None:
        """Enter the stage, then record."""
        self._log.append(*enter_stage(item, Stage.SPEAK, self._log.state))
        self.record(item, new_take)

    def record(self, item: Item, new_take: bool) -> None:
        """Record; on refusal there is trouble, and the stage's clock has not begun."""
        try:
            self._record(item, self._recorder.choose_source())
        except MicrophoneRefused as refusal:
            self.note_trouble(refusal.code, refusal.details)
        else:
            self._log.append(*start_speech_timer(item, self._log.state, new_take))

    def _record(self, item: Item, source: Source) -> None:
        started = self._log.append(Draft(EventKind.RECORDING_STARTED, {
            "item": item["id"], "response": item["speaking"]["response"], "rate_hz": source.rate,
            "device": source.name}))[0]
        try:
            self._recorder.begin(started.identity, source)
        except MicrophoneRefused:
            self._log.append(*draft_recording(started.identity, EMPTY_RECORDING, []))
            raise

    def stop(self, reason: str) -> list[Draft]:
        """End what is being recorded; drafts to be journalled with what follows."""
        self.is_muted = False
        return self._recorder.end(reason)

    def note_silence(self, is_muted: bool) -> None:
        """The device gives digital silence that may be a pause, or sound again: told, and nothing stops."""
        self.is_muted = is_muted
        if is_muted:
            self._log.append(Draft(EventKind.INCIDENT_RAISED, {"kind": "sound", "text": str(FaultKind.maybe_muted)}))

    def note_fault(self, fault: Fault) -> None:
        """What the recorder tells while it records."""
        if fault.kind is FaultKind.maybe_muted:
            self.note_silence(not fault.is_over)
        elif fault.kind is FaultKind.all_zero and not fault.is_over:
            code = OFF_CODES.get(Silence(fault.details or Silence.unknown), str(fault.kind))
            self.note_trouble(code, unheard_ms=DEAD_MS)
        elif fault.kind.stops_speech and not fault.is_over:
            self.note_trouble(str(fault.kind), fault.details)

    def note_trouble(self, code: str, details: str = "", unheard_ms: int = 0) -> None:
        """Nobody can be heard, already for `unheard_ms`: the organizer is told, the clock stands."""
        drafts = self.stop("device")
        incident = Draft(EventKind.INCIDENT_RAISED, {"kind": "sound", "text": f"{code} {details}".strip()})
        self._log.append(*drafts, incident)
        if self.trouble is None:
            self.trouble = Trouble(code, self._log.time.now_ms() - unheard_ms)

    def end_trouble(self, auto_credit_ms: int) -> None:
        """Somebody tries again: what the trouble took is given back."""
        trouble, self.trouble = self.trouble, None
        if trouble is None:
            return
        if trouble.code == OFF_CODES[Silence.muted]:
            self._recorder.open_up()
        now = self._log.time.now_ms()
        credited = min(now - trouble.since_ms, auto_credit_ms)
        self._log.append(Draft(EventKind.INCIDENT_RAISED, {
            "kind": "outage", "text": f"sound: {trouble.code}", "from_ms": trouble.since_ms, "to_ms": now,
            "credited_ms": credited}))

    def recover(self) -> None:
        """Close what a crash left open: recordings of this seat that were never committed."""
        files = {(f.lease, f.number): f for f in self._journal_files()}
        for recording in self._log.state.recordings:
            if recording.committed and (recording.lease, recording.number) in files:
                self._recorder.list_forgotten_parts(files[recording.lease, recording.number])
            if not recording.committed and self._is_ours(recording):
                found = files.get((recording.lease, recording.number))
                facts = EMPTY_RECORDING | {"end_reason": "recovered"}
                name = (self._log.attempt, recording.lease, recording.number)
                is_cut = not self._log.is_of_this_boot(recording.lease, recording.number)
                self._log.append(*(self._recorder.recover(found, is_cut) if found
                                   else draft_recording(name, facts, [])))

    def _journal_files(self) -> list[RecordingFile]:
        return self._log.journal.list_recordings(self._log.attempt)

    def _is_ours(self, recording: FoldedRecording) -> bool:
        leases = self._log.journal.list_leases(self._log.attempt)
        return any(lease.lease == recording.lease and lease.state != "foreign" for lease in leases)
