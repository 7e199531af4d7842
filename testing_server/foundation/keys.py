"""Small secrets of the machine: made at the first start, kept in files only the server's user can read.

Takes a folder and a name. Gives random bytes that are the same at the next start.
"""
import os
import secrets
from pathlib import Path


def obtain_key(folder: Path, name: str, length: int = 32) -> bytes:
    """The key kept under `name`; made now if there is none. Two processes at once get the same one."""
    path = folder / name
    if not path.exists():
        _make_key(folder, path, length)
    key = path.read_bytes()
    if len(key) != length:
        raise DamagedKey(f"{path} holds {len(key)} bytes instead of {length}: restore or remove it")
    return key


class DamagedKey(Exception):
    """A key file does not hold what was written there; starting with it would lock people out silently."""


def _make_key(folder: Path, path: Path, length: int) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(length))
        file.flush()
        os.fsync(file.fileno())
    try:
        # link refuses to overwrite, so of two processes starting at once one key wins for both
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
