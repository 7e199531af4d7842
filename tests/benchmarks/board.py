"""The coordinators' board: how soon twenty watchers see what 200 and 1,500 classrooms report, and what it costs.

Takes a folder. A real core of a hub, or two of them over PostgreSQL and Redis; classrooms over kept connections, each
every five seconds and every tenth time with a change; watchers over Socket.IO who ask for what changed as the page
does. The delay ends where a watcher holds the new numbers: drawing them is a frame more. And the board's query over
40,000 schools in a real PostgreSQL.
"""
from __future__ import annotations

import asyncio
import http.client
import json
import os
import random
import shutil
import statistics
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import socketio
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.board_queries import (
    list_changed_lines, list_school_lines, read_contacts, read_lines, sum_territory)
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.progress import STEPS
from testing_server.foundation.progress.records import ProgressLineRecord, SchoolContactRecord
from testing_server.foundation.settings import Settings, as_environment, load_settings
from testing_server.foundation.storage import Storage
from testing_server.foundation.tokens import make_token
from testing_server.migrations import upgrade_database
from testing_server.preparation.registry.records import SchoolRecord
from testing_server.roles import make_role_app
from tests.benchmarks.answers_run import Core, run_core
from tests.benchmarks.sound import Measured
from tests.builders import close_app, open_browser, services_of
from tests.testing_server.postgres import PostgresServer, find_binaries
from tests.testing_server.stores.servers import RedisServer

EVERY_S, CHANGED_EVERY, WATCHERS = 5.0, 10, 20
STARTS_S, WARM_S, SECONDS, EVERYTHING_S = 5.0, 10.0, float(os.environ.get("BOARD_SECONDS", "30")), 30.0
CLASSROOMS, SCHOOLS, REGIONS, CAMPAIGN = (200, 1500), 40_000, 85, "bench"
HOUR_MS = 3_600_000


class Shown(msgspec.Struct):
    """One sitting of an answer, as far as a watcher here looks at it."""

    school: str
    counts: dict[str, int]


class Told(msgspec.Struct):
    """An answer to a watcher."""

    version: int
    sittings: list[Shown]


@dataclass
class Sent:
    """What the classrooms' process tells at the end. `marks`: (school, mark) -> when its report left."""

    marks: dict[tuple[str, int], float] = field(default_factory=dict)
    answers: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    cpu_s: float = 0


@dataclass
class Seen:
    """`marks`: (school, mark, when) for each watcher; monotonic seconds, the same clock in every process."""

    marks: list[tuple[str, int, float]] = field(default_factory=list)
    is_over: bool = False


@dataclass(frozen=True)
class Watched:
    """Seconds, after the warming up: one delay for each watcher and change; `cpu_s` of the load makers."""

    delays: list[float]
    answers: list[float]
    refused: int
    cpu_s: float


def measure_all(folder: Path) -> Iterator[Measured]:
    """Delays and processor for each number of classrooms, one worker and two, then the query."""
    for count in CLASSROOMS:
        yield from measure_watching(folder / str(count), count)
        yield from measure_two_workers(folder / f"two-{count}", count)
    yield from measure_queries()


def measure_watching(folder: Path, count: int) -> Iterator[Measured]:
    """One hub worker on SQLite, `count` classrooms, twenty watchers."""
    folder.mkdir(parents=True)
    settings = load_settings("hub", {}, data=folder, host="127.0.0.1", log_level="warning")
    tokens, cookie = prepare_hub(settings, count)
    with run_core(folder, role="hub") as core:
        yield from tell(f"board, {count} classrooms", *watch_and_report([core], tokens, cookie))


def measure_two_workers(folder: Path, count: int) -> Iterator[Measured]:
    """The same over PostgreSQL and Redis: classrooms and watchers by turns at either of two workers."""
    binaries = find_binaries()
    if binaries is None or not shutil.which("redis-server"):
        return
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        database, queue = PostgresServer(binaries), RedisServer(folder)
        stack.callback(queue.stop)
        stack.callback(database.stop)
        database.start()
        settings = load_settings("hub", {}, data=folder, host="127.0.0.1", log_level="warning", servers=2,
                                 database_url=database.make_database(), redis_url=queue.url)
        tokens, cookie = prepare_hub(settings, count)
        shared = {name: value for name, value in as_environment(settings).items()
                  if name.endswith(("DATABASE_URL", "REDIS_URL", "SERVERS"))}
        cores = [stack.enter_context(run_core(folder, role="hub", more=shared)) for _worker in range(2)]
        yield from tell(f"board, {count} classrooms, two workers", *watch_and_report(cores, tokens, cookie))


def tell(name: str, watched: Watched, used_s: float) -> Iterator[Measured]:
    """The lines of one run."""
    yield Measured(f"{name}: p50 from a change to a watcher", statistics.median(watched.delays) * 1000, "ms")
    yield Measured(f"{name}: p99 from a change to a watcher", quantile(watched.delays, .99) * 1000, "ms")
    yield Measured(f"{name}: p99 of answering a report", quantile(watched.answers, .99) * 1000, "ms")
    yield Measured(f"{name}: refused reports", watched.refused, "reports")
    yield Measured(f"{name}: processor of the hub", used_s / SECONDS, "cores")
    yield Measured(f"{name}: processor of the load makers", watched.cpu_s / (SECONDS + WARM_S), "cores")


def prepare_hub(settings: Settings, count: int) -> tuple[dict[str, str], str]:
    """Schools and a coordinator who is signed in; gives each school's token and the cookie."""
    upgrade_database(settings.storage_url)
    app = make_role_app(settings, SystemClock())
    offered, until_ms = services_of(app), int(time.time() * 1000) + HOUR_MS
    tokens = {school: make_token(offered.mac_key, school, "school", until_ms)
              for school in make_schools(offered.storage, count, 1)}
    browser = open_browser(app, "watcher", "coordinator")
    cookie = "; ".join(f"{one.key}={one.value}" for one in (browser.client._cookies or {}).values())
    close_app(app)
    return tokens, cookie


def watch_and_report(cores: Sequence[Core], tokens: dict[str, str], cookie: str) -> tuple[Watched, float]:
    """Runs both; gives what was seen after the warming up, and seconds of processor in that time."""
    seen, mine_s, ports = Seen(), time.process_time(), [core.port for core in cores]
    watchers = [threading.Thread(target=watch, args=(ports[number % len(ports)], cookie, seen), daemon=True)
                for number in range(WATCHERS)]
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        reporting = process.submit(report_until, ports, tokens, time.monotonic() + STARTS_S + WARM_S + SECONDS)
        for thread in watchers:
            thread.start()
        time.sleep(STARTS_S + WARM_S)
        used_s, since = sum(core.cpu_s for core in cores), time.monotonic()
        time.sleep(SECONDS)
        used_s, until = sum(core.cpu_s for core in cores) - used_s, time.monotonic()
        sent = reporting.result(300)
    time.sleep(EVERY_S)
    seen.is_over = True
    for thread in watchers:
        thread.join(30)
    delays = [at - sent.marks[school, mark] for school, mark, at in seen.marks
              if since <= sent.marks.get((school, mark), 0) < until - EVERY_S]
    return Watched(delays, [taken for at, taken in sent.answers if since <= at < until], sent.refused,
                   sent.cpu_s + time.process_time() - mine_s), used_s


def report_until(ports: Sequence[int], tokens: dict[str, str], end: float) -> Sent:
    """All classrooms in a process of their own, spread over the five seconds, until that monotonic moment."""
    sent, gap = Sent(), EVERY_S / len(tokens)

    async def run() -> None:
        await asyncio.gather(*(report(ports[number % len(ports)], school, token, sent, end, number * gap)
                               for number, (school, token) in enumerate(tokens.items())))

    asyncio.run(run())
    sent.cpu_s = time.process_time()
    return sent


async def report(port: int, school: str, token: str, sent: Sent, end: float, wait_s: float) -> None:
    """One classroom until it is over."""
    await asyncio.sleep(wait_s)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn, mark = random.randrange(CHANGED_EVERY), 0
    while (began := time.monotonic()) < end:
        turn += 1
        if turn % CHANGED_EVERY == 0:
            mark += 1
            sent.marks[school, mark] = began
        writer.write(write_report(school, token, turn, mark))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        sent.refused += b" 200 " not in head[:20]
        sent.answers.append((began, time.monotonic() - began))
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))
    writer.close()


def write_report(school: str, token: str, turn: int, mark: int) -> bytes:
    """The request of one report; `mark` is what a watcher recognises."""
    body = json.dumps({
        "sitting": f"sitting-{school}", "version": turn + 1, "assessment": "english-7", "room": "21",
        "counts": {"started": 15, "finished": mark}, "incidents": 0, "server_at_ms": int(time.time() * 1000),
        "forecast_end_at_ms": None, "campaign": CAMPAIGN}).encode()
    return (f"POST /v1/reports HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nProtocol: 1.0\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def watch(port: int, cookie: str, seen: Seen) -> None:
    """One open board: a hint, then what changed since the answer before; all of it every half minute, as the page."""
    hinted, client = threading.Event(), socketio.Client(reconnection=False)
    client.on("changed", lambda message: hinted.set())
    client.connect(f"http://localhost:{port}", headers={"Cookie": cookie}, transports=["websocket"], wait_timeout=30)
    client.emit("watch", {"scope": "monitor"})
    line = http.client.HTTPConnection("localhost", port, timeout=60)
    version = whole_at = 0.0
    known: dict[str, int] = {}
    while not seen.is_over:
        hinted.wait(EVERY_S)
        hinted.clear()
        is_old = time.monotonic() - whole_at > EVERYTHING_S
        path = "/v1/monitor/sittings" if is_old else f"/v1/monitor/sittings/changes?after={int(version)}"
        line.request("GET", path, headers={"Cookie": cookie, "Connection": "keep-alive"})
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise ConnectionError(f"{answer.status} {body[:300]!r}")
        told = msgspec.json.decode(body, type=Told)
        version, whole_at = told.version, time.monotonic() if is_old else whole_at
        note_seen(seen, known, told.sittings, time.monotonic())
    client.disconnect()


def note_seen(seen: Seen, known: dict[str, int], sittings: list[Shown], now: float) -> None:
    """A change counts once for each watcher."""
    for one in sittings:
        mark = one.counts.get("finished", 0)
        if mark > known.get(one.school, 0):
            seen.marks.append((one.school, mark, now))
        known[one.school] = mark


def measure_queries() -> Iterator[Measured]:
    """Forty thousand schools with twelve steps each, in PostgreSQL as it comes."""
    binaries = find_binaries()
    if binaries is None:
        return
    server = PostgresServer(binaries)
    server.start()
    try:
        storage = Storage(server.make_database())
        upgrade_database(storage.url)
        make_schools(storage, SCHOOLS, REGIONS)
        storage.write(lambda session: session.execute(text("ANALYZE")))
        now_ms = int(time.time() * 1000)
        for name, ask in (
                ("sums of 85 regions", lambda session: sum_territory(session, None, CAMPAIGN, by_municipality=False)),
                ("one region's schools", lambda session: list_school_lines(session, "Регион 01", CAMPAIGN)),
                ("what changed", lambda session: list_changed_lines(session, None, CAMPAIGN, now_ms)),
                ("every school's steps", lambda session: read_lines(session, None, CAMPAIGN)),
                ("every school's last contact", lambda session: read_contacts(session, None)),
                ("every school of the country, its name and place too",
                 lambda session: list_school_lines(session, None, CAMPAIGN))):
            yield Measured(f"board query, 40,000 schools × 12 steps: {name}", time_query(storage, ask), "ms")
        storage.close()
    finally:
        server.stop()


def time_query(storage: Storage, ask: Any) -> float:
    """Milliseconds with fetching, the median of seven."""
    taken = []
    for _turn in range(7):
        began = time.perf_counter()
        with storage.read() as session:
            ask(session)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def make_schools(storage: Storage, count: int, regions: int) -> list[str]:
    """A made-up country in the middle of its exam day; gives the schools' ids."""
    chance, now_ms = random.Random(6), int(time.time() * 1000)
    rows: list[tuple[Any, list[dict[str, Any]]]] = [(SchoolRecord, []), (ProgressLineRecord, []),
                                                    (SchoolContactRecord, [])]
    for number in range(count):
        school = str(uuid.UUID(int=chance.getrandbits(128)))
        rows[0][1].append({
            "id": school, "login": f"sch{100000 + number}", "name": f"МБОУ «СОШ № {number + 1}»", "is_closed": False,
            "municipality": f"Район {number // regions % 30 + 1:02d}", "region": f"Регион {number % regions + 1:02d}",
            "zone": "Europe/Moscow", "created_at_ms": now_ms})
        at_ms = now_ms - chance.randrange(60_000, HOUR_MS)
        rows[1][1].extend([
            {"school": school, "campaign": "", "line": "---5--------", "changed_at_ms": at_ms},
            {"school": school, "campaign": CAMPAIGN, "line": make_line(chance), "changed_at_ms": at_ms}])
        rows[2][1].append({"school": school, "at_ms": at_ms})
    for record, values in rows:
        for start in range(0, count * 2, 2000):
            if values[start:start + 2000]:
                storage.write(partial(insert_part, record=record, rows=values[start:start + 2000]))
    return [str(one["id"]) for one in rows[0][1]]


def insert_part(session: Session, record: Any, rows: list[dict[str, Any]]) -> None:
    """Rows of one table."""
    session.execute(insert(record), rows)


def make_line(chance: random.Random) -> str:
    """Ready so far, at one of three places of the day, one school in twenty with something that needs a person."""
    done = chance.choice((5, 6, 7))
    line = ["5"] * done + ["3"] + ["-"] * (len(STEPS) - done - 1)
    if chance.random() < .05:
        line[chance.randrange(done)] = chance.choice("012")
    return "".join(line)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
