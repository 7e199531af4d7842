"""The check of a machine in the terminal: disk, clock, devices, microphone, server; one line for each.

Takes the data folder, a server's address or "", a microphone's name or None; gives an exit code. Says in every bad
line what to do.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from rich.console import Console

from audio.devices import Direction, list_devices
from audio.faults import SoundRefusal
from audio.microphone import MicrophoneSource
from audio.recorder import Recorder
from audio.recording import Level
from kiosk_client.link import Wire
from kiosk_client.lockdown import find_browser
from kiosk_client.refusals import SeatRefusal
from kiosk_client.startup import check_disk

VERDICTS = {
    "heard": "речь хорошо слышна", "silent": "речи не слышно: проверьте, что микрофон включён и поднесён ко рту",
    "too_quiet": "слишком тихо: прибавьте чувствительность микрофона", "clipped": "слышно, но слишком громко",
    "noisy": "мешает шум", "neighbour": "слышно соседа", "wrong_device": "звук идёт с другого устройства",
    "no_data": "устройство не дало ни одного отсчёта",
}
BAR_WIDTH = 40

Line = tuple[bool, str]


def check_machine(folder: Path, server: str, microphone: str | None, seconds: float) -> int:
    """0 when everything a seat needs is there, else 1."""
    console = Console()
    steps: list[Callable[[], Line]] = [
        lambda: look_at_disk(folder), look_at_browser, lambda: look_at_devices(Direction.input),
        lambda: look_at_devices(Direction.output), lambda: listen(console, microphone, seconds),
    ]
    if server:
        steps.append(lambda: look_at_server(server))
    results = [show_line(console, step()) for step in steps]
    return 0 if all(results) else 1


def show_line(console: Console, line: Line) -> bool:
    is_good, text = line
    console.print(f"[green]✓[/green] {text}" if is_good else f"[red]■[/red] {text}", highlight=False)
    return is_good


def look_at_disk(folder: Path) -> Line:
    """Room for an exam's answers and speech."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return True, f"Диск: свободно {check_disk(folder) // 1_000_000} МБ в {folder}"
    except SeatRefusal as refusal:
        return False, f"Диск: {refusal.details}. Освободите место."


def look_at_browser() -> Line:
    """A browser for the page."""
    try:
        return True, f"Браузер: {find_browser()}"
    except SeatRefusal:
        return False, "Браузер: не найден. Установите Chromium, Chrome или Edge."


def look_at_devices(direction: Direction) -> Line:
    """At least one microphone and one way to hear."""
    name = "Микрофоны" if direction is Direction.input else "Наушники"
    try:
        devices = list_devices(direction)
    except SoundRefusal as refusal:
        return False, f"{name}: звуковая система не отвечает ({refusal.code} {refusal.details})"
    if not devices:
        return False, f"{name}: не найдены. Подключите гарнитуру."
    return True, f"{name}: {', '.join(device.label for device in devices[:6])}"


def listen(console: Console, microphone: str | None, seconds: float) -> Line:
    """Record a few seconds and judge them."""
    console.print(f"Говорите в микрофон {seconds:.0f} с обычным голосом…", highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        try:
            recorder = Recorder(MicrophoneSource(microphone), Path(folder) / "check.pcm", lambda part: None,
                                lambda level: show_level(console, level))
            recorder.start()
        except SoundRefusal as refusal:
            return False, f"Микрофон: не открылся ({refusal.code} {refusal.details}). Подключите гарнитуру."
        time.sleep(seconds)
        recorded = recorder.stop()
    console.print(" " * (BAR_WIDTH + 12), end="\r")
    is_good = recorded.judgement.verdict.is_usable
    return is_good, f"Микрофон: {VERDICTS[str(recorded.judgement.verdict)]} ({recorded.rate} Гц)"


def show_level(console: Console, level: Level) -> None:
    filled = max(0, min(BAR_WIDTH, (level.level_db10 + 600) * BAR_WIDTH // 600))
    bar = "█" * filled + "·" * (BAR_WIDTH - filled)
    console.print(f"{bar} {level.level_db10 // 10:>4} дБ", end="\r", highlight=False)


def look_at_server(server: str) -> Line:
    """Whether a server answers at the address; whether it is the right one is what pairing finds out."""
    try:
        wire = Wire(server, None)
        wire.request("GET", "/v1/pair/0", timeout=httpx.Timeout(4.0))
    except SeatRefusal as refusal:
        answered = hasattr(refusal, "status")
        return answered, f"Сервер: {'отвечает' if answered else 'не отвечает'} ({server})"
    return True, f"Сервер: отвечает ({server})"
