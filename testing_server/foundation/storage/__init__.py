"""The database: one door for writing, one for reading.

Takes a database URL. Gives `Base` for tables, `Storage.write(action)` and `Storage.read()`.
"""
from testing_server.foundation.storage.base import Base, Milliseconds
from testing_server.foundation.storage.refusals import Busy, StorageFull, StorageReadonly
from testing_server.foundation.storage.storage import Storage

__all__ = ["Base", "Busy", "Milliseconds", "Storage", "StorageFull", "StorageReadonly"]
