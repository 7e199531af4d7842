"""Reading packages and the balance. Takes a session; gives dataclasses."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.packages import Balance
from testing_server.contracts.statements import read_unverified
from testing_server.exam_day.packages.actions import list_unsettled, read_counted
from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.packages.rules import count_balance
from testing_server.exam_day.responses.answer_files import EXPECTED, list_answer_files
from testing_server.exam_day.sittings.actions import list_attempts


@dataclass(frozen=True)
class Package:
    """One package as the console shows it; `receipt`: what the hub signed, {} before."""

    id: str
    sitting: str
    sequence: int
    state: str
    bytes: int
    sent_bytes: int
    trouble: str
    made_at_ms: int | None
    receipted_at_ms: int | None
    receipt: dict[str, Any]
    receipt_codes: dict[str, str]


@dataclass(frozen=True)
class UnsettledRecording:
    """A recording that is not whole at this server."""

    attempt: str
    code: str
    lease: int
    number: int
    item: str
    bytes: int
    durable_bytes: int
    state: str


@dataclass(frozen=True)
class MissingFile:
    """A file given as an answer that is not whole at this server."""

    attempt: str
    code: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Closing:
    """All that the page of closing shows; `attempts`: missing ones by code."""

    balance: Balance
    attempts: dict[str, str]
    unsettled: list[UnsettledRecording]
    missing_files: list[MissingFile]


def read_closing(session: Session, sitting_id: str) -> Closing:
    """The balance as it stands now."""
    attempts = list_attempts(session, sitting_id)
    codes = {one.id: one.code for one in attempts}
    unsettled = [UnsettledRecording(one.attempt, codes[one.attempt], one.lease, one.number, one.item, one.bytes,
                                    one.durable_bytes, one.state) for one in list_unsettled(session, attempts)]
    missing = [MissingFile(one.attempt, codes[one.attempt], one.sha256, one.bytes)
               for one in list_answer_files(session, list(codes)) if one.state == EXPECTED]
    return Closing(count_balance(read_counted(attempts)), {one.code: one.id for one in attempts}, unsettled, missing)


def list_packages(session: Session, sitting_id: str | None = None) -> list[Package]:
    """Newest first; of one sitting where it is named."""
    query = select(PackageRecord).order_by(PackageRecord.asked_at_ms.desc(), PackageRecord.sequence.desc())
    if sitting_id is not None:
        query = query.where(PackageRecord.sitting == sitting_id)
    return [read_package(session, row) for row in session.scalars(query)]


def read_package(session: Session, row: PackageRecord) -> Package:
    """The record as a dataclass."""
    receipt = read_unverified(row.receipt.encode()).read() if row.receipt else {}
    codes = {one["code"]: one["receipt"] for one in msgspec.json.decode(row.manifest)["attempts"]} if (
        row.manifest) else {}
    return Package(row.id, row.sitting, row.sequence, row.state, row.bytes, row.sent_bytes, row.trouble,
                   row.made_at_ms, row.receipted_at_ms, receipt, codes)
