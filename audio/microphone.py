"""A microphone as a source: PortAudio's raw input stream behind the door of `audio.sources`.

PortAudio raises nothing when a device dies; the recorder's watchdog sees it. Where a sound server is in
between, a removed microphone silently moves the stream to another one: a side thread asks which one it really is.
"""

import logging
import threading
from contextlib import ExitStack
from types import ModuleType
from typing import Any

from audio.actual_source import ActualSource, find_actual_source, is_same_source
from audio.devices import (
    Device, Direction, choose_present_device, choose_rate, count_stream, open_portaudio,
)
from audio.faults import DeviceBusy, DeviceMissing, SoundRefusal
from audio.patience import run_within
from audio.sources import BLOCKS_PER_SECOND, Door

OPEN_SECONDS = 8.0
CLOSE_SECONDS = 3.0
# Nobody hears how late a recording is, but a busy machine loses sound that had too little room to wait in.
LATENCY_SECONDS = 0.2
CHECK_SECONDS = 1.5
FIRST_QUESTIONS = 3

log = logging.getLogger(__name__)


class MicrophoneSource:
    """The microphone called `device` (a name, or None for the default one), at `rate` or the best it accepts.

    :raises NoSoundCard, DeviceMissing, DeviceBusy, DeviceStuck: here for the choice, in `start` for opening.
    """

    def __init__(self, device: str | None = None, rate: int | None = None) -> None:
        self._portaudio = open_portaudio()
        self.device: Device = choose_present_device(Direction.input, device)
        self.rate = rate or choose_rate(self.device, self._portaudio)
        self.name = self.device.label
        self._stream: Any = None
        self._door: Door | None = None
        self._stopping = threading.Event()
        self._counted = ExitStack()
        self._is_right = True

    def start(self, door: Door) -> None:
        self._door = door
        self._stopping.clear()
        self._counted.enter_context(count_stream())
        try:
            self._stream = run_within(OPEN_SECONDS, self._open, f"opening {self.name}")
        except BaseException:
            self._counted.close()
            raise
        threading.Thread(target=self._follow_actual_source, name="actual source", daemon=True).start()

    def stop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            # The end of the last word is still on its way through the device's buffers.
            self._stopping.wait(LATENCY_SECONDS)
        self._stopping.set()
        if stream is None:
            return
        try:
            run_within(CLOSE_SECONDS, lambda: _close(stream), f"closing {self.name}")
        except (SoundRefusal, self._portaudio.PortAudioError) as error:
            # The sound is on the disk already; a device that will not close must not stop the candidate.
            log.warning("%s did not close: %s", self.name, error)
        finally:
            self._counted.close()

    def is_right_device(self) -> bool:
        return self._is_right

    def _open(self) -> Any:
        try:
            stream = self._portaudio.RawInputStream(
                samplerate=self.rate,
                blocksize=self.rate // BLOCKS_PER_SECOND,
                device=self.device.number,
                channels=1,
                dtype="int16",
                latency=LATENCY_SECONDS,
                callback=self._take,
                finished_callback=self._notice_end,
                extra_settings=_choose_settings(self._portaudio, self.device),
            )
            stream.start()
        except self._portaudio.PortAudioError as error:
            raise DeviceBusy(f"{self.name}: {error}") from None
        except ValueError as error:
            raise DeviceMissing(f"{self.name}: {error}") from None
        return stream

    def _take(self, data: Any, frames: int, moment: Any, status: Any) -> None:
        if self._door is not None and not self._stopping.is_set():
            self._door.take(bytes(data), bool(status.input_overflow))

    def _notice_end(self) -> None:
        if self._door is not None and not self._stopping.is_set():
            self._door.finish("device_lost")

    def _follow_actual_source(self) -> None:
        chosen = self._find_chosen_source()
        while chosen is not None and not self._stopping.wait(CHECK_SECONDS):
            self._is_right = is_same_source(chosen)

    def _find_chosen_source(self) -> ActualSource | None:
        # The sound server may list a new stream a moment late.
        for _ in range(FIRST_QUESTIONS):
            chosen = find_actual_source()
            if chosen is not None or self._stopping.wait(CHECK_SECONDS):
                return chosen
        return None


def _choose_settings(portaudio: ModuleType, device: Device) -> Any:
    # WASAPI in shared mode opens at the device's own rate only, unless it may convert.
    return portaudio.WasapiSettings(auto_convert=True) if "WASAPI" in device.system else None


def _close(stream: Any) -> None:
    stream.abort(ignore_errors=True)
    stream.close(ignore_errors=True)
