"""Carrying a chain to another machine: its very lines and digests, so that it goes on there unbroken."""
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.audit.records import AuditChainRecord, AuditRecord
from testing_server.foundation.audit.rules import digest_line

FIELDS = ("number", "at_ms", "actor", "verb", "subject", "content", "digest")


class ChainBroken(Exception):
    """The lines do not follow from one another: they were changed on the way."""


def export_chain(session: Session, chain: str) -> list[dict[str, Any]]:
    """Every line as it is kept, oldest first."""
    rows = session.scalars(select(AuditRecord).where(AuditRecord.chain == chain).order_by(AuditRecord.number))
    return [{name: getattr(row, name) for name in FIELDS} for row in rows]


def import_chain(session: Session, chain: str, lines: list[dict[str, Any]]) -> int:
    """Keep the lines that this database does not have; returns how many. Raises ChainBroken."""
    head = session.get(AuditChainRecord, chain)
    if head is None:
        head = AuditChainRecord(chain=chain, length=0, digest="")
        session.add(head)
    fresh = [line for line in lines if line["number"] > head.length]
    for line in fresh:
        if line["number"] != head.length + 1 or line["digest"] != digest_line(head.digest, line["content"]):
            raise ChainBroken(f"{chain}, line {line['number']}")
        session.add(AuditRecord(chain=chain, **{name: line[name] for name in FIELDS}))
        head.length, head.digest = line["number"], line["digest"]
    session.flush()
    return len(fresh)
