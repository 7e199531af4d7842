"""Pairing and hello: a person compares six digits; whoever cannot prove a key stays outside."""
import pytest

from testing_server.contracts.statements import key_id_of, public_bytes, verify_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.exam_day.workstations.rules import SeatTaken
from tests.testing_server.exam_day.builders import Classroom
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk, FlaskWire


@pytest.fixture
def kiosk(open_room: Classroom) -> FakeKiosk:
    """A workstation that shows its digits."""
    made = FakeKiosk(FlaskWire(open_room.app.test_client()))
    made.begin_pairing()
    return made


def other_digits(kiosk: FakeKiosk) -> str:
    return f"{(int(kiosk.code) + 1) % 1_000_000:06d}"


def test_equal_digits_give_a_certificate_of_the_school(open_room: Classroom, kiosk: FakeKiosk) -> None:
    assert open_room.type_digits(kiosk, f"{kiosk.code[:3]} {kiosk.code[3:]}", "4") == "green"
    found = kiosk.look_at_pairing()
    raw = public_bytes(open_room.room.keys.key().signing)
    certificate = verify_statement(found["certificate"].encode(), {key_id_of(raw): raw},
                                   PAYLOAD_TYPES["workstation_certificate"]).read()
    assert (certificate["public_key"], certificate["seat"]) == (kiosk.public.hex(), "4")


def test_other_digits_turn_red_for_good(open_room: Classroom, kiosk: FakeKiosk) -> None:
    assert open_room.type_digits(kiosk, other_digits(kiosk), "4") == "red"
    assert kiosk.look_at_pairing()["state"] == "red"
    person = open_room.browser().client
    late = person.post(f"/v1/pairings/{kiosk.pairing}/confirm", json={"digits": kiosk.code, "seat": "4"})
    assert late.get_json()["code"] == "pair_refused"


def test_three_wrong_codes_close_the_typing_for_five_minutes(open_room: Classroom) -> None:
    person = open_room.browser().client

    def confirm(right: bool) -> str:
        kiosk = FakeKiosk(FlaskWire(open_room.app.test_client()))
        kiosk.begin_pairing()
        digits = kiosk.code if right else other_digits(kiosk)
        found = person.post(f"/v1/pairings/{kiosk.pairing}/confirm", json={"digits": digits, "seat": kiosk.code})
        return str(found.get_json().get("code", "green"))
    assert [confirm(False) for _ in range(3)] == ["wrong_digits"] * 3
    assert confirm(True) == "typing_paused"
    open_room.clock.advance(5 * 60_000)
    assert confirm(True) == "green"


def test_a_broken_promise_is_refused(open_room: Classroom) -> None:
    wire = FlaskWire(open_room.app.test_client())
    begun = wire.ask("POST", "/v1/pair", json={"public_key": "11" * 32, "commitment": "22" * 32}).json
    revealed = wire.ask("POST", f"/v1/pair/{begun['pairing']}", json={"nonce": "33" * 32})
    assert (revealed.status, revealed.json["code"]) == (409, "pair_refused")


@pytest.mark.parametrize("public_key", ["", "11" * 31, "zz" * 32, "11" * 33])
def test_a_key_that_is_none_is_refused(open_room: Classroom, public_key: str) -> None:
    refused = FlaskWire(open_room.app.test_client()).ask("POST", "/v1/pair", json={
        "public_key": public_key, "commitment": "22" * 32})
    assert refused.json["code"] == "pair_refused"


def test_a_seat_belongs_to_one_workstation(open_room: Classroom, kiosk: FakeKiosk) -> None:
    open_room.pair("4")
    with pytest.raises(SeatTaken):
        open_room.type_digits(kiosk, kiosk.code, "4")


def test_the_same_computer_paired_again_keeps_its_name(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    first = kiosk.workstation
    kiosk.begin_pairing()
    open_room.type_digits(kiosk, kiosk.code, "2")
    assert kiosk.look_at_pairing()["workstation"] == first


def test_an_address_may_ask_ten_times_a_minute(open_room: Classroom) -> None:
    client = open_room.app.test_client()

    def ask() -> int:
        return client.post("/v1/pair", json={"public_key": "11" * 32, "commitment": "22" * 32},
                           environ_base={"REMOTE_ADDR": "192.168.1.9"}).status_code
    assert [ask() for _ in range(11)] == [200] * 10 + [429]


def test_hello_needs_the_right_key(open_room: Classroom) -> None:
    kiosk, stranger = open_room.pair("1"), FakeKiosk(FlaskWire(open_room.app.test_client()))
    stranger.workstation = kiosk.workstation
    assert stranger.say_hello().json["code"] == "challenge_refused"


def test_a_challenge_is_good_for_a_minute_and_once(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    said = {"workstation": kiosk.workstation, "protocol": ["1.0", "1.0"], "software": "", "boot_id": ""}
    challenge = kiosk.ask("POST", "/v1/hello", json=said).json["challenge"]
    signature = kiosk.key.sign(b"hello1" + bytes.fromhex(challenge)).hex()
    open_room.clock.advance(60_000)
    late = kiosk.ask("POST", "/v1/hello", json={**said, "challenge": challenge, "signature": signature})
    assert late.json["code"] == "challenge_refused"


def test_a_blocked_workstation_is_told_so(open_room: Classroom) -> None:
    kiosk, person = open_room.pair("1"), open_room.browser()
    kiosk.ask("PUT", f"/v1/workstations/{kiosk.workstation}/check", json={
        "verdict": "", "disk_free_bytes": 10**10, "clock_offset_ms": 0})
    assert person.post(f"/workstations/{kiosk.workstation}/block", page="/password").status_code == 302
    assert kiosk.say_hello().json["code"] == "workstation_blocked"


def test_another_major_version_is_named(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    refused = kiosk.ask("POST", "/v1/hello", json={
        "workstation": kiosk.workstation, "protocol": ["2.0", "2.3"], "software": "", "boot_id": ""})
    assert (refused.status, refused.json["details"]["server"]) == (426, ["1.0", "1.0"])


def test_a_check_with_no_sound_keeps_the_seat_unready(open_room: Classroom) -> None:
    kiosk = open_room.pair("1")
    address = f"/v1/workstations/{kiosk.workstation}/check"
    bad = kiosk.ask("PUT", address, json={"verdict": "silent", "disk_free_bytes": 10**10, "clock_offset_ms": 0})
    good = kiosk.ask("PUT", address, json={"verdict": "heard", "disk_free_bytes": 10**10, "clock_offset_ms": 0})
    assert (bad.json["state"], good.json["state"]) == ("paired", "ready")
