"""Where this role keeps its files: a folder, or a bucket where settings name one. Takes settings; gives the stores.

The client of S3 is imported where it is used: a classroom has none.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from testing_server.foundation.files.pieces import BucketPieces, FolderPieces, Pieces
from testing_server.foundation.files.store import FileStore, FolderStore
from testing_server.foundation.settings import Settings

if TYPE_CHECKING:
    from testing_server.foundation.files.bucket import Bucket


def make_files(settings: Settings) -> FileStore:
    """Files by digest. Raises BadSetting."""
    folder = settings.data / "files"
    if not settings.files_url:
        return FolderStore(folder)
    from testing_server.foundation.files.remote import BucketStore
    return BucketStore(open_bucket(settings), folder)


def make_pieces(settings: Settings) -> Pieces:
    """Bytes of uploads under way. Raises BadSetting."""
    return BucketPieces(open_bucket(settings)) if settings.files_url else FolderPieces(settings.data / "uploads")


def prepare_files(settings: Settings) -> None:
    """The store is there and answers, before anything is promised. Raises BadSetting, StoreAway."""
    if settings.files_url:
        open_bucket(settings).ensure()


def open_bucket(settings: Settings) -> Bucket:
    """The bucket of files_url. Raises BadSetting."""
    from testing_server.foundation.files.bucket import Bucket, read_address
    return Bucket(read_address(settings.files_url))
