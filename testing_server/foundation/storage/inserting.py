"""INSERT with ON CONFLICT, which each database spells in a module of its own. Takes a session; gives the function."""
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy.orm import Session


class Insert(Protocol):
    """`insert(table)` as of sqlalchemy.dialects.sqlite and of sqlalchemy.dialects.postgresql."""

    def __call__(self, table: Any, /) -> Any: ...


def choose_insert(session: Session) -> Insert:
    """The one of the database the session speaks to; the other's module is not imported: it is two megabytes."""
    dialect = session.get_bind().dialect.name
    found: Insert = import_module(f"sqlalchemy.dialects.{dialect}").insert
    return found
