"""A workstation for tests: pairs, says hello, signs in, appends events, sends parts. Speaks only the protocol.

Takes wires (Flask test clients or real HTTP). Gives what a kiosk would know. Shipped beside the tests that use it.
"""
from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from testing_server.contracts.canonical import sha256_hex
from testing_server.contracts.events import Event, digest_of, write_event
from testing_server.contracts.pairing import commit_nonce, pairing_code
from testing_server.foundation.tls import fingerprint_certificate


@dataclass
class Answer:
    """Status, decoded JSON (or {}) and the raw body."""

    status: int
    json: Any
    body: bytes


class Wire(Protocol):
    def ask(self, method: str, path: str, *, token: str = "", json: Any = None, body: bytes | None = None,
            headers: dict[str, str] | None = None) -> Answer: ...


def _headers(token: str, extra: dict[str, str] | None) -> dict[str, str]:
    return {"Protocol": "1.0", **({"Authorization": f"Bearer {token}"} if token else {}), **(extra or {})}


@dataclass
class FlaskWire:
    """To an application in this process."""

    client: FlaskClient

    def ask(self, method: str, path: str, *, token: str = "", json: Any = None, body: bytes | None = None,
            headers: dict[str, str] | None = None) -> Answer:
        options: dict[str, Any] = {"json": json} if json is not None else {"data": body}
        found = self.client.open(path, method=method, headers=_headers(token, headers), **options)
        return Answer(found.status_code, found.get_json(silent=True) or {}, found.get_data())


@dataclass
class HttpWire:
    """To a server somewhere."""

    client: httpx.Client

    def ask(self, method: str, path: str, *, token: str = "", json: Any = None, body: bytes | None = None,
            headers: dict[str, str] | None = None) -> Answer:
        options: dict[str, Any] = {"json": json} if json is not None else {"content": body}
        found = self.client.request(method, path, headers=_headers(token, headers), **options)
        is_json = found.headers.get("content-type", "").startswith("application/json")
        return Answer(found.status_code, found.json() if is_json else {}, found.content)


@dataclass
class FakeKiosk:
    """One computer with its key; `files`: the wire to the files process."""

    core: Wire
    files: Wire | None = None
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    host_name: str = "pc-1"
    journal: str = field(default_factory=lambda: secrets.token_hex(8))
    pairing: str = ""
    code: str = ""
    workstation: str = ""
    certificate: str = ""
    token: str = ""
    seated: dict[str, Any] = field(default_factory=dict)
    lines: dict[int, list[str]] = field(default_factory=dict)
    now_ms: int = 1_760_000_000_000

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def begin_pairing(self) -> str:
        """Both first steps; the six digits it now shows."""
        nonce = secrets.token_bytes(32)
        begun = self.ask("POST", "/v1/pair", json={
            "public_key": self.public.hex(), "commitment": commit_nonce(nonce), "host_name": self.host_name})
        assert begun.status == 200, begun.json
        self.pairing = begun.json["pairing"]
        authority = bytes.fromhex(fingerprint_certificate(begun.json["authority_pem"].encode()))
        self.code = pairing_code(nonce, bytes.fromhex(begun.json["nonce"]), authority, self.public)
        revealed = self.ask("POST", f"/v1/pair/{self.pairing}", json={"nonce": nonce.hex()})
        assert revealed.json == {"state": "waiting", "workstation": "", "seat": "", "school": "", "certificate": ""}
        return self.code

    def look_at_pairing(self) -> Any:
        found = self.ask("GET", f"/v1/pair/{self.pairing}").json
        self.workstation, self.certificate = found.get("workstation", ""), found.get("certificate", "")
        return found

    def say_hello(self, attempts: dict[str, dict[str, int]] | None = None, **more: Any) -> Answer:
        """Challenge, signature, token. `more`: further fields of the hello."""
        said = {"workstation": self.workstation, "protocol": ["1.0", "1.0"], "software": "fake", "boot_id": "b",
                "attempts": attempts or {}, **more}
        asked = self.ask("POST", "/v1/hello", json=said)
        if asked.status != 200:
            return asked
        challenge = asked.json["challenge"]
        signature = self.key.sign(b"hello1" + bytes.fromhex(challenge)).hex()
        welcomed = self.ask("POST", "/v1/hello", json={**said, "challenge": challenge, "signature": signature})
        self.token = welcomed.json.get("token", "")
        return welcomed

    def sign_in(self, login: str) -> Answer:
        found = self.ask("POST", "/v1/attempts/sign-in", json={
            "login": login, "workstation": self.workstation, "journal": self.journal})
        if found.status == 200:
            self.seated = found.json
            self.lines.setdefault(self.lease, [])
        return found

    @property
    def attempt(self) -> str:
        return str(self.seated["attempt"])

    @property
    def lease(self) -> int:
        return int(self.seated["lease"])

    def write(self, kind: str, /, **body: Any) -> str:
        """One line into the journal; returns it."""
        lines = self.lines[self.lease]
        prev = digest_of(lines[-1].encode()) if lines else sha256_hex(self.seated["grant"].encode())
        self.now_ms += 10
        line = write_event(Event(
            attempt=self.attempt, lease=self.lease, number=len(lines) + 1, kind=kind, at_ms=self.now_ms, err_ms=1,
            mono_ms=self.now_ms, boot_id="b", body=body, prev=prev)).decode()
        lines.append(line)
        return line

    def open_lease(self) -> Answer:
        self.write("lease_opened", workstation=self.workstation, generation=int(self.seated["generation"]))
        return self.send()

    def answer(self, item: str, response: str, value: Any) -> Answer:
        self.write("answer_set", item=item, response=response, value=value)
        return self.send()

    def send(self, lines: list[str] | None = None) -> Answer:
        """All lines of the newest lease, or these."""
        chosen = self.lines[self.lease] if lines is None else lines
        return self.ask("POST", f"/v1/attempts/{self.attempt}/events", json={
            "lease": self.lease, "events": chosen[-200:]})

    def fetch_directives(self, after: str = "") -> list[dict[str, Any]]:
        found = self.ask("GET", f"/v1/attempts/{self.attempt}/directives?after={after}")
        assert found.status == 200, found.json
        return [json.loads(text) for text in found.json["directives"]]

    def apply_directives(self) -> list[dict[str, Any]]:
        """Answer each directive once; those already answered are skipped."""
        known = {(body["generation"], body["number"]) for body in (
            json.loads(line)["body"] for line in self.lines[self.lease]) if "generation" in body and "number" in body}
        fresh = [one for one in self.fetch_directives() if (one["generation"], one["number"]) not in known]
        for one in fresh:
            self.write("directive_applied", generation=one["generation"], number=one["number"], kind=one["kind"],
                       body=one["body"])
        if fresh:
            assert self.send().status == 200
        return fresh

    def record(self, item: str, response: str, pcm: bytes, rate: int = 24_000, verdict: str = "heard") -> int:
        """A whole recording: begun, its parts sent, committed. Returns its number."""
        self.write("recording_started", item=item, response=response, rate_hz=rate, device="fake")
        number = len(self.lines[self.lease])
        step = 96_000
        for part, offset in enumerate(range(0, len(pcm), step)):
            assert self.put_part(number, part, offset, pcm[offset:offset + step]).status == 200
        self.write("recording_committed", started=[self.lease, number], bytes=len(pcm), samples=len(pcm) // 2,
                   sha256=hashlib.sha256(pcm).hexdigest(), parts=-(-len(pcm) // step), gaps=0, end_reason="stopped",
                   verdict=verdict)
        assert self.send().status == 200
        return number

    def keep_file(self, item: str, response: str, data: bytes, kind: str = "image/png") -> str:
        """The event of a file on this seat's disk; its reference. The bytes go by `put_piece`."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.write("file_kept", item=item, response=response, sha256=sha256, bytes=len(data), type=kind,
                   name="answer.png")
        assert self.answer(item, response, f"{sha256} {len(data)} {kind} answer.png").status == 200
        return sha256

    def put_piece(self, sha256: str, offset: int, length: int, body: bytes) -> Answer:
        assert self.files is not None
        return self.files.ask("PUT", f"/v1/files/{self.attempt}/{sha256}?offset={offset}&bytes={length}",
                              token=self.token, body=body)

    def put_part(self, number: int, part: int, offset: int, body: bytes, verdict: str = "") -> Answer:
        assert self.files is not None
        sha256 = hashlib.sha256(body).hexdigest()
        return self.files.ask(
            "PUT", f"/v1/recordings/{self.attempt}/{self.lease}/{number}/parts/{part}?offset={offset}"
            f"&sha256={sha256}&rate=24000&verdict={verdict}", token=self.token, body=body)

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        return self.core.ask(method, path, token=self.token, **options)
