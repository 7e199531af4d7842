"""The page of this server: how many copies each work has, how far a standby is, its one button."""
from __future__ import annotations

from pathlib import Path

from testing_server.exam_day.recovery.backups import make_backup
from testing_server.exam_day.recovery.copies import Copies, Held, find_copies, list_copies, order_worst_first
from testing_server.exam_day.recovery.standby.rules import AWAY_AFTER_MS
from testing_server.exam_day.recovery.state import attach_recovery
from tests.testing_server.exam_day.builders import Classroom, make_speech
from tests.testing_server.exam_day.recovery.standby.builders import Pair


def look(room: Classroom, attempt: str) -> dict[str, Held]:
    found = find_copies(room.services, attempt)
    assert found is not None
    return dict(found.at)


def test_a_copy_counts_only_while_it_is_whole(pair: Pair, tmp_path: Path) -> None:
    room = pair.leader
    kiosk, other = room.seat(0), room.seat(1)
    room.start(kiosk, other)
    whole, none = Held.WHOLE, Held.NONE
    assert look(room, kiosk.attempt) == {"seat": whole, "server": whole, "standby": none, "stick": none}
    pair.keep_up()
    pair.keep_up()
    make_backup(room.data, tmp_path / "stick", 1_000)
    assert look(room, kiosk.attempt) == {"seat": whole, "server": whole, "standby": whole, "stick": whole}
    kiosk.record("i2", "r2", make_speech(1))
    room.sweep()
    assert look(room, kiosk.attempt)["standby"] == look(room, kiosk.attempt)["stick"] == Held.BEHIND
    assert look(room, other.attempt) == {"seat": whole, "server": whole, "standby": whole, "stick": whole}
    assert [(one.code, one.count) for one in list_copies(room.services, room.sitting)] == sorted(
        [(kiosk.seated["code"], 2), (other.seated["code"], 4)], key=lambda one: one[1])


def test_the_silent_and_the_forgotten_are_not_counted(pair: Pair) -> None:
    kiosk = pair.leader.seat(0)
    pair.keep_up()
    pair.leader.clock.advance(AWAY_AFTER_MS + 1)
    found = find_copies(pair.leader.services, kiosk.attempt)
    assert found is not None and (found.at["seat"], found.at["standby"], found.count) == (Held.SILENT, Held.NONE, 1)


def test_sound_that_has_not_arrived_is_no_copy(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    kiosk.write("recording_started", item="i2", response="r2", rate_hz=24_000, device="fake")
    kiosk.write("recording_committed", started=[kiosk.lease, 2], bytes=4_800, samples=2_400, sha256="0" * 64, parts=1,
                gaps=0, end_reason="stopped", verdict="heard")
    assert kiosk.send().status == 200
    assert look(open_room, kiosk.attempt)["server"] == Held.BEHIND


def test_nobody_sits_nothing_to_copy(open_room: Classroom) -> None:
    assert list_copies(open_room.services, open_room.sitting) == []
    assert find_copies(open_room.services, "nobody") is None


def test_the_worst_comes_first() -> None:
    made = [Copies("a", "2", "1", {"seat": Held.WHOLE}), Copies("b", "1", "2", {"seat": Held.WHOLE}),
            Copies("c", "3", "3", {"seat": Held.SILENT})]
    assert [one.code for one in order_worst_first(made)] == ["3", "1", "2"]


def test_the_page_tells_of_copies_and_the_standby(pair: Pair) -> None:
    kiosk = pair.leader.seat(0)
    pair.keep_up()
    browser = pair.leader.browser("room_organizer")
    for address in ("/server", "/server/state"):
        page = browser.get(address)
        assert page.status_code == 200 and "Запасной сервер" in page.text and kiosk.seated["code"] in page.text
    assert "Копий работы:" in browser.get(f"/sittings/{pair.leader.sitting}/seats/{kiosk.attempt}").text


def test_one_button_makes_a_standby_lead(pair: Pair) -> None:
    pair.leader.seat(0)
    browser = pair.spare.browser()
    assert "Принимает первый раз" in browser.get("/server").text
    assert browser.post("/server/lead").status_code == 409
    pair.keep_up()
    assert "Не отстаёт" in browser.get("/server").text
    assert browser.post("/server/lead").status_code == 302
    assert not attach_recovery(pair.spare.services).may_lead
    assert "принял сеансы у прежнего сервера" in browser.get("/server").text


def test_a_standby_whose_leader_is_silent_says_so(pair: Pair) -> None:
    pair.cut = True
    pair.keep_up()
    assert "не отвечает" in pair.spare.browser().get("/server").text
