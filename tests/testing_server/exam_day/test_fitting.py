"""Will it fit: the rule on numbers, and a sitting that is opened, doubted, refused."""
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from testing_server.contracts.messages import CheckReport
from testing_server.exam_day.fitting import queries
from testing_server.exam_day.fitting.rules import (
    PCM_BYTES_S, SEAT_RESERVE_BYTES, SERVER_BYTES_S, SERVER_RESERVE_BYTES, Battery, Load, Machine, Word, judge_fit)
from testing_server.exam_day.sittings.actions import list_attempts
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.workstations.actions import save_check
from testing_server.foundation.audit.records import AuditRecord
from tests.testing_server.exam_day.builders import Classroom

GIGABYTE = 1_000_000_000
LOAD = Load(candidates=10, variants=5, speaking_s=300, duration_s=2700, materials_bytes=5_000_000, window_s=8 * 3600)
SERVER = Machine("", 100 * GIGABYTE, 4 * GIGABYTE)
SEATS = [Machine(str(number + 1), 10 * GIGABYTE, 2 * GIGABYTE, None, 5_000) for number in range(10)]


def judge(subject: str, server: Machine = SERVER, seats: list[Machine] | None = None, load: Load = LOAD) -> list[Word]:
    found = judge_fit(load, server, SEATS if seats is None else seats)
    return [one.word for one in found.findings if one.subject == subject]


def test_a_good_room_fits() -> None:
    fit = judge_fit(LOAD, SERVER, SEATS)
    assert fit.word == Word.GOOD and not fit.needs_reason and not fit.is_refused


@pytest.mark.parametrize(("free", "word"), [
    (-1, Word.LOST), (0, Word.NO), (SERVER_RESERVE_BYTES - 1, Word.NO), (SERVER_RESERVE_BYTES, Word.ATTENTION),
    (2 * GIGABYTE, Word.GOOD)])
def test_speech_of_everybody_against_the_disk_of_the_server(free: int, word: Word) -> None:
    needs = 10 * 300 * SERVER_BYTES_S
    assert judge("disk", Machine("", needs + free, 4 * GIGABYTE), []) == [word]


@pytest.mark.parametrize(("free", "word"), [(-1, Word.LOST), (0, Word.NO), (SEAT_RESERVE_BYTES, Word.GOOD)])
def test_one_seat_without_room_for_its_speech(free: int, word: Word) -> None:
    found = judge_fit(replace(LOAD, candidates=1), SERVER, [Machine("7", LOAD.seat_bytes + free)])
    assert [one.word for one in found.findings if one.seat == "7"] == [word]


def test_one_seat_keeps_the_speech_of_all_who_sit_there_one_after_another() -> None:
    def judge_seats(load: Load, room: int) -> Word:
        [found] = [one for one in judge_fit(load, SERVER, [Machine("7", room)]).findings if one.seat]
        return found.word
    for rounds, word in ((10, Word.GOOD), (9, Word.ATTENTION), (1, Word.ATTENTION)):
        assert judge_seats(LOAD, rounds * LOAD.seat_bytes + SEAT_RESERVE_BYTES) == word
    assert judge_seats(replace(LOAD, candidates=1), LOAD.seat_bytes + SEAT_RESERVE_BYTES) == Word.GOOD


def test_sittings_that_are_open_beside_need_the_disk_now_and_prepared_ones_later() -> None:
    needs, more = LOAD.speech_bytes, 5 * GIGABYTE
    beside, later = replace(LOAD, beside_bytes=more), replace(LOAD, later_bytes=more)
    for load, free, word in (
            (beside, needs + more - 1, Word.LOST), (beside, needs + more + 2 * GIGABYTE, Word.GOOD),
            (later, needs + more - 1, Word.ATTENTION), (later, needs + more + 2 * GIGABYTE, Word.GOOD)):
        assert judge("disk", Machine("", free, 4 * GIGABYTE), [], load) == [word]


@pytest.mark.parametrize(("battery", "word"), [
    (Battery(3, True), Word.GOOD), (Battery(39, False), Word.NO), (Battery(40, False), Word.ATTENTION)])
def test_a_battery_must_last_for_the_work(battery: Battery, word: Word) -> None:
    assert judge("battery", Machine("", 100 * GIGABYTE, GIGABYTE, battery), []) == [word]
    assert judge("battery", seats=[Machine("1", battery=battery)]) == [word]


def test_all_speak_at_once_and_the_network_carries_half() -> None:
    assert judge("link", seats=[Machine(str(one), link_kbytes_s=500) for one in range(10)]) == [Word.NO]
    assert judge("link", seats=[Machine("1", link_kbytes_s=90)]).count(Word.NO) == 2
    assert judge("link", seats=[Machine("1")]) == [Word.UNKNOWN]


def test_a_written_work_asks_nothing_of_the_network() -> None:
    written = Load(10, 5, 0, 2700, 0, 8 * 3600)
    assert judge("link", seats=[Machine("1", link_kbytes_s=9)], load=written) == []


def test_fewer_headsets_are_waves_and_waves_need_hours() -> None:
    assert judge("headsets", seats=SEATS[:3]) == [Word.ATTENTION]
    assert judge("window", seats=SEATS[:3]) == [Word.GOOD]
    late = Load(10, 5, 300, 2700, 0, 3 * 3600)
    assert judge("window", seats=SEATS[:3], load=late) == [Word.NO]
    assert judge("headsets", seats=[]) == [Word.UNKNOWN]


def test_what_nobody_measured_is_said_to_be_unknown() -> None:
    assert judge("disk", Machine(), []) == [Word.UNKNOWN] and judge("memory", Machine(), []) == [Word.UNKNOWN]


def test_every_no_names_its_remedy() -> None:
    poor = [Machine("1", LOAD.seat_bytes - 1, 1, Battery(1, False), 9)]
    found = judge_fit(Load(10, 5, 300, 2700, 5_000_000, 60), Machine("", 1, 1, Battery(1, False)), poor)
    wrong = [one for one in found.findings if one.word in (Word.NO, Word.LOST)]
    assert found.is_refused and len(wrong) == 9
    assert all(str(one.remedy) for one in wrong), [one for one in wrong if not str(one.remedy)]


# ---- in the room
def prepare(room: Classroom, monkeypatch: pytest.MonkeyPatch, **server: Any) -> str:
    machine = Machine(**{"disk_bytes": 100 * GIGABYTE, "memory_bytes": GIGABYTE, **server})
    monkeypatch.setattr(queries, "look_at_server", lambda data: machine)
    return room.make_sitting(opened=False)


def read_state(room: Classroom, sitting: str) -> str:
    with room.services.storage.read() as session:
        return session.get_one(SittingRecord, sitting).state


def read_audit(room: Classroom, verb: str) -> list[str]:
    with room.services.storage.read() as session:
        return list(session.scalars(select(AuditRecord.content).where(AuditRecord.verb == verb)))


def test_the_page_says_what_fits_and_opens(open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    sitting, person = prepare(open_room, monkeypatch), open_room.browser()
    shown = person.get(f"/sittings/{sitting}").text
    assert "Поместится ли" in shown and 'name="reason"' not in shown
    assert person.post(f"/sittings/{sitting}/open", page="/password").status_code == 302
    assert read_state(open_room, sitting) == "open" and read_audit(open_room, "opened_against_fit") == []


def test_speech_that_other_sittings_still_write_is_counted(
        open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk, prepared = open_room.seat(0), prepare(open_room, monkeypatch)
    monkeypatch.setattr(queries, "count_speaking_s", lambda path: 100)

    def measure() -> tuple[int, int]:
        with open_room.services.storage.read() as session:
            return queries.measure_others(session, open_room.room)
    ahead = 100 * SERVER_BYTES_S
    with open_room.services.storage.read() as session:
        counts = [len(list_attempts(session, one)) for one in (open_room.sitting, prepared)]
    assert measure() == (counts[0] * ahead, counts[1] * ahead)
    monkeypatch.setattr(queries, "list_recordings", lambda session, attempts: [
        SimpleNamespace(durable_bytes=40 * PCM_BYTES_S)] if kiosk.attempt in attempts else [])
    assert measure() == (counts[0] * ahead - 40 * SERVER_BYTES_S, counts[1] * ahead)


def test_a_red_no_needs_a_reason_that_the_audit_keeps(open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    sitting, person = prepare(open_room, monkeypatch, battery=Battery(4, False)), open_room.browser()
    assert 'name="reason"' in person.get(f"/sittings/{sitting}").text
    for reason in ("", "   "):
        refused = person.post(f"/sittings/{sitting}/open", {"reason": reason}, page="/password")
        assert refused.status_code == 409 and "Включите компьютер в сеть" in refused.text
    assert read_state(open_room, sitting) == "draft"
    person.post(f"/sittings/{sitting}/open", {"reason": "розетка занята, едет удлинитель"}, page="/password")
    assert read_state(open_room, sitting) == "open"
    [line] = read_audit(open_room, "opened_against_fit")
    assert "едет удлинитель" in line and "battery" in line


def test_lost_speech_is_refused_whatever_the_reason(open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    sitting, person = prepare(open_room, monkeypatch, disk_bytes=1_000_000), open_room.browser()
    refused = person.post(f"/sittings/{sitting}/open", {"reason": "очень надо"}, page="/password")
    assert refused.status_code == 409 and "Освободите на диске сервера" in refused.text
    told = person.client.post(f"/v1/sittings/{sitting}/open", json={"reason": "очень надо"})
    assert (told.status_code, told.get_json()["code"]) == (409, "does_not_fit")
    assert read_state(open_room, sitting) == "draft"


def test_a_seat_that_is_closed_holds_nobody_up(open_room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = open_room.pair("7")
    poor = CheckReport(verdict="heard", disk_free_bytes=1_000_000, clock_offset_ms=0)
    open_room.write(lambda session: save_check(session, 1, kiosk.workstation, poor))
    sitting, person = prepare(open_room, monkeypatch), open_room.browser()
    assert person.post(f"/sittings/{sitting}/open", page="/password").status_code == 409
    person.post(f"/workstations/{kiosk.workstation}/block", page="/password")
    assert person.post(f"/sittings/{sitting}/open", page="/password").status_code == 302
