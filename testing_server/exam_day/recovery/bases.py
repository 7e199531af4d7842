"""The ledger a room went on from, kept as it came: what a later one of the same server changed is seen beside it.

Takes the data folder and envelopes; gives the facts inside. One file of each sitting; where it is lost, nothing of a
later ledger is overlooked but changes of rows that were known.
"""
from __future__ import annotations

import logging
import os
from pathlib import Path

from testing_server.contracts.ledgers import LedgerHeader
from testing_server.exam_day.recovery.sealing import Facts, LedgerRefused, LedgerTooNew, open_ledger
from testing_server.preparation.school_key import SchoolKey

log = logging.getLogger(__name__)
FOLDER = "taken-ledgers"


def keep_base(data: Path, sitting: str, envelope: bytes) -> None:
    """In one step. A disk that takes no more stops no takeover."""
    path = data / FOLDER / f"{sitting}.ledger"
    try:
        path.parent.mkdir(exist_ok=True, mode=0o700)
        draft = path.with_suffix(".new")
        draft.write_bytes(envelope)
        os.replace(draft, path)
    except OSError as error:
        log.warning("the ledger that sitting %s goes on from is not kept: %s", sitting, error)


def read_base(data: Path, later: LedgerHeader, key: SchoolKey) -> Facts | None:
    """The facts the room went on from, if a later ledger is of the same server; None where they are not known."""
    path = data / FOLDER / f"{later.sitting}.ledger"
    try:
        opened = open_ledger(path.read_bytes(), key)
    except (OSError, LedgerRefused, LedgerTooNew) as error:
        log.info("nothing is known of what sitting %s went on from: %s", later.sitting, error)
        return None
    is_of_same_server = opened.header.generation == later.generation and opened.header.version < later.version
    return opened.facts if is_of_same_server else None
