"""Server and school key are both gone: workstations are paired anew, and their works come into a new sitting."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from testing_server.contracts.events import digest_of
from testing_server.exam_day.recovery.orphans import attach_orphans
from testing_server.exam_day.responses.records import EventRecord, RecordingRecord
from testing_server.exam_day.sittings.actions import chain_of, find_sitting
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.foundation.audit import read_audit
from tests.testing_server.exam_day.builders import Classroom, make_open_room, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.conftest import copy_room
from tests.testing_server.exam_day.recovery.builders import count_heads, move_kiosk, resend


@pytest.fixture(scope="module")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """Another key, another authority; the same work and the same codes, brought by the coordinator. Copied."""
    made = make_open_room(tmp_path_factory.mktemp("other") / "data")
    made.room.keys.key()
    made.close()
    return made


@pytest.fixture
def fresh(tmp_path: Path, other_model: Classroom) -> Iterator[Classroom]:
    made = copy_room(other_model, tmp_path / "fresh")
    yield made
    made.close()


def pair_anew(kiosk: FakeKiosk, room: Classroom, seat: str) -> None:
    move_kiosk(kiosk, room)
    kiosk.begin_pairing()
    room.type_digits(kiosk, kiosk.code, seat)
    assert kiosk.look_at_pairing()["state"] == "green"
    assert kiosk.say_hello(count_heads(kiosk)).status == 200


def show(kiosk: FakeKiosk, **changes: Any) -> Any:
    work = {"code": kiosk.seated["code"], "variant": kiosk.seated["variant"],
            "assessment": kiosk.seated["assessment"]["id"], "own": [kiosk.lease],
            "grants": {str(kiosk.lease): kiosk.seated["grant"]}, **changes}
    return kiosk.ask("POST", "/v1/works", json={"works": {kiosk.attempt: work}})


def lose_everything(open_room: Classroom, fresh: Classroom) -> FakeKiosk:
    """At work, then neither server nor key: the workstation is paired with a new server."""
    kiosk = open_room.seat(2)
    open_room.start(kiosk)
    kiosk.answer("i1", "r1", "typed before")
    kiosk.record("i2", "r2", make_speech(1))
    pair_anew(kiosk, fresh, "9")
    return kiosk


def test_no_answer_is_lost_with_server_and_key(open_room: Classroom, fresh: Classroom) -> None:
    kiosk = lose_everything(open_room, fresh)
    assert resend(kiosk, kiosk.lease).json["code"] == "lease_unknown"
    assert show(kiosk).json == {"known": []}
    browser = fresh.browser()
    assert kiosk.seated["code"] in browser.get("/server").text
    assert browser.post("/server/works", {"sitting": fresh.sitting}).status_code == 302
    assert show(kiosk).json == {"known": [kiosk.attempt]} and attach_orphans(fresh.services) == {}
    old, lines = kiosk.lease, list(kiosk.lines[kiosk.lease])
    assert resend(kiosk, old).json["acked"] == len(lines)
    with fresh.services.storage.read() as session:
        assert set(session.scalars(select(EventRecord.digest))) == {digest_of(line.encode()) for line in lines}
        attempt = session.get_one(AttemptRecord, kiosk.attempt)
        assert (attempt.code, attempt.variant, attempt.state) == (
            kiosk.seated["code"], kiosk.seated["variant"], "started")
        assert session.scalars(select(RecordingRecord)).one().state == "committed"
        assert [line.verb for line in read_audit(session, chain_of(fresh.sitting))].count("work_adopted") == 1


def test_the_candidate_goes_on_under_a_lease_above_the_lost_one(open_room: Classroom, fresh: Classroom) -> None:
    kiosk = lose_everything(open_room, fresh)
    show(kiosk)
    fresh.browser().post("/server/works", {"sitting": fresh.sitting})
    old = kiosk.lease
    assert kiosk.sign_in(fresh.logins[2]).status == 200
    assert kiosk.lease > old and kiosk.open_lease().status == 200
    with fresh.services.storage.read() as session:
        assert find_sitting(session, fresh.sitting).generation > old // 1024
        assert len(list(session.scalars(select(AttemptRecord).where(AttemptRecord.sitting == fresh.sitting)))) == 6


def test_a_code_that_somebody_sits_under_is_not_given_away(open_room: Classroom, fresh: Classroom) -> None:
    kiosk = lose_everything(open_room, fresh)
    fresh.seat(2)
    show(kiosk)
    refused = fresh.browser().post("/server/works", {"sitting": fresh.sitting})
    assert refused.status_code == 409
    assert list(attach_orphans(fresh.services)) == [kiosk.attempt]


def test_rubbish_is_not_kept(open_room: Classroom, fresh: Classroom) -> None:
    kiosk = lose_everything(open_room, fresh)
    rubbish: list[dict[str, Any]] = [{"grants": {"1": "{}"}}, {"grants": {"x": "y"}}, {"grants": {"4096": "[]"}},
                                     {"grants": {}}, {"code": "1" * 80}]
    for changes in rubbish:
        assert show(kiosk, **changes).json == {"known": []}
    assert attach_orphans(fresh.services) == {}


def test_another_work_is_not_taken_into_this_sitting(open_room: Classroom, fresh: Classroom) -> None:
    kiosk = lose_everything(open_room, fresh)
    show(kiosk, assessment="russian-7")
    assert fresh.browser().post("/server/works", {"sitting": fresh.sitting}).status_code == 409
