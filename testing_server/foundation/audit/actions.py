"""Adding to the audit. Takes the session of the act itself; gives the number of the line."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.audit.records import AuditChainRecord, AuditRecord
from testing_server.foundation.audit.rules import describe_line, digest_line
from testing_server.foundation.storage.inserting import choose_insert


@dataclass(frozen=True)
class Act:
    """What a line tells; see append_audit for each."""

    chain: str
    actor: str
    verb: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)


def append_audit(session: Session, at_ms: int, chain: str, actor: str, verb: str, subject: str,
                 details: dict[str, Any] | None = None) -> int:
    """One line in the transaction of the act it tells of; returns its number in the chain (from 1).

    `chain`: "sitting:<id>", "school:<id>" or "hub". `actor`: a login, "workstation:<id>" or "system".
    `verb`: past tense, as "extra_time_given". `details` is JSON and must hold neither names nor secrets.
    """
    return append_acts(session, at_ms, [Act(chain, actor, verb, subject, details or {})])[0]


def append_acts(session: Session, at_ms: int, acts: Sequence[Act]) -> list[int]:
    """The same for many acts with a few statements; chains are locked in the order of their names."""
    heads = _lock_chains(session, sorted({act.chain for act in acts}))
    numbers = [_append(session, at_ms, heads[act.chain], act) for act in acts]
    session.flush()
    return numbers


def _append(session: Session, at_ms: int, head: AuditChainRecord, act: Act) -> int:
    number = head.length + 1
    content = describe_line(act.chain, number, at_ms, act.actor, act.verb, act.subject, act.details)
    digest = digest_line(head.digest, content)
    session.add(AuditRecord(chain=act.chain, number=number, at_ms=at_ms, actor=act.actor, verb=act.verb,
                            subject=act.subject, content=content, digest=digest))
    head.length, head.digest = number, digest
    return number


def _lock_chains(session: Session, chains: Sequence[str]) -> dict[str, AuditChainRecord]:
    heads = _read_heads(session, chains)
    if fresh := [chain for chain in chains if chain not in heads]:
        # two writers may begin one chain at once: the second waits for the first and then finds its row
        insert = choose_insert(session)
        session.execute(insert(AuditChainRecord).on_conflict_do_nothing(),
                        [{"chain": chain, "length": 0, "digest": ""} for chain in fresh])
        heads |= _read_heads(session, fresh)
    return heads


def _read_heads(session: Session, chains: Sequence[str]) -> dict[str, AuditChainRecord]:
    # what another transaction wrote meanwhile must be seen, also where this session has read the row before
    found = session.scalars(select(AuditChainRecord).where(AuditChainRecord.chain.in_(chains)).order_by(
        AuditChainRecord.chain).with_for_update().execution_options(populate_existing=True))
    return {head.chain: head for head in found}
