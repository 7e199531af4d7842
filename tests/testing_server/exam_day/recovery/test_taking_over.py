"""A server's folder is gone in the middle of a sitting: what workstations keep makes it whole on another machine."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.contracts.claims import peek_claim
from testing_server.contracts.ledgers import peek_ledger
from testing_server.exam_day.packages.actions import settle_balance
from testing_server.exam_day.recovery.actions import write_off_seat
from testing_server.exam_day.recovery.facts import read_facts
from testing_server.exam_day.recovery.keeping import attach_ledgers
from testing_server.exam_day.recovery.late_lines import list_digests
from testing_server.exam_day.recovery.queries import list_awaited
from testing_server.exam_day.recovery.rules import QUIET_MS, NothingFound, SeatsNotHeard
from testing_server.exam_day.recovery.taking_over import take_over, tend_recovery
from testing_server.exam_day.responses.records import EventRecord
from testing_server.exam_day.sittings.actions import chain_of, find_sitting
from testing_server.exam_day.sittings.commands import record_room_incident
from testing_server.exam_day.sittings.records import ArchiveRecord, AttemptRecord, IncidentRecord, LeaseRecord
from testing_server.exam_day.sittings.records import BundleRecord as Bundled
from testing_server.foundation.audit import read_audit, verify_audit
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.recovery.builders import (
    begin_elsewhere, fetch_ledger, greet, hand_in, is_gathering, resend, seal_ledgers)

# What a ledger says, but for what taking over itself adds or changes.
CHANGED = {"room_sitting": {"generation", "claim", "version"}}


@pytest.fixture
def fresh(open_room: Classroom, tmp_path: Path) -> Iterator[Classroom]:
    """Another machine with key and archive, gathering."""
    made = begin_elsewhere(open_room, tmp_path / "elsewhere")
    yield made
    made.close()


def seat_three(room: Classroom) -> list[FakeKiosk]:
    """Three at work: one paused, one with extra time, one who spoke; one absent; an incident."""
    kiosks = [room.seat(number) for number in range(3)]
    room.start(*kiosks)
    for number, kiosk in enumerate(kiosks):
        assert kiosk.answer("i1", "r1", f"answer {number}").status == 200
    room.command("extra_time", [kiosks[0].attempt], seconds=300)
    room.command("pause", [kiosks[1].attempt], reason="врач")
    for kiosk in kiosks:
        kiosk.apply_directives()
    kiosks[2].record("i2", "r2", make_speech(1))
    with room.services.storage.read() as session:
        absent = session.scalars(select(AttemptRecord.id).where(AttemptRecord.state == "assigned").limit(1)).one()
    room.command("absent", [absent], reason="болеет")
    now_ms = room.room.clock.now_ms()
    room.write(lambda s: record_room_incident(s, now_ms, room.sitting, None, "Погас свет", "organizer"))
    return kiosks


def describe(room: Classroom) -> dict[str, Any]:
    """The facts of the room, without what a takeover changes by its nature: the archive came on a stick."""
    with room.services.storage.read() as session:
        facts = read_facts(session, find_sitting(session, room.sitting))
    return {table: [{name: value for name, value in row.items() if name not in CHANGED.get(table, set())}
                    for row in rows] for table, rows in facts.items() if table != "room_archive"}


def recover(room: Classroom, fresh: Classroom, kiosks: list[FakeKiosk]) -> None:
    """Every workstation greets the new server and hands in what it keeps; then it leads."""
    seal_ledgers(room)
    envelope = fetch_ledger(room, kiosks[0])
    for kiosk in kiosks:
        assert greet(kiosk, fresh).status == 200
    assert hand_in(kiosks[0], envelope).json == {"news": True}
    assert take_over(fresh.services, "organizer") == [room.sitting]


def test_the_room_stands_again_as_it_was(open_room: Classroom, fresh: Classroom) -> None:
    kiosks = seat_three(open_room)
    recover(open_room, fresh, kiosks)
    before, after = describe(open_room), describe(fresh)
    told = {table: rows[:len(before[table])] if table == "audit" else [row for row in rows if row in before[table]]
            for table, rows in after.items()}
    assert told == before
    added = {table: len(rows) - len(before[table]) for table, rows in after.items() if rows != before[table]}
    assert added == {"room_incident": 1, "room_claim": 1, "audit": 2}


def test_the_audit_goes_on_unbroken(open_room: Classroom, fresh: Classroom) -> None:
    recover(open_room, fresh, seat_three(open_room))
    with fresh.services.storage.read() as session:
        assert verify_audit(session, chain_of(fresh.sitting)) is None
        verbs = [line.verb for line in read_audit(session, chain_of(fresh.sitting))]
    assert verbs[0] == "sitting_made" and verbs[-2:] == ["sitting_recovered", "incident_recorded"]


def test_seats_deliver_everything_again_and_get_a_lease_of_the_new_generation(open_room: Classroom,
                                                                              fresh: Classroom) -> None:
    kiosks = seat_three(open_room)
    recover(open_room, fresh, kiosks)
    for number, kiosk in enumerate(kiosks):
        old = kiosk.lease
        welcome = greet(kiosk, fresh).json
        assert welcome["acked"] == {kiosk.attempt: {str(old): 0}}
        assert resend(kiosk, old).json["acked"] == len(kiosk.lines[old])
        assert kiosk.sign_in(open_room.logins[number]).status == 200
        assert kiosk.lease > old and kiosk.open_lease().status == 200
        assert resend(kiosk, old).json["lease_state"] == "revoked"
        assert kiosk.answer("i1", "r1", "after").status == 200
    with open_room.services.storage.read() as one, fresh.services.storage.read() as other:
        lines = select(EventRecord.line)
        assert set(one.scalars(lines)) <= set(other.scalars(lines))
        states = select(AttemptRecord.code, AttemptRecord.state).order_by(AttemptRecord.code)
        assert one.execute(states).all() == other.execute(states).all()


def test_an_incident_of_a_seat_is_told_once_though_its_event_comes_again(open_room: Classroom,
                                                                         fresh: Classroom) -> None:
    kiosk = open_room.seat(0)
    kiosk.write("incident_raised", kind="call", text="help")
    assert kiosk.send().status == 200
    recover(open_room, fresh, [kiosk])
    greet(kiosk, fresh)
    assert resend(kiosk, kiosk.lease).status == 200
    with fresh.services.storage.read() as session:
        count = select(func.count()).select_from(IncidentRecord).where(IncidentRecord.kind == "call")
        assert session.scalar(count) == 1


def test_a_lease_granted_after_the_last_ledger_is_adopted(open_room: Classroom, fresh: Classroom) -> None:
    first = open_room.seat(0)
    seal_ledgers(open_room)
    envelope = fetch_ledger(open_room, first)
    late = open_room.seat(1)
    for kiosk in (first, late):
        greet(kiosk, fresh)
    hand_in(first, envelope)
    take_over(fresh.services, "organizer")
    assert greet(late, fresh).json["acked"] == {late.attempt: {}}, "known, so the seat comes"
    assert resend(late, late.lease).json["code"] == "lease_unknown"
    shown = late.ask("POST", "/v1/leases", json={"grants": {late.attempt: {str(late.lease): late.seated["grant"]}}})
    assert shown.json == {"acked": {late.attempt: {str(late.lease): 0}}, "unknown": []}
    assert resend(late, late.lease).json["acked"] == 1
    with fresh.services.storage.read() as session:
        attempt = session.get_one(AttemptRecord, late.attempt)
        assert (attempt.state, attempt.workstation) == ("seated", late.workstation)


def lose_orders(room: Classroom, fresh: Classroom) -> tuple[FakeKiosk, list[str]]:
    """Started, given time and paused after the last ledger; (the seat, which has applied it all, and the orders)."""
    kiosk = room.seat(0)
    seal_ledgers(room)
    envelope = fetch_ledger(room, kiosk)
    room.start(kiosk)
    room.command("extra_time", [kiosk.attempt], seconds=300)
    room.command("pause", [kiosk.attempt], reason="врач")
    kiosk.apply_directives()
    orders = [str(row["kind"]) for row in describe(room)["room_directive"]]
    greet(kiosk, fresh)
    hand_in(kiosk, envelope)
    take_over(fresh.services, "organizer")
    return kiosk, orders


def find_state(room: Classroom, kiosk: FakeKiosk) -> str:
    with room.services.storage.read() as session:
        return session.get_one(AttemptRecord, kiosk.attempt).state


def test_orders_that_no_ledger_has_are_vouched_for_by_the_seat_that_applied_them(
        open_room: Classroom, fresh: Classroom) -> None:
    kiosk, orders = lose_orders(open_room, fresh)
    assert orders == ["start", "extra_time", "pause"] and describe(fresh)["room_directive"] == []
    greet(kiosk, fresh)
    assert resend(kiosk, kiosk.lease).status == 200
    assert [row["kind"] for row in describe(fresh)["room_directive"]] == orders
    assert find_state(fresh, kiosk) == "paused"
    fresh.command("resume", [kiosk.attempt])
    with fresh.services.storage.read() as session:
        verbs = [line.verb for line in read_audit(session, chain_of(fresh.sitting))]
    assert verbs.count("directive_adopted") == 3


def test_a_pause_whose_word_comes_after_the_seat_got_its_new_lease_still_counts(
        open_room: Classroom, fresh: Classroom) -> None:
    kiosk, _orders = lose_orders(open_room, fresh)
    old = kiosk.lease
    greet(kiosk, fresh)
    assert kiosk.sign_in(open_room.logins[0]).status == 200 and kiosk.lease > old
    assert kiosk.open_lease().status == 200
    assert resend(kiosk, old).json["lease_state"] == "revoked"
    assert find_state(fresh, kiosk) == "paused"


def test_orders_of_the_server_itself_are_not_made_up_by_a_seat(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    generation = describe(open_room)["room_directive"][0]["generation"]
    kiosk.write("directive_applied", generation=generation, number=7, kind="extra_time", body={"seconds": 9_999},
                result="done")
    assert kiosk.send().status == 200
    assert [row["kind"] for row in describe(open_room)["room_directive"]] == ["start"]


def test_a_workstation_cannot_adopt_a_lease_that_is_not_its_own(open_room: Classroom, fresh: Classroom) -> None:
    first, late = open_room.seat(0), open_room.seat(1)
    recover(open_room, fresh, [first, late])
    forged = late.seated["grant"].replace(str(late.lease), str(late.lease + 1))
    shown = first.ask("POST", "/v1/leases", json={"grants": {late.attempt: {str(late.lease + 1): forged}}})
    assert shown.status == 200
    with fresh.services.storage.read() as session:
        assert session.get(LeaseRecord, (late.attempt, late.lease + 1)) is None


def test_the_balance_waits_for_every_seat(open_room: Classroom, fresh: Classroom) -> None:
    here, gone = open_room.seat(0), open_room.seat(1)
    recover(open_room, fresh, [here])
    now_ms = fresh.room.clock.now_ms()
    with fresh.services.storage.read() as session:
        seats = {one.attempt: one for one in list_awaited(session, fresh.sitting)}
    assert seats[gone.attempt].state == "awaited" and seats[here.attempt].missing == 1
    with pytest.raises(SeatsNotHeard) as refusal:
        fresh.write(lambda s: settle_balance(s, now_ms, fresh.sitting, "organizer"))
    assert len(refusal.value.details["codes"]) == 2
    greet(here, fresh)
    assert resend(here, here.lease).status == 200
    fresh.write(lambda s: write_off_seat(s, now_ms, gone.attempt, "диск умер", "organizer"))
    with fresh.services.storage.read() as session:
        assert all(one.is_settled for one in list_awaited(session, fresh.sitting))


def test_a_server_leads_by_itself_once_everybody_was_heard(open_room: Classroom, fresh: Classroom) -> None:
    kiosks = [open_room.seat(0), open_room.seat(1)]
    seal_ledgers(open_room)
    envelope = fetch_ledger(open_room, kiosks[0])
    greet(kiosks[0], fresh)
    hand_in(kiosks[0], envelope)
    tend_recovery(fresh.services)
    assert is_gathering(fresh)
    greet(kiosks[1], fresh)
    tend_recovery(fresh.services)
    assert not is_gathering(fresh)


def write_down_more(room: Classroom, kiosks: list[FakeKiosk]) -> tuple[bytes, bytes]:
    """(a ledger, a newer one that only one workstation has fetched)."""
    seal_ledgers(room)
    older, now_ms = fetch_ledger(room, kiosks[0]), room.room.clock.now_ms()
    room.command("extra_time", [kiosks[0].attempt], seconds=60)
    room.write(lambda s: record_room_incident(s, now_ms, room.sitting, None, "Погас свет", "organizer"))
    seal_ledgers(room)
    return older, fetch_ledger(room, kiosks[1])


def test_a_server_waits_for_the_newest_ledger_that_a_workstation_keeps(open_room: Classroom, fresh: Classroom) -> None:
    kiosks = [open_room.seat(0), open_room.seat(1)]
    older, newer = write_down_more(open_room, kiosks)
    for kiosk, envelope in zip(kiosks, (older, newer), strict=True):
        greet(kiosk, fresh, ledgers={fresh.sitting: peek_ledger(envelope).place})
    hand_in(kiosks[0], older)
    tend_recovery(fresh.services)
    assert is_gathering(fresh)
    hand_in(kiosks[1], newer)
    tend_recovery(fresh.services)
    assert not is_gathering(fresh)
    assert describe(fresh)["room_directive"] == describe(open_room)["room_directive"]


def test_a_ledger_that_is_told_of_and_never_comes_does_not_keep_the_room_waiting(open_room: Classroom,
                                                                                 fresh: Classroom) -> None:
    kiosk = open_room.seat(0)
    seal_ledgers(open_room)
    envelope = fetch_ledger(open_room, kiosk)
    greet(kiosk, fresh, ledgers={fresh.sitting: (2 ** 40, 1)})
    hand_in(kiosk, envelope)
    tend_recovery(fresh.services)
    assert is_gathering(fresh)
    fresh.clock.advance(QUIET_MS)
    tend_recovery(fresh.services)
    assert not is_gathering(fresh)


def test_a_ledger_that_comes_after_the_takeover_adds_orders_incidents_and_lines_of_the_audit(
        open_room: Classroom, fresh: Classroom) -> None:
    kiosks = [open_room.seat(0), open_room.seat(1)]
    older, newer = write_down_more(open_room, kiosks)
    for kiosk in kiosks:
        greet(kiosk, fresh)
    hand_in(kiosks[0], older)
    take_over(fresh.services, "organizer")
    assert hand_in(kiosks[1], newer).json == {"news": True} and hand_in(kiosks[1], newer).json == {"news": False}
    before, after = describe(open_room), describe(fresh)
    for table in ("room_directive", "room_incident"):
        assert all(row in after[table] for row in before[table])
    with fresh.services.storage.read() as session:
        assert verify_audit(session, chain_of(fresh.sitting)) is None
        known = list_digests(session, chain_of(fresh.sitting))
        verbs = [line.verb for line in read_audit(session, chain_of(fresh.sitting))]
    assert {line["digest"] for line in before["audit"]} <= known
    # the order and the incident, once
    assert verbs[-4:] == ["late_line_added", "late_line_added", "late_ledger_added", "incident_recorded"]


def test_a_server_leads_without_those_who_do_not_come(open_room: Classroom, fresh: Classroom) -> None:
    kiosks = [open_room.seat(0), open_room.seat(1)]
    seal_ledgers(open_room)
    envelope = fetch_ledger(open_room, kiosks[0])
    greet(kiosks[0], fresh)
    hand_in(kiosks[0], envelope)
    fresh.clock.advance(QUIET_MS)
    tend_recovery(fresh.services)
    assert not is_gathering(fresh)


def test_nothing_found_is_refused_in_words(fresh: Classroom) -> None:
    with pytest.raises(NothingFound):
        take_over(fresh.services, "organizer")


def test_the_new_claim_is_above_every_one_that_was_seen(open_room: Classroom, fresh: Classroom) -> None:
    kiosk = open_room.seat(0)
    recover(open_room, fresh, [kiosk])
    claims = kiosk.ask("GET", "/v1/claims").json["claims"]
    generations = [peek_claim(claim.encode()).generation // 4096 for claim in claims]
    assert generations == [2]


def test_seats_that_have_not_fetched_everything_get_the_new_servers_keys(open_room: Classroom,
                                                                         fresh: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    recover(open_room, fresh, [kiosk])
    greet(kiosk, fresh)
    before = [one for one in kiosk.fetch_directives() if one["kind"] == "start"]
    bundle = Bundled(sha256="b" * 64, archive=fresh.archive, variant=before[0]["body"]["variant"], bytes=1,
                     identity="AGE-SECRET-KEY-1", media="[]")

    def open_archive(session: Session) -> None:
        session.add(bundle)
        session.get_one(ArchiveRecord, fresh.archive).state = "opened"
    fresh.write(open_archive)
    tend_recovery(fresh.services)
    tend_recovery(fresh.services)
    after = [one for one in kiosk.fetch_directives() if one["kind"] == "start"]
    assert len(after) == 2 and after[1]["body"]["variant_bundle"] == "b" * 64
    assert after[1]["body"]["plan"] == before[0]["body"]["plan"]


def test_the_ledger_changes_only_with_the_room(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    assert seal_ledgers(open_room) == 1
    kiosk.answer("i1", "r1", "typed")
    assert seal_ledgers(open_room) == 0
    open_room.command("message", [kiosk.attempt], text="Тише")
    assert seal_ledgers(open_room) == 1
    assert attach_ledgers(open_room.services).heads[open_room.sitting][1] == 2


def test_copies_are_counted_when_they_lie_on_a_disk(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    seal_ledgers(open_room)
    ledgers = attach_ledgers(open_room.services)
    assert ledgers.count_copies(open_room.sitting) == 0
    offered = kiosk.ask("POST", "/v1/time", json={"t0_ms": 1}).json["ledgers"]
    generation, version = offered[open_room.sitting]
    kiosk.ask("PUT", f"/v1/ledgers/{open_room.sitting}/held?generation={generation}&version={version}")
    assert ledgers.count_copies(open_room.sitting) == 1
    assert kiosk.ask("POST", "/v1/time", json={"t0_ms": 1}).json["ledgers"] == {}
