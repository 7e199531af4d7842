"""Downloads that survive a cut. Takes a client, an address and the digest expected; gives a whole file or nothing."""
from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import httpx

from testing_server.foundation.files.store import digest_file
from testing_server.preparation.hub_answers import FileDamaged
from testing_server.preparation.private_files import write_private_file

Progress = Callable[[int, int], None]


def write_small_file(path: Path, data: bytes, sha256: str | None) -> None:
    """A file that came in one answer. Raises FileDamaged when its digest is not the expected one."""
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise FileDamaged(details={"file": path.name})
    write_private_file(path, data)


def download_file(http: httpx.Client, address: str, headers: dict[str, str], path: Path, sha256: str,
                  on_progress: Progress | None = None) -> None:
    """Fetch `address` into `path`, going on from `<path>.part`. `on_progress(bytes so far, bytes in all)`.

    Raises FileDamaged (the partial file is thrown away then), httpx.TransportError, httpx.HTTPStatusError.
    """
    if path.exists() and digest_file(path) == sha256:
        return
    partial = path.with_name(path.name + ".part")
    _fetch_rest(http, address, headers, partial, on_progress)
    if digest_file(partial) != sha256:
        partial.unlink()
        raise FileDamaged(details={"file": path.name})
    os.replace(partial, path)


def _fetch_rest(http: httpx.Client, address: str, headers: dict[str, str], partial: Path,
                on_progress: Progress | None) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    asked = {**headers, "Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else headers
    with http.stream("GET", address, headers=asked) as response:
        if response.status_code == 416:
            return
        if response.is_error:
            response.read()
        response.raise_for_status()
        if response.status_code != 206:
            have = 0
        whole = have + int(response.headers.get("Content-Length", 0))
        with open(partial, "ab" if have else "wb") as file:
            for piece in response.iter_bytes():
                file.write(piece)
                have += len(piece)
                if on_progress:
                    on_progress(have, whole)
            file.flush()
            os.fsync(file.fileno())
