"""Holders for tests: two keepers that answer over real HTTP by the test's own clock, three coordinators with keys.

Takes a folder and a clock. Gives `Band`; a hub made with it trusts these five and nobody else.
"""
from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from waitress.server import create_server

from testing_server.foundation.clock import Clock
from testing_server.preparation.holders.keeper_app import make_keeper_app
from testing_server.preparation.holders.keeping import Keeper
from testing_server.preparation.holders.roll import (
    KEY, ROLL, Holder, HolderKey, Roll, make_holder, read_key, write_roll)
from testing_server.preparation.hub_keys import make_hub_keys
from tests.testing_server.preparation.make_hub import Hub, make_hub

COORDINATORS = ("anna", "boris", "vera")


@dataclass
class KeeperHere:
    """A keeper in a thread. `is_synchronised` may be turned off; `stop` makes it silent."""

    folder: Path
    clock: Clock
    is_synchronised: bool = True
    is_stopped: bool = False
    keeper: Keeper = field(init=False)
    server: Any = field(init=False)

    def open(self) -> str:
        """Takes a port; gives the address. It answers after `begin`."""
        self.server = create_server(self.answer, host="127.0.0.1", port=0, threads=2)
        return f"http://127.0.0.1:{self.server.effective_port}"

    def begin(self) -> None:
        self.keeper = Keeper(self.folder, self.clock, lambda now_ms: self.is_synchronised)
        self.app = make_keeper_app(self.keeper)
        threading.Thread(target=self.server.run, daemon=True).start()

    def answer(self, environ: Any, start_response: Any) -> Any:
        if self.is_stopped:
            start_response("503 Service Unavailable", [])
            return []
        return self.app(environ, start_response)

    def stop(self) -> None:
        # the listening socket lives until the other thread wakes: who comes meanwhile hears nothing either
        self.is_stopped = True
        self.server.close()
        self.server.task_dispatcher.shutdown()


@dataclass
class Band:
    """Everybody who holds halves."""

    folder: Path
    keepers: dict[str, KeeperHere]
    roll: Roll

    def key(self, name: str) -> HolderKey:
        return read_key(self.folder / name / KEY)

    def stop(self) -> None:
        for one in self.keepers.values():
            one.stop()


def make_band(folder: Path, clock: Clock, hub_root: str) -> Band:
    """Two keepers listening, three coordinators, one roll for all of them."""
    keepers = {name: KeeperHere(folder / name, clock) for name in ("keeper-a", "keeper-b")}
    cards: list[Holder] = [make_holder(folder / name, name, "keeper", one.open()) for name, one in keepers.items()]
    cards += [make_holder(folder / name, name, "coordinator") for name in COORDINATORS]
    roll = Roll(hub_root, tuple(cards))
    for name, one in keepers.items():
        write_roll(folder / name / ROLL, roll)
        one.begin()
    return Band(folder, keepers, roll)


def make_held_hub(folder: Path, clock: Any, make: Callable[[Path, Clock, str], Band] = make_band) -> tuple[Hub, Band]:
    """A hub whose slots' keys lie with a band."""
    keys = folder / "hub" / "keys"
    band = make(folder / "band", clock, make_hub_keys(keys, clock.now_ms()).root_fingerprint)
    write_roll(keys / ROLL, band.roll)
    return make_hub(folder, clock, release_trust="holders"), band
