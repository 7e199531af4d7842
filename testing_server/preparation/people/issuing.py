"""Ordering a file of credentials: few accounts are made at once, many by the worker. Takes services and entries."""
from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from testing_server.foundation.access import Level
from testing_server.foundation.accounts.passwords import hash_password
from testing_server.foundation.locking import obtain_locking_key
from testing_server.foundation.services import Services
from testing_server.preparation.people.actions import list_portion, order_credentials, record_issued
from testing_server.preparation.people.jobs import issue_credentials
from testing_server.preparation.people.rules import AT_ONCE, Entry, propose_login
from testing_server.preparation.registry.queries import list_municipalities, list_schools
from testing_server.preparation.registry.rules import name_territory


def issue_now_or_later(offered: Services, kind: str, territory: str | None, entries: Iterable[Entry], by: str) -> str:
    """Id of the ordered file. Raises BadLogin, NothingToIssue."""
    key, now_ms, wanted = obtain_locking_key(offered.settings), offered.clock.now_ms(), list(entries)
    batch = offered.storage.write(lambda db: order_credentials(db, now_ms, key, kind, territory, wanted, by))
    if len(wanted) > AT_ONCE:
        offered.jobs.enqueue(issue_credentials, batch=batch)
        return batch
    with offered.storage.read() as session:
        portion = list_portion(session, key, batch)
    hashed = {one: hash_password(password) for one, password in portion}
    offered.storage.write(lambda db: record_issued(db, now_ms, batch, hashed))
    return batch


def list_municipal_entries(session: Session, territory: str | None) -> list[Entry]:
    """One coordinator for each municipality of the territory."""
    places = [(f"{region}/{municipality}", municipality)
              for region, municipality in list_municipalities(session, territory)]
    return [Entry(propose_login(place), Level.MUNICIPAL, place, name) for place, name in places]


def list_school_entries(session: Session, territory: str | None) -> list[Entry]:
    """One organizer for each open school of the territory."""
    return [Entry(f"org.{one.login}", Level.SCHOOL, name_territory(one), one.name, one.id)
            for one in list_schools(session, territory)]
