"""Why sound could not be taken or played: one exception per reason, each with a code for screens and logs.

The texts a person reads belong to the kiosk; `code` is what it looks them up by.
"""


class SoundRefusal(Exception):
    """The base of every refusal of this package; `code` is stable, `details` is for the log."""

    code = "sound_refused"

    def __init__(self, details: str = "") -> None:
        super().__init__(details or self.code)
        self.details = details


class NoSoundCard(SoundRefusal):
    """PortAudio is absent, or it sees no device at all."""

    code = "no_sound_card"


class DeviceMissing(SoundRefusal):
    """The named device is not among those the machine has now."""

    code = "device_missing"


class DeviceBusy(SoundRefusal):
    """The device exists but would not open (taken by another program, or its driver refused)."""

    code = "device_busy"


class DeviceStuck(SoundRefusal):
    """The sound system did not answer in the time allowed."""

    code = "device_stuck"


class StreamsOpen(SoundRefusal):
    """The device list cannot be made anew: that would end a stream that is open."""

    code = "streams_open"


class RecordingExists(SoundRefusal):
    """A recording is never written over another one."""

    code = "recording_exists"


class NotRecording(SoundRefusal):
    """The recorder was asked for something it can do only between `start` and `stop`."""

    code = "not_recording"


class RateChanged(SoundRefusal):
    """Another source cannot continue a recording at another rate."""

    code = "rate_changed"


class StorageStuck(SoundRefusal):
    """The disk did not take the last seconds of sound in the time allowed."""

    code = "storage_stuck"


class PartsOverlap(SoundRefusal):
    """Listed parts cover the same bytes twice, or are not whole samples."""

    code = "parts_overlap"


class PartUnreadable(SoundRefusal):
    """The bytes of a part are missing or differ from its digest."""

    code = "part_unreadable"


class SoundUnreadable(SoundRefusal):
    """A file is not sound that can be read."""

    code = "sound_unreadable"


class DigestDiffers(SoundRefusal):
    """Sound that was encoded does not decode to the bytes it was made of."""

    code = "digest_differs"


class VoiceMissing(SoundRefusal):
    """There is no synthesised voice for this language."""

    code = "voice_missing"


class ToolMissing(SoundRefusal):
    """A program of the system (pulseaudio, paplay, espeak-ng) is not installed."""

    code = "tool_missing"
