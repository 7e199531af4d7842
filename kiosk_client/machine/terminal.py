"""The check in the terminal: every finding a line, five seconds of speech, a report to the paired server.

Takes the data folder, a server's address or "", a microphone's name or None; gives an exit code. While the agent runs
it alone speaks for the seat: the terminal then only shows.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from audio.faults import SoundRefusal
from audio.microphone import MicrophoneSource
from audio.recorder import Recorder
from audio.recording import Level
from kiosk_client.clock import ServerTime, SystemClock
from kiosk_client.connection import Connection
from kiosk_client.identity import name_machine, open_key, read_paired
from kiosk_client.journal import Journal
from kiosk_client.link import Wire
from kiosk_client.machine.checking import ServerLook, look_at_address, look_at_machine, look_at_server
from kiosk_client.machine.findings import Finding, find, is_ready
from kiosk_client.machine.resetting import Mark, count_start
from kiosk_client.machine.watching import make_report
from kiosk_client.refusals import AlreadyRunning, SeatRefusal
from kiosk_client.startup import FolderLock, count_free_bytes
from kiosk_client.system_door import SystemDoor
from testing_server.contracts.messages import CheckWord

BAR_WIDTH = 40
SIGNS = {CheckWord.GOOD: "[green]✓[/green]", CheckWord.ATTENTION: "[yellow]![/yellow]",
         CheckWord.STOP: "[red]■[/red]"}
HEADINGS = {
    "ru": {"speak": "Говорите в микрофон {seconds:.0f} с обычным голосом…", "ready": "Место готово.",
           "attention": "Место готово, но есть замечания: {count}.", "stop": "Место не готово: {count}.",
           "running": "Программа места работает: она сама сообщает серверу о проверке.",
           "reported": "Результат передан серверу аудитории.", "not_reported": "Серверу не передано: {why}."},
    "en": {"speak": "Speak into the microphone for {seconds:.0f} s in your usual voice…", "ready": "The seat is ready.",
           "attention": "The seat is ready, with remarks: {count}.", "stop": "The seat is not ready: {count}.",
           "running": "The workstation's program is running: it reports its check to the server itself.",
           "reported": "The result was given to the classroom server.",
           "not_reported": "Not given to the server: {why}."},
}


@dataclass(frozen=True)
class Asked:
    """What a technician asks for; `seconds` 0 = nobody speaks."""

    folder: Path
    server: str
    microphone: str | None
    seconds: float
    language: str = "ru"


def check_machine(asked: Asked, door: SystemDoor) -> int:
    """0 when nothing stops an exam here, else 1."""
    console, words = Console(soft_wrap=True), HEADINGS[asked.language]
    mark = note_start(door, asked.folder)
    findings = look_at_machine(door, asked.folder, mark, says_reset=False, screen=None)
    for finding in findings:
        show_finding(console, finding, asked.language)
    verdict = ""
    if asked.seconds > 0:
        heard, verdict = listen(console, asked)
        findings.append(heard)
        show_finding(console, heard, asked.language)
    for finding in ask_server(console, asked, mark, findings, verdict):
        show_finding(console, finding, asked.language)
        findings.append(finding)
    return show_result(console, findings, words)


def note_start(door: SystemDoor, folder: Path) -> Mark:
    """The mark of this start; an empty one where the folder cannot be written (the look at the disk says so)."""
    try:
        return count_start(door, folder)
    except OSError:
        return Mark()


def show_finding(console: Console, finding: Finding, language: str) -> None:
    console.print(f"{SIGNS[finding.word]} ", end="")
    console.print(finding.text(language), markup=False, highlight=False)


def show_result(console: Console, findings: list[Finding], words: dict[str, str]) -> int:
    stops = sum(finding.word is CheckWord.STOP for finding in findings)
    remarks = sum(finding.word is CheckWord.ATTENTION for finding in findings)
    code = "stop" if stops else "attention" if remarks else "ready"
    console.print(words[code].format(count=stops or remarks), highlight=False)
    return 0 if is_ready(findings) else 1


# The server.

def ask_server(console: Console, asked: Asked, mark: Mark, found: list[Finding], verdict: str) -> list[Finding]:
    """What is found of the server; a paired one is told the result."""
    words = HEADINGS[asked.language]
    try:
        with open_connection(asked.folder) as connection:
            if connection is not None:
                return list(report(console, connection, asked, mark, found, verdict))
    except AlreadyRunning:
        console.print(words["running"], highlight=False)
    if not asked.server:
        return []
    wire = Wire(asked.server, None)
    try:
        return look_at_address(asked.server, lambda: wire.request("GET", "/v1/pair/0", timeout=httpx.Timeout(4.0)))
    finally:
        wire.close()


@contextmanager
def open_connection(folder: Path) -> Iterator[Connection | None]:
    """The line to the paired server, None before pairing. Raises AlreadyRunning while an agent uses the folder."""
    if not (folder / "journal.sqlite").exists():
        yield None
        return
    lock = FolderLock(folder)
    journal = Journal(folder / "journal.sqlite", name_machine())
    try:
        paired, clock = read_paired(journal), SystemClock()
        connection = None if paired is None else Connection(
            paired, open_key(folder / "workstation.key"), journal, clock, ServerTime(clock, journal.get("time")),
            lambda welcome: None)
        yield connection
        if connection is not None:
            connection.close()
    finally:
        journal.close()
        lock.release()


def report(console: Console, connection: Connection, asked: Asked, mark: Mark, found: list[Finding],
           verdict: str) -> Iterator[Finding]:
    """Findings of the server, then that it was told of all."""
    words = HEADINGS[asked.language]
    looked: ServerLook = look_at_server(connection)
    yield from looked.findings
    if looked.speed is None:
        return
    told = make_report((*looked.findings, *found), mark, looked, connection.time.wall_offset_ms(),
                       count_free_bytes(asked.folder), "", verdict)
    try:
        reply = connection.link.report_check(connection.paired.workstation, told)
    except SeatRefusal as refusal:
        console.print(words["not_reported"].format(why=refusal.code), highlight=False)
        return
    if reply.get("reset"):
        yield find("reset_seen")
    console.print(words["reported"], highlight=False)


# A person's voice.

def listen(console: Console, asked: Asked) -> tuple[Finding, str]:
    """Record a few seconds and judge them; the verdict's word, "" if the microphone did not open."""
    console.print(HEADINGS[asked.language]["speak"].format(seconds=asked.seconds), highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        try:
            recorder = Recorder(MicrophoneSource(asked.microphone), Path(folder) / "check.pcm", lambda part: None,
                                lambda level: show_level(console, level))
            recorder.start()
        except SoundRefusal as refusal:
            return find("microphone_refused", why=f"{refusal.code} {refusal.details}".strip()[:120]), ""
        time.sleep(asked.seconds)
        recorded = recorder.stop()
    console.print(" " * (BAR_WIDTH + 12), end="\r")
    verdict = str(recorded.judgement.verdict)
    return find(verdict, rate=recorded.rate), verdict


def show_level(console: Console, level: Level) -> None:
    filled = max(0, min(BAR_WIDTH, (level.level_db10 + 600) * BAR_WIDTH // 600))
    bar = "█" * filled + "·" * (BAR_WIDTH - filled)
    console.print(f"{bar} {level.level_db10 // 10:>4} дБ", end="\r", highlight=False)
