"""A classroom server as a browser without any program meets it: core and files process on ports of their own, over TLS.

Takes a folder; gives `ServedRoom`, whose network can be cut and mended. The work is the kiosk's trial work.
"""
from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import BaseWSGIServer, make_server

from kiosk_client.fakes import FakeAttempt
from kiosk_client.fake_work import PICTURE, SPEAKING, make_items, make_sound
from task_bank.sealing import Entry as TarEntry
from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.directives import Directive
from testing_server.contracts.fold import AttemptState, fold
from testing_server.contracts.events import Event, read_event, write_event
from testing_server.contracts.leases import LEASE_STEP
from testing_server.exam_day.mounts import classroom_mounts
from testing_server.exam_day.responses.files_app import make_files_app
from testing_server.exam_day.responses.queries import list_event_lines
from testing_server.exam_day.school.records import SchoolRecord
from testing_server.exam_day.sittings.directives import add_directive, list_directives
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.exam_day.workstations.actions import Certifier, confirm_pairing
from testing_server.exam_day.workstations.addresses import find_authority
from testing_server.exam_day.workstations.queries import list_waiting_pairings, list_workstations
from testing_server.foundation.clock import SystemClock
from testing_server.foundation.supervision import find_free_port
from tests.builders import make_app, services_of
from tests.kiosk_client.fake_hub import FakeHub
from tests.testing_server.exam_day.builders import Classroom, make_assessment

SOUND = make_sound()


def make_plain_entries(speaking: dict[str, Any], **changes: Any) -> list[TarEntry]:
    """The kiosk's trial work as a materials archive: a choice, listening, speech, a word."""
    sound, picture = sha256_hex(SOUND), sha256_hex(PICTURE)
    items = make_items(sound, picture, {**SPEAKING, **speaking})
    media = {sound: ("audio/ogg", SOUND), picture: ("image/svg+xml", PICTURE)}
    positions = [{name: item[name] for name in ("title", "kind", "points", "listening", "speaking")}
                 | {"number": item["position"]} for item in items]
    described = {name: {"type": kind, "bytes": len(data)} for name, (kind, data) in media.items()}
    assessment = make_assessment(positions=positions, **changes)
    variant = {"format": "variant/1", "number": "10001", "assessment": "english-7", "items": items}
    return [TarEntry("assessment.json", msgspec.json.encode(assessment)),
            TarEntry("media.json", msgspec.json.encode(described)),
            *[TarEntry(f"media/{name}", data) for name, (_, data) in media.items()],
            TarEntry("variants/10001.json", msgspec.json.encode(variant))]


class ServedRoom(Classroom):
    """`url`: of the core; `spki`: what a browser must be told to trust this server's certificate."""

    port: int
    files_port: int
    _servers: list[BaseWSGIServer]

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def spki(self) -> str:
        """Base64 SHA-256 of the leaf's public key."""
        leaf = x509.load_pem_x509_certificate((self.services.settings.keys_folder / "leaf.pem").read_bytes())
        public = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digest = hashes.Hash(hashes.SHA256())
        digest.update(public)
        return base64.b64encode(digest.finalize()).decode()

    def serve(self) -> None:
        """Listen, on the same ports as before."""
        keys = self.services.settings.keys_folder
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys / "leaf.pem", keys / "leaf.key")
        self._servers = [self._listen(self.app, self.port, context), self._listen(self.files, self.files_port, context)]

    def _listen(self, app: Flask, port: int, context: ssl.SSLContext) -> BaseWSGIServer:
        server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=context)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def cut(self) -> None:
        """Nobody answers any more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []

    def confirm(self, digits: str, seat: str = "1") -> str:
        """The organizer types the digits that a screen shows; the pairing's state."""
        certifier = Certifier("s1", self.room.keys.key(), find_authority(self.services.settings).fingerprint)
        now_ms = self.room.clock.now_ms()
        with self.services.storage.read() as session:
            [waiting] = list_waiting_pairings(session, now_ms)
        return str(self.write(lambda s: confirm_pairing(s, now_ms, waiting.id, digits, seat, "test", certifier)).state)

    def list_seats(self) -> list[Any]:
        """Workstations as the console reads them."""
        with self.services.storage.read() as session:
            return list_workstations(session)

    def find_attempt(self) -> str:
        """The id of the first candidate's attempt."""
        with self.services.storage.read() as session:
            return str(session.query(AttemptRecord).filter_by(login=self.logins[0]).one().id)

    def find_state(self) -> str:
        """Of the first candidate's attempt."""
        with self.services.storage.read() as session:
            return str(session.query(AttemptRecord).filter_by(login=self.logins[0]).one().state)

    def list_events(self) -> list[Event]:
        """Everything the server has of it."""
        with self.services.storage.read() as session:
            return [read_event(line.encode()) for line in list_event_lines(session, self.find_attempt())]

    def fold(self) -> AttemptState:
        """The state the server knows."""
        with self.services.storage.read() as session:
            directives = [msgspec.json.decode(text, type=Directive) for text in
                          list_directives(session, self.find_attempt())]
        return fold(self.list_events(), directives)

    def name_hub(self, hub: FakeHub) -> None:
        """The school is enrolled at this hub: workstations are told its root with every hello."""
        def change(session: Session) -> None:
            session.query(SchoolRecord).one().root_fingerprint = hub.fingerprint
        self.write(change)

    def order_deletion(self, hub: FakeHub) -> None:
        """The hub's receipt for all that is here, and the order that follows from it."""
        known = FakeAttempt(self.find_attempt(), "", "", lines={
            event.identity[1:]: write_event(event).decode() for event in self.list_events()})
        known.sound = {(one.lease, one.number): bytearray(self.find_sound(one.lease, one.number))
                       for one in self.fold().recordings}
        generation = self.list_events()[-1].lease // LEASE_STEP
        self.write(lambda s: add_directive(s, 1, known.id, generation, "purge", dict(hub.receive(known))))

    def find_sound(self, lease: int, number: int) -> bytes:
        """What arrived of a recording."""
        path = self.data / "recordings" / self.find_attempt() / f"{lease}-{number}.pcm"
        return path.read_bytes() if path.exists() else b""


@contextmanager
def serve_room(data: Path, speaking: dict[str, Any] | None = None, **changes: Any) -> Iterator[ServedRoom]:
    """An open sitting of one candidate, served until the end of the block; `changes` of the assessment."""
    port, files_port = find_free_port(), find_free_port()
    clock: Any = SystemClock()
    app = make_app(data, classroom_mounts(), clock, role="classroom", port=port, files_port=files_port, tls=True)
    served = ServedRoom(app, make_files_app(services_of(app).settings, clock), clock, data)
    served.port, served.files_port, served._servers = port, files_port, []
    served.set_up()
    served.open_archive(served.take_archive(make_plain_entries(speaking or {}, **changes)))
    served.make_sitting(1)
    served.serve()
    try:
        yield served
    finally:
        served.cut()
        served.close()
