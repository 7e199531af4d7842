"""No headset is left: a free seat is offered first, then the next sitting, then the reserve day; the balance closes."""
from typing import Any

import pytest

from testing_server.contracts.refusals import MoveRefused
from testing_server.exam_day.packages.queries import read_closing
from testing_server.exam_day.sittings.actions import Entry, NewSitting, create_sitting, list_attempts
from testing_server.exam_day.sittings.records import AttemptRecord
from testing_server.exam_day.sittings.transfers import TransferRefused, transfer_attempt
from tests.testing_server.exam_day.builders import DAY, HOUR_MS, Classroom, make_roster


def add_sitting(room: Classroom, login: str = "12345678", code: str = "77777", **changes: Any) -> str:
    """The next wave: a sitting of the same work with somebody else."""
    now_ms = room.room.clock.now_ms()
    asked = NewSitting(room.archive, "кабинет 12, вторая группа", changes.get("day", DAY), [Entry(login, code)],
                       make_roster()["campaign"], (now_ms - HOUR_MS, now_ms + 8 * HOUR_MS), 1)
    return str(room.write(lambda session: create_sitting(session, now_ms, asked, "test")).id)


def transfer(room: Classroom, attempt: str, target: str, reason: str = "нет гарнитуры") -> AttemptRecord:
    moved: AttemptRecord = room.write(lambda session: transfer_attempt(session, 5, attempt, target, reason, "anna"))
    return moved


def test_who_began_gets_another_variant_there_and_counts_as_transferred_here(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    kiosk.answer("i1", "r1", "начато")
    later = add_sitting(open_room)
    with open_room.services.storage.read() as session:
        before = session.get_one(AttemptRecord, kiosk.attempt)
    fresh = transfer(open_room, kiosk.attempt, later)
    assert (fresh.code, fresh.login, fresh.state) == (before.code, before.login, "assigned")
    assert fresh.variant != before.variant
    late = kiosk.answer("i1", "r1", "поздно")
    assert late.status == 200 and late.json["lease_state"] == "revoked"
    kiosk.write("attempt_finished", reason="candidate")
    kiosk.send()
    with open_room.services.storage.read() as session:
        balance = read_closing(session, open_room.sitting).balance
    assert (balance.issued, balance.transferred, len(balance.missing)) == (6, 1, 5)
    assert balance.issued == (balance.finished + balance.absent + balance.spoiled + balance.transferred
                              + len(balance.missing))


def test_the_same_login_leads_to_the_other_sitting(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    later = add_sitting(open_room)
    fresh = transfer(open_room, kiosk.attempt, later)
    assert kiosk.sign_in(open_room.logins[0]).json["code"] == "not_open"
    first, open_room.sitting = open_room.sitting, later
    browser = open_room.browser()
    assert browser.post(f"/sittings/{later}/open", page=f"/sittings/{later}").status_code == 302
    assert kiosk.sign_in(open_room.logins[0]).status == 200 and kiosk.attempt == fresh.id
    assert first != later


def test_only_to_an_open_sitting_of_the_same_work_and_day(open_room: Classroom) -> None:
    with open_room.services.storage.read() as session:
        attempt = list_attempts(session, open_room.sitting)[0]
    other_day, same_code = add_sitting(open_room, day="2025-10-10"), add_sitting(open_room, attempt.login, attempt.code)
    for target in (open_room.sitting, other_day, same_code, "nothing"):
        with pytest.raises(TransferRefused):
            transfer(open_room, attempt.id, target)
    later = add_sitting(open_room, "87654321", "88888")
    transfer(open_room, attempt.id, later)
    with pytest.raises((TransferRefused, MoveRefused)):
        transfer(open_room, attempt.id, later)


def test_the_page_offers_a_free_seat_first_then_the_next_sitting(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    browser = open_room.browser("room_organizer")
    page = f"/sittings/{open_room.sitting}/seats/{kiosk.attempt}/relocate"
    assert "другого сеанса этой работы сегодня тоже" in browser.get(page).text
    later = add_sitting(open_room)
    assert "Перенесите участника в следующий сеанс" in browser.get(page).text
    refused = browser.post(page.replace("relocate", "transfer"), {"target": later, "reason": " "}, page=page)
    assert refused.status_code == 422
    done = browser.post(page.replace("relocate", "transfer"), {"target": later, "reason": "гарнитура"}, page=page)
    assert done.status_code == 302 and later in done.location
    assert open_room.browser("technician").get(page).status_code == 403
