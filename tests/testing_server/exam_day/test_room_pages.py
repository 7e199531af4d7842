"""The drawn room: a plan is kept, candidates are seated, neighbours differ, waves go through few headsets."""
import json

from sqlalchemy import select

from testing_server.exam_day.rooms.queries import find_plan, list_waves, show_plan
from testing_server.exam_day.rooms.rules import find_near
from testing_server.exam_day.sittings.archives import save_roster
from testing_server.exam_day.sittings.records import AttemptRecord, SittingRecord
from tests.builders import Browser
from tests.testing_server.exam_day.builders import DAY, Classroom, make_roster


def save_room(person: Browser, rows: object, places: object, cells: object) -> int:
    form = {"rows": rows, "places": places, "cells": cells if isinstance(cells, str) else json.dumps(cells)}
    return person.post("/room", form, page="/password").status_code


def read_cells(room: Classroom) -> dict[str, tuple[int, int]]:
    with room.services.storage.read() as session:
        return dict(show_plan(session).cells)


def read_variants(room: Classroom, sitting: str) -> dict[str, str]:
    with room.services.storage.read() as session:
        rows = session.scalars(select(AttemptRecord).where(AttemptRecord.sitting == sitting))
        return {row.code: row.variant for row in rows}


def test_an_empty_room_teaches_how_to_fill_it(open_room: Classroom) -> None:
    assert "Здесь появится план аудитории" in open_room.browser().get("/room").text


def test_a_plan_is_kept_and_grows_with_the_room(open_room: Classroom) -> None:
    person = open_room.browser()
    for seat in ("1", "2", "3"):
        open_room.pair(seat)
    assert save_room(person, 3, 4, {"1": [2, 2], "2": [1, 4]}) == 302
    assert read_cells(open_room) == {"1": (2, 2), "2": (1, 4), "3": (1, 1)}
    assert save_room(person, 2, 2, {"1": [2, 2], "2": [1, 4], "3": [1, 1]}) == 302
    assert read_cells(open_room) == {"1": (2, 2), "2": (1, 2), "3": (1, 1)}


def test_rubbish_instead_of_a_plan_changes_nothing(open_room: Classroom) -> None:
    person, rubbish = open_room.browser(), ("{", "[]", '{"1": 5}', '{"1": [1, "x"]}', '{"1": [0, 1]}')
    open_room.pair("1")
    assert {save_room(person, 2, 2, cells) for cells in rubbish} == {422}
    assert save_room(person, "many", 2, {}) == 422 and save_room(person, 2, 99, {}) == 422
    with open_room.services.storage.read() as session:
        assert find_plan(session) is None


def test_seats_are_planned_and_neighbours_differ(open_room: Classroom) -> None:
    person, sitting = open_room.browser(), open_room.make_sitting(opened=False)
    for seat in range(1, 7):
        open_room.pair(str(seat))
    save_room(person, 2, 3, {str(seat + 1): [seat // 3 + 1, seat % 3 + 1] for seat in range(6)})
    address = f"/sittings/{sitting}/seating"
    assert "не рассажен" in person.get(address).text
    assert person.post(address, {"seat/4": "10001", "fill": "1"}, page="/password").status_code == 302
    shown, variants = person.get(address).text, read_variants(open_room, sitting)
    assert "не рассажен" not in shown
    seats = {"4": "10001", "1": "10002", "2": "10003", "3": "10004", "5": "10005", "6": "10006"}
    with open_room.services.storage.read() as session:
        plan = show_plan(session)
    beside = [(one, other) for one in seats for other in find_near(plan, one)
              if plan.cells[one][0] == plan.cells[other][0] or plan.cells[one][1] == plan.cells[other][1]]
    assert all(variants[seats[one]] != variants[seats[other]] for one, other in beside)


def test_a_seating_that_cannot_be_is_refused_in_words(open_room: Classroom) -> None:
    person, address = open_room.browser(), f"/sittings/{open_room.sitting}/seating"
    open_room.pair("1"), open_room.pair("2")
    for wrong in ({"seat/1": "10001", "seat/2": "10001"}, {"seat/9": "10001"}, {"seat/1": "nobody"}):
        refused = person.post(address, wrong, page="/password")
        assert refused.status_code == 422 and "рассадите ещё раз" in refused.text


def test_whoever_sits_down_gets_the_variant_of_the_place(open_room: Classroom) -> None:
    person = open_room.browser()
    kiosks = [open_room.pair(str(seat)) for seat in range(1, 5)]
    save_room(person, 2, 2, {"1": [1, 1], "2": [2, 2], "3": [1, 2], "4": [2, 1]})
    given = [kiosk.sign_in(login).json["variant"] for kiosk, login in zip(kiosks, open_room.logins)]
    assert given[0] != given[2] and given[0] != given[3] and given[1] != given[2] and given[1] != given[3]


def test_an_absent_candidate_may_come_late(open_room: Classroom) -> None:
    person, address = open_room.browser(), f"/sittings/{open_room.sitting}/seating"
    open_room.pair("1")
    with open_room.services.storage.read() as session:
        attempt = session.scalars(select(AttemptRecord.id).where(AttemptRecord.code == "10001")).one()
    note = f"/sittings/{open_room.sitting}/attempts/{attempt}/"
    assert person.post(f"{note}absent", page="/password").status_code == 302
    assert "Пришёл с опозданием" in person.get(address).text
    assert person.post(f"{note}present", page="/password").status_code == 302
    assert "Пришёл с опозданием" not in person.get(address).text
    assert person.post(f"{note}asleep", page="/password").status_code == 404


def ask_waves(room: Classroom, person: Browser, **changes: str) -> tuple[int, str]:
    room.write(lambda session: save_roster(session, 1, make_roster(7), b"{}", True, "test"))
    codes = [str(code) for code in range(10_001, 10_008)]
    form = {"archive": room.archive, "roster": f"{DAY}/demo", f"codes/{DAY}/demo": codes, "start": "9:30",
            "pace": "1", **changes}
    found = person.post("/sittings/new", form, page="/password")
    return found.status_code, found.text


def test_seven_candidates_and_three_headsets_are_three_waves(open_room: Classroom) -> None:
    for seat in ("1", "2", "3"):
        open_room.pair(seat)
    person = open_room.browser()
    status, _ = ask_waves(open_room, person, waves="1")
    assert status == 302 and "смена 3 из 3" in person.get("/today").text
    with open_room.services.storage.read() as session:
        made = [one for one in session.scalars(select(SittingRecord)) if one.id != open_room.sitting]
        waves = list_waves(session, [one.id for one in made])
        attempts = list(session.scalars(select(AttemptRecord.sitting)))
        sizes = [attempts.count(one.id) for one in made]
    assert sorted(sizes) == [2, 2, 3] and sorted(wave.number for wave in waves.values()) == [1, 2, 3]
    for page in ("", "/seating"):
        assert f"смена {waves[made[0].id].number} из 3" in person.get(f"/sittings/{made[0].id}{page}").text
    assert "смена" not in person.get(f"/sittings/{open_room.sitting}").text


def test_waves_need_headsets_and_an_hour(open_room: Classroom) -> None:
    person = open_room.browser()
    status, text = ask_waves(open_room, person, waves="1")
    assert status == 409 and "ни одного рабочего места" in text
    open_room.pair("1")
    status, text = ask_waves(open_room, person, waves="1", start="soon")
    assert status == 422 and "часы и минуты" in text


def test_a_sitting_is_foreseen_before_it_is_made(open_room: Classroom) -> None:
    open_room.pair("1")
    status, text = ask_waves(open_room, open_room.browser(), check="1")
    assert status == 200 and "Поместится ли" in text and "Разделите участников на смены" in text
    with open_room.services.storage.read() as session:
        assert len(list(session.scalars(select(SittingRecord)))) == 1
