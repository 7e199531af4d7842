"""Before and at the hour: are the keepers there, and open each slot when it is due. Takes services; gives alarms.

Where the hub holds its slots' keys itself there is nothing to watch.
"""
from __future__ import annotations

import logging
from dataclasses import dataclass

import gevent
from flask import Flask

from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import EXTENSION, Services
from testing_server.preparation.holders.asking import KeeperState, ask_state
from testing_server.preparation.holders.keeping import MOST_DIFFERENCE_MS
from testing_server.preparation.holders.trust import read_trusted_roll
from testing_server.preparation.release.joining import unlock_slot
from testing_server.preparation.release.queries import list_hours
from testing_server.preparation.release.slots import read_held_slot, read_opened

log = logging.getLogger(__name__)
MINUTE_MS = 60_000
ALARM_FROM_MS, STILL_DUE_MS = 60 * MINUTE_MS, 24 * 60 * MINUTE_MS
ROUND_S = 10
VAULT_NAME = "keepers_told"


@dataclass(frozen=True)
class Watch:
    """`keepers`: each as it is now; `next_ms`: the next hour within sixty minutes, None where there is none; `stuck`:
    slots whose hour has come and whose key nobody has yet."""

    keepers: tuple[KeeperState, ...] = ()
    next_ms: int | None = None
    stuck: tuple[str, ...] = ()

    @property
    def silent(self) -> tuple[KeeperState, ...]:
        """Keepers that would give nothing."""
        return tuple(one for one in self.keepers if not one.is_well)

    @property
    def is_alarm(self) -> bool:
        """A person must act: an hour is near or passed, and a keeper is away."""
        return bool(self.stuck) or (self.next_ms is not None and bool(self.silent))


def look_at_keepers(offered: Services) -> Watch:
    """Asks every keeper now: a few seconds where one is silent."""
    roll = read_trusted_roll(offered.settings)
    if roll is None:
        return Watch()
    now_ms = offered.clock.now_ms()
    states = tuple(ask_state(one, now_ms, MOST_DIFFERENCE_MS) for one in roll.keepers)
    with offered.storage.read() as session:
        hours = list_hours(session, now_ms - STILL_DUE_MS, now_ms + ALARM_FROM_MS)
    ahead = [hour for _slot, hour in hours if hour > now_ms]
    stuck = tuple(slot for slot, hour in hours if hour <= now_ms and is_shut(offered, slot))
    return Watch(states, min(ahead, default=None), stuck)


def is_shut(offered: Services, slot: str) -> bool:
    """Whether a slot's key lies with holders and nobody has opened it yet."""
    folder = offered.settings.data / "slots"
    try:
        held = read_held_slot(folder, slot)
    except Refusal:
        return True
    return held is not None and read_opened(folder, slot) is None


def run_round(offered: Services) -> Watch:
    """Looks, tells the audit what changed of an alarm, opens what is due."""
    watch = look_at_keepers(offered)
    for slot in watch.stuck:
        try:
            held = read_held_slot(offered.settings.data / "slots", slot)
            if held is not None:
                unlock_slot(offered, held)
        except Refusal as refusal:
            log.warning("slot %s is not open yet: %s %s", slot, refusal.code, refusal.details)
    tell_alarm(offered, watch)
    return watch


def tell_alarm(offered: Services, watch: Watch) -> None:
    """One audit line when keepers fall silent before an hour, one when they are back."""
    silent = {one.name: one.code for one in watch.silent} if watch.is_alarm else {}
    if silent == offered.vault.get(VAULT_NAME, {}):
        return
    offered.vault[VAULT_NAME] = silent
    verb, now_ms = "keepers_silent" if silent else "keepers_back", offered.clock.now_ms()
    log.error("keepers before the hour: %s %s", verb, silent)
    offered.storage.write(lambda session: append_audit(session, now_ms, "hub", "system", verb, "keepers", silent))


def start_watching(app: Flask) -> None:
    """In the core of a hub that uses holders, beside the requests; one bad round never ends the next."""
    offered: Services = app.extensions[EXTENSION]
    if read_trusted_roll(offered.settings) is None:
        return

    def go_on() -> None:
        while True:
            try:
                with app.app_context():
                    run_round(offered)
            except Exception:
                log.exception("watching the keepers failed")
            gevent.sleep(ROUND_S)
    gevent.spawn(go_on)
