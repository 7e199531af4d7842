"""What is handed over, to whom; cuts and rubbish in between; two servers alive at once."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from testing_server.contracts.claims import Claim, peek_claim
from testing_server.contracts.handover import SIGNED, HandedPart, HandedParts, read_parts_page
from testing_server.exam_day.recovery.backups import make_backup
from testing_server.exam_day.recovery.standby import giving, pulling, sound
from testing_server.exam_day.recovery.standby.joining import join_sitting
from testing_server.exam_day.recovery.standby.keeping import read_lines, store_lines
from testing_server.exam_day.recovery.standby.line import Wire
from testing_server.exam_day.recovery.standby.state import read_standby
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.recovery.taking_over import take_over
from testing_server.exam_day.responses.records import EventConflictRecord
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.sittings.records import IncidentRecord, LeaseRecord
from testing_server.preparation.school_key import make_school_key
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FlaskWire
from tests.testing_server.exam_day.recovery.builders import (
    begin_elsewhere, fetch_ledger, greet, hand_in, move_kiosk, resend, seal_ledgers)
from tests.testing_server.exam_day.recovery.standby.builders import LEADER, FlaskLine, Pair, list_lines
from tests.testing_server.exam_day.recovery.test_two_servers import NOW


NOW_MS = 1_760_000_000_000


def open_by(room: Classroom, key: Any) -> Any:
    wire = FlaskWire(room.app.test_client())
    asked = {"instance": "i", "challenge": wire.ask("POST", "/v1/handover", json={"instance": "i"}).json["challenge"]}
    signature = key.sign(SIGNED + bytes.fromhex(asked["challenge"])).hex()
    return wire.ask("POST", "/v1/handover", json={**asked, "signature": signature})


def test_only_the_schools_key_opens_the_handover(open_room: Classroom) -> None:
    own, stranger = open_room.room.keys.key().signing, make_school_key("Чужая", NOW).signing
    assert open_by(open_room, stranger).json["code"] == "handover_refused"
    opened = open_by(open_room, own)
    assert opened.status == 200 and opened.json["token"]
    wire = FlaskWire(open_room.app.test_client())
    again = wire.ask("POST", "/v1/handover", json={"instance": "i", "challenge": "00" * 32, "signature": "zz"})
    assert again.status == 403
    assert wire.ask("GET", "/v1/handover?after=").status == 401
    assert wire.ask("GET", "/v1/handover?after=rubbish", token=opened.json["token"]).status == 200


def test_a_workstation_is_handed_nothing_over(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    assert kiosk.ask("GET", "/v1/handover?after=").status == 401
    assert kiosk.files is not None
    for path in ("/v1/handover/parts?after=0", "/v1/handover/files", f"/v1/handover/files/{kiosk.attempt}/x"):
        assert kiosk.files.ask("GET", path, token=kiosk.token).status == 401


def test_nothing_outside_the_folder_of_answers_is_handed_over(pair: Pair) -> None:
    token = open_by(pair.leader, pair.leader.room.keys.key().signing).json["token"]
    wire = FlaskWire(pair.leader.files.test_client())
    for name in ("../../keys", "..%2f..%2fkeys/school.key", f"{'0' * 36}/..%2fschool.key", "x/y"):
        assert wire.ask("GET", f"/v1/handover/files/{name}", token=token).status in (400, 404)


def test_a_standby_greets_and_pairs_nobody(pair: Pair) -> None:
    kiosk = pair.leader.seat(0)
    pair.keep_up()
    assert greet(kiosk, pair.spare).json["code"] == "standing_by"
    assert kiosk.ask("GET", "/v1/claims").json == {"claims": [], "recovering": False, "held": {}, "merged": {}}
    refused = kiosk.ask("POST", "/v1/pair", json={"public_key": "00", "commitment": "00"})
    assert (refused.status, refused.json["code"]) == (503, "standing_by")
    move_kiosk(kiosk, pair.leader)
    assert kiosk.say_hello().status == 200


def test_small_pages_and_a_cut_in_the_middle_lose_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving, "PAGE_EVENTS", 3)
    monkeypatch.setattr(sound, "PAGE_PARTS", 1)
    kiosk = pair.leader.seat(0)
    pair.leader.start(kiosk)
    for number in range(10):
        kiosk.answer("i1", "r1", f"answer {number}")
    kiosk.record("i2", "r2", make_speech(6))
    kept, calls = pulling.keep_part, []

    def cut_in_the_middle(*words: Any) -> bool:
        calls.append(words)
        pair.cut = len(calls) == 2
        return kept(*words)
    monkeypatch.setattr(pulling, "keep_part", cut_in_the_middle)
    pair.keep_up()
    assert pair.standby.trouble == "away" and not pair.standby.behind.is_level
    pair.cut = False
    assert pair.keep_up().behind.is_level and len(calls) > 2
    assert list_lines(pair.spare) == list_lines(pair.leader)
    parts = [path.read_bytes() for room in (pair.leader, pair.spare)
             for path in (room.data / "recordings").rglob("*.pcm")]
    assert len(parts) == 2 and parts[0] == parts[1]


def test_a_restart_goes_on_where_it_was_and_still_leads(pair: Pair) -> None:
    pair.leader.seat(0)
    pair.keep_up()
    kept = read_standby(pair.spare.data)
    assert (kept.source, kept.places) == (LEADER, pair.standby.places)
    pair.spare.services.vault.pop("recovery")
    assert attach_recovery(pair.spare.services).ledgers == {}
    assert take_over(pair.spare.services, "organizer") == [pair.leader.sitting]


def test_a_leader_restored_from_elsewhere_is_read_from_its_beginning(pair: Pair) -> None:
    kiosk = pair.leader.seat(0)
    pair.keep_up()
    place = next(iter(pair.standby.places.values()))
    place.events, place.parts = "999999.0", 999_999
    kiosk.answer("i1", "r1", "after")
    pair.keep_up()
    assert list_lines(pair.spare) == list_lines(pair.leader)


def test_lines_that_contradict_are_set_aside_and_rubbish_is_left_out(pair: Pair) -> None:
    kiosk = pair.leader.seat(0)
    pair.keep_up()
    other = kiosk.lines[kiosk.lease][0].replace('"boot_id":"b"', '"boot_id":"c"')
    lines = read_lines([(1, other), (1, "{}"), (1, "rubbish"), (2, kiosk.lines[kiosk.lease][0])])
    assert len(lines) == 2
    pair.spare.write(lambda session: store_lines(session, lines, []))
    with pair.spare.services.storage.read() as session:
        assert list(session.scalars(select(EventConflictRecord.line))) == [other]
    assert list_lines(pair.spare) == list_lines(pair.leader)


def test_a_page_that_does_not_fit_its_list_is_refused() -> None:
    part = HandedPart(attempt="a", lease=1, number=1, part_no=0, offset=0, length=4, sha256="x")
    line = msgspec.json.encode(HandedParts(next=1, behind_bytes=0, parts=[part]))
    assert read_parts_page(line + b"\nabcd")[1] == [b"abcd"]
    for body in (line, line + b"\nabc", line + b"\nabcde", b"\n", b"[]\n"):
        with pytest.raises((ValueError, msgspec.MsgspecError)):
            read_parts_page(body)


def test_events_count_once_however_often_they_are_joined(pair: Pair) -> None:
    kiosk = pair.leader.seat(0)
    kiosk.write("incident_raised", kind="call", text="help")
    kiosk.send()
    pair.keep_up()
    take_over(pair.spare.services, "organizer")
    assert pair.spare.write(lambda s: join_sitting(s, 1, find_sitting(s, pair.leader.sitting))) == 0
    with pair.spare.services.storage.read() as session:
        lease = session.get_one(LeaseRecord, (kiosk.attempt, kiosk.lease))
        assert (lease.acked, lease.head_number) == (2, 2)
        assert len(list(session.scalars(select(IncidentRecord).where(IncidentRecord.kind == "call")))) == 1


def test_a_fenced_server_hands_over_what_only_it_has(pair: Pair) -> None:
    """The cable is pulled, the standby leads; a seat that sees the old server alone goes on there, then dies."""
    kiosk = pair.leader.seat(0)
    pair.leader.start(kiosk)
    pair.keep_up()
    take_over(pair.spare.services, "organizer")
    kiosk.answer("i1", "r1", "to the old server")
    pair.leader.command("message", [kiosk.attempt], text="Тише")
    late = pair.leader.seat(1)
    tell(pair)
    assert read_state(pair.leader) == "fenced"
    attach_recovery(pair.spare.services).told.add((LEADER, "shown"))
    pulling.pull_once(pair.spare.services, pair.dial)
    assert list_lines(pair.spare) == list_lines(pair.leader)
    with pair.spare.services.storage.read() as session:
        leases = {one.attempt: one.acked for one in session.scalars(select(LeaseRecord))}
    assert leases == {kiosk.attempt: len(kiosk.lines[kiosk.lease]), late.attempt: 1}


def test_a_copy_of_a_standby_is_recovered_from(pair: Pair, tmp_path: Path) -> None:
    """Nobody else kept anything: events stored unread and the sealed ledger are the room."""
    kiosk = pair.leader.seat(0)
    pair.leader.start(kiosk)
    kiosk.answer("i1", "r1", "typed")
    pair.keep_up()
    make_backup(pair.spare.data, tmp_path / "stick", NOW_MS)
    fresh = begin_elsewhere(pair.leader, tmp_path / "fresh", tmp_path / "stick")
    assert take_over(fresh.services, "organizer") == [pair.leader.sitting]
    assert list_lines(fresh) == list_lines(pair.leader) and read_state(fresh) == "running"
    fresh.close()


def test_a_standby_leads_from_what_a_replaced_server_wrote_last(pair: Pair, tmp_path: Path) -> None:
    """The server that replaced it is lost too, and the standby never reached that one."""
    kiosk = pair.leader.seat(0)
    pair.leader.start(kiosk)
    newer = begin_elsewhere(pair.leader, tmp_path / "newer")
    seal_ledgers(pair.leader)
    envelope = fetch_ledger(pair.leader, kiosk)
    greet(kiosk, newer)
    hand_in(kiosk, envelope)
    take_over(newer.services, "organizer")
    claim = tell_of(newer, pair.leader)
    newer.close()
    pair.leader.services.vault["ledgers"].rest_until_ms = 0
    pair.keep_up()
    assert take_over(pair.spare.services, "organizer") == [pair.leader.sitting]
    assert read_state(pair.leader) == "fenced" and read_state(pair.spare) == "running"
    with pair.spare.services.storage.read() as session:
        assert find_sitting(session, pair.leader.sitting).generation > claim.generation


def test_a_standby_of_a_server_that_was_replaced_follows_the_one_that_leads(pair: Pair, tmp_path: Path) -> None:
    kiosk = pair.leader.seat(0)
    pair.keep_up()
    newer = begin_elsewhere(pair.leader, tmp_path / "newer")
    envelope = fetch_ledger(pair.leader, kiosk)
    greet(kiosk, newer)
    hand_in(kiosk, envelope)
    take_over(newer.services, "organizer")
    greet(kiosk, newer)
    assert resend(kiosk, kiosk.lease).status == 200 and seal_ledgers(newer) == 1
    claim = tell_of(newer, pair.leader)
    asked = [pair.leader]

    def dial(address: str) -> Wire:
        if address == pulling.name_own_files(pair.spare.services.settings):
            return FlaskLine(pair.spare.files, lambda: False)
        if address.endswith(":1"):
            # the files process of the server that was opened last
            return FlaskLine(asked[-1].files, lambda: False)
        asked.append(pair.leader if address == LEADER else newer)
        return FlaskLine(asked[-1].app, lambda: False)
    for _round in range(2):
        pulling.pull_once(pair.spare.services, dial)
    assert pair.standby.source in claim.addresses and not pair.standby.led_elsewhere
    assert read_standby(pair.spare.data).source == pair.standby.source
    assert attach_recovery(pair.spare.services).held[pair.leader.sitting] == (claim.generation, 1)
    newer.close()


def tell(pair: Pair) -> None:
    """The old server is shown the claim of the one that leads."""
    tell_of(pair.spare, pair.leader)


def tell_of(leading: Classroom, replaced: Classroom) -> Claim:
    claim = FlaskWire(leading.app.test_client()).ask("GET", "/v1/claims").json["claims"][0]
    assert FlaskWire(replaced.app.test_client()).ask("POST", "/v1/claims", json={"claim": claim}).status == 200
    return peek_claim(claim.encode())


def read_state(room: Classroom) -> str:
    with room.services.storage.read() as session:
        return find_sitting(session, room.sitting).state


def test_sources_are_asked_only_by_who_needs_them(pair: Pair, open_room: Classroom) -> None:
    assert pulling.list_sources(open_room.services) == []
    assert pulling.list_sources(pair.spare.services) == [LEADER]
    open_room.seat(0)
    pair.keep_up()
    assert len(pulling.list_sources(pair.spare.services)) > 1
    take_over(pair.spare.services, "organizer")
    assert pulling.list_sources(pair.spare.services) == []
