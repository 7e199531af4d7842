"""Lines of the audit that another server wrote and that cannot be joined to the chain that went on here.

Takes a session and lines as `export_chain` gives them. Leaves each that is missing whole inside a line of the chain
that is here, to be checked against the one it followed.
"""
from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from testing_server.exam_day.sittings.actions import chain_of
from testing_server.foundation.audit import Act, append_acts, export_chain

BY = "recovery"
LATE_LINE = "late_line_added"


def add_late_lines(session: Session, now_ms: int, sitting: str, lines: list[dict[str, Any]]) -> int:
    """Those that are not here yet; returns how many."""
    chain = chain_of(sitting)
    known = list_digests(session, chain)
    late = [line for line in lines if line["digest"] not in known]
    append_acts(session, now_ms, [Act(chain, BY, LATE_LINE, sitting, {
        name: line[name] for name in ("number", "content", "digest")}) for line in late])
    return len(late)


def list_digests(session: Session, chain: str) -> set[str]:
    """Of every line that is here, in its place or inside a later one, however many servers it went through."""
    found: set[str] = set()
    for line in export_chain(session, chain):
        content, digest = line["content"], line["digest"]
        found.add(digest)
        while inner := _look_inside(content):
            content, digest = inner
            found.add(digest)
    return found


def _look_inside(content: str) -> tuple[str, str] | None:
    """(content, digest) of the line that a late line holds."""
    told = json.loads(content)
    return (told["details"]["content"], told["details"]["digest"]) if told["verb"] == LATE_LINE else None
