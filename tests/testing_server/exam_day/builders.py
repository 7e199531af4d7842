"""A classroom server for tests: application, files process, worker, an opened archive, a sitting with kiosks.

Takes a folder and a fake clock. Gives `Classroom`, whose methods are the acts of people and of time.
"""
from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pyrage
from flask import Flask

import task_bank
from task_bank.items.package import read_package
from task_bank.sealing import Entry as TarEntry
from task_bank.sealing import build_materials_entries, seal_archive
from task_bank.variants import assemble, deliver
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.check_digits import make_cipher, make_login
from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.packages.actions import (
    close_sitting, explain_missing, make_package, settle_balance)
from testing_server.exam_day.packages.internal import hand_to_sealer
from testing_server.exam_day.reception.rules import describe_receipt
from testing_server.exam_day.responses.files_app import make_files_app
from testing_server.exam_day.responses.answer_files import sweep_answer_files
from testing_server.exam_day.responses.recordings import sweep_recordings
from testing_server.exam_day.room import Room, attach_room
from testing_server.exam_day.school.actions import Enrolment, SetUp, make_own_key, save_enrolment, save_school
from testing_server.exam_day.school.keyring import KeyRing
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings.actions import (
    Entry, NewSitting, create_sitting, list_attempts, open_sitting)
from testing_server.exam_day.sittings.archives import (
    begin_opening, save_archive, take_archive_files, unlock_archive)
from testing_server.exam_day.sittings.claims import describe_claimant
from testing_server.exam_day.sittings.commands import Command, carry_out
from testing_server.exam_day.sittings.jobs import open_materials
from testing_server.exam_day.workstations.actions import Certifier, confirm_pairing
from testing_server.exam_day.workstations.addresses import find_authority
from testing_server.foundation.clock import FakeClock
from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.foundation.services import Services
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.hub_keys import make_hub_keys
from testing_server.preparation.hub_link import HubAway, Quarantined, Receipt
from testing_server.roles import list_classroom_mounts
from tests.builders import Browser, close_app, make_app, open_browser, services_of
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk, FlaskWire

PASSPHRASE = "four green doors open"
DAY = "2025-10-09"
HOUR_MS = 3_600_000
random_below = Random(7).randrange
MEDIUM = b"OggS a sound that is not really one"


def make_item(number: int, kind: str = "written", media: Sequence[str] = ()) -> dict[str, Any]:
    """A rendered item that opens and shows."""
    slot = f'<div data-slot="{kind}"></div>' if kind != "written" else ""
    pictures = "".join(f'<img src="media/{sha256}" alt="">' for sha256 in media)
    speaking = {"response": "r2", "prepare_s": 90, "record_s": 90, "takes": 1, "early_start": True,
                "early_finish": True, "playback": False} if kind == "speaking" else None
    html = f'<div class="qti-item"><p>Вопрос <span data-response="r1"></span></p>{slot}{pictures}</div>'
    return {"id": f"i{number}", "position": number, "kind": kind, "title": {"ru": f"Задание {number}"}, "points": 1,
            "content_language": "ru", "html": html,
            "interactions": [{"id": "r1", "kind": "text_entry", "cardinality": "single", "base_type": "string"}],
            "media": list(media), "auto_move": False, "time_s": None, "listening": None, "speaking": speaking}


def make_assessment(**changes: Any) -> dict[str, Any]:
    """The public assessment.json of a small work."""
    return {"format": "assessment/1", "id": "english-7", "version": 1, "counted": False, "duration_s": 2700,
            "title": {"ru": "Английский язык, 7 класс", "en": "English, grade 7"}, "grade": 7, "subject": "english",
            "content_language": "en", "on_move": "continue", "auto_credit_s": 300, "sound_check": True,
            "positions": [{"number": 1, "title": {"ru": "Чтение"}, "kind": "written", "points": 1},
                          {"number": 2, "title": {"ru": "Речь"}, "kind": "speaking", "points": 1}], **changes}


def make_entries(variants: Sequence[str] = ("10001", "10002", "10003"), **changes: Any) -> list[TarEntry]:
    """What a sealed materials archive holds."""
    sha256 = hashlib.sha256(MEDIUM).hexdigest()
    described = {sha256: {"type": "audio/ogg", "bytes": len(MEDIUM)}}
    entries = [TarEntry("assessment.json", msgspec.json.encode(make_assessment(**changes))),
               TarEntry("media.json", msgspec.json.encode(described)), TarEntry(f"media/{sha256}", MEDIUM)]
    for number in variants:
        variant = {"format": "variant/1", "number": number, "assessment": "english-7",
                   "items": [make_item(1, media=[sha256]), make_item(2, "speaking")]}
        entries.append(TarEntry(f"variants/{number}.json", msgspec.json.encode(variant)))
    return entries


@dataclass
class SealedForTest:
    """A folder with the three files and the cipher that opens it."""

    folder: Path
    cipher: str
    archive: str


def seal_for_test(folder: Path, entries: list[TarEntry], signing: Any, opens_at_ms: int = 0,
                  **changes: Any) -> SealedForTest:
    """archive.age, key.age, statement.json as the hub would make them."""
    cipher = make_cipher(random_below)
    sealed = seal_archive(entries, cipher, folder)
    statement = {"format": "archive/1", "archive": sealed.sha256, "key": sealed.key_sha256, "kind": "materials",
                 "campaign": "demo", "school": "s1", "assessment": "english-7", "day": DAY, "sealed_at_ms": 1,
                 "opens_at_ms": opens_at_ms, "needs": {"protocol": "1.0", "interactions": []},
                 "variants": ["10001"], **changes}
    (folder / "statement.json").write_bytes(sign_statement(statement, PAYLOAD_TYPES["archive"], signing))
    return SealedForTest(folder, cipher, sealed.sha256)


def make_roster(count: int = 6, **changes: Any) -> dict[str, Any]:
    """A roster payload with `count` candidates."""
    campaign = {"id": "demo", "title": "Демо", "counted": False, "max_pace": 60}
    return {"format": "roster/1", "version": 1, "campaign": campaign,
            "school": "s1", "school_name": "Школа № 1", "region": "77", "zone": "Europe/Moscow", "day": DAY,
            "window": {"opens_at_ms": 0, "closes_at_ms": 1_760_000_000_000 + 8 * HOUR_MS},
            "entries": [{"login": make_login(random_below), "code": f"{10_001 + number}"} for number in range(count)],
            "reserve": ["90001", "90002"], "works": [], **changes}


@dataclass
class Classroom:
    """One classroom server and everybody around it."""

    app: Flask
    files: Flask
    clock: FakeClock
    data: Path
    logins: list[str] = field(default_factory=list)
    sitting: str = ""
    archive: str = ""
    kiosks: list[FakeKiosk] = field(default_factory=list)
    hub: Any = None

    @property
    def services(self) -> Services:
        return services_of(self.app)

    @property
    def room(self) -> Room:
        return attach_room(self.services)

    def write(self, action: Any) -> Any:
        return self.services.storage.write(action)

    def run_jobs(self) -> None:
        """The worker's turn; its reports go through the core's INTERNAL endpoints."""
        jobs = self.services.jobs
        assert isinstance(jobs, FakeJobs)
        jobs.run_all(self.job_context)

    @property
    def job_context(self) -> JobContext:
        return JobContext(self.services.settings, self.clock, self.services.files, self.report)

    def report(self, path: str, body: dict[str, Any]) -> Any:
        found = self.app.test_client().post(path, json=body, headers={
            "Authorization": f"Internal {self.services.internal_secret}"})
        assert found.status_code == 200, found.text
        return found.get_json()

    def set_up(self) -> None:
        now_ms = self.room.clock.now_ms()
        find_authority(self.services.settings)
        make_own_key(self.room.keys, self.services.settings, "Школа № 1", now_ms, PASSPHRASE)
        self.write(lambda s: save_school(s, now_ms, SetUp("Школа № 1", "кабинет 12"), "test"))

    def take_archive(self, entries: list[TarEntry] | None = None) -> SealedForTest:
        """Seal and bring an archive on a stick."""
        signing = self.room.keys.key().signing
        sealed = seal_for_test(self.data / "stick", entries or make_entries(), signing)
        payload, vouched, envelope = take_archive_files(self.data, sealed.folder, {})
        self.write(lambda s: save_archive(s, 1, payload, envelope, vouched, {"ru": "Английский язык"}, "test"))
        self.archive = sealed.archive
        return sealed

    def open_archive(self, sealed: SealedForTest) -> None:
        identity = unlock_archive(self.data, sealed.archive, sealed.cipher)
        self.write(lambda s: begin_opening(s, 1, sealed.archive, "test"))
        self.services.jobs.enqueue(open_materials, archive=sealed.archive, identity=identity)
        self.run_jobs()

    def make_sitting(self, count: int = 6, pace: int = 1, opened: bool = True) -> str:
        roster, now_ms = make_roster(count), self.room.clock.now_ms()
        self.logins = [entry["login"] for entry in roster["entries"]]
        asked = NewSitting(self.archive, "кабинет 12", DAY, [Entry(**entry) for entry in roster["entries"]],
                           roster["campaign"], (now_ms - HOUR_MS, now_ms + 8 * HOUR_MS), pace)
        self.sitting = self.write(lambda s: create_sitting(s, now_ms, asked, "test")).id
        if opened:
            key, claimant = self.room.keys.key(), describe_claimant(self.services.settings, self.room.instance)
            self.write(lambda s: open_sitting(s, now_ms, self.sitting, "test", key, claimant))
        return self.sitting

    def pair(self, seat: str) -> FakeKiosk:
        """A workstation at a seat, with its token."""
        kiosk = FakeKiosk(FlaskWire(self.app.test_client()), FlaskWire(self.files.test_client()),
                          host_name=f"pc-{seat}")
        kiosk.begin_pairing()
        self.type_digits(kiosk, kiosk.code, seat)
        assert kiosk.look_at_pairing()["state"] == "green"
        assert kiosk.say_hello().status == 200
        self.kiosks.append(kiosk)
        return kiosk

    def type_digits(self, kiosk: FakeKiosk, digits: str, seat: str) -> str:
        certifier = Certifier("s1", self.room.keys.key(), find_authority(self.services.settings).fingerprint)
        now_ms = self.room.clock.now_ms()
        pairing = self.write(lambda s: confirm_pairing(s, now_ms, kiosk.pairing, digits, seat, "test", certifier))
        return str(pairing.state)

    def seat(self, number: int) -> FakeKiosk:
        """A paired workstation with candidate `number` (0..) signed in and its lease opened."""
        kiosk = self.pair(str(number + 1))
        assert kiosk.sign_in(self.logins[number]).status == 200
        assert kiosk.open_lease().status == 200
        return kiosk

    def command(self, kind: str, /, targets: Any = "all", key: str = "", **body: Any) -> dict[str, Any]:
        """What an organizer's click does."""
        now_ms = self.room.clock.now_ms()
        reply: dict[str, Any] = self.write(
            lambda s: carry_out(s, now_ms, self.sitting, Command(kind, targets, body, "organizer", key)))
        return reply

    def start(self, *kiosks: FakeKiosk) -> None:
        """Start everybody who sits, and let the kiosks apply it."""
        self.command("start")
        for kiosk in kiosks:
            kiosk.apply_directives()

    def pack(self, reason: str = "") -> str:
        """Stage, sign and hand to the worker; returns the package id."""
        now_ms, key = self.room.clock.now_ms(), self.room.keys.key()
        with self.services.storage.read() as session:
            school = find_school(session)
        assert school is not None
        record, staged = self.write(lambda s: make_package(
            s, now_ms, self.data, self.sitting, school.id, self.room.instance, key, reason, "organizer"))
        hand_to_sealer(self.services, school, staged)
        return str(record.id)

    def close_room(self) -> None:
        """Closing and balance."""
        now_ms = self.room.clock.now_ms()
        self.write(lambda s: close_sitting(s, now_ms, self.sitting, "organizer"))
        self.settle_balance()

    def close_room_with_reasons(self) -> None:
        """Closing and balance where nobody has finished: everybody is explained."""
        now_ms = self.room.clock.now_ms()
        self.write(lambda s: close_sitting(s, now_ms, self.sitting, "organizer"))
        with self.services.storage.read() as session:
            attempts = [one.id for one in list_attempts(session, self.sitting)]
        for attempt in attempts:
            self.write(partial(explain_missing, now_ms=now_ms, attempt_id=attempt, reason="учения", by="organizer"))
        self.settle_balance()

    def settle_balance(self) -> None:
        """The balance of a sitting that is closing."""
        now_ms = self.room.clock.now_ms()
        self.write(lambda s: settle_balance(s, now_ms, self.sitting, "organizer"))

    def sweep(self) -> int:
        sweep_answer_files(self.services.storage, self.data)
        return sweep_recordings(self.services.storage, self.services.jobs, self.data, self.room.clock.now_ms())

    def browser(self, role: str = "school_organizer") -> Browser:
        return open_browser(self.app, f"person-{role.replace('_', '-')}", role)

    def close(self) -> None:
        close_app(self.app)
        self.files.extensions["parts"].close()


def make_classroom(data: Path, clock: FakeClock | None = None, **changes: Any) -> Classroom:
    """An empty classroom server before its first set-up."""
    ticking = clock or FakeClock()
    app = make_app(data, list_classroom_mounts(), ticking, role="classroom", files_port=1, **changes)
    return Classroom(app, make_files_app(services_of(app).settings, ticking), ticking, data)


def make_open_room(data: Path, count: int = 6, **changes: Any) -> Classroom:
    """A classroom with an opened archive and an open sitting of `count` candidates."""
    room = make_classroom(data)
    room.set_up()
    room.open_archive(room.take_archive(make_entries(**changes)))
    room.make_sitting(count)
    return room


def make_speech(seconds: int = 2, rate: int = 24_000) -> bytes:
    """Sound of changing loudness: raw PCM s16le mono."""
    count = seconds * rate
    return b"".join(int(8000 * ((n * 37 % 201) - 100) / 100 * ((n // 2400) % 3) / 2).to_bytes(2, "little", signed=True)
                    for n in range(count))


@dataclass
class HubForTest:
    """Keys of a hub and what it was sent; stands in for HubLink in the worker. `received_at_ms`, `keep_days`: of every
    receipt."""

    keys: Any
    sent: dict[str, bytes] = field(default_factory=dict)
    away: bool = False
    reason: str = ""
    received_at_ms: int = 1
    keep_days: int = 30

    def upload_package(self, path: Path, metadata: dict[str, str], on_progress: Any) -> str:
        if self.away:
            raise HubAway()
        self.sent[metadata["package"]] = path.read_bytes()
        on_progress(path.stat().st_size, path.stat().st_size)
        return metadata["package"]

    def fetch_receipt(self, package: str) -> Any:
        if self.reason:
            return Quarantined(self.reason)
        with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(self.sent[package], [self.keys.recipient]))) as tar:
            manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        payload = describe_receipt({"package": package, "manifest": manifest}, sha256_hex(self.sent[package]),
                                   self.received_at_ms, self.keep_days)
        return Receipt(sign_statement(payload, PAYLOAD_TYPES["receipt"], self.keys.signing), payload)


def join_hub(room: Classroom, folder: Path, monkeypatch: Any) -> HubForTest:
    """Enrol the school at a hub that lives in this test."""
    hub = HubForTest(make_hub_keys(folder, 1))
    enrolment = Enrolment("http://127.0.0.1:1", hub.keys.root_fingerprint, b"{}", hub.keys.statement,
                          {"school": "s1", "zone": "Europe/Moscow", "name": "Школа № 1"})
    room.write(lambda s: save_enrolment(s, 1, enrolment, "test"))
    keeper = MemoryKeeper.create()
    monkeypatch.setenv("TESTING_SERVER_MEMORY", str(keeper.descriptor))
    room.room.keys = KeyRing(room.services.settings.keys_folder, keeper)
    room.room.keys.unlock(PASSPHRASE)
    monkeypatch.setattr("testing_server.exam_day.packages.jobs.open_hub_link", lambda school, key: hub)
    return hub


def make_real_entries(name: str = "english_grade_7", count: int = 6) -> list[TarEntry]:
    """A materials archive of a demonstration work, assembled and rendered as the hub does it."""
    package = read_package(Path(task_bank.__file__).parent / "samples" / name)
    deliveries = [deliver(package, variant, 7) for variant in assemble(package.assessment, "s1", count, 7)]
    return list(build_materials_entries(package, deliveries))
