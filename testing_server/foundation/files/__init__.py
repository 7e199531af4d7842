"""Files by their SHA-256: appended, committed, never replaced.

Takes bytes. Gives an address that is the checksum. A store has a two-step core: create, commit.
"""
from testing_server.foundation.files.store import (
    DigestDiffers, FileMissing, FileStore, FolderStore, UploadMissing, WrongOffset)

__all__ = ["DigestDiffers", "FileMissing", "FileStore", "FolderStore", "UploadMissing", "WrongOffset"]
