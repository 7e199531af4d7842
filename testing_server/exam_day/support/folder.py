"""A classroom server's folder from outside its processes. Takes settings; gives its database, or says there is none."""
from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.settings import Settings
from testing_server.foundation.storage import Storage

Found = TypeVar("Found")


class NoServerHere(Refusal):
    code = "no_server_here"
    status = 404
    message = _("В этой папке нет сервера аудитории.")
    remedy = _("Назовите папку его данных: --data ПАПКА.")


def with_storage(settings: Settings, ask: Callable[[Storage], Found]) -> Found:
    """Ask the database once and close it. Raises NoServerHere."""
    if not settings.database_url and not (settings.data / f"{settings.role}.sqlite").exists():
        raise NoServerHere()
    storage = Storage(settings.storage_url)
    try:
        return ask(storage)
    finally:
        storage.close()
