"""What a recorder tells: levels while it runs, faults when they happen, the whole at the end."""

from dataclasses import dataclass
from enum import StrEnum

from audio.parts import Gap, Part
from audio.speech_quality import Judgement


class FaultKind(StrEnum):
    """What went wrong, as a code; the kiosk has the sentence for each."""

    no_callbacks = "no_callbacks"  # the device gives nothing although its stream is open
    device_lost = "device_lost"  # the sound system ended the stream
    all_zero = "all_zero"  # a microphone that lived gives digital silence: it was switched off
    maybe_muted = "maybe_muted"  # digital silence that may be a pause: the device closes itself, or never sounded
    overrun = "overrun"  # the machine was too slow and sound was lost
    wrong_device = "wrong_device"  # the sound comes from another device than the one chosen
    storage_full = "storage_full"  # the disk is full; sound waits in memory
    storage_failed = "storage_failed"  # the disk refused; nothing more is kept
    listener_failed = "listener_failed"  # whoever was told of a part or a level raised an exception

    @property
    def stops_speech(self) -> bool:
        """Whether speech is being lost now, so that the candidate must be stopped at once."""
        return self in _STOPPING


_STOPPING = frozenset(
    (FaultKind.no_callbacks, FaultKind.device_lost, FaultKind.wrong_device, FaultKind.all_zero,
     FaultKind.storage_full, FaultKind.storage_failed)
)


@dataclass(frozen=True)
class Fault:
    """A fault that began, or (`is_over`) one that ended by itself, at this sample of the recording."""

    kind: FaultKind
    at_sample: int
    is_over: bool = False
    details: str = ""


@dataclass(frozen=True)
class Level:
    """The meter, ten times a second: level and peak of the last 100 ms in dBFS times ten."""

    at_sample: int
    level_db10: int
    peak_db10: int
    is_speech: bool
    is_clipped: bool


@dataclass(frozen=True)
class Recorded:
    """A finished recording. `parts` is how many were announced; `sha256` covers all bytes of the file."""

    bytes: int
    samples: int
    sha256: str
    parts: int
    gaps: tuple[Gap, ...]
    judgement: Judgement
    end_reason: str
    rate: int

    @property
    def verdict(self) -> str:
        return self.judgement.verdict


@dataclass(frozen=True)
class Recovered:
    """What a crash left: all parts in order, which of them are `new` (unlisted before), and gaps."""

    bytes: int
    samples: int
    sha256: str
    parts: tuple[Part, ...]
    new: tuple[Part, ...]
    gaps: tuple[Gap, ...]
    judgement: Judgement
    rate: int
