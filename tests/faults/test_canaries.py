"""Nothing a kiosk receives or a school can open before the criteria hour holds a key, a rule or a criterion.

The world's works carry a canary in every such place; everything that lies on disks or can be fetched is searched.
"""
from __future__ import annotations

import io
import json
import shutil
import sqlite3
import ssl
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyrage
import pytest

from kiosk_client.clock import ServerTime, SystemClock
from kiosk_client.connection import Connection
from kiosk_client.identity import name_machine, open_key, read_paired
from kiosk_client.journal import Journal
from kiosk_client.link import Link
from task_bank.items.package import read_package
from task_bank.sealing import build_criteria_entries, build_materials_entries, gather
from task_bank.sealing.tar_stream import TarStream
from task_bank.variants import Delivery, assemble, deliver
from testing_server.exam_day.mounts import classroom_mounts
from testing_server.preparation.hub_answers import HubRefused
from testing_server.rehearsal.drill.witness import ask
from testing_server.rehearsal.founding import ENGLISH, METAPREDMET
from tests.builders import close_app, make_app
from tests.faults.candidate import Candidate
from tests.faults.planting import KINDS, list_found
from tests.faults.test_hub_killed import open_link
from tests.faults.world import World

SHOWN_WITHOUT_REDACTION = set(KINDS) - {"criteria"}


def search_folder(folder: Path) -> dict[str, set[str]]:
    """File -> canaries in its name or its bytes; databases with their WAL as they lie, and their values as text."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            kinds = list_found(path.name.encode()) | list_found(path.read_bytes())
            if path.suffix == ".sqlite":
                kinds |= search_values(path)
            if kinds:
                found[str(path.relative_to(folder))] = kinds
    return found


def search_values(database: Path) -> set[str]:
    """Canaries in every value of every table, compressed pages or not."""
    kinds: set[str] = set()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as opened:
        tables = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in opened.execute(f'SELECT * FROM "{table}"'):
                kinds |= list_found(b"\n".join(value if isinstance(value, bytes) else str(value).encode()
                                               for value in row))
    opened.close()
    return kinds


@pytest.fixture
def seat(quick_sitting: tuple[str, Candidate]) -> Candidate:
    """A robot that has had the work, from sign-in to the last delivered answer."""
    return quick_sitting[1]


def open_bundles(world: World) -> Iterator[bytes]:
    """What every bundle of the classroom holds, opened with the identity that `start` would carry."""
    for sha256, identity in ask(world.room / "classroom.sqlite", "SELECT sha256, identity FROM room_bundle"):
        data = (world.room / "bundles" / sha256).read_bytes()
        yield pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)])


def open_archive(world: World, name: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a materials archive, as whoever has its cipher can open it."""
    archive = world.founded.archives[name]
    cipher = str(open_link(world).fetch_release(archive)["cipher"])
    folder = world.room / "archives" / archive
    identity = pyrage.passphrase.decrypt((folder / "key.age").read_bytes(), cipher).decode().strip()
    plain = pyrage.decrypt((folder / "archive.age").read_bytes(), [pyrage.x25519.Identity.from_str(identity)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        for member in tar:
            taken = tar.extractfile(member)
            yield member.name, taken.read() if taken else b""


def make_deliveries(world: World, name: str, redaction: bool) -> list[Delivery]:
    """Variants of the planted package itself."""
    package = read_package(world.hub.data / "assessments" / name)
    return [deliver(package, one, 7, redaction=redaction) for one in assemble(package.assessment, "school", 8, 7)]


def test_the_search_finds_what_redaction_would_leave(world: World) -> None:
    found: set[str] = set()
    for name in (ENGLISH, METAPREDMET):
        for delivery in make_deliveries(world, name, redaction=False):
            found |= list_found(json.dumps(delivery.variant_json, ensure_ascii=False).encode())
    assert found >= SHOWN_WITHOUT_REDACTION


def test_the_search_finds_criteria_in_the_criteria_archive(world: World) -> None:
    package = read_package(world.hub.data / "assessments" / ENGLISH)
    entries = build_criteria_entries(package, gather(make_deliveries(world, ENGLISH, redaction=True)))
    assert list_found(TarStream(entries).read()) >= {"criteria", "rubric", "choice", "rule", "comment"}


@pytest.mark.parametrize("name", [ENGLISH, METAPREDMET])
def test_materials_hold_no_canary(world: World, name: str) -> None:
    package = read_package(world.hub.data / "assessments" / name)
    entries = build_materials_entries(package, make_deliveries(world, name, redaction=True))
    assert list_found(TarStream(entries).read()) == set()


def test_the_opened_archive_holds_no_canary(world: World) -> None:
    opened = dict(open_archive(world, ENGLISH))
    assert any(name.startswith("variants/") for name in opened)
    found = {name: list_found(name.encode() + data) for name, data in opened.items()}
    assert {name: kinds for name, kinds in found.items() if kinds} == {}


def test_bundles_hold_no_canary(world: World, seat: Candidate) -> None:
    plain = list(open_bundles(world))
    assert any(b'"variant/1"' in data for data in plain)
    assert set().union(*map(list_found, plain)) == set()


def test_the_classrooms_disk_holds_no_canary(world: World, seat: Candidate) -> None:
    assert search_folder(world.room) == {}
    assert list_found((world.folder / "classroom.log").read_bytes()) == set()


def test_the_kiosks_disk_holds_no_canary(seat: Candidate) -> None:
    assert (seat.folder / "journal.sqlite").exists() and any((seat.folder / "bundles").iterdir())
    assert search_folder(seat.folder) == {}
    assert list_found(seat.folder.with_suffix(".log").read_bytes()) == set()


def test_nothing_a_kiosk_can_fetch_holds_a_canary(world: World, seat: Candidate, tmp_path: Path) -> None:
    replies = list(fetch_everything(world, seat, tmp_path))
    assert sum(reply.is_success for reply in replies) >= 5
    assert {str(reply.url): list_found(reply.content) for reply in replies if list_found(reply.content)} == {}


def fetch_everything(world: World, seat: Candidate, tmp_path: Path) -> Iterator[httpx.Response]:
    """Every address of the classroom that can be read, asked with the token of the workstation, and its bundles."""
    attempt, link = seat.look().attempt, open_kiosk_link(seat, tmp_path / "seat")
    context = ssl.create_default_context(cafile=world.room / "keys" / "authority.pem")
    context.check_hostname = False
    words = {"attempt": attempt, "attempt_id": attempt, "archive": world.archive, "sha256": "0" * 64}
    headers = {"Authorization": f"Bearer {link.renew_token('')}", "Protocol": "1.0"}
    with httpx.Client(verify=context, headers=headers) as client:
        for path in list_addresses(tmp_path / "app", words):
            yield client.get(f"https://127.0.0.1:{world.classroom.port}{path}")
        for (sha256,) in ask(world.room / "classroom.sqlite", "SELECT sha256 FROM room_bundle LIMIT 3"):
            yield client.get(f"{link.files_url}/v1/bundles/{sha256}")


def open_kiosk_link(seat: Candidate, folder: Path) -> Link:
    """The link of a workstation, from a copy of its folder: its own agent still runs."""
    shutil.copytree(seat.folder, folder)
    journal, clock = Journal(folder / "journal.sqlite", name_machine()), SystemClock()
    paired = read_paired(journal)
    assert paired is not None
    time = ServerTime(clock, None, lambda data: None)
    return Connection(paired, open_key(folder / "workstation.key"), journal, clock, time, lambda welcome: None).link


def list_addresses(folder: Path, words: dict[str, Any]) -> list[str]:
    """Every GET address of a classroom, its variables filled in."""
    app = make_app(folder, classroom_mounts(), role="classroom")
    with app.test_request_context(base_url="https://127.0.0.1"):
        adapter = app.url_map.bind("127.0.0.1")
        rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        addresses = [adapter.build(rule.endpoint, {
            name: words.get(name, 1 if "Integer" in type(converter).__name__ else "x")
            for name, converter in rule._converters.items()}) for rule in rules]
    close_app(app)
    return sorted(addresses)


@pytest.mark.parametrize("name", [ENGLISH, METAPREDMET])
def test_criteria_stay_at_the_hub_before_their_hour(world: World, name: str) -> None:
    rows = ask(world.hub.data / "hub.sqlite", "SELECT archive, partner FROM archive WHERE kind = 'criteria'")
    criteria = {partner: archive for archive, partner in rows}[world.founded.archives[name]]
    link = open_link(world)
    assert criteria not in {one["archive"] for one in link.list_archives()}
    for ask_for in (lambda: link.fetch_archive(criteria, world.folder / "stolen"),
                    lambda: link.fetch_release(criteria)):
        with pytest.raises(HubRefused):
            ask_for()
    assert not any((world.folder / "stolen").rglob("archive.age"))
