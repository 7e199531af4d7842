"""What the classroom hands to a browser without the program: pages, headers, and nothing beside them."""
import pytest

from testing_server.exam_day.plain_seats.rules import PlainSeatNotAllowed, check_plain_seat
from testing_server.exam_day.responses.same_host import is_same_host
from tests.testing_server.exam_day.builders import Classroom


def test_the_page_may_hear_and_may_speak_to_the_files_process(open_room: Classroom) -> None:
    page = open_room.app.test_client().get("/seat/")
    assert b"static/bundle/kiosk.js" in page.data
    assert "microphone=(self)" in page.headers["Permissions-Policy"]
    assert "connect-src 'self' https://localhost:1;" in page.headers["Content-Security-Policy"]
    assert open_room.app.test_client().get("/seat").headers["Location"] == "/seat/"


def test_behind_the_kiosks_script_stands_the_other_back_end(open_room: Classroom) -> None:
    script = open_room.app.test_client().get("/seat/static/bundle/kiosk.js").data
    assert b"plain-seat" in script and b"EventSource" not in script


@pytest.mark.parametrize("name", ["src/main.js", "bundle/plain_seat.js.map", "../agent.py", "page.html", "bundle/"])
def test_other_files_are_not_handed_out(open_room: Classroom, name: str) -> None:
    assert open_room.app.test_client().get(f"/seat/static/{name}").status_code == 404


def test_the_authority_is_handed_out_for_a_browser_to_trust(open_room: Classroom) -> None:
    found = open_room.app.test_client().get("/seat/classroom-authority.crt")
    assert found.data.startswith(b"-----BEGIN CERTIFICATE-----") and found.mimetype == "application/x-x509-ca-cert"


def test_the_files_process_answers_pages_of_its_own_host_only(open_room: Classroom) -> None:
    asked = {"Access-Control-Request-Method": "PUT", "Origin": "https://localhost:8443"}
    own = open_room.files.test_client().options("/v1/files/a/b", headers=asked)
    assert (own.status_code, own.headers["Access-Control-Allow-Origin"]) == (204, "https://localhost:8443")
    strange = open_room.files.test_client().options(
        "/v1/files/a/b", headers={**asked, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in strange.headers
    # without a browser's question a token is needed as ever
    unsigned = open_room.files.test_client().put("/v1/files/a/b", headers={"Origin": "https://localhost"})
    assert unsigned.status_code == 401


@pytest.mark.parametrize(("origin", "host", "same"), [
    ("https://10.0.0.5:8443", "10.0.0.5:8444", True), ("https://10.0.0.5", "10.0.0.6:8444", False),
    ("https://[fd00::1]:8443", "[fd00::1]:8444", True), ("", "a:1", False), ("null", "a:1", False),
    ("https://[x", "a:1", False)])
def test_hosts_are_compared_without_ports(origin: str, host: str, same: bool) -> None:
    assert is_same_host(origin, host) is same


@pytest.mark.parametrize("assessment", [{}, {"plain_seat_allowed": False}, {"plain_seat_allowed": "yes"}])
def test_a_work_that_does_not_say_so_does_not_allow_it(assessment: dict[str, object]) -> None:
    check_plain_seat(False, assessment)
    with pytest.raises(PlainSeatNotAllowed):
        check_plain_seat(True, assessment)


def test_a_work_that_says_so_allows_it() -> None:
    check_plain_seat(True, {"plain_seat_allowed": True})


def test_the_readiness_table_says_what_such_a_seat_is(open_room: Classroom) -> None:
    kiosk = open_room.pair("5")
    finding = {"subject": "plain_seat", "word": "attention", "code": "plain_seat", "ru": "Хранит браузер.",
               "en": "The browser keeps it."}
    told = kiosk.ask("PUT", f"/v1/workstations/{kiosk.workstation}/check", json={
        "verdict": "", "disk_free_bytes": 10**10, "clock_offset_ms": 0, "software": "plain-seat/0.1.0",
        "findings": [finding]})
    assert told.status == 200
    browser = open_room.browser()
    table = browser.client.get("/workstations/list").get_data(as_text=True)
    assert "Без установки" in table and "Замечания: 1" in table
    assert "Хранит браузер." in browser.client.get(f"/workstations/{kiosk.workstation}/check").get_data(as_text=True)
