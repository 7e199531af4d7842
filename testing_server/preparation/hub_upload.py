"""Resumable upload, tus 1.0 (https://tus.io/protocols/resumable-upload), the sending end.

Takes a file. Gives it to the hub in pieces of 8 MiB, each with its SHA-256; remembers beside the file where the
upload lives, so that a later call, also after a restart, goes on with the piece that is missing.
"""
from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from testing_server.foundation.files.store import digest_file
from testing_server.preparation.hub_answers import HubAway, read_refusal
from testing_server.preparation.private_files import write_private_file

TUS = "1.0.0"
PIECE = 8 * 1024 * 1024
TRIES = 5
CHECKSUM_MISMATCH = 460
Progress = Callable[[int, int], None]


@dataclass
class _Upload:
    http: httpx.Client
    hub_url: str
    headers: Callable[[], dict[str, str]]
    renew: Callable[[], bool]
    path: Path
    size: int
    sleep: Callable[[float], None]

    def ask(self, method: str, address: str, **options: Any) -> httpx.Response:
        """One request with the session's headers; a session that ended is renewed once."""
        extra = options.pop("headers", {})
        response = self.http.request(method, address, headers={**self.headers(), **extra}, **options)
        if response.status_code == 401 and self.renew():
            response = self.http.request(method, address, headers={**self.headers(), **extra}, **options)
        return response


def upload_file(http: httpx.Client, hub_url: str, headers: Callable[[], dict[str, str]], path: Path,
                metadata: dict[str, str], on_progress: Progress | None = None,
                renew: Callable[[], bool] = lambda: False,
                sleep: Callable[[float], None] = time.sleep) -> str:
    """Send a file; returns the id to ask for the receipt with. Raises HubAway after five tries, HubRefused."""
    upload = _Upload(http, hub_url, lambda: {**headers(), "Tus-Resumable": TUS}, renew, path, path.stat().st_size,
                     sleep)
    sha256 = digest_file(path)
    address, offset = _retry(upload, lambda: _find_or_create(upload, {**metadata, "sha256": sha256}))
    tries = 0
    while offset < upload.size:
        try:
            offset, tries = _send_piece(upload, address, offset), 0
        except (httpx.TransportError, _SendAgain) as error:
            tries += 1
            if tries >= TRIES:
                raise HubAway() from error
            sleep(2 ** tries / 2)
            address, offset = _retry(upload, lambda: _find_or_create(upload, {**metadata, "sha256": sha256}))
        if on_progress:
            on_progress(offset, upload.size)
    return metadata.get("package") or address.rsplit("/", 1)[-1]


class _SendAgain(Exception):
    """The hub threw the piece away or stands at another offset: ask where it is."""


def _retry(upload: _Upload, action: Callable[[], Any]) -> Any:
    for number in range(1, TRIES + 1):
        try:
            return action()
        except httpx.TransportError as error:
            if number == TRIES:
                raise HubAway() from error
            upload.sleep(2 ** number / 2)


def _find_or_create(upload: _Upload, metadata: dict[str, str]) -> tuple[str, int]:
    """(address, offset) of the upload begun before for these very bytes, or of a new one."""
    address = _read_memory(upload.path, metadata["sha256"])
    if address:
        response = upload.ask("HEAD", upload.hub_url + address)
        if response.status_code == 200:
            return address, int(response.headers["Upload-Offset"])
        if response.status_code not in (404, 410):
            raise read_refusal(response)
    return _create(upload, metadata)


def _create(upload: _Upload, metadata: dict[str, str]) -> tuple[str, int]:
    described = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
    response = upload.ask("POST", f"{upload.hub_url}/v1/packages", headers={
        "Upload-Length": str(upload.size), "Upload-Metadata": described})
    if response.status_code != 201:
        raise read_refusal(response)
    # only the path counts: a proxy in front may make the hub name itself wrongly
    address = httpx.URL(response.headers["Location"]).path
    memory = {"address": address, "sha256": metadata["sha256"]}
    write_private_file(_memory(upload.path), json.dumps(memory).encode())
    # the hub tells an offset where it knows the file from a call whose answer was lost
    return address, int(response.headers.get("Upload-Offset", 0))


def _send_piece(upload: _Upload, address: str, offset: int) -> int:
    with open(upload.path, "rb") as file:
        file.seek(offset)
        piece = file.read(PIECE)
    checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
    response = upload.ask("PATCH", upload.hub_url + address, content=piece, headers={
        "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha256 {checksum}"})
    if response.status_code == 204:
        return int(response.headers["Upload-Offset"])
    if response.status_code in (404, 409, 410, CHECKSUM_MISMATCH) or response.status_code >= 500:
        raise _SendAgain(response.status_code)
    raise read_refusal(response)


def _memory(path: Path) -> Path:
    return path.with_name(path.name + ".upload")


def _read_memory(path: Path, sha256: str) -> str:
    """Address of an upload of these bytes that was begun before, "" if there is none."""
    try:
        memory = json.loads(_memory(path).read_bytes())
    except (FileNotFoundError, ValueError):
        return ""
    return str(memory["address"]) if memory.get("sha256") == sha256 else ""
