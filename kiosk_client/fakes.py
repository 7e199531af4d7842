"""A classroom server for tests: the endpoints of protocol.md §8 that a kiosk uses, in memory, in a thread.

`FakeClassroom(work)` is started with `start`, gives its `url`, and can be stopped, made to fail and started again on
the same port. Everything a kiosk sent is there to look at.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask, Response, jsonify, request
from werkzeug.serving import BaseWSGIServer, make_server

from kiosk_client.fake_authority import FakeAuthority
from kiosk_client.fake_work import FakeWork
from kiosk_client.identity import HELLO_PREFIX
from kiosk_client.pairing import hash_authority
from testing_server.contracts.directives import Directive
from testing_server.contracts.events import BadEvent, Event, digest_of, read_event
from testing_server.contracts.exit_code import lock_exit_code
from testing_server.contracts.fold import AttemptState, fold
from testing_server.contracts.leases import make_generation, make_lease
from testing_server.contracts.pairing import pairing_code

logging.getLogger("werkzeug").setLevel(logging.ERROR)
EXIT_SALT = bytes(16)


@dataclass
class FakeAttempt:
    """What the server knows of one attempt."""

    id: str
    login: str
    code: str
    lines: dict[tuple[int, int], str] = field(default_factory=dict)
    directives: list[str] = field(default_factory=list)
    leases: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    revoked: set[int] = field(default_factory=set)
    sound: dict[tuple[int, int], bytearray] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    files: dict[str, bytearray] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        """Everything that arrived, in order."""
        return [read_event(self.lines[key].encode()) for key in sorted(self.lines)]

    @property
    def state(self) -> AttemptState:
        """The fold of it."""
        return fold(self.events, [msgspec.json.decode(text, type=Directive) for text in self.directives])

    def acked(self, lease: int) -> int:
        """The highest number without a hole before it."""
        number = 0
        while (lease, number + 1) in self.lines:
            number += 1
        return number


@dataclass
class FakePairing:
    """A pairing that waits for digits."""

    public_key: str
    commitment: str
    nonce: bytes
    code: str = ""
    state: str = "waiting"
    workstation: str = ""


class FakeFault(Exception):
    """An answer that refuses: (status, code)."""

    def __init__(self, status: int, code: str, retry_after_s: float | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.retry_after_s = status, code, retry_after_s


class FakeClassroom:
    """`fail(path) -> None` may raise FakeFault before a request is looked at; `tls` makes it HTTPS; `choose_port` gives
    the port it listens on from the first start, 0 for any."""

    choose_port = staticmethod(int)

    def __init__(self, work: FakeWork | None = None, logins: dict[str, str] | None = None,
                 tls_folder: Path | None = None) -> None:
        self.work = work or FakeWork()
        self.logins = logins or {}
        self.authority = FakeAuthority()
        self.pairings: dict[str, FakePairing] = {}
        self.workstations: dict[str, str] = {}
        self.tokens: set[str] = set()
        self.attempts: dict[str, FakeAttempt] = {}
        self.checks: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.fail: Callable[[str], None] = lambda path: None
        self.shift_ms = 0
        self.training = True
        self.exit_code = ""
        self.hub_root = ""
        self.purge_answers: list[dict[str, Any]] = []
        self.generation = make_generation(1, 77)
        self.lock = threading.RLock()
        self._tls_folder = tls_folder
        self._challenges: set[str] = set()
        self._server: BaseWSGIServer | None = None
        self.port = 0
        self.app = self._make_app()

    # Life.

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self._tls_folder else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> FakeClassroom:
        """Listen, on the same port as before if it did."""
        context: ssl.SSLContext | None = None
        if self._tls_folder is not None:
            context = self.authority.make_context(self._tls_folder)
        port = self.port or self.choose_port()
        self._server = make_server("127.0.0.1", port, self.app, threaded=True, ssl_context=context)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Listen no more; what arrived is kept."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def now_ms(self) -> int:
        """The server's time."""
        return int(time.time() * 1000) + self.shift_ms

    # What an organizer does.

    def type_digits(self, digits: str) -> bool:
        """The digits of a kiosk, typed at the console; whether it turned green."""
        with self.lock:
            for pairing in self.pairings.values():
                if pairing.state == "waiting" and pairing.code:
                    pairing.state = "green" if pairing.code == digits else "red"
                    pairing.workstation = f"w{len(self.workstations) + 1}"
                    self.workstations[pairing.workstation] = pairing.public_key
                    return pairing.state == "green"
        return False

    def direct(self, attempt: FakeAttempt, kind: str, **body: Any) -> int:
        """Give a directive; its number."""
        with self.lock:
            number = len(attempt.directives) + 1
            told = Directive(attempt=attempt.id, generation=self.generation, number=number, kind=kind,
                             at_ms=self.now_ms(), body=body)
            attempt.directives.append(msgspec.json.encode(told).decode())
            return number

    def start_work(self, attempt: FakeAttempt, **changes: Any) -> int:
        """The `start` directive; `changes` replace fields of its body."""
        work = self.work
        body = {"pace": 1, "duration_s": work.duration_s, "window_ends_at_ms": self.now_ms() + 86_400_000,
                "on_move": "continue", "auto_credit_s": 300, "variant": work.number,
                "variant_bundle": work.variant_bundle, "media": work.media, "keys": work.keys}
        return self.direct(attempt, "start", **{**body, **changes})

    def find_attempt(self, login: str) -> FakeAttempt:
        """The attempt of a login."""
        return next(attempt for attempt in self.attempts.values() if attempt.login == login)

    # The endpoints.

    def _make_app(self) -> Flask:
        app = Flask("fake classroom")
        app.errorhandler(FakeFault)(self._refuse)
        app.before_request(self._look)
        routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("POST", "/v1/pair", self._pair), ("POST", "/v1/pair/<pairing>", self._reveal),
            ("GET", "/v1/pair/<pairing>", self._tell_pairing), ("POST", "/v1/hello", self._hello),
            ("POST", "/v1/time", self._time), ("PUT", "/v1/workstations/<workstation>/check", self._check),
            ("POST", "/v1/attempts/sign-in", self._sign_in), ("GET", "/v1/attempts/<attempt>/history", self._history),
            ("POST", "/v1/attempts/<attempt>/events", self._append),
            ("GET", "/v1/attempts/<attempt>/directives", self._directives),
            ("PUT", "/v1/attempts/<attempt>/purge", self._take_purge),
            ("GET", "/v1/bundles/<sha256>", self._bundle),
            ("PUT", "/v1/files/<attempt>/<sha256>", self._piece),
            ("GET", "/v1/files/<attempt>/<sha256>", self._file),
            ("PUT", "/v1/recordings/<attempt>/<int:lease>/<int:number>/parts/<int:part_no>", self._part),
        ]
        for method, path, view in routes:
            app.add_url_rule(path, f"{method} {path}", view, methods=[method])
        return app

    def _look(self) -> None:
        self.requests.append(f"{request.method} {request.path}")
        self.fail(request.path)
        if request.headers.get("Protocol") != "1.0":
            raise FakeFault(426, "version")
        is_open = request.path.startswith(("/v1/pair", "/v1/hello"))
        if not is_open and request.headers.get("Authorization", "")[7:] not in self.tokens:
            raise FakeFault(401, "token_wrong")

    def _refuse(self, fault: FakeFault) -> tuple[Response, int]:
        body = {"code": fault.code, "message": fault.code, "details": {}}
        if fault.retry_after_s is not None:
            body["retry_after_s"] = fault.retry_after_s  # type: ignore[assignment]
        return jsonify(body), fault.status

    def _pair(self) -> Response:
        told = request.get_json()
        pairing, nonce = secrets.token_hex(8), secrets.token_bytes(32)
        self.pairings[pairing] = FakePairing(told["public_key"], told["commitment"], nonce)
        return jsonify(pairing=pairing, nonce=nonce.hex(), authority_pem=self.authority.pem)

    def _reveal(self, pairing: str) -> Response:
        found, nonce = self.pairings[pairing], bytes.fromhex(request.get_json()["nonce"])
        if hashlib.sha256(nonce).hexdigest() != found.commitment:
            raise FakeFault(400, "pair_refused")
        found.code = pairing_code(nonce, found.nonce, hash_authority(self.authority.pem),
                                  bytes.fromhex(found.public_key))
        return self._tell_pairing(pairing)

    def _tell_pairing(self, pairing: str) -> Response:
        found = self.pairings[pairing]
        return jsonify(state=found.state, workstation=found.workstation, seat="7", school="Школа № 12",
                       certificate="{}" if found.state == "green" else "")

    def _hello(self) -> Response:
        told = request.get_json()
        if not told.get("signature"):
            challenge = secrets.token_hex(32)
            self._challenges.add(challenge)
            return jsonify(challenge=challenge)
        self._check_signature(told)
        token = secrets.token_hex(16)
        self.tokens.add(token)
        return jsonify(token=token, seat="7", server_at_ms=self.now_ms(), generation=self.generation, claim="",
                       files_url=self.url, school="Школа № 12", room="204", state="ready",
                       acked=self._list_acked(told["attempts"]), durable={}, hub_root=self.hub_root)

    def _check_signature(self, told: dict[str, Any]) -> None:
        public = self.workstations.get(told["workstation"])
        if public is None or told["challenge"] not in self._challenges:
            raise FakeFault(403, "unknown_workstation")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        try:
            key.verify(bytes.fromhex(told["signature"]), HELLO_PREFIX + bytes.fromhex(told["challenge"]))
        except InvalidSignature as error:
            raise FakeFault(403, "unknown_workstation") from error

    def _list_acked(self, inventory: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        known = {name: self.attempts[name] for name in inventory if name in self.attempts}
        return {name: {str(lease): attempt.acked(lease) for lease in attempt.leases}
                for name, attempt in known.items()}

    def _take_purge(self, attempt: str) -> Response:
        self.purge_answers.append({"attempt": attempt, **request.get_json()})
        return jsonify({})

    def _time(self) -> Response:
        lock = lock_exit_code(self.exit_code, EXIT_SALT) if self.exit_code else None
        return jsonify(t1_ms=self.now_ms(), t2_ms=self.now_ms(), exit_lock=msgspec.to_builtins(lock))

    def _check(self, workstation: str) -> Response:
        self.checks.append(request.get_json())
        return jsonify({})

    def _sign_in(self) -> Response:
        told = request.get_json()
        with self.lock:
            if told["login"] not in self.logins:
                raise FakeFault(403, "unknown_login")
            attempt = self._open_attempt(told["login"])
            lease = self._grant(attempt, told["workstation"], told["journal"])
            return jsonify(attempt=attempt.id, code=attempt.code, lease=lease, generation=self.generation,
                           grant=attempt.leases[lease][2], state="seated", assessment=self.work.assessment,
                           variant=self.work.number, bundles=self.work.listed, training=self.training)

    def _open_attempt(self, login: str) -> FakeAttempt:
        known = [attempt for attempt in self.attempts.values() if attempt.login == login]
        fresh = FakeAttempt(f"a{len(self.attempts) + 1}", login, self.logins[login])
        return known[0] if known else self.attempts.setdefault(fresh.id, fresh)

    def _grant(self, attempt: FakeAttempt, workstation: str, journal: str) -> int:
        for lease, (owner, known, _) in attempt.leases.items():
            if (owner, known) == (workstation, journal) and lease not in attempt.revoked:
                return lease
        lease = make_lease(self.generation, len(attempt.leases) + 1)
        attempt.revoked.update(attempt.leases)
        grant = msgspec.json.encode({"attempt": attempt.id, "lease": lease, "workstation": workstation}).decode()
        attempt.leases[lease] = (workstation, journal, grant)
        return lease

    def _history(self, attempt: str) -> Response:
        found = self.attempts[attempt]
        return jsonify(events=[found.lines[key] for key in sorted(found.lines)], directives=found.directives)

    def _append(self, attempt: str) -> Response:
        told, found = request.get_json(), self.attempts[attempt]
        with self.lock:
            for line in told["events"]:
                self._store(found, line)
        lease = told["lease"]
        return jsonify(acked=found.acked(lease), missing=[], server_at_ms=self.now_ms(),
                       directives_version=len(found.directives),
                       lease_state="revoked" if lease in found.revoked else "open")

    def _store(self, attempt: FakeAttempt, line: str) -> None:
        try:
            event = read_event(line.encode())
        except BadEvent as error:
            raise FakeFault(400, "bad_event") from error
        known = attempt.lines.setdefault((event.lease, event.number), line)
        if digest_of(known.encode()) != digest_of(line.encode()):
            raise FakeFault(409, "event_conflict")

    def _directives(self, attempt: str) -> Response:
        generation, number = (int(part) for part in request.args["after"].split("."))
        found = self.attempts[attempt]
        later = found.directives[number if generation == self.generation else 0:]
        return jsonify(directives=later, version=len(found.directives))

    def _bundle(self, sha256: str) -> Response:
        data, wanted = self.work.bundles[sha256], request.headers.get("Range", "bytes=0-")
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        return Response(data[start:], 206 if start else 200)

    def _piece(self, attempt: str, sha256: str) -> Response:
        with self.lock:
            here = self.attempts[attempt].files.setdefault(sha256, bytearray())
            if int(request.args["offset"]) == len(here):
                here.extend(request.get_data())
            return jsonify(durable_bytes=len(here))

    def _file(self, attempt: str, sha256: str) -> Response:
        data = bytes(self.attempts[attempt].files.get(sha256, b""))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise FakeFault(404, "not_ready")
        return Response(data)

    def _part(self, attempt: str, lease: int, number: int, part_no: int) -> Response:
        block, offset = request.get_data(), int(request.args["offset"])
        if hashlib.sha256(block).hexdigest() != request.args["sha256"]:
            raise FakeFault(400, "digest_mismatch")
        with self.lock:
            sound = self.attempts[attempt].sound.setdefault((lease, number), bytearray())
            sound.extend(bytes(max(0, offset - len(sound))))
            sound[offset:offset + len(block)] = block
            self.attempts[attempt].verdicts.append(request.args.get("verdict", ""))
            return jsonify(durable_bytes=len(sound), missing=[])
