"""Disk, clock, browser and screen. Takes a folder, times and sizes; gives a finding each."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from kiosk_client.lockdown.browsers import list_browsers
from kiosk_client.machine.findings import Finding, find
from kiosk_client.refusals import DiskTooFull
from kiosk_client.startup import LEAST_FREE_BYTES, check_disk, count_free_bytes
from kiosk_client.system_door import SystemDoor

SLOW_WRITE_MS = 200
PROBE_BYTES = 64 * 1024
CLOCK_DOUBT_S, CLOCK_FAR_S = 120, 86_400
TINY, SMALL = (1024, 600), (1280, 720)


def look_at_disk(folder: Path) -> Finding:
    """Whether an exam's answers and speech find room there, and how long one durable write takes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_disk(folder)
        took_ms = time_write(folder)
    except DiskTooFull:
        return find("disk_low", free=count_free_bytes(folder) // 1_000_000, needed=LEAST_FREE_BYTES // 1_000_000)
    except OSError as error:
        return find("disk_refuses", folder=folder, why=error.strerror or error)
    code = "disk_slow" if took_ms > SLOW_WRITE_MS else "disk_good"
    return find(code, free=count_free_bytes(folder) // 1_000_000, milliseconds=took_ms, folder=folder)


def time_write(folder: Path) -> int:
    """Milliseconds of one write that outlives a power cut. Raises OSError."""
    probe = folder / "write-probe"
    started = time.monotonic()
    with open(probe, "wb") as file:
        file.write(bytes(PROBE_BYTES))
        file.flush()
        os.fsync(file.fileno())
    took_ms = int((time.monotonic() - started) * 1000)
    probe.unlink()
    return took_ms


def look_at_clock(offset_ms: int | None) -> Finding:
    """The machine's clock beside the server's; None = no server has answered."""
    if offset_ms is None:
        return find("clock_unknown")
    seconds = abs(offset_ms) // 1000
    if seconds >= CLOCK_FAR_S:
        return find("clock_far", days=seconds // CLOCK_FAR_S)
    return find("clock_off" if seconds > CLOCK_DOUBT_S else "clock_good", seconds=seconds)


def look_at_browser(door: SystemDoor) -> Finding:
    """The browser that would be opened for the page: there, and new enough."""
    found = list_browsers(door)
    if not found:
        return find("browser_missing")
    chosen = next((one for one in found if one.is_new_enough), found[0])
    if not chosen.version:
        return find("browser_unknown", path=chosen.path)
    told = {"path": chosen.path, "version": chosen.version}
    if not chosen.is_new_enough:
        return find("browser_old", **told, needed=".".join(map(str, chosen.kind.oldest)).removesuffix(".0"))
    return find("browser_good", **told)


def look_at_screen(size: tuple[int, int] | None) -> Finding:
    """Whether the tasks find room; None = nobody knows yet."""
    if size is None:
        return find("screen_unknown")
    shown = f"{size[0]}×{size[1]}"
    if size[0] < TINY[0] or size[1] < TINY[1]:
        return find("screen_tiny", size=shown)
    is_small = size[0] < SMALL[0] or size[1] < SMALL[1]
    return find("screen_small" if is_small else "screen_good", size=shown)


def read_size(text: str) -> tuple[int, int] | None:
    """A size the page told as "1366x768" (anything may follow), None if it is none."""
    found = re.match(r"(\d{2,5})[x×](\d{2,5})", text)
    return (int(found[1]), int(found[2])) if found else None
