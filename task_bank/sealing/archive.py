"""Sealing and opening of archives: a tar in `archive.age`, its key in `key.age` locked by the cipher.

`age -d -i key.age archive.age` opens the same pair. Recipients and signing come in as arguments.
"""
import hashlib
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyrage

from task_bank.sealing.age_scrypt import lock_with_passphrase
from task_bank.sealing.tar_stream import READ_SIZE, Entry, TarStream, list_folder

ARCHIVE, KEY = "archive.age", "key.age"
MAX_KEY_BYTES = 64 * 1024
MAX_FILES = 100_000
MAX_BYTES = 8 * 1024 ** 3
MAX_FILE_BYTES = 1024 ** 3
MAX_NAME_BYTES = 255


class WrongCipher(ValueError):
    """The cipher does not fit this archive; the archive itself is whole."""


class DamagedArchive(ValueError):
    """The archive or its key file is cut, changed, or holds what an archive must not hold."""


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
class OpenedArchive:
    """An opened archive: the folder it was unpacked into, and its files (paths inside, sorted)."""

    folder: Path
    names: tuple[str, ...]
    sha256: str


def seal_archive(
    source: Path | Iterable[Entry], cipher: str, out_dir: Path, recipients: Sequence[str] = ()
) -> SealedArchive:
    """Seal a folder or entries into out_dir/archive.age and out_dir/key.age, in constant memory.

    `cipher` is written with or without separators. `recipients` (age1…) may open the archive besides the
    cipher (escrow). Files appear under their names only when they are whole.
    """
    entries = list_folder(source) if isinstance(source, Path) else source
    out_dir.mkdir(parents=True, exist_ok=True)
    identity = pyrage.x25519.Identity.generate()
    readers = [identity.to_public(), *map(pyrage.x25519.Recipient.from_str, recipients)]
    with Replacement(out_dir / ARCHIVE) as partial:
        with partial.open("wb") as file:
            pyrage.encrypt_io(TarStream(entries), file, readers)
            file.flush()
            os.fsync(file.fileno())
    key_path = lock_identity(str(identity), cipher, out_dir)
    return _describe(out_dir / ARCHIVE, key_path, str(identity))


def lock_identity(identity: str, cipher: str, out_dir: Path) -> Path:
    """Write out_dir/key.age: the identity locked by a cipher. A new cipher needs only this file anew."""
    locked = lock_with_passphrase(identity.encode() + b"\n", join_cipher(cipher), secrets.token_bytes(48))
    with Replacement(out_dir / KEY) as partial:
        with partial.open("wb") as file:
            file.write(locked)
            file.flush()
            os.fsync(file.fileno())
    return out_dir / KEY


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


def open_archive(archive_path: Path, key_path: Path, cipher: str, into: Path) -> OpenedArchive:
    """Open an archive with its cipher and unpack it as the folder `into` (replaced when it exists).

    Nothing appears at `into` until everything has been decrypted and checked.
    Raises WrongCipher, DamagedArchive.
    """
    return open_with_identity(archive_path, unlock_identity(key_path, cipher), into)


def open_with_identity(archive_path: Path, identity: str, into: Path) -> OpenedArchive:
    """As open_archive, with the identity itself. Raises DamagedArchive."""
    into.parent.mkdir(parents=True, exist_ok=True)
    unpacked = into.with_name(f".{into.name}.{secrets.token_hex(6)}")
    plain = unpacked.with_suffix(".tar")
    try:
        _decrypt(archive_path, identity, plain)
        names = _unpack(plain, unpacked)
        if into.exists():
            shutil.rmtree(into)
        os.replace(unpacked, into)
    finally:
        plain.unlink(missing_ok=True)
        shutil.rmtree(unpacked, ignore_errors=True)
    return OpenedArchive(into, names, hash_file(archive_path))


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


def _describe(archive_path: Path, key_path: Path, identity: str) -> SealedArchive:
    size = archive_path.stat().st_size
    return SealedArchive(
        archive_path, key_path, hash_file(archive_path), size, hash_file(key_path), identity
    )


def _decrypt(archive_path: Path, identity: str, plain: Path) -> None:
    # decrypt_io writes before it finds a changed chunk, so the plain file is used only after it returns.
    try:
        key = pyrage.x25519.Identity.from_str(identity)
        with archive_path.open("rb") as sealed, plain.open("wb") as out:
            pyrage.decrypt_io(sealed, out, [key])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # a full or failing disk of ours, not a fault of the archive
        raise DamagedArchive(f"{archive_path.name} is damaged: {error}") from error


def _unpack(plain: Path, into: Path) -> tuple[str, ...]:
    try:
        with tarfile.open(plain, "r:") as archive:
            members = archive.getmembers()
            _check_members(members)
            for member in members:
                _unpack_member(archive, member, into)
    except tarfile.TarError as error:
        raise DamagedArchive(f"the contents are not a tar: {error}") from error
    return tuple(sorted(member.name for member in members))


def _check_members(members: list[tarfile.TarInfo]) -> None:
    if len(members) > MAX_FILES or sum(member.size for member in members) > MAX_BYTES:
        raise DamagedArchive("the archive is larger than an archive may be")
    for member in members:
        parts = Path(member.name).parts
        if any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
            raise DamagedArchive("a name in the archive is longer than a name may be")
        if not member.isfile() or member.name.startswith("/") or ".." in parts or "\\" in member.name:
            raise DamagedArchive(f"{member.name!r} is not a plain file inside the archive")
        if member.size > MAX_FILE_BYTES:
            raise DamagedArchive(f"{member.name!r} is larger than a file may be")
    if len({member.name for member in members}) != len(members):
        raise DamagedArchive("a name occurs twice in the archive")


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    target = into / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    assert source is not None
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, READ_SIZE)
