"""The line to another server of the school: who answers is proved by TLS, who asks by the school's key.

Takes an address and the school's authority; gives `Leader`, which asks for pages, ledgers and files.
"""
from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from testing_server.contracts.handover import (
    FILES, PARTS, SIGNED, Handed, HandedFile, HandedFiles, HandedParts, HandoverAsked, HandoverOpened, read_parts_page)
from testing_server.contracts.messages import Message

PATIENCE_S = 10.0
# one line for every request, several a second, would bury all others
logging.getLogger("httpx").setLevel(logging.WARNING)


class LineLost(Exception):
    """The server does not answer, or not as the protocol says."""

    code = "away"


class LineRefused(Exception):
    """The server answered with a refusal: `code` is its own."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Wire(Protocol):
    """One process of a server."""

    def ask(self, method: str, path: str, token: str = "", body: bytes | None = None) -> bytes:
        """The body of a good answer. Raises LineLost, LineRefused."""


Dial = Callable[[str], Wire]


class HttpWire:
    """Over TLS of the school's authority; addresses of a school change, so the name is not looked at."""

    def __init__(self, address: str, authority: Path) -> None:
        context: ssl.SSLContext | bool = False
        if address.startswith("https"):
            context = ssl.create_default_context(cafile=str(authority))
            context.check_hostname = False
        self._client = httpx.Client(base_url=address, verify=context, timeout=PATIENCE_S, trust_env=False)

    def ask(self, method: str, path: str, token: str = "", body: bytes | None = None) -> bytes:
        headers = {"Protocol": "1.0", **({"Authorization": f"Bearer {token}"} if token else {})}
        try:
            found = self._client.request(method, path, content=body, headers=headers)
        except (httpx.HTTPError, OSError) as error:
            raise LineLost(str(error)) from error
        if found.status_code >= 400:
            raise LineRefused(found.status_code, read_code(found.content))
        return found.content

    def close(self) -> None:
        self._client.close()


def read_code(body: bytes) -> str:
    """The code of a refusal's body."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return "refused"
    return str(told.get("code", "refused")) if isinstance(told, dict) else "refused"


class Leader:
    """A server that hands over; `dial` opens the wire to an address. `holder`: its instance, once it was opened."""

    def __init__(self, address: str, dial: Dial, instance: str) -> None:
        self.address, self._dial, self._instance = address, dial, instance
        self._core = dial(address)
        self._token, self.holder = "", ""
        self._files: Wire = self._core

    def open(self, key: Ed25519PrivateKey) -> None:
        """Prove to be of the school. Raises LineLost, LineRefused."""
        asked = HandoverAsked(instance=self._instance)
        challenge = self._read(HandoverOpened, self._post(asked)).challenge
        signature = key.sign(SIGNED + bytes.fromhex(challenge)).hex()
        opened: HandoverOpened = self._read(HandoverOpened, self._post(
            msgspec.structs.replace(asked, challenge=challenge, signature=signature)))
        self._token, self.holder, self._files = opened.token, opened.instance, self._dial(opened.files_url)

    def fetch_page(self, after: str, part: int) -> Handed:
        """Events; `part`: how much of the sound is here already, for the other's console."""
        page: Handed = self._read(Handed, self._core.ask("GET", f"/v1/handover?after={after}&part={part}", self._token))
        return page

    def fetch_ledger(self, sitting: str) -> bytes:
        return self._core.ask("GET", f"/v1/handover/ledgers/{sitting}", self._token)

    def fetch_parts(self, after: int) -> tuple[HandedParts, list[bytes]]:
        try:
            return read_parts_page(self._files.ask("GET", f"{PARTS}?after={after}", self._token))
        except (ValueError, msgspec.MsgspecError) as error:
            raise LineLost(f"no page of parts: {error}") from error

    def list_files(self) -> list[HandedFile]:
        listed: HandedFiles = self._read(HandedFiles, self._files.ask("GET", FILES, self._token))
        return listed.files

    def fetch_file(self, one: HandedFile) -> bytes:
        return self._files.ask("GET", f"{FILES}/{one.attempt}/{one.sha256}", self._token)

    def _post(self, asked: HandoverAsked) -> bytes:
        return self._core.ask("POST", "/v1/handover", body=msgspec.json.encode(asked))

    def _read(self, kind: type[Message], body: bytes) -> Any:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.MsgspecError as error:
            raise LineLost(f"no {kind.__name__}: {error}") from error
