"""A standby beside a leading server, both in this process; their wires are real requests to real applications."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from testing_server.exam_day.recovery.keeping import attach_ledgers
from testing_server.exam_day.recovery.standby.line import LineLost, LineRefused, Wire, read_code
from testing_server.exam_day.recovery.standby.pulling import name_own_files, pull_once
from testing_server.exam_day.recovery.standby.state import Standby, attach_standby
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.responses.records import EventRecord
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.recovery.builders import begin_elsewhere, seal_ledgers

LEADER = "http://leader"


@dataclass
class FlaskLine:
    """To an application of this process, until the cable is pulled."""

    app: Flask
    is_cut: Callable[[], bool]

    def ask(self, method: str, path: str, token: str = "", body: bytes | None = None) -> bytes:
        if self.is_cut():
            raise LineLost("the cable is pulled")
        headers = {"Protocol": "1.0", **({"Authorization": f"Bearer {token}"} if token else {})}
        found = self.app.test_client().open(path, method=method, headers=headers, data=body)
        if found.status_code >= 400:
            raise LineRefused(found.status_code, read_code(found.data))
        return found.data


@dataclass
class Pair:
    """`leader` leads, `spare` stands by; `cut` pulls the cable between them."""

    leader: Classroom
    spare: Classroom
    cut: bool = False
    dialled: list[str] = field(default_factory=list)

    @property
    def standby(self) -> Standby:
        return attach_standby(self.spare.services)

    def dial(self, address: str) -> Wire:
        self.dialled.append(address)
        if address == name_own_files(self.spare.services.settings):
            return FlaskLine(self.spare.files, lambda: False)
        if address == LEADER:
            return FlaskLine(self.leader.app, lambda: self.cut)
        # what the leader says of its files process: another port of the host that was asked
        return FlaskLine(self.leader.files, lambda: self.cut) if address.endswith(":1") else FlaskLine(
            self.leader.app, lambda: True)

    def keep_up(self) -> Standby:
        """One round, with the newest ledger sealed as the leader's own round does it."""
        seal_ledgers(self.leader)
        pull_once(self.spare.services, self.dial)
        return self.standby


def make_pair(room: Classroom, folder: Path) -> Pair:
    """A standby that has not asked for anything yet."""
    spare = begin_elsewhere(room, folder, standby=LEADER)
    assert attach_recovery(spare.services).is_standby
    attach_ledgers(room.services)
    return Pair(room, spare)


def list_lines(room: Classroom) -> list[str]:
    """Every event the server holds, as its line."""
    with room.services.storage.read() as session:
        return sorted(session.scalars(select(EventRecord.line)))
