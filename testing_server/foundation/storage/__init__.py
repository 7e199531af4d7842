"""The database: one door for writing, one for reading.

Takes a database URL. Gives `Base` for tables, `Storage.write(action)` and `Storage.read()`.
"""
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from testing_server.foundation.storage.base import Base, Milliseconds
    from testing_server.foundation.storage.refusals import Busy, StorageFull, StorageReadonly
    from testing_server.foundation.storage.storage import Storage

__all__ = ["Base", "Busy", "Milliseconds", "Storage", "StorageFull", "StorageReadonly"]
PLACES = {"Base": "base", "Milliseconds": "base", "Storage": "storage"}


def __getattr__(name: str) -> Any:
    """Imported when first asked for: a process that only shares commits of its own needs no SQLAlchemy."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{PLACES.get(name, 'refusals')}"), name)
