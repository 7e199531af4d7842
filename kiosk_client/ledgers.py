"""Room ledgers this workstation keeps unread: files by sitting, generation and version, for the day a server dies.

Takes envelopes as they come from the server; gives the newest of each sitting to a server that recovers. Files, not the
journal: a hundred kilobytes must not stand between an answer and its fsync.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from testing_server.contracts.ledgers import KEPT_VERSIONS, MAX_LEDGER_BYTES, peek_ledger
from testing_server.contracts.refusals import ContractRefusal

NAME = re.compile(r"([0-9a-f-]{36})\.(\d+)\.(\d+)\.ledger")
# Of more sittings than a few days hold, the oldest go.
KEPT_SITTINGS = 12
# Nobody loses more servers than that in a day.
KEPT_GENERATIONS = 4

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptLedger:
    """One file."""

    path: Path
    sitting: str
    generation: int
    version: int

    @property
    def place(self) -> tuple[int, int]:
        """The larger is the newer."""
        return self.generation, self.version


class LedgerFolder:
    """The last three versions of each sitting's ledger, and the last one of each server before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, sitting: str, place: tuple[int, int]) -> bool:
        """Whether this version, or a newer one, lies here."""
        return any(kept.sitting == sitting and kept.place >= place for kept in self._list())

    def keep(self, envelope: bytes) -> KeptLedger | None:
        """Durable when this returns; None for what is no ledger."""
        try:
            header = peek_ledger(envelope)
        except ContractRefusal as refusal:
            log.warning("the server's room ledger cannot be read: %s", refusal)
            return None
        name = f"{header.sitting}.{header.generation}.{header.version}.ledger"
        if len(envelope) > MAX_LEDGER_BYTES or not NAME.fullmatch(name):
            log.warning("the server's room ledger is not kept: %s, %d bytes", name, len(envelope))
            return None
        write_durably(self._folder / name, envelope)
        self._thin_out()
        return KeptLedger(self._folder / name, header.sitting, *header.place)

    def list_newest(self) -> list[KeptLedger]:
        """One of each sitting."""
        newest: dict[str, KeptLedger] = {}
        for kept in sorted(self._list(), key=lambda one: one.place):
            newest[kept.sitting] = kept
        return list(newest.values())

    def list_last(self) -> list[KeptLedger]:
        """The newest one of each server that led a sitting."""
        last = {(kept.sitting, kept.generation): kept for kept in sorted(self._list(), key=lambda one: one.place)}
        return list(last.values())

    def list_places(self) -> dict[str, tuple[int, int]]:
        """{sitting: (generation, version)} of the newest of each."""
        return {kept.sitting: kept.place for kept in self.list_newest()}

    def _list(self) -> Iterator[KeptLedger]:
        for path in self._folder.glob("*.ledger"):
            found = NAME.fullmatch(path.name)
            if found:
                yield KeptLedger(path, found[1], int(found[2]), int(found[3]))

    def _thin_out(self) -> None:
        by_sitting: dict[str, list[KeptLedger]] = {}
        for kept in sorted(self._list(), key=lambda one: one.place, reverse=True):
            by_sitting.setdefault(kept.sitting, []).append(kept)
        by_age = sorted(by_sitting.values(), key=lambda kept: kept[0].path.stat().st_mtime, reverse=True)
        for number, versions in enumerate(by_age):
            for kept in choose_outdated(versions) if number < KEPT_SITTINGS else versions:
                kept.path.unlink(missing_ok=True)


def choose_outdated(versions: list[KeptLedger]) -> list[KeptLedger]:
    """Of one sitting's, newest first: all but the last three, and the last one of each of the servers before.

    A server that took over may be lost before its own ledgers contain what the one before had written last.
    """
    last = {kept.generation: kept for kept in reversed(versions)}
    staying = [*versions[:KEPT_VERSIONS], *sorted(last.values(), key=lambda one: -one.generation)[:KEPT_GENERATIONS]]
    return [kept for kept in versions if kept not in staying]


def write_durably(path: Path, content: bytes) -> None:
    """Under its name only when it is whole."""
    draft = path.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
