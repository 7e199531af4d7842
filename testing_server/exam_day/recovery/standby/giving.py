"""What a server hands over: pages of events in the order they came, and who has asked for them up to where.

Takes a session and a place; gives a page. A server that was fenced gives as one that leads does.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.handover import Handed
from testing_server.exam_day.recovery.queries import list_claims
from testing_server.exam_day.recovery.records import LedgerRecord
from testing_server.exam_day.recovery.standby.rules import Reached, read_place, write_place
from testing_server.exam_day.responses.records import EventConflictRecord, EventRecord
from testing_server.foundation.services import Services

NAME = "standbys"
PAGE_EVENTS = 500
PAGE_BYTES = 512 * 1024


@dataclass
class Standbys:
    """instance -> how far each standby has come; in memory: a standby asks every second."""

    reached: dict[str, Reached] = field(default_factory=dict)

    def note(self, instance: str, reached: Reached) -> None:
        self.reached[instance] = reached


def attach_standbys(offered: Services) -> Standbys:
    """Of these services, made at the first call."""
    found: Standbys = offered.vault.setdefault(NAME, Standbys())
    return found


def hand_over(session: Session, after: str) -> Handed:
    """The page that follows a place; a place beyond the end begins again from the first."""
    event, aside = read_place(after)
    last = session.scalar(select(func.max(EventRecord.row))) or 0
    event = event if event <= last else 0
    rows = _read_page(session, EventRecord, event)
    others = _read_page(session, EventConflictRecord, aside)
    event, aside = (rows[-1][0] if rows else event), (others[-1][0] if others else aside)
    behind = session.scalar(select(func.count()).select_from(EventRecord).where(EventRecord.row > event)) or 0
    ledgers = {sitting: [generation, version] for sitting, generation, version in session.execute(
        select(LedgerRecord.sitting, LedgerRecord.generation, LedgerRecord.version))}
    return Handed(next=write_place(event, aside), behind=behind, ledgers=ledgers, claims=list_claims(session),
                  events=[(at_ms, line) for _, at_ms, line in rows],
                  aside=[(at_ms, line) for _, at_ms, line in others])


def _read_page(session: Session, record: type[EventRecord] | type[EventConflictRecord],
               after: int) -> list[tuple[int, int, str]]:
    """(row, received_at_ms, line), at least one where there is one."""
    found: list[tuple[int, int, str]] = []
    size = 0
    for row, at_ms, line in session.execute(select(record.row, record.received_at_ms, record.line).where(
            record.row > after).order_by(record.row).limit(PAGE_EVENTS)):
        size += len(line)
        if found and size > PAGE_BYTES:
            break
        found.append((row, at_ms, line))
    return found
