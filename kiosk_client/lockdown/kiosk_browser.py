"""Keeps the browser open on the page: in a fresh profile, opened again when it ends, taken over after a restart.

Takes a folder and a way to make launch addresses. A browser outlives an agent that was killed; the next agent finds it
by its process and its profile and lets the candidate go on in it.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk_client.lockdown.browsers import WINDOWS, choose_browser
from kiosk_client.lockdown.command import make_command, make_preferences
from kiosk_client.system_door import SystemDoor, open_door

AGAIN_SECONDS = 1.0
# A browser that ends at once, over and over, is opened ever more slowly.
SHORT_LIFE_SECONDS, LONGEST_WAIT_SECONDS = 3.0, 15.0
LOOK_SECONDS = 0.5
END_SECONDS = 5.0
PROFILE = "profile-"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """A browser of ours: its process and its profile."""

    pid: int
    profile: str


class KioskBrowser:
    """`make_address()` gives a fresh launch address. Raises NoBrowser, BrowserTooOld when made."""

    def __init__(self, folder: Path, make_address: Callable[[], str], door: SystemDoor | None = None) -> None:
        self._door = door or open_door()
        self._browser = choose_browser(self._door)
        self._folder, self._make_address = folder, make_address
        self._stopping = threading.Event()
        self._running: Running | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_open, name="browser", daemon=True)

    def start(self) -> None:
        """Open it, or go on with the one an earlier agent left open."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """Close it for good; returns when it is gone."""
        self._stopping.set()
        running = self._running
        if running is not None:
            end_process(running.pid)
        self._thread.join(timeout=END_SECONDS)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        wipe_profiles(self._folder)

    def renew(self) -> None:
        """Close it; it comes back by itself, in a profile that knows nothing of what was shown before."""
        running = self._running
        if running is not None:
            end_process(running.pid)

    def _keep_open(self) -> None:
        self._wait_for_left_over()
        short_lives = 0
        while not self._stopping.is_set():
            lasted = self._open_once()
            short_lives = short_lives + 1 if lasted < SHORT_LIFE_SECONDS else 0
            wait = min(AGAIN_SECONDS * 2 ** max(0, short_lives - 1), LONGEST_WAIT_SECONDS)
            if not self._stopping.wait(wait):
                log.warning("the browser ended after %.0f s; it is opened again", lasted)

    def _wait_for_left_over(self) -> None:
        left = find_left_over(self._door, self._folder)
        if left is None:
            return
        log.info("the browser of an earlier agent is still open")
        self._running = left
        while is_running(self._door, left) and not self._stopping.wait(LOOK_SECONDS):
            continue

    def _open_once(self) -> float:
        """Open it and wait until it ends; how many seconds it lasted."""
        wipe_profiles(self._folder)
        profile = make_profile(self._folder)
        started = time.monotonic()
        try:
            self._process = subprocess.Popen(make_command(self._browser, profile, self._make_address()),
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError as error:
            log.error("the browser cannot be started: %s", error)
            return 0.0
        self._running = Running(self._process.pid, str(profile))
        note_running(self._folder, self._running)
        if self._stopping.is_set():
            self._process.terminate()
        self._process.wait()
        return time.monotonic() - started


def make_profile(folder: Path) -> Path:
    """A fresh profile that knows nothing and was told what it must not do."""
    profile = folder / f"{PROFILE}{secrets.token_hex(4)}"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(make_preferences()), encoding="utf-8")
    (profile / "First Run").touch()
    return profile


def wipe_profiles(folder: Path) -> None:
    """Whatever browsers kept goes; a file that a dying process still holds goes the next time."""
    for profile in folder.glob(f"{PROFILE}*"):
        shutil.rmtree(profile, ignore_errors=True)


def note_running(folder: Path, running: Running) -> None:
    """For the next agent, should this one be killed."""
    (folder / "browser.json").write_text(json.dumps({"pid": running.pid, "profile": running.profile}))


def find_left_over(door: SystemDoor, folder: Path) -> Running | None:
    """The browser that an earlier agent opened and that is still there."""
    try:
        told = json.loads((folder / "browser.json").read_text())
        left = Running(int(told["pid"]), str(told["profile"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return left if is_running(door, left) else None


def is_running(door: SystemDoor, running: Running) -> bool:
    """Whether that process is our browser: numbers of processes are given again, so its profile is looked for."""
    if door.platform == WINDOWS:
        query = f"(Get-CimInstance Win32_Process -Filter 'ProcessId={running.pid}').CommandLine"
        told = door.run("powershell", "-NoProfile", "-Command", query).output
    else:
        told = door.read_text(f"/proc/{running.pid}/cmdline")
    return running.profile in told


def end_process(pid: int) -> None:
    """Ask it to end; nothing happens where it has ended."""
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError:
        log.info("the browser has ended already")
