"""The school's end of the line to the hub.

Takes the hub's address, the fingerprint of its root (from the credential file) and the school's key. Gives
certificates, archives, ciphers, rosters and receipts, each verified before it is returned. Nothing here is
needed while candidates work.
"""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from task_bank.sealing import is_unencrypted
from testing_server.contracts.refusals import BadStatement
from testing_server.contracts.statements import Statement
from testing_server.contracts.versions import PROTOCOL
from testing_server.preparation.enrolment.rules import prove_possession, session_bytes
from testing_server.preparation.hub_answers import (
    AnswerNotTrusted, Enrolled, FileDamaged, HubAway, HubRefused, NotYet, Pending, PlainHubRefused, Quarantined,
    Receipt, SignedRoster, SignedStatement, read_refusal)
from testing_server.preparation.hub_download import download_file, write_small_file
from testing_server.preparation.hub_keys import TrustedHub, read_hub_keys
from testing_server.preparation.hub_upload import Progress, upload_file
from testing_server.preparation.school_key import SchoolKey

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TIMEOUT = httpx.Timeout(30.0, connect=10.0)


class HubLink:
    """One school's line to one hub.

    `root_fingerprint`: SHA-256 (hex) of the hub root, from the credential file. `certificate`, `hub_keys`: the
    envelopes kept since enrolment, empty before it. `http`: an httpx.Client of the caller (tests).
    """

    def __init__(self, hub_url: str, root_fingerprint: str, *, certificate: bytes = b"", hub_keys: bytes = b"",
                 http: httpx.Client | None = None) -> None:
        check_address(hub_url)
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self._url = hub_url.rstrip("/")
        self._root = root_fingerprint
        self.certificate = certificate
        self._hub: TrustedHub | None = read_hub_keys(hub_keys, root_fingerprint) if hub_keys else None
        self._school_key: SchoolKey | None = None
        self._token = ""
        self._offset_ms = 0

    def enrol(self, login: str, one_time_code: str, school_key: SchoolKey) -> Enrolled:
        """Make the school's key known. Repeating it after a lost answer is harmless.

        Raises HubRefused (code_wrong, code_used, code_expired), HubAway, AnswerNotTrusted.
        """
        keys = school_key.describe_public()
        proof = prove_possession(school_key.signing, login, one_time_code, keys)
        answer = self._ask("POST", "/v1/schools/enrol", signed_in=False, json={
            "login": login, "code": one_time_code, "keys": keys, "proof": proof}).json()
        enrolled = Enrolled(answer["certificate"].encode(), answer["hub_keys"].encode())
        self._trust(enrolled.hub_keys)
        payload = self._verify(enrolled.certificate, "school_certificate").read()
        if payload["keys"] != keys:
            raise AnswerNotTrusted()
        self.certificate = enrolled.certificate
        return enrolled

    def open_session(self, school_key: SchoolKey) -> None:
        """Prove the school's key and get a token for an hour; it is renewed by itself afterwards."""
        login = self.read_certificate()["login"]
        challenge = self._ask("POST", "/v1/session", signed_in=False, json={"login": login}).json()["challenge"]
        signature = school_key.signing.sign(session_bytes(challenge)).hex()
        body = {"login": login, "challenge": challenge, "signature": signature}
        answer = self._ask("POST", "/v1/session", signed_in=False, json=body).json()
        self._token, self._school_key = answer["token"], school_key

    def read_certificate(self) -> dict[str, Any]:
        """What the school's certificate says: school, login, name, region, zone, keys, not_after_ms."""
        return self._verify(self.certificate, "school_certificate").read()

    def refresh_keys(self) -> bytes:
        """The hub's present `hub_keys` statement (keep it). Raises AnswerNotTrusted for an older version."""
        envelope = self._ask("GET", "/v1/keys", signed_in=False).content
        self._trust(envelope)
        return envelope

    @property
    def recipients(self) -> tuple[str, ...]:
        """age addresses every response package is encrypted to."""
        return self._trusted().recipients

    def list_archives(self, kind: str = "materials") -> list[dict[str, Any]]:
        """[{archive, kind, assessment, title, day, bytes, opens_at_ms, statement}] of one kind, newest day first."""
        answer = self._ask("GET", "/v1/archives").json()
        return [one for one in answer["archives"] if one["kind"] == kind]

    def list_changed(self) -> dict[str, int]:
        """Archive -> version of its newest statement, for those that were changed after they were sealed."""
        answer = self._ask("GET", "/v1/archives").json()
        return {one["archive"]: int(one["version"]) for one in answer.get("changed", [])}

    def fetch_statement(self, archive: str) -> SignedStatement:
        """The newest statement of an archive, verified; also of a withdrawn one."""
        envelope = self._ask("GET", f"/v1/archives/{archive}/statement").content
        payload = self._verify(envelope, "archive").read()
        if payload["archive"] != archive or payload["school"] != self.read_certificate()["school"]:
            raise AnswerNotTrusted()
        return SignedStatement(envelope, payload)

    def fetch_key(self, archive: str, into: Path, sha256: str) -> None:
        """Put key.age of that digest into the folder `into`. Raises FileDamaged."""
        write_small_file(into / "key.age", self._ask("GET", f"/v1/archives/{archive}/key.age").content, sha256)

    def fetch_archive(self, archive: str, into: Path, on_progress: Progress | None = None) -> dict[str, Any]:
        """Put archive.age, key.age and statement.json into the folder `into`; returns the statement's payload.

        Without a cipher: archive.tar and the statement. Goes on where an earlier call was cut.
        Raises FileDamaged, AnswerNotTrusted, HubAway, HubRefused.
        """
        into.mkdir(parents=True, exist_ok=True)
        said = self.fetch_statement(archive)
        name = "archive.tar" if is_unencrypted(said.payload) else "archive.age"
        if name == "archive.age":
            self.fetch_key(archive, into, said.payload["key"])
        self._reach(lambda: download_file(self._http, f"{self._url}/v1/archives/{archive}", self._headers,
                                          into / name, archive, on_progress))
        write_small_file(into / "statement.json", said.envelope, None)
        return said.payload

    def fetch_release(self, archive: str) -> dict[str, Any]:
        """{"cipher", "opened_at_ms"}. Raises NotYet (with opens_at_ms) before the hour."""
        answer: dict[str, Any] = self._ask("GET", f"/v1/releases/{archive}").json()
        return answer

    def fetch_roster(self, day: str) -> SignedRoster:
        """The school's roster of a day ("2026-11-23"), verified."""
        certificate = self.read_certificate()
        envelope = self._ask("GET", f"/v1/rosters/{certificate['school']}/{day}").content
        payload = self._verify(envelope, "roster").read()
        if payload["school"] != certificate["school"] or payload["day"] != day:
            raise AnswerNotTrusted()
        return SignedRoster(envelope, payload)

    def send_report(self, report: dict[str, Any]) -> bool:
        """Tell how a sitting goes; returns whether somebody watches it now (then report every second)."""
        return bool(self._ask("POST", "/v1/reports", json=report).json()["watched"])

    def send_rehearsal(self, certificate: bytes) -> None:
        """The certificate of a rehearsal; sending it again is harmless. Raises HubAway, HubRefused."""
        self._ask("POST", "/v1/rehearsals", content=certificate, accept=(200, 201))

    def upload_package(self, path: Path, metadata: dict[str, str] | None = None,
                       on_progress: Progress | None = None) -> str:
        """Send a response package (tus 1.0); goes on after a cut, also in a later call or after a restart.

        `metadata`: package (its id), school, sitting, sequence — all optional texts. Returns the id to ask for
        the receipt with: metadata["package"] when given. Raises HubAway, HubRefused.
        """
        self._authorise()
        return upload_file(self._http, self._url, lambda: self._headers, path, metadata or {},
                           on_progress, self._renew)

    def fetch_receipt(self, package: str) -> Receipt | Pending | Quarantined:
        """What became of a package. Raises HubRefused (not_found) when the hub never saw it."""
        response = self._ask("GET", f"/v1/packages/{package}/receipt", accept=(200, 202, 409))
        if response.status_code == 202:
            return Pending(response.json()["state"])
        if response.status_code == 409:
            return Quarantined(response.json()["details"]["reason"])
        return Receipt(response.content, self._verify(response.content, "receipt").read())

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    @property
    def url(self) -> str:
        """The hub's address."""
        return self._url

    @property
    def token(self) -> str:
        """Of the session that is open now, "" for none."""
        return self._token

    # ---- the line itself
    @property
    def _headers(self) -> dict[str, str]:
        headers = {"Protocol": PROTOCOL}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _ask(self, method: str, path: str, *, signed_in: bool = True, accept: tuple[int, ...] = (200,),
             **options: Any) -> httpx.Response:
        if signed_in:
            self._authorise()
        response = self._send(method, path, signed_in, options)
        if response.status_code == 401 and signed_in and self._renew():
            response = self._send(method, path, signed_in, options)
        if response.status_code not in accept:
            raise read_refusal(response)
        return response

    def _send(self, method: str, path: str, signed_in: bool, options: dict[str, Any]) -> httpx.Response:
        headers = self._headers if signed_in else {"Protocol": PROTOCOL}
        return self._reach(lambda: self._http.request(method, self._url + path, headers=headers, **options))

    def _reach(self, send: Callable[[], Any]) -> Any:
        try:
            return send()
        except httpx.TransportError as error:
            raise HubAway() from error
        except httpx.HTTPStatusError as error:
            raise read_refusal(error.response) from error

    def _authorise(self) -> None:
        if not self._token:
            raise HubRefused("not_signed_in", 401, "")

    def _renew(self) -> bool:
        if self._school_key is None:
            return False
        self.open_session(self._school_key)
        return True

    def _trust(self, hub_keys: bytes) -> None:
        lowest = self._hub.version if self._hub else 0
        try:
            self._hub = read_hub_keys(hub_keys, self._root, lowest)
        except BadStatement as error:
            raise AnswerNotTrusted() from error

    def _trusted(self) -> TrustedHub:
        if self._hub is None:
            raise AnswerNotTrusted()
        return self._hub

    def _verify(self, envelope: bytes, kind: str) -> Statement:
        try:
            return self._trusted().verify(envelope, kind)
        except BadStatement as error:
            raise AnswerNotTrusted() from error


def check_address(hub_url: str) -> None:
    """Plain HTTP is for the same machine only. Raises PlainHubRefused."""
    parts = urlsplit(hub_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise PlainHubRefused()


__all__ = ["AnswerNotTrusted", "Enrolled", "FileDamaged", "HubAway", "HubLink", "HubRefused", "NotYet", "Pending",
           "PlainHubRefused", "Quarantined", "Receipt", "SignedRoster"]
