"""Telling the server before that it no longer leads: it may be alive, cut off from a part of the room.

Takes the services; shows this server's claims at the addresses that older claims name. Workstations it still serves
hear of the new server from its refusals.
"""
from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

import httpx
from sqlalchemy import select

from testing_server.contracts.claims import peek_claim
from testing_server.exam_day.recovery.records import ClaimRecord
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.sittings.claims import list_addresses
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE
from testing_server.foundation.services import Services

log = logging.getLogger(__name__)
PATIENCE_S = 4.0
Show = Callable[[str, str], None]


def tell_in_background(offered: Services) -> None:
    """One round; a dead address takes seconds and must hold nothing else up."""
    recovery = attach_recovery(offered)
    if recovery.has_recovered and not recovery.may_lead:
        authority = offered.settings.keys_folder / "authority.pem"
        offered.live.socketio.start_background_task(
            tell_predecessors, offered, lambda address, claim: show_claim(address, claim, authority))


def tell_predecessors(offered: Services, show: Show) -> int:
    """Show each older server the claim above its own, until it has taken it; returns how many took it now."""
    told = attach_recovery(offered).told
    due = [one for one in list_predecessors(offered) if one not in told]
    for address, claim in due:
        try:
            show(address, claim)
        except (httpx.HTTPError, OSError) as error:
            log.debug("the server before is not at %s: %s", address, error)
        else:
            told.add((address, claim))
    return sum(one in told for one in due)


def list_predecessors(offered: Services) -> Iterable[tuple[str, str]]:
    """(address, claim to show there) of every older claim of a sitting that is led here."""
    own = set(list_addresses(offered.settings))
    with offered.storage.read() as session:
        rows = session.execute(select(ClaimRecord.envelope, SittingRecord.claim).join(
            SittingRecord, SittingRecord.id == ClaimRecord.sitting).where(
                SittingRecord.state.in_(ACTIVE), ClaimRecord.generation < SittingRecord.generation)).all()
    return [(address, claim) for older, claim in rows for address in peek_claim(older.encode()).addresses
            if address not in own]


def show_claim(address: str, claim: str, authority: Path) -> None:
    """To a server of the same school, proven by TLS. Raises httpx.HTTPError."""
    context = ssl.create_default_context(cafile=str(authority))
    context.check_hostname = False
    with httpx.Client(verify=context, timeout=PATIENCE_S, trust_env=False) as client:
        client.post(f"{address}/v1/claims", json={"claim": claim}).raise_for_status()
