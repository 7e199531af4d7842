"""Sealing of archives: a tar in `archive.age`, its key in `key.age` locked by the cipher; or a plain `archive.tar`.

`age -d -i key.age archive.age` opens the sealed pair. Recipients come in as arguments. Memory does not grow with the
archive: contents are read as they are written, and the digest is taken on the way.
"""
from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyrage

from task_bank.sealing.age_scrypt import lock_with_passphrase
from task_bank.sealing.age_x25519 import encrypt_stream
from task_bank.sealing.tar_stream import READ_SIZE, Entry, TarStream, list_folder

ARCHIVE, PLAIN_ARCHIVE, KEY, ESCROW = "archive.age", "archive.tar", "key.age", "escrow.age"
MAX_KEY_BYTES = 64 * 1024


class WrongCipher(ValueError):
    """The cipher does not fit this archive; the archive itself is whole."""


class DamagedArchive(ValueError):
    """The archive or its key file is cut, changed, or holds what an archive must not hold."""


class NotEnoughRoom(OSError):
    """The disk would fill up: `needs` and `has` are bytes. Nothing has been written."""

    def __init__(self, folder: Path, needs: int, has: int) -> None:
        super().__init__(errno.ENOSPC, f"{needs} bytes are needed, {has} are free", str(folder))
        self.needs, self.has = needs, has


@dataclass(frozen=True)
class SealedArchive:
    """A sealed pair of files. `sha256` and `bytes` are those of archive.age; `identity` opens it in clear."""

    archive_path: Path
    key_path: Path
    sha256: str
    bytes: int
    key_sha256: str
    identity: str


@dataclass(frozen=True)
class UnencryptedArchive:
    """An archive without a cipher. `sha256` and `bytes` are those of archive.tar."""

    archive_path: Path
    sha256: str
    bytes: int


def seal_archive(
    source: Path | Iterable[Entry], cipher: str, out_dir: Path, recipients: Sequence[str] = ()
) -> SealedArchive:
    """Seal a folder or entries into out_dir/archive.age and out_dir/key.age, in constant memory.

    `cipher` is written with or without separators. `recipients` (age1…) may open the archive besides the
    cipher. Entries are taken one after another, so they may be made when asked for; what they raise is raised here.
    Files appear under their names only when they are whole.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    identity = pyrage.x25519.Identity.generate()
    tar = TarStream(list_folder(source) if isinstance(source, Path) else source)
    with ThreadPoolExecutor(max_workers=1) as beside:
        # a quarter of a second of another processor, whatever the size of the archive
        key_file = beside.submit(make_key_file, str(identity), cipher)
        with Replacement(out_dir / ARCHIVE) as partial, DigestedFile(partial) as file:
            for piece in encrypt_stream(tar, [str(identity.to_public()), *recipients]):
                file.write(piece)
    key_path = _write_whole(out_dir / KEY, key_file.result())
    return SealedArchive(out_dir / ARCHIVE, key_path, file.sha256, file.bytes, hash_file(key_path), str(identity))


def write_unencrypted(source: Path | Iterable[Entry], out_dir: Path) -> UnencryptedArchive:
    """The same contents as out_dir/archive.tar, which anybody can read: for training, never for counted work."""
    out_dir.mkdir(parents=True, exist_ok=True)
    tar = TarStream(list_folder(source) if isinstance(source, Path) else source)
    with Replacement(out_dir / PLAIN_ARCHIVE) as partial, DigestedFile(partial) as file:
        while piece := tar.read(READ_SIZE):
            file.write(piece)
    return UnencryptedArchive(out_dir / PLAIN_ARCHIVE, file.sha256, file.bytes)


def lock_identity(identity: str, cipher: str, out_dir: Path) -> Path:
    """Write out_dir/key.age: the identity locked by a cipher. A new cipher needs only this file anew."""
    return _write_whole(out_dir / KEY, make_key_file(identity, cipher))


def make_key_file(identity: str, cipher: str) -> bytes:
    """The bytes of a key.age."""
    return lock_with_passphrase(identity.encode() + b"\n", join_cipher(cipher), secrets.token_bytes(48))


def keep_for_escrow(identity: str, escrow: str, out_dir: Path) -> Path:
    """Write out_dir/escrow.age: the identity for those who hold the escrow key (`escrow`: its age1… address)."""
    recipient = pyrage.x25519.Recipient.from_str(escrow)
    return _write_whole(out_dir / ESCROW, pyrage.encrypt(identity.encode(), [recipient]))


def recover_identity(escrow_file: Path, escrow_identity: str) -> str:
    """The archive's identity out of escrow.age. Raises DamagedArchive."""
    try:
        key = pyrage.x25519.Identity.from_str(escrow_identity)
        return pyrage.decrypt(escrow_file.read_bytes(), [key]).decode()
    except (pyrage.DecryptError, pyrage.IdentityError, FileNotFoundError) as error:
        raise DamagedArchive(f"{escrow_file.name} cannot be read with this escrow key: {error}") from error


def unlock_identity(key_path: Path, cipher: str) -> str:
    """The identity inside key.age. Raises WrongCipher, DamagedArchive."""
    locked = key_path.read_bytes()
    if len(locked) > MAX_KEY_BYTES or not locked.startswith(b"age-encryption.org/v1\n-> scrypt "):
        raise DamagedArchive(f"{key_path.name} is not a key file")
    try:
        return pyrage.passphrase.decrypt(locked, join_cipher(cipher)).decode().strip()
    except pyrage.DecryptError as error:
        if "decryption failed" in str(error).lower():
            raise WrongCipher("the cipher does not fit this archive") from error
        raise DamagedArchive(f"{key_path.name} is damaged: {error}") from error


def join_cipher(cipher: str) -> str:
    """A cipher as people write it (groups, spaces, dashes) → the passphrase: its digits."""
    return "".join(letter for letter in cipher if not letter.isspace() and letter not in "-–—·.")


def hash_file(path: Path) -> str:
    """SHA-256 of a file, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Replacement:
    """A file under a temporary name that takes its real name only when its block ends without an error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}")

    def __enter__(self) -> Path:
        return self.partial

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            os.replace(self.partial, self.path)
        else:
            self.partial.unlink(missing_ok=True)


class DigestedFile:
    """A file being written: knows its length and SHA-256, and is on the disk when its block ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self._file: BinaryIO
        self.bytes = 0

    def __enter__(self) -> DigestedFile:
        self._file = self._path.open("wb")
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        with self._file:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())

    @property
    def sha256(self) -> str:
        """Of everything written so far."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        self._file.write(data)
        self._digest.update(data)
        self.bytes += len(data)


def _write_whole(path: Path, data: bytes) -> Path:
    with Replacement(path) as partial, DigestedFile(partial) as file:
        file.write(data)
    return path
