"""Files that only the server's own user may read, written so that they are whole or absent.

Takes a path and bytes. Gives nothing; the file is durable when the call returns.
"""
from __future__ import annotations

import os
import secrets
from pathlib import Path

from testing_server.foundation.files.store import make_durable


def write_private_file(path: Path, data: bytes) -> None:
    """Write `data` under `path` with mode 0600, replacing what was there only when the new file is durable."""
    os.replace(_write_draft(path, data), path)
    make_durable(path.parent)


def write_private_file_once(path: Path, data: bytes) -> None:
    """The same, but what is there already stays: of two processes at once the first one wins for both."""
    draft = _write_draft(path, data)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    make_durable(path.parent)


def _write_draft(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft
