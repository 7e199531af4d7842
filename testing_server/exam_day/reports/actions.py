"""Organizers' remarks to a paper. Takes a session and a text; leaves an audit line, which is where remarks are kept."""
from __future__ import annotations

from sqlalchemy.orm import Session

from testing_server.exam_day.reports.queries import REMARKS_WRITTEN
from testing_server.exam_day.sittings.actions import chain_of, find_sitting
from testing_server.exam_day.sittings.commands import check_leads
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import NotFound

DOCUMENTS = ("protocol", "incidents")
LONGEST_REMARKS = 3000


def write_remarks(session: Session, now_ms: int, sitting_id: str, document: str, text: str, by: str) -> None:
    """The newest remarks of a paper count; an empty text takes them away. Raises NotFound, Fenced."""
    if document not in DOCUMENTS:
        raise NotFound()
    sitting = find_sitting(session, sitting_id)
    check_leads(sitting)
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    append_audit(session, now_ms, chain_of(sitting.id), by, REMARKS_WRITTEN, sitting.id,
                 {"document": document, "text": "\n".join(lines)[:LONGEST_REMARKS]})
    sitting.version += 1
