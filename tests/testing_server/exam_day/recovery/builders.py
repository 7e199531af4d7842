"""A second classroom server that takes over from the first: both in this process, workstations in between."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from testing_server.exam_day.recovery.beginning import Brought, prepare_data, save_beginnings
from testing_server.exam_day.recovery.keeping import attach_ledgers, keep_ledgers
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.school.keyring import SECRET, KeyRing
from testing_server.foundation.settings import load_settings
from testing_server.foundation.supervision import MemoryKeeper
from testing_server.preparation.school_key import write_school_key
from tests.testing_server.exam_day.builders import Classroom, make_classroom
from tests.testing_server.exam_day.fake_kiosk import Answer, FakeKiosk, FlaskWire


def seal_ledgers(room: Classroom) -> int:
    """What the room's own round does."""
    attach_ledgers(room.services).rest_until_ms = 0
    return keep_ledgers(room.services)


def fetch_ledger(room: Classroom, kiosk: FakeKiosk) -> bytes:
    """The newest ledger, as a workstation keeps it."""
    found = kiosk.ask("GET", f"/v1/ledgers/{room.sitting}")
    assert found.status == 200, found.json
    return found.body


def begin_elsewhere(room: Classroom, folder: Path, source: Path | None = None, standby: str = "") -> Classroom:
    """An empty server on another machine, with the school's key and the archive of `room` brought along.

    `standby`: the address of the server that it stands by for.
    """
    key = room.room.keys.key()
    settings = load_settings("classroom", {}, data=folder)
    archives = [room.data / "archives" / room.archive] if room.archive else []
    brought = Brought(key, room.room.keys.locked_bytes, archives, source, standby)
    prepare_data(settings, brought, lambda done, whole: None)
    made = make_classroom(folder)
    keeper = MemoryKeeper.create()
    keeper.put(SECRET, write_school_key(key))
    made.room.keys = KeyRing(made.services.settings.keys_folder, keeper)
    made.room.keys.key()
    (folder / "keys" / "school.pub").write_text(key.signing.public_key().public_bytes_raw().hex())
    made.sitting, made.logins, made.archive = room.sitting, room.logins, room.archive
    save_beginnings(settings, 1, brought)
    return made


def move_kiosk(kiosk: FakeKiosk, room: Classroom) -> None:
    """The workstation talks to this server from now on."""
    kiosk.core, kiosk.files = FlaskWire(room.app.test_client()), FlaskWire(room.files.test_client())
    kiosk.token = ""


def count_heads(kiosk: FakeKiosk) -> dict[str, dict[str, int]]:
    """The inventory of a hello."""
    return {kiosk.attempt: {str(lease): len(lines) for lease, lines in kiosk.lines.items()}}


def greet(kiosk: FakeKiosk, room: Classroom, claims: list[str] | None = None, **more: Any) -> Answer:
    """Hello at a server that may never have heard of this workstation."""
    move_kiosk(kiosk, room)
    heads = count_heads(kiosk) if kiosk.seated else {}
    return kiosk.say_hello(heads, certificate=kiosk.certificate, claims=claims or [], **more)


def hand_in(kiosk: FakeKiosk, envelope: bytes) -> Answer:
    """A kept ledger for a server that recovers."""
    return kiosk.ask("PUT", "/v1/ledgers", body=envelope, headers={"Content-Type": "application/octet-stream"})


def resend(kiosk: FakeKiosk, lease: int) -> Answer:
    """All lines of one lease."""
    return kiosk.ask("POST", f"/v1/attempts/{kiosk.attempt}/events", json={
        "lease": lease, "events": kiosk.lines[lease][:200]})


def is_gathering(room: Classroom) -> bool:
    return attach_recovery(room.services).is_gathering
