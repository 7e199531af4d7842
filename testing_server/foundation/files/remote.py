"""A store of files by digest in an S3 bucket: the same promises as the folder's.

Takes a bucket and a folder of this machine, where files are received and what was read last stays at hand (content
named by its digest cannot become stale). A file is committed when the bucket has it.
"""
import contextlib
import hashlib
import os
import uuid
from pathlib import Path
from typing import BinaryIO

from testing_server.foundation.files.bucket import Bucket
from testing_server.foundation.files.store import DigestDiffers, FileMissing, FolderStore, digest_file

KEPT_AT_HAND_BYTES = 4 * 1024 ** 3


class BucketStore:
    """Files by digest in a bucket, `blobs/<first two>/<sha256>`."""

    def __init__(self, bucket: Bucket, folder: Path, at_hand_bytes: int = KEPT_AT_HAND_BYTES) -> None:
        self._bucket, self._here, self._at_hand_bytes = bucket, FolderStore(folder), at_hand_bytes

    def create(self) -> str:
        return self._here.create()

    def append(self, upload: str, data: bytes, offset: int | None = None) -> int:
        return self._here.append(upload, data, offset)

    def length(self, upload: str) -> int:
        return self._here.length(upload)

    def discard(self, upload: str) -> None:
        self._here.discard(upload)

    def commit(self, upload: str, sha256: str | None = None) -> str:
        source = self._here.upload_path(upload)
        self.length(upload)
        digest = self._send(source, sha256)
        target = self._here.path(digest)
        target.parent.mkdir(exist_ok=True)
        os.replace(source, target)
        return digest

    def add(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self._bucket.put(name_blob(digest), data)
        return digest

    def adopt(self, path: Path, sha256: str | None = None) -> str:
        return self._send(path, sha256)

    def open(self, sha256: str) -> BinaryIO:
        return open(self.path(sha256), "rb")

    def path(self, sha256: str) -> Path:
        target = self._here.path(sha256)
        if target.exists():
            # what was read last goes last
            with contextlib.suppress(OSError):
                os.utime(target)
            return target
        self._make_room()
        target.parent.mkdir(exist_ok=True)
        draft = target.with_name(f"{sha256}.{uuid.uuid4().hex}")
        if not self._bucket.fetch(name_blob(sha256), draft):
            raise FileMissing(details={"sha256": sha256})
        os.replace(draft, target)
        return target

    def has(self, sha256: str) -> bool:
        # what lies at hand proves nothing: another machine may have deleted it from the bucket
        return self._here.is_digest(sha256) and self._bucket.has(name_blob(sha256))

    def delete(self, sha256: str) -> None:
        self._bucket.delete(name_blob(sha256))
        self._here.delete(sha256)

    def _send(self, source: Path, sha256: str | None) -> str:
        digest = digest_file(source)
        if sha256 is not None and sha256 != digest:
            raise DigestDiffers(details={"expected": sha256, "received": digest})
        if not self._bucket.has(name_blob(digest)):
            self._bucket.put_file(name_blob(digest), source)
        return digest

    def _make_room(self) -> None:
        """Forgets what was not read for longest; a file that is open stays readable."""
        found = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in self._here.list_paths()))
        excess = sum(size for _, size, _ in found) - self._at_hand_bytes
        for _, size, path in found:
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size


def name_blob(sha256: str) -> str:
    """The object that holds a content."""
    return f"blobs/{sha256[:2]}/{sha256}"
