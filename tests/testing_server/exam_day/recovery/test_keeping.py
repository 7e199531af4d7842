"""The room ledger as the server's round keeps it."""
from __future__ import annotations

import logging

import pytest

from testing_server.exam_day.recovery import keeping
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.recovery.builders import fetch_ledger, seal_ledgers


def test_a_ledger_too_large_leaves_the_older_version_and_the_round_goes_on(
        open_room: Classroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    kiosk = open_room.seat(0)
    assert seal_ledgers(open_room) == 1
    before = fetch_ledger(open_room, kiosk)
    open_room.start(kiosk)
    monkeypatch.setattr(keeping, "MAX_LEDGER_BYTES", 10)
    with caplog.at_level(logging.ERROR):
        assert [seal_ledgers(open_room) for _ in range(2)] == [0, 0]
    assert [one.message for one in caplog.records if open_room.sitting in one.message and "too large" in one.message] \
        == [caplog.records[0].message]
    assert fetch_ledger(open_room, kiosk) == before
    monkeypatch.undo()
    open_room.seat(1)
    assert seal_ledgers(open_room) == 1
    assert fetch_ledger(open_room, kiosk) != before
