"""The agent looks at its own machine: at its start, when it meets the server, every ten minutes while nobody works.

Takes the agent; gives findings to the page and reports them to the server. What looks is read when nobody works: a seat
that starts again in the middle of a work does not wait for it. While somebody works it only glances, once a minute, at
what runs out in the middle: the battery and the disk.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiosk_client import SOFTWARE
from kiosk_client.connection import Connection
from kiosk_client.machine.findings import Finding
from kiosk_client.machine.places import read_size
from kiosk_client.machine.resetting import Mark, count_start
from kiosk_client.machine.supplies import Supplies, look_at_supplies
from kiosk_client.refusals import SeatRefusal
from kiosk_client.startup import count_free_bytes
from kiosk_client.system_door import SystemDoor
from testing_server.contracts.messages import CheckReport

if TYPE_CHECKING:
    from kiosk_client.agent import Agent
    from kiosk_client.machine.checking import ServerLook

EVERY_SECONDS, GLANCE_SECONDS = 600.0, 60.0
# what the server calls little room
LOW_DISK_BYTES = 500 * 1024 * 1024
BATTERY_STEP_PERCENT = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Looked:
    """The last look; `at_ms` by the machine's clock."""

    findings: tuple[Finding, ...] = ()
    at_ms: int = 0


@dataclass(frozen=True)
class Running:
    """What runs out while somebody works, as coarse as it is news. `steps`: of the battery; None without one."""

    on_mains: bool | None
    steps: int | None
    is_disk_low: bool


def judge_running(supplies: Supplies, free_bytes: int) -> Running:
    """A battery that is charged is no news by its percents."""
    percent = None if supplies.on_mains else supplies.battery_percent
    return Running(supplies.on_mains, None if percent is None else percent // BATTERY_STEP_PERCENT,
                   free_bytes < LOW_DISK_BYTES)


class MachineWatch:
    """Looks in the background. Without a door it never looks."""

    def __init__(self, agent: Agent, door: SystemDoor | None) -> None:
        self._agent, self._door = agent, door
        self._mark = Mark()
        self._says_reset, self._screen = False, ""
        self._looked_s = 0.0
        self._glanced = Running(None, None, False)
        self.looked = Looked()
        self.is_looking = False
        self._stopping, self._look_now = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="machine", daemon=True)

    def start(self) -> None:
        """Count this start of the machine and begin to look."""
        if self._door is None:
            return
        try:
            self._mark = count_start(self._door, self._agent.options.folder)
        except OSError as error:
            log.warning("the start was not counted: %s", error)
        self._look_now.set()
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._look_now.set()

    def look_soon(self, screen: str = "") -> None:
        """Look again: the server was met, or a technician asks. `screen`: its size as the page knows it."""
        self._screen = screen or self._screen
        self._look_now.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            is_asked = self._look_now.wait(GLANCE_SECONDS)
            self._look_now.clear()
            if self._stopping.is_set():
                continue
            try:
                if self._agent.seating.seat is not None:
                    self.glance()
                elif is_asked or time.monotonic() - self._looked_s >= EVERY_SECONDS:
                    self.look()
            except SeatRefusal as refusal:
                log.info("the check was not reported: %s %s", refusal.code, refusal.details)
            except Exception:
                log.exception("the look at this machine failed")

    def look(self) -> None:
        """Look once and report. Raises Refused, ServerAway."""
        from kiosk_client.machine.checking import ServerLook, look_at_machine, look_at_server

        door = self._door
        if door is None:
            return
        self.is_looking, self._looked_s = True, time.monotonic()
        self._agent.notify()
        try:
            connection = self._agent.connection
            server = look_at_server(connection) if connection is not None else ServerLook(())
            found = look_at_machine(door, self._agent.options.folder, self._mark, self._says_reset,
                                    read_size(self._screen))
            self.looked = Looked((*server.findings, *found), self._agent.time.now_ms())
        finally:
            self.is_looking = False
            self._agent.notify()
        if connection is not None and server.speed is not None:
            self._report(connection, server)

    def glance(self) -> None:
        """What runs out while somebody works, told when it is news. Raises Refused, ServerAway."""
        connection, supplies = self._agent.connection, look_at_supplies()
        free_bytes = count_free_bytes(self._agent.options.folder)
        running = judge_running(supplies, free_bytes)
        if connection is None or running == self._glanced:
            return
        connection.link.report_check(connection.paired.workstation, CheckReport(
            verdict="", disk_free_bytes=free_bytes, clock_offset_ms=self._agent.time.wall_offset_ms(),
            memory_free_bytes=supplies.memory_free_bytes, battery_percent=supplies.battery_percent,
            on_mains=supplies.on_mains))
        self._glanced = running

    def _report(self, connection: Connection, server: ServerLook) -> None:
        report = make_report(self.looked.findings, self._mark, server, self._agent.time.wall_offset_ms(),
                             count_free_bytes(self._agent.options.folder), self._screen)
        told: dict[str, Any] = connection.link.report_check(connection.paired.workstation, report)
        was, self._says_reset = self._says_reset, bool(told.get("reset"))
        if self._says_reset and not was:
            self.look_soon()

    def as_shown(self) -> dict[str, Any]:
        """For the page: texts in both languages, what is wrong first."""
        order = ("stop", "attention", "good")
        found = sorted(self.looked.findings, key=lambda finding: order.index(finding.word))
        return {"looking": self.is_looking, "at_ms": self.looked.at_ms,
                "findings": [{"subject": finding.subject, "word": str(finding.word), "ru": finding.text("ru"),
                              "en": finding.text("en")} for finding in found]}


def make_report(findings: tuple[Finding, ...], mark: Mark, server: ServerLook, offset_ms: int, free_bytes: int,
                screen: str, verdict: str = "") -> CheckReport:
    """What the server is told; "" for a verdict leaves what it knew of the sound."""
    speed, supplies = server.speed, look_at_supplies()
    return CheckReport(
        verdict=verdict, disk_free_bytes=free_bytes, clock_offset_ms=offset_ms, screen=screen, software=SOFTWARE,
        link_kbytes_s=speed.kbytes_s if speed else 0, round_trip_ms=speed.round_trip_ms if speed else 0,
        findings=[finding.as_message() for finding in findings], starts=mark.starts, boot_id=mark.boot_id,
        memory_free_bytes=supplies.memory_free_bytes, battery_percent=supplies.battery_percent,
        on_mains=supplies.on_mains)
