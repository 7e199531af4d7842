"""Which database faults mean which refusal. Takes an exception; gives a verdict on it.

`extended codes`: https://www.sqlite.org/rescode.html and PostgreSQL appendix A.
"""
import sqlite3
from enum import StrEnum

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.storage.refusals import Busy, StorageFull, StorageReadonly

FSYNC_CODES = {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}
READONLY_CODES = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
                  sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
POSTGRES_FULL = "53100"
POSTGRES_READONLY = {"25006", "58030"}


class Fault(StrEnum):
    """What a database error says about the disk under it."""

    ORDINARY = "ordinary"
    FULL = "full"
    READONLY = "readonly"
    FSYNC = "fsync"
    BUSY = "busy"


def judge_fault(error: BaseException) -> Fault:
    """ORDINARY means the action alone is to blame, everything else concerns all who wait.

    A full disk may end the transaction by itself; what is raised then is the rollback that found nothing, and the
    true reason stands before it in the chain.
    """
    following: BaseException | None = error
    while following is not None:
        fault = _judge_one(following)
        if fault is not Fault.ORDINARY:
            return fault
        following = following.__cause__ or following.__context__
    return Fault.ORDINARY


def _judge_one(error: BaseException) -> Fault:
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return _judge_postgres(state)
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return Fault.ORDINARY
    if code in FSYNC_CODES:
        return Fault.FSYNC
    primary = code & 0xFF
    if primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
        return Fault.FULL if primary == sqlite3.SQLITE_FULL else Fault.BUSY
    return Fault.READONLY if primary in READONLY_CODES else Fault.ORDINARY


def as_refusal(error: BaseException) -> BaseException:
    """The refusal people and programs understand, or the error itself when it is not about the disk."""
    refusals: dict[Fault, type[Refusal]] = {Fault.FULL: StorageFull, Fault.READONLY: StorageReadonly,
                                            Fault.FSYNC: StorageReadonly, Fault.BUSY: Busy}
    kind = refusals.get(judge_fault(error))
    return kind() if kind else error


def _judge_postgres(state: str) -> Fault:
    if state == POSTGRES_FULL:
        return Fault.FULL
    return Fault.READONLY if state in POSTGRES_READONLY else Fault.ORDINARY
