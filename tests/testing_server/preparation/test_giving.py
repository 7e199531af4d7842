"""The express lane of ciphers says what the page says, or leaves the word to it; many schools are one transaction."""
from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from testing_server.foundation.audit import read_audit, verify_audit
from testing_server.preparation.release.giving import OFTEN, attach_giving, open_lane
from tests.testing_server.preparation.make_hub import Hub, enrol
from tests.testing_server.preparation.make_materials import DEMO, seal

PATIENCE_S = 60


def test_the_lane_says_what_the_page_says(hub: Hub) -> None:
    ours = enrol(hub)
    archive, token = seal(hub, ours.school, DEMO).materials.archive, ours.link._token
    lane = open_lane(hub.offered)
    told = lane.answer(archive, token, b"")
    assert told is not None
    page = hub.app.test_client().get(f"/v1/releases/{archive}", headers={"Authorization": f"Bearer {token}"})
    assert page.json == json.loads(told)
    given = [line for line in hub.read(read_audit, f"school:{ours.school.id}") if line.verb == "cipher_given"]
    assert [(line.actor, line.subject) for line in given] == [(f"school:{ours.school.id}", archive)]


def test_what_the_lane_leaves_to_the_page(hub: Hub) -> None:
    ours, other = enrol(hub), enrol(hub, "sch330002")
    early, now = seal(hub, other.school).materials.archive, seal(hub, ours.school, DEMO).materials.archive
    lane, token = open_lane(hub.offered), ours.link._token
    for archive, said in ((early, other.link._token), (now, "guess"), (now, other.link._token), ("0" * 64, token),
                          ("../x", token)):
        assert lane.answer(archive, said, b"") is None
    assert not [line for line in hub.read(read_audit, f"school:{ours.school.id}") if line.verb == "cipher_given"]


def test_a_school_that_asks_all_the_time_is_counted_by_the_page(hub: Hub) -> None:
    ours = enrol(hub)
    archive, lane = seal(hub, ours.school, DEMO).materials.archive, open_lane(hub.offered)
    told = [lane.answer(archive, ours.link._token, b"") for _ in range(OFTEN + 1)]
    assert [one is not None for one in told] == [True] * OFTEN + [False]
    hub.clock.advance(60_000)
    assert lane.answer(archive, ours.link._token, b"") is not None


def test_many_schools_at_once_are_one_transaction_and_each_has_its_line(
        hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    schools = [enrol(hub, f"sch33000{number}") for number in range(1, 5)]
    archives = [seal(hub, one.school, DEMO).materials.archive for one in schools]
    storage, turn = hub.offered.storage, threading.Event()
    write, writes = storage.write, []

    def write_later(action: Any, *, locks_rows: bool = False) -> Any:
        writes.append(action)
        assert turn.wait(PATIENCE_S)
        return write(action, locks_rows=locks_rows)

    monkeypatch.setattr(storage, "write", write_later)
    giving = attach_giving(hub.offered)
    callers = [threading.Thread(target=giving.give, args=(archive, one.school.id, f"school:{one.school.id}"))
               for archive, one in zip(archives, schools, strict=True)]
    for number, caller in enumerate(callers):
        caller.start()
        while not writes or len(giving._noting._next.items) < number:
            threading.Event().wait(0.005)
    turn.set()
    for caller in callers:
        caller.join(PATIENCE_S)
    assert len(writes) == 2, "the first alone, the others together"
    for one in schools:
        lines = hub.read(read_audit, f"school:{one.school.id}")
        assert [line.verb for line in lines].count("cipher_given") == 1
        assert hub.read(verify_audit, f"school:{one.school.id}") is None, "the chain is whole"
