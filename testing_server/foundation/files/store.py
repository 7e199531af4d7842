"""A store of files by digest, in a folder.

Takes uploads piece by piece; gives files by the SHA-256 of their content.
Layout: `uploads/<id>` while receiving, `blobs/<first two>/<sha256>` when committed. It does not clean up
uploads that were left: whoever created them deletes them.
"""
import hashlib
import os
import re
import shutil
import uuid
from pathlib import Path
from typing import BinaryIO, Protocol

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

DIGEST = re.compile(r"[0-9a-f]{64}")
UPLOAD = re.compile(r"[0-9a-f]{32}")
PIECE = 1024 * 1024


class UploadMissing(Refusal):
    code = "upload_missing"
    status = 404
    message = _("Такой начатой отправки нет.")
    remedy = _("Начните отправку файла заново.")


class FileMissing(Refusal):
    code = "file_missing"
    status = 404
    message = _("Файла с таким содержимым на сервере нет.")


class WrongOffset(Refusal):
    code = "wrong_offset"
    status = 409
    message = _("Кусок файла пришёл не по порядку.")
    remedy = _("Спросите, сколько уже принято, и продолжите с этого места.")


class DigestDiffers(Refusal):
    code = "digest_mismatch"
    status = 422
    message = _("Принятый файл отличается от отправленного: контрольная сумма не сошлась.")
    remedy = _("Отправьте файл заново.")


class FileStore(Protocol):
    """Create → append → commit; the address of the result is its checksum."""

    def create(self) -> str:
        """An upload id."""

    def append(self, upload: str, data: bytes, offset: int | None = None) -> int:
        """The length after the piece. `offset` must be the present length, else WrongOffset."""

    def length(self, upload: str) -> int:
        """Bytes received so far, or UploadMissing."""

    def discard(self, upload: str) -> None:
        """Forgets an unfinished upload; a missing one is no error."""

    def commit(self, upload: str, sha256: str | None = None) -> str:
        """The digest, once the content is durable. DigestDiffers leaves the upload where it is."""

    def add(self, data: bytes) -> str:
        """Small content in one step; returns its digest."""

    def adopt(self, path: Path, sha256: str | None = None) -> str:
        """A file of this machine, which stays where it is; returns its digest once durable. Raises DigestDiffers."""

    def path(self, sha256: str) -> Path:
        """A file of this machine with the content, for reading; FileMissing when the text is no digest."""

    def open(self, sha256: str) -> BinaryIO:
        """For reading, or FileMissing."""

    def has(self, sha256: str) -> bool:
        """Whether the content is here."""

    def delete(self, sha256: str) -> None:
        """Forgets the content; missing content is no error."""


class FolderStore:
    """The default store: one folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._uploads = root / "uploads"
        self._blobs = root / "blobs"
        self._uploads.mkdir(parents=True, exist_ok=True)
        self._blobs.mkdir(parents=True, exist_ok=True)

    def create(self) -> str:
        upload = uuid.uuid4().hex
        (self._uploads / upload).touch(exist_ok=False)
        return upload

    def append(self, upload: str, data: bytes, offset: int | None = None) -> int:
        length = self.length(upload)
        if offset is not None and offset != length:
            raise WrongOffset(details={"length": length})
        with open(self.upload_path(upload), "ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return length + len(data)

    def length(self, upload: str) -> int:
        try:
            return self.upload_path(upload).stat().st_size
        except FileNotFoundError:
            raise UploadMissing() from None

    def discard(self, upload: str) -> None:
        self.upload_path(upload).unlink(missing_ok=True)

    def commit(self, upload: str, sha256: str | None = None) -> str:
        self.length(upload)
        source = self.upload_path(upload)
        digest = digest_file(source)
        if sha256 is not None and sha256 != digest:
            raise DigestDiffers(details={"expected": sha256, "received": digest})
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        make_durable(source)
        os.replace(source, target)
        make_durable(target.parent)
        return digest

    def add(self, data: bytes) -> str:
        upload = self.create()
        self.append(upload, data)
        return self.commit(upload)

    def adopt(self, path: Path, sha256: str | None = None) -> str:
        digest = digest_file(path)
        if sha256 is not None and sha256 != digest:
            raise DigestDiffers(details={"expected": sha256, "received": digest})
        target = self.path(digest)
        if not target.exists():
            self._place(path, target)
        return digest

    def _place(self, source: Path, target: Path) -> None:
        draft = self._uploads / uuid.uuid4().hex
        try:
            # one file under two names where the disk can do that; nobody changes either
            os.link(source, draft)
        except OSError:
            shutil.copyfile(source, draft)
        make_durable(draft)
        target.parent.mkdir(exist_ok=True)
        os.replace(draft, target)
        make_durable(target.parent)

    def open(self, sha256: str) -> BinaryIO:
        try:
            return open(self.path(sha256), "rb")
        except FileNotFoundError:
            raise FileMissing(details={"sha256": sha256}) from None

    def path(self, sha256: str) -> Path:
        """Where the content lies or would lie; FileMissing when the text is no digest."""
        if not DIGEST.fullmatch(sha256):
            raise FileMissing(details={"sha256": sha256[:80]})
        return self._blobs / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        return bool(DIGEST.fullmatch(sha256)) and self.path(sha256).exists()

    def delete(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def is_digest(self, text: str) -> bool:
        """Whether a content can have this address."""
        return bool(DIGEST.fullmatch(text))

    def list_paths(self) -> list[Path]:
        """All contents that lie here."""
        return [path for path in self._blobs.glob("*/*") if path.is_file()]

    def upload_path(self, upload: str) -> Path:
        """Where an upload is received. Raises UploadMissing when the text is no upload id."""
        # an id comes from outside: anything but our own form could leave the folder
        if not UPLOAD.fullmatch(upload):
            raise UploadMissing()
        return self._uploads / upload


def digest_file(path: Path) -> str:
    """SHA-256 of a file, lower-case hex, in constant memory."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def make_durable(path: Path) -> None:
    """fsync of a file or of a folder's list of names."""
    if os.name == "nt" and path.is_dir():
        # Windows cannot open a folder for this; NTFS journals names itself
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
