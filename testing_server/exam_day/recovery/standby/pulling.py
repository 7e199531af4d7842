"""Keeping up with another server: one round takes everything it has and this one lacks.

Takes the services and how to dial; leaves events, sound, files and ledgers here, and in `Standby` how far behind this
server is. A server that stands by follows the one that leads; one that took over fetches what older ones still hold.
"""
from __future__ import annotations

import logging
from functools import lru_cache, partial

from sqlalchemy.orm import Session

from testing_server.contracts.handover import Handed
from testing_server.exam_day.recovery.fencing import read_claims
from testing_server.exam_day.recovery.lineage import is_missing
from testing_server.exam_day.recovery.records import LedgerRecord
from testing_server.exam_day.recovery.sealing import LedgerRefused, LedgerTooNew
from testing_server.exam_day.recovery.standby.keeping import (
    join_lines, keep_file, keep_part, read_lines, store_lines)
from testing_server.exam_day.recovery.standby.line import Dial, HttpWire, Leader, LineLost, LineRefused, Wire
from testing_server.exam_day.recovery.standby.state import Behind, Place, Standby, attach_standby
from testing_server.exam_day.recovery.state import Recovery, attach_recovery
from testing_server.exam_day.recovery.taking_over import RECENT_MS, reopen_ledgers, take_ledger
from testing_server.exam_day.responses.pieces import answer_file_path
from testing_server.exam_day.room import attach_room
from testing_server.exam_day.school.keyring import KeyLocked, NoSchoolKey
from testing_server.foundation.services import Services
from testing_server.foundation.settings import Settings
from testing_server.foundation.tokens import make_token

log = logging.getLogger(__name__)
TOKEN_LIFE_MS = 3_600_000
# Files of answers are listed whole: not every second.
FILES_EVERY = 5
EVERYWHERE = ("0.0.0.0", "::")
FAILURES = (LineLost, LineRefused, KeyLocked, NoSchoolKey, OSError)


def pull_in_background(offered: Services) -> None:
    """One round, unless one is still going on: catching up from nothing takes its time."""
    standby = attach_standby(offered)
    if not standby.is_busy and list_sources(offered):
        standby.is_busy = True
        standby.dial = standby.dial or make_dial(offered.settings)
        offered.live.socketio.start_background_task(pull_once, offered, standby.dial)


def pull_once(offered: Services, dial: Dial) -> None:
    """A round from the first source that answers; what stands in the way is kept as a word for the console."""
    standby, recovery = attach_standby(offered), attach_recovery(offered)
    try:
        for source in list_sources(offered):
            was_led_elsewhere = bool(standby.led_elsewhere)
            is_done = _try_source(offered, standby, source, dial)
            if is_done and recovery.is_standby and not standby.led_elsewhere:
                if was_led_elsewhere:
                    _follow(standby, source)
                break
    finally:
        standby.is_busy = False


def _follow(standby: Standby, source: str) -> None:
    """The server it stood by for has been replaced: from now on it stands by for that one, after a restart too."""
    log.info("standing by for %s instead of %s", source, standby.source)
    standby.source = source
    standby.keep()


def _try_source(offered: Services, standby: Standby, source: str, dial: Dial) -> bool:
    try:
        pull(offered, _find_leader(offered, standby, source, dial), dial(name_own_files(offered.settings)))
    except FAILURES as error:
        standby.leaders.pop(source, None)
        standby.trouble = getattr(error, "code", "storage_full")
        log.debug("nothing is handed over by %s: %s", source, error)
        return False
    standby.trouble, standby.heard_ms = "", offered.clock.monotonic_ms()
    standby.rounds += 1
    return True


def _find_leader(offered: Services, standby: Standby, source: str, dial: Dial) -> Leader:
    """The line of the rounds before, or a new one. Raises LineLost, LineRefused, KeyLocked."""
    found: Leader | None = standby.leaders.get(source)
    if found is None:
        here = attach_room(offered)
        found = Leader(source, dial, here.instance)
        found.open(here.keys.key().signing)
        standby.leaders[source] = found
    return found


def list_sources(offered: Services) -> list[str]:
    """Addresses worth asking. Standing by: as typed, then of the server that leads instead of that one, then as the
    ledgers' claims name; leading: older servers that have taken this one's claim."""
    standby, recovery = attach_standby(offered), attach_recovery(offered)
    if recovery.is_standby:
        named = [address for opened in recovery.ledgers.values() for address in opened.claim.addresses]
        return list(dict.fromkeys([standby.source, *standby.led_elsewhere, *named]))
    if recovery.has_recovered and not recovery.may_lead:
        return list(dict.fromkeys(address for address, _ in recovery.told))
    return []


def pull(offered: Services, leader: Leader, own: Wire) -> Behind:
    """Everything an opened line has and this server lacks. Raises LineLost, LineRefused, KeyLocked."""
    standby = attach_standby(offered)
    reopen_ledgers(offered)
    place = standby.find_place(leader.holder)
    token = make_token(offered.mac_key, "handover", "workstation", offered.clock.now_ms() + TOKEN_LIFE_MS)
    is_more = True
    while is_more:
        is_more = _pull_page(offered, leader, place)
        _pull_parts(standby, leader, own, token, place)
        standby.keep()
    if standby.rounds % FILES_EVERY == 0:
        standby.behind.files = _pull_files(offered, leader, own, token)
    return standby.behind


def _pull_page(offered: Services, leader: Leader, place: Place) -> bool:
    """The next events, with the ledgers that tell what they are about; whether there may be more."""
    page = leader.fetch_page(place.events, place.parts)
    _hear_claims(offered, leader, page)
    _take_ledgers(offered, leader, page)
    _keep_events(offered, page)
    place.events, attach_standby(offered).behind.events = page.next, page.behind
    return bool(page.events or page.aside)


def _hear_claims(offered: Services, leader: Leader, page: Handed) -> None:
    """A server that was replaced goes on handing over, and tells of the one that leads now."""
    recovery, here = attach_recovery(offered), attach_room(offered)
    if not recovery.is_standby:
        return
    claims = [claim for claim, _envelope in read_claims(page.claims, here.keys.public)]
    for claim in claims:
        recovery.generations[claim.sitting] = max(claim.generation, recovery.generations.get(claim.sitting, 0))
    since_ms = here.clock.now_ms() - RECENT_MS
    attach_standby(offered).led_elsewhere = [
        address for claim in claims if claim.instance != leader.holder and claim.claimed_at_ms > since_ms
        for address in claim.addresses]


def _keep_events(offered: Services, page: Handed) -> None:
    events, aside = read_lines(page.events), read_lines(page.aside)
    if not events and not aside:
        return
    if attach_recovery(offered).is_standby:
        offered.storage.write(lambda session: store_lines(session, events, aside))
    else:
        join_lines(offered.storage, attach_room(offered).clock.now_ms(), events)


def _pull_parts(standby: Standby, leader: Leader, own: Wire, token: str, place: Place) -> None:
    is_more = True
    while is_more:
        page, pieces = leader.fetch_parts(place.parts)
        for part, sound in zip(page.parts, pieces, strict=True):
            keep_part(own, token, part, sound)
        place.parts, standby.behind.bytes = page.next, page.behind_bytes
        is_more = bool(page.behind_bytes)


def _pull_files(offered: Services, leader: Leader, own: Wire, token: str) -> int:
    """How many are still missing afterwards."""
    missing = [one for one in leader.list_files()
               if not answer_file_path(offered.settings.data, one.attempt, one.sha256).exists()]
    left = len(missing)
    for one in missing:
        keep_file(own, token, one, leader.fetch_file(one))
        left -= 1
    return left


def _take_ledgers(offered: Services, leader: Leader, page: Handed) -> None:
    """Newer ones than are held; a ledger that does not open leaves the others."""
    recovery = attach_recovery(offered)
    for sitting, place in page.ledgers.items():
        if not _is_wanted(offered, sitting, (place[0], place[1])):
            continue
        envelope = leader.fetch_ledger(sitting)
        try:
            is_news = take_ledger(offered, envelope)
        except (LedgerRefused, LedgerTooNew) as refusal:
            log.warning("the ledger of sitting %s is not taken: %s", sitting, refusal.code)
            continue
        if is_news and recovery.is_standby:
            offered.storage.write(partial(_save_ledger, recovery=recovery, sitting=sitting, envelope=envelope))


def _is_wanted(offered: Services, sitting: str, place: tuple[int, int]) -> bool:
    """Standing by: newer than what is held. Leading: told by a server before, and not among these facts yet."""
    recovery = attach_recovery(offered)
    if recovery.is_standby:
        return place > recovery.held.get(sitting, (0, 0))
    with offered.storage.read() as session:
        return is_missing(session, sitting, place)


def _save_ledger(session: Session, recovery: Recovery, sitting: str, envelope: bytes) -> None:
    """A restart finds it again."""
    header = recovery.ledgers[sitting].header
    session.merge(LedgerRecord(sitting=sitting, generation=header.generation, version=header.version, digest="",
                               envelope=envelope, made_at_ms=header.made_at_ms))


def make_dial(settings: Settings) -> Dial:
    """Wires that trust the school's authority alone; one to each address."""
    authority = settings.keys_folder / "authority.pem"
    return lru_cache(maxsize=8)(lambda address: HttpWire(address, authority))


def name_own_files(settings: Settings) -> str:
    """The files process of this server."""
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    return f"{'https' if settings.tls else 'http'}://{host}:{settings.files_port}"
