"""What the servers hold, read from their files: compared with what seats were promised."""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import msgspec

from testing_server.contracts.directives import Directive
from testing_server.contracts.events import digest_of, read_event
from testing_server.contracts.fold import AttemptState, fold
from testing_server.contracts.packages import Manifest, read_manifest
from testing_server.rehearsal.drill.witness import ask
from tests.faults.candidate import JournalView

Recording = tuple[str, int, int]


@dataclass(frozen=True)
class RoomView:
    """What the classroom's files hold of one attempt."""

    digests: dict[tuple[int, int], str]
    state: AttemptState


def look_at_room(room: Path, attempt: str) -> RoomView:
    """Events and directives of an attempt in classroom.sqlite."""
    database = room / "classroom.sqlite"
    rows = ask(database, "SELECT lease, number, line FROM room_event WHERE attempt = ?", attempt)
    told = ask(database, "SELECT text FROM room_directive WHERE attempt = ?", attempt)
    directives = [msgspec.json.decode(text, type=Directive) for text, in told]
    return RoomView({(lease, number): digest_of(line.encode()) for lease, number, line in rows},
                    fold([read_event(line.encode()) for _, _, line in rows], directives))


def list_lost_events(promised: JournalView, room: Path) -> list[tuple[int, int]]:
    """Events the seat had been told are safe, and that the classroom does not hold as they were written."""
    held = look_at_room(room, promised.attempt).digests
    return [(lease, number) for (lease, number), digest in promised.digests.items()
            if number <= promised.acked.get(lease, 0) and held.get((lease, number)) != digest]


def list_lost_sound(promised: JournalView, sound_at_seat: Path, room: Path) -> list[tuple[int, int]]:
    """Recordings whose bytes the seat had been told are durable, and that the classroom's file does not hold."""
    lost = []
    for (lease, number), (name, durable) in promised.recordings.items():
        said = (sound_at_seat / name).read_bytes()[:durable]
        path = room / "recordings" / promised.attempt / f"{lease}-{number}.pcm"
        held = path.read_bytes()[:durable] if path.exists() else b""
        if said != held:
            lost.append((lease, number))
    return lost


def list_unreadable_parts(room: Path) -> list[Recording]:
    """Parts that parts.sqlite lists as durable and that the recording's file does not hold with their digest."""
    bad = []
    for attempt, lease, number, offset, length, sha256 in ask(
            room / "parts.sqlite", "SELECT attempt, lease, number, offset, length, sha256 FROM part"):
        data = (room / "recordings" / attempt / f"{lease}-{number}.pcm").read_bytes()[offset:offset + length]
        if hashlib.sha256(data).hexdigest() != sha256:
            bad.append((attempt, lease, number))
    return bad


def read_package(hub: Path, package: str) -> Manifest:
    """The manifest of an accepted package, from the hub's database."""
    rows = ask(hub / "hub.sqlite", "SELECT manifest FROM received_package WHERE package = ?", package)
    return read_manifest(rows[0][0].encode())


def count_packages(hub: Path, sitting: str) -> int:
    """Accepted packages of a sitting."""
    return int(ask(hub / "hub.sqlite", "SELECT count(*) FROM received_package WHERE sitting = ?", sitting)[0][0])


def list_missing_in_package(hub: Path, package: str, promised: JournalView) -> list[str]:
    """Lines of the seat's journal that the package's own event file at the hub does not hold, and unequal sound."""
    manifest = read_package(hub, package)
    entry = next(one for one in manifest.entries if one.path == f"events/{promised.attempt}.jsonl")
    held = {digest_of(line) for line in find_file(hub, entry.sha256).read_bytes().splitlines()}
    missing = [f"event {key}" for key, digest in promised.digests.items() if digest not in held]
    packed = {(one.lease, one.number): one for one in manifest.recordings if one.attempt == promised.attempt}
    for one in promised.state.recordings:
        found = packed.get((one.lease, one.number))
        if found is None or (found.pcm_sha256, found.bytes) != (one.sha256, one.bytes):
            missing.append(f"recording {one.lease}/{one.number}")
    return missing


def find_file(hub: Path, sha256: str) -> Path:
    """A file of the hub's store by its digest."""
    return next(path for path in (hub / "files").rglob(sha256) if path.is_file())


def show(value: object) -> str:
    """For messages of failed tests."""
    return json.dumps(value, ensure_ascii=False, default=str)[:2000]
