"""The browser of the seat: found on the machine, opened on the one page and nothing else, opened again if it ends.

Takes a way to make launch addresses. What a person can still leave by (the system's own keys) is the technician's to
close: the guide for technicians says how.
"""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from kiosk_client.refusals import SeatRefusal

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
            "microsoft-edge-stable", "chrome", "msedge")
WINDOWS_PLACES = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
FLAGS = ("--kiosk", "--no-first-run", "--no-default-browser-check", "--disable-pinch", "--disable-translate",
         "--overscroll-history-navigation=0", "--disable-session-crashed-bubble", "--noerrdialogs",
         "--autoplay-policy=no-user-gesture-required", "--disable-features=Translate,MediaRouter")
# Flags that only a test's machine needs are never written in this code.
EXTRA_FLAGS = "KIOSK_BROWSER_FLAGS"
AGAIN_SECONDS = 2.0

log = logging.getLogger(__name__)


class NoBrowser(SeatRefusal):
    """Neither Chromium nor Chrome nor Edge is installed."""

    code = "no_browser"


def find_browser() -> str:
    """The path of a browser that has a kiosk mode. Raises NoBrowser."""
    for program in PROGRAMS:
        found = shutil.which(program)
        if found:
            return found
    for root in (os.environ.get("PROGRAMFILES"), os.environ.get("PROGRAMFILES(X86)")):
        for place in WINDOWS_PLACES if root else ():
            if Path(str(root), place).exists():
                return str(Path(str(root), place))
    raise NoBrowser("install Chromium, Chrome or Edge, or open the printed address yourself")


def make_command(browser: str, profile: Path, address: str) -> list[str]:
    """The browser's command line: a profile of its own, one page, the whole screen."""
    extra = shlex.split(os.environ.get(EXTRA_FLAGS, ""))
    return [browser, *FLAGS, f"--user-data-dir={profile}", *extra, address]


class KioskBrowser:
    """Keeps the browser open: when it ends it is opened again with a fresh address."""

    def __init__(self, profile: Path, make_address: Callable[[], str]) -> None:
        self._browser, self._profile, self._make_address = find_browser(), profile, make_address
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_open, name="browser", daemon=True)

    def start(self) -> None:
        """Open it."""
        self._thread.start()

    def stop(self) -> None:
        """Close it for good."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()

    def _keep_open(self) -> None:
        while not self._stopping.is_set():
            command = make_command(self._browser, self._profile, self._make_address())
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            code = self._process.wait()
            if not self._stopping.wait(AGAIN_SECONDS):
                log.warning("the browser ended with %s; it is opened again", code)
