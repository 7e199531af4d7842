"""The microphone and the headphones of this workstation: shown by name, chosen, remembered, opened up.

Takes what the candidate or the technician chooses on the page; gives what there is and why nothing is heard. The
choice belongs to the workstation, not to the candidate: it stays for the next one and after a restart.
"""

from __future__ import annotations

import logging
from typing import Any

from audio.devices import Direction
from audio.devices_choice import choose_shown_device, list_shown_devices, open_up_shown_device
from audio.devices_state import DeviceState, ShownDevice, Silence, explain_silence, find_chosen
from audio.faults import SoundRefusal
from audio.levels import FLOOR_DB10
from audio.speech_quality import Judgement
from audio.verdicts import Verdict
from kiosk_client.journal import Journal
from kiosk_client.recorder_service import RecorderService, make_microphone
from kiosk_client.refusals import MicrophoneRefused

REMEMBERED = {Direction.input: "chosen_microphone", Direction.output: "chosen_headphones"}
# Verdicts whose reason may be a switch, a level or a plug.
UNHEARD = frozenset({Verdict.silent, Verdict.too_quiet, Verdict.no_data, Verdict.wrong_device})

log = logging.getLogger(__name__)


class SoundDevices:
    """The devices of one workstation."""

    def __init__(self, journal: Journal, recorder: RecorderService) -> None:
        self._journal, self._recorder = journal, recorder
        self._opened_by: str = ""
        recorder.explain_silence, recorder.open_up = self.explain_zeros, self.try_open_up

    def list(self, direction: Direction) -> list[ShownDevice]:
        """What there is now. Raises MicrophoneRefused when the sound system hangs."""
        try:
            return list_shown_devices(direction, self._opened_by if direction is Direction.input else "")
        except SoundRefusal as refusal:
            raise MicrophoneRefused(refusal.code, refusal.details) from refusal

    def show(self) -> dict[str, Any]:
        """{"input": [device], "output": [device]} for the page. Raises MicrophoneRefused."""
        return {str(direction): [device.as_json() for device in self.list(direction)] for direction in Direction}

    def choose(self, direction: Direction, key: str) -> str:
        """From now on, and after a restart, this one; its name. Raises MicrophoneRefused when it is not there."""
        name = self._take(direction, key)
        self._journal.set(REMEMBERED[direction], key)
        return name

    def _take(self, direction: Direction, key: str) -> str:
        try:
            opened_by = choose_shown_device(key, direction)
        except SoundRefusal as refusal:
            raise MicrophoneRefused(refusal.code, refusal.details) from refusal
        if direction is Direction.input and opened_by is not None:
            self._opened_by, self._recorder.make_source = opened_by, make_microphone(opened_by)
        return next((device.name for device in self.list(direction) if device.key == key), key)

    def restore(self) -> None:
        """Take what was chosen here before; a device that is gone leaves the system's own choice."""
        for direction, name in REMEMBERED.items():
            key = self._journal.get(name)
            if key is None:
                continue
            try:
                self._take(direction, key)
            except MicrophoneRefused as refusal:
                log.info("%s is not there: %s", key, refusal.details)

    def open_up(self, direction: Direction) -> None:
        """Unmute the device of now and turn it up. Raises MicrophoneRefused where the system does not let us."""
        device = find_chosen(self.list(direction))
        if device is None or device.state is DeviceState.unplugged:
            raise MicrophoneRefused("device_missing")
        try:
            open_up_shown_device(device)
        except SoundRefusal as refusal:
            raise MicrophoneRefused(refusal.code, refusal.details) from refusal

    def try_open_up(self) -> None:
        """Unmute the microphone, where the system lets us."""
        try:
            self.open_up(Direction.input)
        except MicrophoneRefused as refusal:
            log.info("the microphone stays closed: %s", refusal.details)

    def explain_zeros(self) -> str:
        """What the system says of a microphone that gives digital silence, a word of Silence; "" when it hangs."""
        try:
            return str(explain_silence(find_chosen(self.list(Direction.input)), FLOOR_DB10))
        except MicrophoneRefused:
            return ""

    def explain(self, judgement: Judgement) -> Silence:
        """Why the microphone was not heard, as far as the system shows it."""
        if judgement.verdict not in UNHEARD:
            return Silence.unknown
        try:
            microphone = find_chosen(self.list(Direction.input))
        except MicrophoneRefused:
            return Silence.unknown
        return explain_silence(microphone, judgement.peak_db10)
