"""Robot candidates: processes of the kiosk's own robot, each with its journal, outbox and recorder.."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audio.faults import SoundRefusal
from audio.virtual import VirtualMicrophone, speak_text, start_virtual_microphone
from testing_server.rehearsal.processes import Teller

SPEECH_GAP_S = 0.5
ASK_FOR_INPUT = (
    "from audio.devices import Direction, list_devices\n"
    "raise SystemExit(not any(one.direction == Direction.input for one in list_devices()))")
SPOKEN = (
    "This picture shows a family in the park. There are trees and a small lake behind them. The children are "
    "playing with a dog, and their parents are sitting on the grass. I like this picture because everybody is happy.")


@dataclass(frozen=True)
class Seating:
    """Who sits where: `microphone` None = a sound file in real time at the recorder's own door."""

    seat: str
    login: str
    language: str
    microphone: str | None


class Speaker:
    """Somebody who talks into the virtual microphone without end, for the robots that record through PortAudio."""

    def __init__(self, microphone: VirtualMicrophone, sound: Path) -> None:
        self._microphone, self._sound = microphone, sound
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self) -> None:
        while not self._ended.is_set():
            player = self._microphone.start_speaking(self._sound)
            while player.poll() is None and not self._ended.wait(0.2):
                continue
            if player.poll() is None:
                player.kill()
                player.wait()
            self._ended.wait(SPEECH_GAP_S)

    def stop(self) -> None:
        """Silence."""
        self._ended.set()
        self._thread.join(5)


def open_microphone(stack: ExitStack, folder: Path, talks: bool = True) -> VirtualMicrophone | None:
    """A virtual microphone that hears somebody talk; None where this machine cannot have one."""
    try:
        microphone = stack.enter_context(start_virtual_microphone(folder))
        if talks:
            speaker = Speaker(microphone, speak_text(SPOKEN, "en", folder / "spoken.wav"))
            stack.callback(speaker.stop)
    except SoundRefusal:
        return None
    return microphone


def start_robot(server: str, folder: Path, seating: Seating, microphone: VirtualMicrophone | None,
                on_step: Callable[[dict[str, Any]], None], seed: int) -> Teller:
    """One robot process."""
    command = [sys.executable, "-m", "kiosk_client.robot", "--server", server, "--data", str(folder),
               "--login", seating.login, "--seed", str(seed), "--language", seating.language]
    environ = None
    if seating.microphone is not None and microphone is not None:
        command += ["--microphone", seating.microphone, "--speak-seconds", "20"]
        environ = microphone.environment
    return Teller(f"seat {seating.seat}", command, folder.with_suffix(".log"), on_step, environ)


def pair_folder(server: str, folder: Path, on_code: Callable[[str], None]) -> None:
    """Makes a folder a workstation of the school, for a person to sit at later."""
    def hear(step: dict[str, Any]) -> None:
        if step["step"] == "pairing":
            on_code(step["code"])
    command = [sys.executable, "-m", "kiosk_client.robot", "--server", server, "--data", str(folder), "--only-pair"]
    teller = Teller("waiting workstation", command, folder.with_suffix(".log"), hear)
    teller.wait_for("paired", 60)
    teller.process.wait(30)


def start_agent(server: str, folder: Path, microphone: VirtualMicrophone | None,
                on_step: Callable[[dict[str, Any]], None]) -> Teller:
    """The agent a person sits at, its page on loopback. Uses the default microphone, else the virtual one."""
    command = [sys.executable, "-m", "kiosk_client", "--server", server, "--data", str(folder), "--json"]
    environ = None
    if microphone is not None:
        command += ["--microphone", microphone.device]
        environ = microphone.environment
    return Teller("agent", command, folder.with_suffix(".log"), on_step, environ)


def has_own_microphone() -> bool:
    """Whether the machine itself offers an input. Asked in a process of its own: PortAudio keeps what it found."""
    asked = subprocess.run([sys.executable, "-c", ASK_FOR_INPUT], capture_output=True, timeout=30)
    return asked.returncode == 0
