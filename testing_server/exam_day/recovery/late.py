"""A newer ledger of the old server, handed in after another one took over: what is not known here yet is added.

Takes the services and an opened ledger. Leaves its facts merged with those that are here, the lines of its audit whole
inside lines of the audit that went on, and an incident that says so: seats may not have heard of late orders.
"""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.contracts.directives import DirectiveKind
from testing_server.contracts.events import EventKind, read_event
from testing_server.contracts.ledgers import LedgerHeader
from testing_server.exam_day.recovery.bases import keep_base, read_base
from testing_server.exam_day.recovery.facts import AUDIT
from testing_server.exam_day.recovery.late_lines import BY, add_late_lines
from testing_server.exam_day.recovery.lineage import LATE_LEDGER, describe_place, is_missing
from testing_server.exam_day.recovery.merging import merge_facts
from testing_server.exam_day.recovery.rules import tell_age
from testing_server.exam_day.recovery.sealing import Facts, OpenedLedger
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.sittings.actions import chain_of, record_incident
from testing_server.exam_day.sittings.directives import confirm_directive
from testing_server.exam_day.sittings.records import AttemptRecord, DirectiveRecord, SittingRecord
from testing_server.foundation.audit import append_audit
from testing_server.foundation.services import Services

INCIDENT = "Внесено то, что прежний сервер записал последним, {age} назад. {orders}"
ORDERS_HEARD = "Все его распоряжения места подтвердили."
ORDERS_UNHEARD = ("Места не подтвердили его распоряжений: {count}. Проверьте эти места и, если нужно, распорядитесь "
                  "снова.")


def add_late_ledger(offered: Services, opened: OpenedLedger) -> bool:
    """Whether it was news. Raises KeyLocked."""
    here, header = attach_room(offered), opened.header
    base, now_ms = read_base(offered.settings.data, header, here.keys.key()), here.clock.now_ms()
    is_news: bool = offered.storage.write(lambda session: _add(session, now_ms, opened, base))
    if is_news:
        keep_base(offered.settings.data, header.sitting, opened.envelope)
        attach_recovery(offered).note_late(header.sitting, header.place)
    return is_news


def _add(session: Session, now_ms: int, opened: OpenedLedger, base: Facts | None) -> bool:
    header = opened.header
    if not is_missing(session, header.sitting, header.place):
        return False
    sitting, before = session.get_one(SittingRecord, header.sitting), _list_unheard(session, header)
    changed = merge_facts(session, opened.facts, base)
    lines = add_late_lines(session, now_ms, sitting.id, opened.facts.get(AUDIT, []))
    append_audit(session, now_ms, chain_of(sitting.id), BY, LATE_LEDGER, sitting.id,
                 {**describe_place(header.place), "lines": lines, "rows": changed})
    _confirm_applied(session, header)
    if changed or lines:
        _tell(session, now_ms, sitting, header, len(_list_unheard(session, header) - before))
    sitting.version += 1
    return True


def _tell(session: Session, now_ms: int, sitting: SittingRecord, header: LedgerHeader, unheard: int) -> None:
    age = tell_age(header.made_at_ms, now_ms)
    orders = ORDERS_UNHEARD.format(count=unheard) if unheard else ORDERS_HEARD
    record_incident(session, now_ms, sitting, None, "late_facts", INCIDENT.format(age=age, orders=orders), BY)


def _list_unheard(session: Session, header: LedgerHeader) -> set[tuple[str, int]]:
    """(attempt, number) of this server's orders that no seat has confirmed."""
    rows = session.execute(select(DirectiveRecord.attempt, DirectiveRecord.number).join(
        AttemptRecord, AttemptRecord.id == DirectiveRecord.attempt).where(
            AttemptRecord.sitting == header.sitting, DirectiveRecord.generation == header.generation,
            DirectiveRecord.kind != DirectiveKind.MESSAGE, DirectiveRecord.applied_at_ms.is_(None)))
    return {(attempt, number) for attempt, number in rows}


def _confirm_applied(session: Session, header: LedgerHeader) -> None:
    """Seats may have told that they did what was ordered before anybody here knew of the order."""
    waiting = {attempt for attempt, _number in _list_unheard(session, header)}
    for line in list(session.scalars(select(EventRecord.line).where(
            EventRecord.attempt.in_(waiting), EventRecord.kind == EventKind.DIRECTIVE_APPLIED))):
        told = read_event(line.encode())
        confirm_directive(session, told.attempt, told.body["generation"], told.body["number"], told.at_ms)
