"""Adding to the audit. Takes the session of the act itself; gives the number of the line."""
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from testing_server.foundation.audit.records import AuditChainRecord, AuditRecord
from testing_server.foundation.audit.rules import describe_line, digest_line


def append_audit(session: Session, at_ms: int, chain: str, actor: str, verb: str, subject: str,
                 details: dict[str, Any] | None = None) -> int:
    """One line in the transaction of the act it tells of; returns its number in the chain (from 1).

    `chain`: "sitting:<id>", "school:<id>" or "hub". `actor`: a login, "workstation:<id>" or "system".
    `verb`: past tense, as "extra_time_given". `details` is JSON and must hold neither names nor secrets.
    """
    head = _lock_chain(session, chain)
    number = head.length + 1
    content = describe_line(chain, number, at_ms, actor, verb, subject, details or {})
    digest = digest_line(head.digest, content)
    session.add(AuditRecord(chain=chain, number=number, at_ms=at_ms, actor=actor, verb=verb,
                            subject=subject, content=content, digest=digest))
    head.length, head.digest = number, digest
    session.flush()
    return number


def _lock_chain(session: Session, chain: str) -> AuditChainRecord:
    head = session.get(AuditChainRecord, chain, with_for_update=True)
    if head is None:
        # two writers may begin one chain at once: the second waits for the first and then finds its row
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(AuditChainRecord).values(chain=chain, length=0, digest="")
                        .on_conflict_do_nothing())
        head = session.get_one(AuditChainRecord, chain, with_for_update=True)
    return head
