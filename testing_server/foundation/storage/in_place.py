"""Writing to PostgreSQL from many processes at once, as if one after the other.

Takes an engine and an action. Actions are written for SQLite's one writer: here each runs SERIALIZABLE, and one that
met another's change is run again from its beginning. One that locks what it reads runs READ COMMITTED and waits
instead: of many who write all the time a long one would else always be the one to begin again.
"""
import random
import time
from collections.abc import Callable
from typing import Literal, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from testing_server.foundation.storage.faults import as_refusal
from testing_server.foundation.storage.refusals import Busy

T = TypeVar("T")
IsolationLevel = Literal["READ COMMITTED", "SERIALIZABLE"]
# appendix A of PostgreSQL: serialization_failure, deadlock_detected
MET_ANOTHER = frozenset({"40001", "40P01"})
# forty at once on a busy machine take seconds: what waits longer than a browser does is refused
PATIENCE_S = 15.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.002, 0.25


def write_in_place(engine: Engine, action: Callable[[Session], T], locks_rows: bool = False) -> T:
    """What the action returned, once it is durable. Raises what it raised, or the refusal for a fault of the disk."""
    number, end = 0, time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            return _run(engine, action, "READ COMMITTED" if locks_rows else "SERIALIZABLE")
        except Exception as error:
            if not met_another(error):
                refusal = as_refusal(error)
                if refusal is error:
                    raise
                raise refusal from error
        # somebody else was first; chance keeps two from meeting again and again
        time.sleep(random.uniform(0, min(FIRST_PAUSE_S * 2 ** min(number, 10), LONGEST_PAUSE_S)))
        number += 1
    raise Busy()


def met_another(error: BaseException) -> bool:
    """Whether a transaction was given up because another one changed what it had read."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in MET_ANOTHER


def _run(engine: Engine, action: Callable[[Session], T], isolation: IsolationLevel) -> T:
    with engine.connect().execution_options(isolation_level=isolation) as connection:
        with Session(connection, expire_on_commit=False) as session, session.begin():
            return action(session)
