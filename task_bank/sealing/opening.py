"""Opening of archives: takes the files of an archive and its cipher, gives a folder, whole or not at all.

Memory does not grow with the archive. The disk needs room for the decrypted tar and for what is unpacked from it,
twice the archive (once, where no cipher locks it); that is asked for before anything is written.
"""
from __future__ import annotations

import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyrage

from task_bank.sealing.archive import DamagedArchive, NotEnoughRoom, hash_file, unlock_identity
from task_bank.sealing.tar_stream import READ_SIZE

MAX_FILES = 100_000
MAX_BYTES = 8 * 1024 ** 3
MAX_FILE_BYTES = 1024 ** 3
MAX_NAME_BYTES = 255
SPARE_BYTES = 64 * 1024 ** 2


@dataclass(frozen=True)
class OpenedArchive:
    """An opened archive: the folder it was unpacked into, and its files (paths inside, sorted)."""

    folder: Path
    names: tuple[str, ...]
    sha256: str


def open_archive(archive_path: Path, key_path: Path, cipher: str, into: Path) -> OpenedArchive:
    """Open an archive with its cipher and unpack it as the folder `into` (replaced when it exists).

    Nothing appears at `into` until everything has been decrypted and checked.
    Raises WrongCipher, DamagedArchive, NotEnoughRoom.
    """
    return open_with_identity(archive_path, unlock_identity(key_path, cipher), into)


def open_with_identity(archive_path: Path, identity: str, into: Path) -> OpenedArchive:
    """As open_archive, with the identity itself. Raises DamagedArchive, NotEnoughRoom."""
    into.parent.mkdir(parents=True, exist_ok=True)
    check_room(into.parent, 2 * archive_path.stat().st_size)
    plain = into.with_name(f".{into.name}.{secrets.token_hex(6)}.tar")
    try:
        _decrypt(archive_path, identity, plain)
        names = _replace_folder(plain, into)
    finally:
        plain.unlink(missing_ok=True)
    return OpenedArchive(into, names, hash_file(archive_path))


def open_unencrypted(archive_path: Path, sha256: str, into: Path) -> OpenedArchive:
    """Unpack an archive that no cipher locks; only its digest vouches for it. Raises DamagedArchive, NotEnoughRoom."""
    into.parent.mkdir(parents=True, exist_ok=True)
    check_room(into.parent, archive_path.stat().st_size)
    if hash_file(archive_path) != sha256:
        raise DamagedArchive(f"{archive_path.name} is not the file its statement speaks of")
    return OpenedArchive(into, _replace_folder(archive_path, into), sha256)


def check_room(folder: Path, needs: int) -> None:
    """Raises NotEnoughRoom where `needs` bytes and a spare would not fit."""
    free = shutil.disk_usage(folder).free
    if free < needs + SPARE_BYTES:
        raise NotEnoughRoom(folder, needs + SPARE_BYTES, free)


def _decrypt(archive_path: Path, identity: str, plain: Path) -> None:
    # decrypt_io writes before it finds a changed chunk, so the plain file is used only after it returns.
    with archive_path.open("rb") as sealed, plain.open("wb") as file:
        out = _PlainFile(file)
        try:
            pyrage.decrypt_io(sealed, out, [pyrage.x25519.Identity.from_str(identity)])
        except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
            if out.trouble is not None:
                raise out.trouble from error  # a full or failing disk of ours, not a fault of the archive
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise DamagedArchive(f"{archive_path.name} is damaged: {error}") from error


class _PlainFile:
    """What the library writes into. It shows errors of our disk only as text: `trouble` is the error itself."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.trouble: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.trouble = error
            raise

    def flush(self) -> None:
        """The end of the file's own block does it."""


def _replace_folder(plain: Path, into: Path) -> tuple[str, ...]:
    unpacked = into.with_name(f".{into.name}.{secrets.token_hex(6)}")
    try:
        names = _unpack(plain, unpacked)
        if into.exists():
            shutil.rmtree(into)
        os.replace(unpacked, into)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    return names


def _unpack(plain: Path, into: Path) -> tuple[str, ...]:
    names: set[str] = set()
    with _reading_tar(plain) as archive:
        whole = 0
        while (member := archive.next()) is not None:
            # the module remembers every member it has seen
            archive.members.clear()  # type: ignore[attr-defined]
            whole += member.size
            _check_member(member, names, whole)
            names.add(member.name)
            _unpack_member(archive, member, into)
    return tuple(sorted(names))


@contextmanager
def _reading_tar(plain: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(plain, "r:") as archive:
            yield archive
    except tarfile.TarError as error:
        raise DamagedArchive(f"the contents are not a tar: {error}") from error


def _check_member(member: tarfile.TarInfo, names: set[str], whole: int) -> None:
    if len(names) >= MAX_FILES or whole > MAX_BYTES:
        raise DamagedArchive("the archive is larger than an archive may be")
    parts = Path(member.name).parts
    if any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        raise DamagedArchive("a name in the archive is longer than a name may be")
    if not member.isfile() or member.name.startswith("/") or ".." in parts or "\\" in member.name:
        raise DamagedArchive(f"{member.name!r} is not a plain file inside the archive")
    if member.size > MAX_FILE_BYTES:
        raise DamagedArchive(f"{member.name!r} is larger than a file may be")
    if member.name in names:
        raise DamagedArchive("a name occurs twice in the archive")


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    target = into / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    assert source is not None
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, READ_SIZE)
