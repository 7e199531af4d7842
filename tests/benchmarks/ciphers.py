"""Forty thousand schools fetch their cipher in the same minute: one core of a hub over TLS, on SQLite.

Takes a folder. Gives rates and waits of first fetches (each is noted in audit and progress), of repeated ones, and of
an empty endpoint asked by the same connections of the same process.
"""
from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert

from testing_server.contracts.check_digits import make_cipher
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.keys import obtain_key
from testing_server.foundation.settings import as_environment, load_settings
from testing_server.foundation.storage import Storage
from testing_server.foundation.supervision import choose_ports
from testing_server.foundation.supervision.supervisor import FEW_ARENAS
from testing_server.foundation.tokens import make_token
from testing_server.migrations import upgrade_database
from testing_server.preparation.materials.records import ArchiveRecord
from testing_server.preparation.registry.records import SchoolRecord
from testing_server.preparation.release.slots import obtain_slot
from tests.benchmarks.answers_room import HOURS_12_MS, write_script
from tests.benchmarks.answers_run import Core, Load, make_load, wait_until_up
from tests.benchmarks.sound import Measured

SCHOOLS = int(os.environ.get("SCHOOLS", "40000"))
CONNECTIONS, MINUTE_S, LONGEST_S = 1_000, 60, 600
ZONES = 11
PORTION = 2_000


def measure_all(folder: Path) -> Iterator[Measured]:
    """First fetches as fast as they come, the same again, an empty endpoint; then a minute at the pace of the day."""
    asked = fill_hub(folder / "hub", SCHOOLS)
    with run_hub(folder / "hub") as core:
        empty = ask_all(core, folder, [path_of("/v1/health", token) for _path, token in asked])
        used = core.cpu_s
        first = ask_all(core, folder, [path_of(path, token) for path, token in asked])
        used = core.cpu_s - used
        again = ask_all(core, folder, [path_of(path, token) for path, token in asked])
        yield from tell(f"{SCHOOLS} schools' first ciphers, one process", first, empty)
        yield Measured("a first cipher, processor", 1000 * used / max(first.answered, 1), "CPU ms")
        yield from tell(f"{SCHOOLS} schools' ciphers again, one process", again, empty)
        yield Measured("ciphers refused or broken", float(first.refused + first.broken + again.refused), "requests")
        interval_ms = MINUTE_S * 1000 * min(CONNECTIONS, SCHOOLS) / SCHOOLS
        paced = ask_all(core, folder, [path_of(path, token) for path, token in asked], interval_ms)
        yield Measured(f"{SCHOOLS} ciphers asked for in one minute, 99 of 100 after", paced.p99_ms, "ms")
        yield Measured(f"{SCHOOLS} ciphers asked for in one minute, given after", paced.seconds, "s", MINUTE_S, "asked")


def tell(name: str, load: Load, empty: Load) -> Iterator[Measured]:
    """Rate and wait beside those of the empty endpoint."""
    yield Measured(name, load.answered / load.seconds, "a second", empty.answered / empty.seconds, "empty endpoint")
    yield Measured(f"{name}, 99 of 100 after", load.p99_ms, "ms", empty.p99_ms, "empty endpoint")


def path_of(path: str, token: str) -> bytes:
    """A whole request of a classroom server."""
    return (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nConnection: keep-alive\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n").encode()


def ask_all(core: Core, folder: Path, requests: Sequence[bytes], interval_ms: float = 0) -> Load:
    """Every request once, over a thousand connections."""
    each = ([(one, 0) for one in requests[start::CONNECTIONS]] for start in range(min(CONNECTIONS, len(requests))))
    return make_load(core.port, write_script(folder / "ciphers.script", each), interval_ms, LONGEST_S)


def fill_hub(data: Path, count: int) -> list[tuple[str, str]]:
    """(path, token) of every school: each with a materials archive whose hour has come."""
    settings = load_settings("hub", {}, data=data)
    upgrade_database(settings.storage_url)
    now_ms, key = SystemClock().now_ms(), obtain_key(settings.mac_folder, "mac.key")
    (data / "slots").mkdir(parents=True, exist_ok=True)
    # a slot for each zone: one morning runs over the country in eleven hours, here in one minute
    slots = [obtain_slot(data / "slots", "bench", f"work-{zone}", now_ms - 1) for zone in range(ZONES)]
    asked, storage = [], Storage(settings.storage_url)
    for start in range(0, count, PORTION):
        schools, archives = [], []
        for number in range(start, min(start + PORTION, count)):
            school, archive, slot = str(uuid.uuid4()), secrets.token_hex(32), slots[number % ZONES]
            cipher = make_cipher(secrets.randbelow)
            schools.append({"id": school, "login": f"sch{number:06d}", "name": f"Школа {number}",
                            "municipality": f"Район {number % 500}", "region": f"Регион {number % 89}",
                            "zone": "Europe/Moscow", "is_closed": False, "created_at_ms": now_ms})
            archives.append({
                "archive": archive, "sealing": str(uuid.uuid4()), "kind": "materials", "partner": "0" * 64,
                "campaign": "bench", "school": school, "assessment": "english-7",
                "title": json.dumps({"ru": "Английский язык", "en": "English"}), "day": "2027-04-14",
                "size_bytes": 1, "key_sha256": "0" * 64, "variants": 15, "sealed_at_ms": now_ms - 1,
                "opens_at_ms": now_ms - 1, "slot": slot.id, "statement": b"{}", "cipher_locked": slot.lock(
                    {"archive": archive, "cipher": cipher, "opens_at_ms": now_ms - 1})})
            asked.append((f"/v1/releases/{archive}", make_token(key, school, "school", now_ms + HOURS_12_MS)))
        storage.write(lambda session: (session.execute(insert(SchoolRecord), schools),
                                       session.execute(insert(ArchiveRecord), archives)))
    storage.close()
    return asked


@contextmanager
def run_hub(data: Path) -> Iterator[Core]:
    """The core of a hub as its supervisor starts it."""
    settings = choose_ports(load_settings("hub", {}, data=data, host="127.0.0.1", tls=True, log_level="warning"))
    environ = {**os.environ, **FEW_ARENAS, **as_environment(settings), "TESTING_SERVER_ROLE": "hub"}
    with open(data / "core.log", "ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "gevent.monkey", "--module", "testing_server.processes",
                                    "core"], env=environ, stdout=log, stderr=log)
    try:
        wait_until_up(settings.port)
        yield Core(process, settings.port, settings.files_port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
