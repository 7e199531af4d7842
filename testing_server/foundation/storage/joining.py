"""Joining tables of forty thousand rows where statistics may not know them yet. Takes the session of one reading."""
from sqlalchemy import text
from sqlalchemy.orm import Session


def join_by_hash(session: Session) -> None:
    """PostgreSQL, until the transaction ends, joins whole tables by hashing or sorting them.

    Of a campaign that began after it last looked at a table it expects a single row, and would compare each of forty
    thousand schools with every other one: minutes in place of 0.05 s.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_nestloop = off"))
