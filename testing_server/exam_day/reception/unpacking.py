"""Unpacking a package's tar within limits. Takes a file from outside; gives a folder, or Quarantine.

Every name is checked against the form of a package before a byte of it is written.
"""
from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path

from testing_server.exam_day.reception.quarantine import Quarantine

MAX_FILES = 20_000
MAX_FILE_BYTES = 1024 ** 3
MAX_BYTES = 20 * 1024 ** 3
PIECE = 1024 * 1024
EXPECTED = re.compile(
    r"manifest\.json|manifest\.sig|leases\.jsonl|ledger\.jsonl|claims/[0-9A-Za-z._-]{1,80}"
    r"|events/[0-9a-f-]{36}\.jsonl|results/[0-9a-f-]{36}\.xml|recordings/[0-9a-f]{64}\.flac|files/[0-9a-f]{64}")


def unpack_tar(plain: Path, into: Path, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Unpack an uncompressed tar of plain files. Raises Quarantine: unreadable, unsafe_path, too_large,
    unexpected_file."""
    into.mkdir(parents=True)
    seen: set[str] = set()
    total = 0
    try:
        with tarfile.open(plain, "r:") as archive:
            for member in archive:
                total += member.size
                check_member(member, seen)
                if total > max_bytes or len(seen) >= max_files:
                    raise Quarantine("too_large", f"more than {max_bytes} bytes or {max_files} files")
                seen.add(member.name)
                _write_member(archive, member, into)
    except (tarfile.TarError, EOFError, UnicodeError) as error:
        raise Quarantine("unreadable", f"not a tar: {error}") from error


def check_member(member: tarfile.TarInfo, seen: set[str]) -> None:
    """Raises Quarantine unless this is one plain file with a name of the package's form."""
    name = member.name
    if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/") or ":" in name:
        raise Quarantine("unsafe_path", repr(name)[:200])
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
        raise Quarantine("unsafe_path", f"{name!r} is not a plain file"[:200])
    if member.size > MAX_FILE_BYTES:
        raise Quarantine("too_large", f"{name}: {member.size} bytes")
    if not EXPECTED.fullmatch(name) or name in seen:
        raise Quarantine("unexpected_file", repr(name)[:200])


def _write_member(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    source = archive.extractfile(member)
    if source is None:
        raise Quarantine("unreadable", member.name)
    target = into / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file, PIECE)
    if target.stat().st_size != member.size:
        raise Quarantine("unreadable", f"{member.name} is cut")
