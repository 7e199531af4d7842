"""Canaries: whatever is secret goes through both servers, well and badly, and no log holds a piece of it."""
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from testing_server.exam_day.workstations.exit_code import obtain_exit_code
from testing_server.preparation.hub_answers import HubRefused
from tests.builders import PASSWORD, Browser, open_browser, services_of
from tests.testing_server.exam_day.builders import PASSPHRASE, Classroom, make_classroom, make_entries
from tests.testing_server.exam_day.fake_kiosk import FakeKiosk
from tests.testing_server.preparation.make_hub import enrol, make_hub

ANSWER = "canary-answer-7c1f"
WRONG = "canary-wrong-password-51aa"
WRONG_CIPHER = "31415926535897932384626433"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, down to debug, by whomever."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def walk_a_day(room: Classroom, organizer: Browser) -> list[str]:
    """An organizer's and a candidate's day with right and wrong secrets; returns what no log may hold."""
    room.set_up()
    sealed = room.take_archive(make_entries())
    organizer.post(f"/archives/{sealed.archive}/open", {"cipher": WRONG_CIPHER}, page="/today")
    organizer.client.post(f"/v1/archives-here/{sealed.archive}/open", json={"cipher": sealed.cipher})
    room.open_archive(sealed)
    room.make_sitting()
    organizer.post("/key/unlock", {"passphrase": PASSPHRASE}, page="/today")
    organizer.post("/key/unlock", {"passphrase": WRONG}, page="/today")
    file = organizer.post("/workstations/pairing-files", {"uses": "2"}, page="/today").get_json()
    kiosk = room.seat(0)
    room.start(kiosk)
    kiosk.write("answer_set", response="r1", item="i1", value=ANSWER)
    kiosk.send()
    kiosk.ask("POST", f"/v1/attempts/{kiosk.attempt}/events", json={"lease": kiosk.lease, "events": [f'"{ANSWER}"']})
    wrong_login = f"{(int(room.logins[1]) + 1) % 10 ** 8:08d}"
    kiosk.ask("POST", "/v1/attempts/sign-in", json={
        "login": wrong_login, "workstation": kiosk.workstation, "journal": "j"})
    room.app.test_client().get("/today", headers={"Authorization": f"Bearer {kiosk.token}x"})
    open_browser(room.app).sign_in("person-school-organizer", WRONG)
    fresh = organizer.post("/staff", {"login": "newcomer", "role": "technician"}, page="/today").text
    one_time = fresh.partition('class="big code">')[2].partition("<")[0]
    sign = organizer.client.get_cookie("classroom_session")
    assert sign is not None and one_time and file["token"]
    offered = services_of(room.app)
    return [sealed.cipher, WRONG_CIPHER, PASSPHRASE, WRONG, PASSWORD, one_time, file["token"], kiosk.token, ANSWER,
            *room.logins, wrong_login, sign.value, offered.internal_secret, offered.mac_key.hex(),
            obtain_exit_code(offered.settings.keys_folder).shown, kiosk.certificate[:60]]


def break_tables(room: Classroom, organizer: Browser) -> None:
    """Failures are logged with their statements: nothing can be put into these tables any more."""
    kiosk = room.kiosks[0]
    for table in ("room_event", "room_workstation", "audit"):
        room.write(lambda session: session.execute(text(
            f"CREATE TRIGGER break_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END")))
    kiosk.write("answer_set", response="r1", item="i1", value=ANSWER)
    assert kiosk.send().status == 500
    assert open_browser(room.app).sign_in("person-school-organizer").status_code == 500
    other = FakeKiosk(kiosk.core)
    other.begin_pairing()
    certified = {"digits": other.code, "seat": "44"}
    assert organizer.client.post(f"/v1/pairings/{other.pairing}/confirm", json=certified).status_code == 500


def test_a_classrooms_day_leaves_no_secret_in_its_log(log: io.StringIO, tmp_path: Path) -> None:
    room = make_classroom(tmp_path / "data")
    organizer = room.browser("school_organizer")
    secrets = walk_a_day(room, organizer)
    break_tables(room, organizer)
    told = log.getvalue()
    room.close()
    assert len(secrets) > 15 and all(secrets)
    assert told.count("Traceback") >= 3, "the failures were to be logged"
    assert [secret for secret in secrets if secret in told] == []


def test_a_school_enrols_and_its_hub_logs_no_code(log: io.StringIO, tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    school = enrol(hub)
    coordinator = hub.browser("anna", "coordinator")
    made = coordinator.post(f"/coordinator/schools/{school.school.id}/organizers", {"login": "olga"},
                            page="/coordinator/schools").text
    one_time = made.partition('class="big code">')[2].partition("<")[0]
    open_browser(hub.app).sign_in("anna", WRONG)
    with pytest.raises(HubRefused):
        school.link.fetch_roster("2026-11-23")
    told = log.getvalue()
    secrets = [one_time, PASSWORD, WRONG, school.link.token, hub.offered.internal_secret]
    assert all(secrets)
    assert [secret for secret in secrets if secret in told] == []
