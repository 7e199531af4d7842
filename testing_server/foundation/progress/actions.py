"""Posting progress. Takes a session; keeps the newest word for each school and step."""
from sqlalchemy.orm import Session

from testing_server.foundation.progress.records import ProgressRecord


def post_progress(session: Session, school: str, step: str, state: str, at_ms: int) -> None:
    """`state`: waiting, ready, running, attention, stopped, offline. An older word never replaces a newer."""
    row = session.get(ProgressRecord, (school, step))
    if row is None:
        session.add(ProgressRecord(school=school, step=step, state=state, at_ms=at_ms))
    elif at_ms >= row.at_ms:
        row.state, row.at_ms = state, at_ms
    session.flush()
