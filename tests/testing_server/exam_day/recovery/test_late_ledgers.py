"""An older ledger was used while a newer one existed: nothing that the newer one tells is lost, nothing is undone."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.recovery import taking_over
from testing_server.exam_day.recovery.backups import list_backups, make_backup
from testing_server.exam_day.recovery.late_lines import list_digests
from testing_server.exam_day.recovery.lineage import list_merged
from testing_server.exam_day.recovery.rules import QUIET_MS, NotRecovering
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.recovery.taking_over import take_over, tend_recovery
from testing_server.exam_day.sittings.actions import chain_of, find_sitting
from testing_server.exam_day.sittings.commands import record_room_incident
from testing_server.exam_day.sittings.records import AttemptRecord, DirectiveRecord, IncidentRecord, SittingRecord
from testing_server.foundation.audit import export_chain, verify_audit
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.exam_day.recovery.builders import (
    begin_elsewhere, fetch_ledger, greet, hand_in, move_kiosk, seal_ledgers)


class Elsewhere:
    """Other machines, one after the other."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._count = folder, stack, 0

    def begin(self, room: Classroom, source: Path | None = None) -> Classroom:
        self._count += 1
        made = begin_elsewhere(room, self._folder / f"machine-{self._count}", source)
        self._stack.callback(made.close)
        return made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    with ExitStack() as stack:
        yield Elsewhere(tmp_path, stack)


def note(room: Classroom, text: str) -> None:
    now_ms = room.room.clock.now_ms()
    room.write(lambda session: record_room_incident(session, now_ms, room.sitting, None, text, "organizer"))


def seal(room: Classroom, kiosk: FakeKiosk) -> bytes:
    """The ledger as the room stands now."""
    seal_ledgers(room)
    move_kiosk(kiosk, room)
    if not kiosk.token:
        assert kiosk.say_hello().status == 200
    return fetch_ledger(room, kiosk)


def lead(room: Classroom, kiosk: FakeKiosk, envelope: bytes) -> None:
    assert greet(kiosk, room).status == 200
    assert hand_in(kiosk, envelope).json == {"news": True}
    assert take_over(room.services, "organizer") == [room.sitting]


def list_incidents(room: Classroom, kind: str = "organizer") -> list[str]:
    with room.services.storage.read() as session:
        return sorted(session.scalars(select(IncidentRecord.text).where(IncidentRecord.kind == kind)))


def read_state(room: Classroom, attempt: str = "") -> str:
    with room.services.storage.read() as session:
        return session.get_one(AttemptRecord, attempt).state if attempt else find_sitting(session, room.sitting).state


def list_waiting(room: Classroom) -> list[str]:
    with room.services.storage.read() as session:
        return list(session.scalars(select(AttemptRecord.id).where(AttemptRecord.state == "assigned").order_by(
            AttemptRecord.code)))


def assert_holds_audit(room: Classroom, lines: list[dict[str, str]]) -> None:
    with room.services.storage.read() as session:
        assert verify_audit(session, chain_of(room.sitting)) is None
        assert {line["digest"] for line in lines} <= list_digests(session, chain_of(room.sitting))


def list_lines(room: Classroom) -> list[dict[str, str]]:
    with room.services.storage.read() as session:
        return export_chain(session, chain_of(room.sitting))


def test_what_the_old_server_changed_last_is_taken_and_what_was_decided_here_stays(
        open_room: Classroom, elsewhere: Elsewhere) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    older, (first, second) = seal(open_room, kiosk), list_waiting(open_room)[:2]
    open_room.command("absent", [first, second], reason="болеет")
    newer, fresh = seal(open_room, kiosk), elsewhere.begin(open_room)
    lead(fresh, kiosk, older)
    fresh.command("spoiled", [second], reason="списывал")
    assert (read_state(fresh, first), read_state(fresh, second)) == ("assigned", "spoiled")
    assert hand_in(kiosk, newer).json == {"news": True}
    assert (read_state(fresh, first), read_state(fresh, second)) == ("absent", "spoiled")
    [told] = list_incidents(fresh, "late_facts")
    assert "подтвердили" in told


def test_orders_that_no_seat_confirmed_are_counted_for_the_organizer(open_room: Classroom,
                                                                     elsewhere: Elsewhere) -> None:
    heard, unheard = open_room.seat(0), open_room.seat(1)
    open_room.start(heard, unheard)
    older = seal(open_room, heard)
    for kiosk in (heard, unheard):
        open_room.command("extra_time", [kiosk.attempt], seconds=60)
    move_kiosk(heard, open_room)
    assert heard.say_hello().status == 200
    heard.apply_directives()
    newer, fresh = seal(open_room, heard), elsewhere.begin(open_room)
    lead(fresh, heard, older)
    assert hand_in(heard, newer).json == {"news": True}
    assert "не подтвердили его распоряжений: 1." in list_incidents(fresh, "late_facts")[0]
    with fresh.services.storage.read() as session:
        orders = session.scalars(select(DirectiveRecord).where(DirectiveRecord.kind == "extra_time"))
        assert {row.attempt: row.applied_at_ms is not None for row in orders} == {
            heard.attempt: True, unheard.attempt: False}


def test_a_row_that_finds_its_place_taken_leaves_the_others(open_room: Classroom, elsewhere: Elsewhere) -> None:
    kiosk = open_room.seat(0)
    older = seal(open_room, kiosk)
    open_room.write(lambda session: add_package(session, open_room.sitting, "a" * 64))
    note(open_room, "Погас свет")
    newer, fresh = seal(open_room, kiosk), elsewhere.begin(open_room)
    lead(fresh, kiosk, older)
    fresh.write(lambda session: add_package(session, open_room.sitting, "b" * 64))
    assert hand_in(kiosk, newer).json == {"news": True}
    assert list_incidents(fresh) == ["Погас свет"]
    with fresh.services.storage.read() as session:
        assert list(session.scalars(select(PackageRecord.id))) == ["b" * 64]


def add_package(session: Session, sitting: str, package: str) -> None:
    session.add(PackageRecord(id=package, sitting=sitting, sequence=1, state="made", asked_at_ms=1))


def test_two_takeovers_in_a_row_lose_nothing_that_a_workstation_kept_of_the_first_server(
        open_room: Classroom, elsewhere: Elsewhere) -> None:
    """The middle server was rebuilt from an older ledger and is lost before anybody brought it the newer one."""
    kiosk, away = open_room.seat(0), open_room.seat(1)
    older = seal(open_room, kiosk)
    note(open_room, "Погас свет")
    newer, lines = seal(open_room, away), list_lines(open_room)
    middle, last = elsewhere.begin(open_room), elsewhere.begin(open_room)
    lead(middle, kiosk, older)
    note(middle, "Свет дали")
    lead(last, kiosk, seal(middle, kiosk))
    assert list_incidents(last) == ["Свет дали"]
    assert greet(away, last).status == 200
    merged = away.ask("GET", "/v1/claims").json["merged"][last.sitting]
    assert sorted(merged.values()) == [1, 1] and hand_in(away, newer).json == {"news": True}
    assert list_incidents(last) == ["Погас свет", "Свет дали"]
    assert hand_in(away, newer).json == {"news": False}
    assert_holds_audit(last, [*lines, *list_lines(middle)])
    # the next server knows it from the ledger of this one
    final = elsewhere.begin(open_room)
    lead(final, kiosk, seal(last, kiosk))
    with final.services.storage.read() as session, last.services.storage.read() as before:
        known, knew = list_merged(session, final.sitting), list_merged(before, last.sitting)
    assert knew.items() <= known.items() and len(known) == 3
    assert_holds_audit(final, lines)


def copy(room: Classroom, folder: Path) -> Path:
    make_backup(room.data, folder, room.room.clock.now_ms())
    return list_backups(folder)[-1]


def test_a_ledger_older_than_the_backup_undoes_nothing(open_room: Classroom, elsewhere: Elsewhere,
                                                       tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    older, waiting = seal(open_room, kiosk), list_waiting(open_room)
    open_room.command("absent", waiting[:1], reason="болеет")
    seal_ledgers(open_room)
    # a moment after the last ledger
    open_room.command("absent", waiting[1:2], reason="болеет")
    fresh = elsewhere.begin(open_room, copy(open_room, tmp_path / "stick"))
    assert greet(kiosk, fresh).status == 200
    assert hand_in(kiosk, older).json == {"news": True}
    assert take_over(fresh.services, "organizer") == [fresh.sitting]
    assert [read_state(fresh, one) for one in waiting[:2]] == ["absent", "absent"]
    assert "ничего новее" in list_incidents(fresh, "server_replaced")[0]
    assert hand_in(kiosk, older).json == {"news": False}
    assert_holds_audit(fresh, list_lines(open_room))


def test_a_ledger_newer_than_the_backup_replaces_what_it_tells(open_room: Classroom, elsewhere: Elsewhere,
                                                               tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    seal_ledgers(open_room)
    stick, waiting = copy(open_room, tmp_path / "stick"), list_waiting(open_room)
    open_room.command("absent", waiting[:1], reason="болеет")
    fresh = elsewhere.begin(open_room, stick)
    lead(fresh, kiosk, seal(open_room, kiosk))
    assert read_state(fresh, waiting[0]) == "absent"
    assert_holds_audit(fresh, list_lines(open_room))


def test_a_ledger_that_comes_after_a_backup_led_is_merged(open_room: Classroom, elsewhere: Elsewhere,
                                                          tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    seal_ledgers(open_room)
    stick, waiting = copy(open_room, tmp_path / "stick"), list_waiting(open_room)
    open_room.command("absent", waiting[:1], reason="болеет")
    newer, fresh = seal(open_room, kiosk), elsewhere.begin(open_room, stick)
    assert take_over(fresh.services, "organizer") == [fresh.sitting]
    assert greet(kiosk, fresh).status == 200 and hand_in(kiosk, newer).json == {"news": True}
    assert read_state(fresh, waiting[0]) == "absent"


def test_a_backup_of_a_lost_branch_joins_the_newer_ledger_without_losing_either(
        open_room: Classroom, elsewhere: Elsewhere, tmp_path: Path) -> None:
    """The backup has lines of the first server that the second one, whose ledger is newer, never heard of."""
    kiosk = open_room.seat(0)
    older = seal(open_room, kiosk)
    note(open_room, "Погас свет")
    seal_ledgers(open_room)
    stick, middle = copy(open_room, tmp_path / "stick"), elsewhere.begin(open_room)
    lead(middle, kiosk, older)
    note(middle, "Свет дали")
    fresh = elsewhere.begin(open_room, stick)
    lead(fresh, kiosk, seal(middle, kiosk))
    assert list_incidents(fresh) == ["Погас свет", "Свет дали"]
    assert_holds_audit(fresh, [*list_lines(open_room), *list_lines(middle)])


def test_the_disk_of_a_server_that_stepped_back_leads_again(open_room: Classroom, elsewhere: Elsewhere,
                                                            tmp_path: Path) -> None:
    """The server that replaced it is lost, and no workstation kept a ledger of that one."""
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    older, middle = seal(open_room, kiosk), elsewhere.begin(open_room)
    lead(middle, kiosk, older)
    claims = kiosk.ask("GET", "/v1/claims").json["claims"]
    assert greet(kiosk, open_room, claims).status == 200 and read_state(open_room) == "fenced"
    fresh = elsewhere.begin(open_room, copy(open_room, tmp_path / "stick"))
    assert greet(kiosk, fresh).status == 200 and hand_in(kiosk, older).json == {"news": True}
    assert take_over(fresh.services, "organizer") == [fresh.sitting]
    assert read_state(fresh) == "running"
    with fresh.services.storage.read() as session, middle.services.storage.read() as other:
        assert find_sitting(session, fresh.sitting).generation > find_sitting(other, fresh.sitting).generation


def test_a_backup_leads_without_a_single_workstation_by_the_button_alone(open_room: Classroom, elsewhere: Elsewhere,
                                                                         tmp_path: Path) -> None:
    """Days later, for marking: the room is empty, the sitting receipted."""
    kiosk = open_room.seat(0)
    set_state(open_room, "receipted")
    fresh = elsewhere.begin(open_room, copy(open_room, tmp_path / "stick"))
    # somebody switches one on: that alone says nothing of today
    assert greet(kiosk, fresh).status == 200
    fresh.clock.advance(QUIET_MS)
    tend_recovery(fresh.services)
    assert attach_recovery(fresh.services).is_gathering
    browser = fresh.browser()
    assert "Вести сеансы сейчас" in browser.get("/server").text
    assert browser.post("/server/lead").status_code == 302
    assert not attach_recovery(fresh.services).may_lead and read_state(fresh) == "receipted"
    assert "Этот сервер восстановлен" in browser.get("/server").text


def set_state(room: Classroom, state: str) -> None:
    def change(session: Session) -> None:
        session.get_one(SittingRecord, room.sitting).state = state
    room.write(change)


def test_a_backup_of_what_is_over_is_not_undone_by_an_old_ledger(open_room: Classroom, elsewhere: Elsewhere,
                                                                 tmp_path: Path) -> None:
    kiosk = open_room.seat(0)
    older = seal(open_room, kiosk)
    set_state(open_room, "purged")
    fresh = elsewhere.begin(open_room, copy(open_room, tmp_path / "stick"))
    assert greet(kiosk, fresh).status == 200 and hand_in(kiosk, older).json == {"news": True}
    assert take_over(fresh.services, "organizer") == [] and read_state(fresh) == "purged"


def test_two_who_press_at_once_make_one_server_lead_once(open_room: Classroom, elsewhere: Elsewhere,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = open_room.seat(0)
    envelope, fresh = seal(open_room, kiosk), elsewhere.begin(open_room)
    assert greet(kiosk, fresh).status == 200 and hand_in(kiosk, envelope).json == {"news": True}
    second, kept = fresh.browser("room_organizer"), taking_over._lead

    def press_again(*words: object) -> None:
        with pytest.raises(NotRecovering):
            take_over(fresh.services, "another")
        assert second.post("/server/lead").status_code == 302
        kept(*words)  # type: ignore[arg-type]
    monkeypatch.setattr(taking_over, "_lead", press_again)
    assert take_over(fresh.services, "organizer") == [fresh.sitting]
    assert "уже ведёт сеансы" in second.post("/server/lead", follow_redirects=True).text
    assert len(list_incidents(fresh, "server_replaced")) == 1
