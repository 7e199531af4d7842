"""What answers do not have to themselves: a start of a thousand at once, two hundred who speak and who download.

Takes a folder; gives waits and rates of a core and a files process over TLS, each alone and then all at once.
"""
from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from testing_server.contracts.leases import make_lease
from testing_server.foundation.clock import SystemClock
from tests.benchmarks.answers_room import GENERATION, Hall, make_hall, write_answers, write_script
from tests.benchmarks.answers_run import SLOW_MS, Core, Load, Making, make_load, run_core
from tests.benchmarks.sound import Measured

SEATS, SPEAKERS, DOWNLOADERS = 1_000, 200, 200
PACED_S = 10
PART = os.urandom(48_000)
BUNDLE_BYTES = 20_000_000
LINE_BYTES_PER_S = 125_000_000.0
LONGEST_S = 180


def measure_start(folder: Path) -> Iterator[Measured]:
    """A thousand workstations hear of the start in the same moment: each fetches it, applies it, says so."""
    hall = make_hall(folder / "start", SEATS, started=False)
    now_ms = SystemClock().now_ms()
    script = write_script(folder / "start.script", ([(one, 0) for one in seat.start(now_ms)] for seat in hall.seats))
    with run_core(hall.data) as core:
        time.sleep(2)
        before, load = core.cpu_s, make_load(core.port, script, 0, LONGEST_S)
        used = core.cpu_s - before
    started = sum(count == 3 for count in hall.count_kept().values())
    yield Measured("start of 1000, seats that said so durably", float(started), "seats", float(SEATS), "asked")
    yield Measured("start of 1000, the last one after", load.seconds, "s", None, "")
    yield Measured("start of 1000, 99 of 100 requests", load.p99_ms, "ms", None, "")
    yield Measured("start of 1000, processor", 1000 * used / SEATS, "CPU ms a seat", None, "")


def measure_speakers(folder: Path) -> Iterator[Measured]:
    """A second of sound from each of two hundred, every second; then with a slow disk."""
    for slow in (False, True):
        word = f"{SPEAKERS} speakers" + (f", {SLOW_MS} ms added to fsync" if slow else "")
        hall = make_hall(folder / f"speakers-{slow}", SPEAKERS)
        with run_core(hall.data, slow=slow, command="files") as files:
            time.sleep(1)
            before = files.memory_mb
            script = write_parts(folder / "parts.script", hall, PACED_S)
            load = make_load(files.files_port, script, 1000, PACED_S + 5)
            yield Measured(f"{word}, seconds of sound kept", load.answered / PACED_S, "a second", SPEAKERS, "said")
            yield Measured(f"{word}, 99 of 100 parts durable", load.p99_ms, "ms", None, "")
            yield Measured(f"{word}, memory", files.memory_mb, "MB", before, "before anybody spoke")


def write_parts(path: Path, hall: Hall, seconds: int) -> Path:
    """A part a second from each of the first seats; all say the same."""
    sha256, lease = hashlib.sha256(PART).hexdigest(), make_lease(GENERATION, 1)
    return write_script(path, ([
        (seat.ask("PUT", f"/v1/recordings/{seat.attempt}/{lease}/1/parts/{part}?offset={part * len(PART)}"
                  f"&sha256={sha256}&rate=24000&verdict=heard", length=len(PART)), 1) for part in range(seconds)]
        for seat in hall.seats[:SPEAKERS]), [PART])


def measure_materials(folder: Path) -> Iterator[Measured]:
    """Two hundred download 20 MB each and two hundred speak, while a thousand answer once a second."""
    hall = make_hall(folder / "materials", SEATS)
    with ExitStack() as stack:
        files = stack.enter_context(run_core(hall.data, command="files"))
        core = stack.enter_context(run_core(hall.data))
        time.sleep(2)
        # to the last answer: a hole would send all that follow by the slower way
        alone = make_load(core.port, write_answers(folder / "alone.script", hall.seats, PACED_S, 1), 1000, LONGEST_S)
        answers, parts, downloads = run_together(folder, hall, core, files)
        memory = core.memory_mb + files.memory_mb
    rate = downloads.received_bytes / downloads.seconds
    yield Measured("materials to 200", rate / 1e6, "MB/s", LINE_BYTES_PER_S / 1e6, "1 Gbit/s")
    yield Measured("materials to 200, whole files", float(downloads.answered), "files", float(DOWNLOADERS), "asked")
    yield Measured("1000 answers/s beside downloads and speakers, kept up", answers.answered / answers.seconds,
                   "answers/s", float(SEATS), "asked")
    yield Measured("1000 answers/s beside downloads and speakers, 99 of 100", answers.p99_ms, "ms", alone.p99_ms,
                   "alone")
    yield Measured("200 speakers beside downloads, 99 of 100 parts durable", parts.p99_ms, "ms", None, "")
    yield Measured("core and files process together, memory", memory, "MB", None, "")


def run_together(folder: Path, hall: Hall, core: Core, files: Core) -> tuple[Load, Load, Load]:
    """(answers, parts, downloads) of the same seconds."""
    sha256 = write_bundle(hall)
    asking = write_script(folder / "downloads.script", (
        [(seat.ask("GET", f"/v1/bundles/{sha256}"), 0)] for seat in hall.seats[:DOWNLOADERS]))
    seconds = BUNDLE_BYTES * DOWNLOADERS / LINE_BYTES_PER_S
    whole = int(seconds) + 1
    makings = [
        Making(core.port, write_answers(folder / "answers.script", hall.seats, whole + 2, 1), 1000, seconds),
        Making(files.files_port, write_parts(folder / "parts.script", hall, whole), 1000, seconds)]
    for making in makings:
        making.begin()
    # who says nothing is let go after a while: the speakers do not wait until two hundred others have connected
    makings.append(Making(files.files_port, asking, 0, LONGEST_S))
    makings[-1].begin()
    answers, parts, downloads = [making.finish() for making in makings]
    return answers, parts, downloads


def write_bundle(hall: Hall) -> str:
    """One bundle of 20 MB on the server; its digest."""
    content = os.urandom(BUNDLE_BYTES)
    sha256 = hashlib.sha256(content).hexdigest()
    (hall.data / "bundles").mkdir(exist_ok=True)
    (hall.data / "bundles" / sha256).write_bytes(content)
    return sha256
