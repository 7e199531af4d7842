"""Directives: what the server tells a seat, as numbered facts. Takes a session; gives the directive."""
from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import Directive, DirectiveKind
from testing_server.exam_day.sittings.records import DirectiveRecord


def add_directive(session: Session, now_ms: int, attempt: str, generation: int, kind: str,
                  body: dict[str, Any]) -> Directive:
    """The next directive of the attempt in this generation."""
    last = session.scalar(select(func.max(DirectiveRecord.number)).where(
        DirectiveRecord.attempt == attempt, DirectiveRecord.generation == generation))
    directive = Directive(attempt=attempt, generation=generation, number=(last or 0) + 1, kind=kind, at_ms=now_ms,
                          body=body)
    session.add(DirectiveRecord(
        attempt=attempt, generation=generation, number=directive.number, kind=kind, at_ms=now_ms,
        text=msgspec.json.encode(directive).decode(), applied_at_ms=None))
    session.flush()
    return directive


def list_directives(session: Session, attempt: str, after: tuple[int, int] = (0, 0)) -> list[str]:
    """Texts in the order in which they are applied, those after (generation, number)."""
    rows = session.scalars(select(DirectiveRecord).where(DirectiveRecord.attempt == attempt).order_by(
        DirectiveRecord.generation, DirectiveRecord.number))
    return [row.text for row in rows if (row.generation, row.number) > after]


def find_needs(session: Session, attempt: str) -> dict[str, Any]:
    """What the candidate was last given by a `needs` directive, {} where nothing was."""
    last = session.scalars(select(DirectiveRecord).where(
        DirectiveRecord.attempt == attempt, DirectiveRecord.kind == DirectiveKind.NEEDS).order_by(
        DirectiveRecord.generation.desc(), DirectiveRecord.number.desc()).limit(1)).first()
    return msgspec.json.decode(last.text, type=Directive).body if last else {}


def count_directives(session: Session, attempt: str) -> int:
    """The version that a hint carries: grows by one with each directive."""
    return session.scalar(select(func.count()).select_from(DirectiveRecord).where(
        DirectiveRecord.attempt == attempt)) or 0


def confirm_directive(session: Session, attempt: str, generation: int, number: int, at_ms: int) -> bool:
    """The kiosk has applied it; whether it is one that was given here."""
    row = session.get(DirectiveRecord, (attempt, generation, number))
    if row is not None and row.applied_at_ms is None:
        row.applied_at_ms = at_ms
    return row is not None


def adopt_directive(session: Session, directive: Directive) -> None:
    """One that the server before gave after its last ledger: the seat that applied it vouches for it."""
    session.add(DirectiveRecord(
        attempt=directive.attempt, generation=directive.generation, number=directive.number, kind=directive.kind,
        at_ms=directive.at_ms, text=msgspec.json.encode(directive).decode(), applied_at_ms=directive.at_ms))
    session.flush()


def read_after(text: str) -> tuple[int, int]:
    """"generation.number" of a query; (0, 0) for an empty or broken one: everything is told again."""
    generation, _, number = text.partition(".")
    return (int(generation), int(number)) if generation.isdecimal() and number.isdecimal() else (0, 0)
