"""Console pages: who sees what, what an empty server shows, refusals in words."""
import pytest

from testing_server.exam_day.console.times import name_offset, find_zone, show_moment, show_span
from testing_server.exam_day.school.keyring import KeyRing
from testing_server.foundation.supervision import MemoryKeeper
from tests.builders import Browser
from tests.testing_server.exam_day.builders import PASSPHRASE, Classroom

FORM = {"school_name": "Школа № 1", "room": "кабинет 12", "passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE,
        "login": "organizer", "password": "correct horse battery"}


def test_an_empty_server_leads_to_its_first_steps(empty_room: Classroom) -> None:
    browser = Browser(empty_room.app.test_client())
    assert browser.get("/sign-in").headers["Location"] == "/first-steps"
    assert browser.post("/first-steps", FORM, page="/first-steps").status_code == 302
    assert browser.sign_in("organizer").status_code == 302
    assert "Сегодня" in browser.get("/", follow_redirects=True).text


def test_first_steps_are_closed_to_the_network(empty_room: Classroom) -> None:
    found = empty_room.app.test_client().get("/first-steps", environ_base={"REMOTE_ADDR": "192.168.1.7"})
    assert found.status_code == 403


def test_two_different_passphrases_are_refused_in_words(empty_room: Classroom) -> None:
    browser = Browser(empty_room.app.test_client())
    refused = browser.post("/first-steps", FORM | {"passphrase_again": "another one here"}, page="/first-steps")
    assert "различаются" in refused.text and refused.status_code == 422
    assert PASSPHRASE not in refused.text and not empty_room.room.keys.exists


PAGES = ("/today", "/connect", "/archives", "/workstations", "/codes", "/sittings/new", "/sittings/{sitting}",
         "/sittings/{sitting}/closing", "/sittings/{sitting}/seats/{attempt}", "/archives/{archive}", "/staff",
         "/workstations/waiting", "/workstations/list", "/archives/list", "/sittings/{sitting}/packages")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_opens_for_the_school_organizer(open_room: Classroom, language: str) -> None:
    kiosk, person = open_room.seat(0), open_room.browser()
    open_room.start(kiosk)
    person.post("/language", {"language": language}, page="/password")
    for page in PAGES:
        found = person.get(page.format(sitting=open_room.sitting, attempt=kiosk.attempt, archive=open_room.archive))
        assert found.status_code == 200, page


@pytest.mark.parametrize(("role", "page", "status"), [
    ("technician", "/workstations", 200), ("technician", "/codes", 403), ("technician", "/staff", 403),
    ("room_organizer", "/codes", 200), ("room_organizer", "/staff", 403), ("expert", "/today", 403),
    ("coordinator", "/workstations", 403), ("room_organizer", "/key/file", 403)])
def test_pages_are_closed_to_other_roles(open_room: Classroom, role: str, page: str, status: int) -> None:
    assert open_room.browser(role).get(page).status_code == status


def test_a_room_organizer_gets_a_one_time_password(open_room: Classroom) -> None:
    person = open_room.browser()
    shown = person.post("/staff", {"login": "anna", "role": "room_organizer"}, page="/staff").text
    password = shown.split('class="big code">')[1].split("<")[0]
    newcomer = Browser(open_room.app.test_client())
    assert newcomer.sign_in("anna", password).status_code == 302
    assert newcomer.get("/today").headers["Location"] == "/password"


def test_who_forgot_the_password_gets_another_and_the_old_one_opens_nothing(open_room: Classroom) -> None:
    person, forgetful = open_room.browser(), open_room.browser("room_organizer")
    login = "person-room-organizer"
    assert forgetful.get("/today").status_code == 200
    shown = person.post(f"/staff/{login}/password", page="/staff").text
    password = shown.split('class="big code">')[1].split("<")[0]
    assert forgetful.get("/today").headers["Location"].startswith("/sign-in")
    again = Browser(open_room.app.test_client())
    assert (again.sign_in(login).status_code, again.sign_in(login, password).status_code) == (401, 302)
    assert again.get("/today").headers["Location"] == "/password"


@pytest.mark.parametrize("login", ["person-school-organizer", "nobody"])
def test_only_staff_of_the_room_is_helped_there(open_room: Classroom, login: str) -> None:
    assert open_room.browser().post(f"/staff/{login}/password", page="/staff").status_code == 403


def test_what_was_typed_of_a_new_person_stays_when_it_is_refused(open_room: Classroom) -> None:
    refused = open_room.browser().post("/staff", {"login": "Анна", "role": "technician"}, page="/staff")
    assert refused.status_code == 422 and "Логин не подходит" in refused.text
    assert 'value="Анна"' in refused.text and 'value="technician" selected' in refused.text


def test_nobody_makes_a_second_school_organizer_here(open_room: Classroom) -> None:
    assert open_room.browser().post("/staff", {"login": "anna", "role": "school_organizer"}, page="/staff"
                                    ).status_code == 403


def test_an_incident_is_written_down(open_room: Classroom) -> None:
    person = open_room.browser()
    person.post(f"/sittings/{open_room.sitting}/incidents", {"text": "Погас свет на минуту"}, page="/password")
    assert "Погас свет на минуту" in person.get(f"/sittings/{open_room.sitting}").text
    part = open_room.browser("technician").get(f"/sittings/{open_room.sitting}/incidents").text
    assert "Погас свет на минуту" in part and "вся аудитория" in part and "<html" not in part


def lock_key(room: Classroom) -> None:
    """As after the computer was switched on."""
    room.room.keys = KeyRing(room.services.settings.keys_folder, MemoryKeeper(None))


def test_a_locked_key_says_what_still_works(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    lock_key(open_room)
    assert kiosk.answer("i1", "r1", "x").status == 200
    refused = open_room.browser().client.post(f"/v1/pairings/{kiosk.pairing}/confirm", json={
        "digits": "000000", "seat": "1"})
    assert (refused.status_code, refused.get_json()["code"]) == (423, "key_locked")


def test_the_wrong_passphrase_leaves_the_key_locked(open_room: Classroom) -> None:
    lock_key(open_room)
    person = open_room.browser()
    assert person.post("/key/unlock", {"passphrase": "no"}, page="/connect").status_code == 403
    assert person.post("/key/unlock", {"passphrase": PASSPHRASE}, page="/connect").status_code == 302
    assert open_room.room.keys.is_unlocked


@pytest.mark.parametrize(("zone", "name"), [
    ("Europe/Moscow", "МСК"), ("Europe/Kaliningrad", "МСК−1"), ("Asia/Kamchatka", "МСК+9"),
    ("Asia/Yekaterinburg", "МСК+2"), ("no/such", "МСК"), ("", "МСК")])
def test_a_time_names_its_zone(zone: str, name: str) -> None:
    assert name_offset(find_zone(zone), 1_760_000_000_000) == name


def test_times_as_people_read_them() -> None:
    assert show_moment(1_760_000_000_000, "Asia/Kamchatka") == "09.10.2025 20:53 (МСК+9)"
    assert (show_span(309), show_span(3909), show_span(-1)) == ("5:09", "1:05:09", "0:00")
