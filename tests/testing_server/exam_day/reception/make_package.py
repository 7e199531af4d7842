"""Response packages for tests, built by the contracts alone: what a classroom would send.

Takes the school's key and who may open it. Gives the ciphertext and the package id; `spoil` changes the plain files
before they are listed, `corrupt` after they are signed.
"""
import hashlib
import io
import json
import tarfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy
import pyrage
import soundfile

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import Event, digest_of, write_event
from testing_server.contracts.leases import make_generation, make_lease
from testing_server.contracts.packages import (
    FORMAT, Balance, Entry, Head, Manifest, PackedAttempt, PackedFile, PackedRecording, package_id_of, write_manifest)
from testing_server.contracts.receipt_code import make_receipt_code
from testing_server.contracts.statements import sign_bytes
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.preparation.school_key import SchoolKey

RATE = 24_000
GENERATION = make_generation(1, 7)
LEASE = make_lease(GENERATION, 1)
Files = dict[str, bytes]


@dataclass
class Seat:
    """One attempt at one seat: a journal of events, chained as a kiosk chains them."""

    at_ms: int
    code: str = "12345"
    variant: str = "48213"
    attempt: str = field(default_factory=lambda: str(uuid.uuid4()))
    lines: list[bytes] = field(default_factory=list)
    recordings: list[PackedRecording] = field(default_factory=list)
    sounds: Files = field(default_factory=dict)
    files: list[PackedFile] = field(default_factory=list)
    lease: int = LEASE
    grant: str = '{"lease": 1}'

    def happen(self, kind: str, **body: Any) -> int:
        """An event a second after the one before; returns its number."""
        number, prev = len(self.lines) + 1, digest_of(self.lines[-1]) if self.lines else sha256_hex(self.grant.encode())
        self.lines.append(write_event(Event(
            attempt=self.attempt, lease=self.lease, number=number, kind=kind, at_ms=self.at_ms + number * 1000,
            err_ms=5, mono_ms=number * 1000, boot_id="boot", body=body, prev=prev)))
        return number

    def answer(self, item: str, response: str, value: str | list[str]) -> "Seat":
        self.happen("answer_set", item=item, response=response, value=value)
        return self

    def speak(self, item: str, response: str, seconds: int = 1) -> "Seat":
        """A recording of a tone: a whole one, with its FLAC."""
        started = self.happen("recording_started", item=item, response=response, rate_hz=RATE, device="test")
        pcm = (numpy.sin(numpy.arange(RATE * seconds) / 20) * 9000).astype("<i2")
        flac = io.BytesIO()
        soundfile.write(flac, pcm, RATE, format="FLAC", subtype="PCM_16")
        sound, pcm_sha256 = flac.getvalue(), sha256_hex(pcm.tobytes())
        self.happen("recording_committed", started=[self.lease, started], bytes=len(pcm) * 2, samples=len(pcm),
                    sha256=pcm_sha256, parts=1, gaps=0, end_reason="stopped", verdict="heard")
        self.sounds[f"recordings/{sha256_hex(sound)}.flac"] = sound
        self.recordings.append(PackedRecording(
            attempt=self.attempt, lease=self.lease, number=started, item=item, response=response, rate_hz=RATE,
            pcm_sha256=pcm_sha256, flac_sha256=sha256_hex(sound), bytes=len(pcm) * 2, samples=len(pcm), gaps=[],
            verdict="heard", state="whole"))
        return self

    def draw(self, item: str, response: str, data: bytes) -> "Seat":
        """A file as an answer, and its bytes."""
        sha256 = sha256_hex(data)
        self.happen("file_kept", item=item, response=response, sha256=sha256, bytes=len(data), type="image/png",
                    name="answer.png")
        self.sounds[f"files/{sha256}"] = data
        self.files.append(PackedFile(attempt=self.attempt, item=item, response=response, sha256=sha256,
                                     bytes=len(data), type="image/png", name="answer.png", state="whole"))
        return self.answer(item, response, f"{sha256} {len(data)} image/png answer.png")

    def finish(self) -> "Seat":
        self.happen("attempt_finished", reason="candidate")
        return self

    def write_lease(self) -> bytes:
        """The seat's line of leases.jsonl."""
        line = {"attempt": self.attempt, "lease": self.lease, "state": "closed", "grant": self.grant}
        return json.dumps(line).encode() + b"\n"

    def pack(self) -> PackedAttempt:
        """The attempt's line in the manifest."""
        head = Head(lease=self.lease, number=len(self.lines), digest=digest_of(self.lines[-1]))
        code = make_receipt_code({head.lease: (head.number, head.digest)}, [r.pcm_sha256 for r in self.recordings])
        return PackedAttempt(id=self.attempt, code=self.code, variant=self.variant, state="finished", heads=[head],
                             seconds_used=60, receipt=code)


def make_seat(at_ms: int, **changes: Any) -> Seat:
    """A candidate who answered, spoke and finished."""
    seat = Seat(at_ms, **changes)
    seat.happen("lease_opened", workstation="w1", generation=GENERATION)
    return seat.answer("i1", "r1", "c3").answer("i2", "r1", ["c1", "c2"]).speak("i3", "r2").finish()


@dataclass(frozen=True)
class Package:
    """What travels, and its id."""

    ciphertext: bytes
    package: str
    manifest: Manifest
    sha256: str


def make_package(key: SchoolKey, recipients: list[str], *, school: str, archive: str, seats: list[Seat],
                 made_at_ms: int, spoil: Callable[[Files], None] = lambda files: None,
                 corrupt: Callable[[Files], None] = lambda files: None,
                 tar: Callable[[Files], bytes] | None = None, **changes: Any) -> Package:
    """A package of those seats. `changes` go into the manifest."""
    files: Files = {"leases.jsonl": b"".join(seat.write_lease() for seat in seats), "ledger.jsonl": b""}
    for seat in seats:
        files[f"events/{seat.attempt}.jsonl"] = b"".join(line + b"\n" for line in seat.lines)
        files[f"results/{seat.attempt}.xml"] = b"<assessmentResult/>"
        files.update(seat.sounds)
    spoil(files)
    manifest = make_manifest(files, school, archive, seats, made_at_ms, **changes)
    data = write_manifest(manifest)
    files |= {"manifest.json": data, "manifest.sig": sign_bytes(data, PAYLOAD_TYPES["manifest"], key.signing)}
    corrupt(files)
    sealed = pyrage.encrypt((tar or write_tar)(files), [pyrage.x25519.Recipient.from_str(one) for one in recipients])
    return Package(sealed, package_id_of(data), manifest, hashlib.sha256(sealed).hexdigest())


def make_manifest(contents: Files, school: str, archive: str, seats: list[Seat], made_at_ms: int,
                  **changes: Any) -> Manifest:
    """manifest.json of these files."""
    finished = len(seats)
    details: dict[str, Any] = {
        "format": FORMAT, "school": school, "sitting": "11111111-2222-3333-4444-555555555555",
        "assessment": "english-7", "campaign": "demo-2026", "archive": archive, "generation": GENERATION,
        "instance": "server-1", "fold_version": 1, "software": "0.1.0", "made_at_ms": made_at_ms, "sequence": 1,
        "previous": None, "kind": "full", "reason": "", "training": False,
        "attempts": [seat.pack() for seat in seats],
        "recordings": [recording for seat in seats for recording in seat.recordings],
        "entries": [Entry(path=path, bytes=len(data), sha256=sha256_hex(data))
                    for path, data in sorted(contents.items())],
        "files": [file for seat in seats for file in seat.files],
        "balance": Balance(issued=finished, finished=finished, absent=0, spoiled=0, moved=0, missing=[])}
    return Manifest(**{**details, **changes})


def write_tar(files: Files) -> bytes:
    """An uncompressed POSIX tar, names sorted, mtime 0."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()
