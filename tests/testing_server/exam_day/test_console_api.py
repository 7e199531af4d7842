"""The console as a program sees it: from the first steps to the package."""
from typing import Any

from testing_server.exam_day.sittings.archives import save_roster
from tests.testing_server.exam_day.builders import PASSPHRASE, Classroom, make_roster
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk, FlaskWire

FIRST = {"school_name": "Школа № 1", "room": "кабинет 12", "passphrase": PASSPHRASE, "login": "organizer",
         "password": "correct horse battery"}


def test_the_first_steps_make_a_key_a_school_and_an_account(empty_room: Classroom) -> None:
    client = empty_room.app.test_client()
    assert client.post("/v1/room/first-steps", json=FIRST).status_code == 201
    assert empty_room.room.keys.is_unlocked
    assert client.post("/v1/room/first-steps", json=FIRST).get_json()["code"] == "already_set_up"


def test_the_first_steps_are_taken_on_the_pc_itself(empty_room: Classroom) -> None:
    away = empty_room.app.test_client().post("/v1/room/first-steps", json=FIRST, environ_base={
        "REMOTE_ADDR": "192.168.1.7"})
    foreign = empty_room.app.test_client().post("/v1/room/first-steps", json=FIRST, headers={
        "Origin": "https://elsewhere.example"})
    assert (away.status_code, foreign.status_code) == (403, 403)


def test_half_a_set_up_is_none(empty_room: Classroom) -> None:
    for wrong in ({"password": "short"}, {"passphrase": "short"}, {"school_name": " "}, {"login": "ы"}):
        refused = empty_room.app.test_client().post("/v1/room/first-steps", json={**FIRST, **wrong})
        assert refused.status_code == 422, wrong
    assert not empty_room.room.keys.exists


def test_an_organizer_pairs_a_workstation_by_its_digits(open_room: Classroom) -> None:
    person = open_room.browser().client
    kiosk = FakeKiosk(FlaskWire(open_room.app.test_client()))
    digits = kiosk.begin_pairing()
    waiting = person.get("/v1/pairings").get_json()["pairings"]
    assert [one["id"] for one in waiting] == [kiosk.pairing]
    answer = person.post(f"/v1/pairings/{kiosk.pairing}/confirm", json={"digits": digits, "seat": "7"})
    assert answer.status_code == 200
    assert kiosk.look_at_pairing()["seat"] == "7"


def test_a_sitting_from_the_roster_to_running(empty_room: Classroom) -> None:
    room = empty_room
    room.set_up()
    room.open_archive(room.take_archive())
    keep_roster(room, make_roster(4))
    person = room.browser().client
    made = person.post("/v1/sittings", json={
        "archive": room.archive, "day": "2025-10-09", "campaign": "demo", "count": 3, "pace": 10}).get_json()
    room.sitting = made["sitting"]
    assert person.post(f"/v1/sittings/{room.sitting}/open").get_json() == {"state": "open"}
    live = person.get(f"/v1/sittings/{room.sitting}/live").get_json()
    assert (live["state"], live["counts"], len(live["seats"])) == ("open", {"assigned": 3}, 3)


def keep_roster(room: Classroom, roster: dict[str, Any]) -> None:
    room.write(lambda s: save_roster(s, 1, roster, b"{}", True, "test"))
    room.logins = [entry["login"] for entry in roster["entries"]]


def test_a_command_reaches_the_seat_once(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser().client
    address, key = f"/v1/sittings/{open_room.sitting}/commands", {"Idempotency-Key": "click-1"}
    first = person.post(address, json={"kind": "start"}, headers=key).get_json()
    assert person.post(address, json={"kind": "start"}, headers=key).get_json() == first
    assert [one["kind"] for one in kiosk.fetch_directives()] == ["start"]


def test_the_live_view_names_trouble_and_its_act(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser().client
    open_room.start(kiosk)
    open_room.clock.advance(6_000)
    seat = person.get(f"/v1/sittings/{open_room.sitting}/live").get_json()["seats"][0]
    assert (seat["state"], seat["style"], seat["trouble"], seat["act"]) == ("interrupted", "offline", "silent", "move")
    kiosk.send()
    seat = person.get(f"/v1/sittings/{open_room.sitting}/live").get_json()["seats"][0]
    assert (seat["state"], seat["style"], seat["trouble"]) == ("started", "running", "")


def test_what_the_room_may_not_be_asked_by_whom(open_room: Classroom) -> None:
    technician = open_room.browser("technician").client
    assert technician.get("/v1/pairings").status_code == 200
    assert technician.post(f"/v1/sittings/{open_room.sitting}/commands", json={"kind": "start"}).status_code == 403
    assert open_room.app.test_client().get(f"/v1/sittings/{open_room.sitting}/live").status_code == 401


def test_a_raised_hand_is_seen_until_a_command_answers_it(open_room: Classroom) -> None:
    kiosk, person = open_room.seat(0), open_room.browser().client
    open_room.start(kiosk)
    kiosk.now_ms = open_room.clock.now_ms() + 5
    kiosk.write("incident_raised", kind="call", text="")
    kiosk.send()
    assert look_at_first(person, open_room)["trouble"] == "called"
    open_room.clock.advance(1_000)
    open_room.command("message", [kiosk.attempt], text="Иду")
    kiosk.apply_directives()
    assert look_at_first(person, open_room)["trouble"] == ""


def look_at_first(person: Any, room: Classroom) -> dict[str, Any]:
    return dict(person.get(f"/v1/sittings/{room.sitting}/live").get_json()["seats"][0])


def test_hello_tells_how_far_the_server_is(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    kiosk.put_part(9, 0, 0, b"\0\0" * 100)
    kiosk.put_part(9, 2, 400, b"\0\0" * 100)
    welcome = kiosk.say_hello({kiosk.attempt: {str(kiosk.lease): 1}}).json
    assert welcome["acked"] == {kiosk.attempt: {str(kiosk.lease): 1}}
    assert welcome["durable"] == {f"{kiosk.attempt}/{kiosk.lease}/9": 200}
    assert welcome["generation"] == kiosk.seated["generation"] and welcome["claim"]
