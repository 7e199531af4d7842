"""The protocol and the incident report: prefilled from what was kept, remarks of organizers, never a name or login."""
import io
from typing import Any

import pypdf
import pytest

from testing_server.contracts.check_digits import show_login
from testing_server.contracts.receipt_code import show_receipt_code
from testing_server.exam_day.packages.queries import list_packages
from tests.builders import Browser
from tests.testing_server.exam_day.builders import Classroom


def read_pdf(browser: Browser, room: Classroom, document: str) -> str:
    found = browser.get(f"/sittings/{room.sitting}/reports/{document}.pdf")
    assert found.status_code == 200 and found.mimetype == "application/pdf"
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(found.data)).pages)


def write(browser: Browser, room: Classroom, document: str, text: str) -> Any:
    page = f"/sittings/{room.sitting}/reports"
    return browser.post(f"{page}/{document}", {"text": text}, page=page)


@pytest.fixture
def people(closed_room: Classroom) -> tuple[Classroom, Browser]:
    return closed_room, closed_room.browser("room_organizer")


def test_the_protocol_tells_every_code_its_end_and_its_receipt(people: Any) -> None:
    room, browser = people
    room.pack()
    room.run_jobs()
    text = read_pdf(browser, room, "protocol")
    flat = text.replace("\n", "")
    with room.services.storage.read() as session:
        codes = list_packages(session, room.sitting)[0].receipt_codes
    for code, receipt in codes.items():
        assert code in text
        if code in [kiosk.seated["code"] for kiosk in room.kiosks]:
            assert show_receipt_code(receipt).replace("-", "") in flat.replace("-", "").replace(" ", "")
    assert "выдано 6 = завершили 2 + отсутствовали 4" in flat
    for login in room.logins:
        assert login not in flat and show_login(login) not in flat


def test_remarks_are_kept_changed_and_printed(people: Any) -> None:
    room, browser = people
    assert write(browser, room, "protocol", "Первая версия").status_code == 302
    write(browser, room, "protocol", "Шум в коридоре <b>&</b>\nв 9:40")
    assert "Шум в коридоре &lt;b&gt;" in browser.get(f"/sittings/{room.sitting}/reports").text
    text = read_pdf(browser, room, "protocol")
    assert "Шум в коридоре <b>&</b>" in text and "Первая версия" not in text
    assert "Шум" not in read_pdf(browser, room, "incidents")
    assert write(browser, room, "other", "x").status_code == 404
    assert browser.get(f"/sittings/{room.sitting}/reports/other.pdf").status_code == 404


def test_the_incident_report_is_filled_by_events_and_people(open_room: Classroom) -> None:
    kiosk = open_room.seat(0)
    open_room.start(kiosk)
    browser = open_room.browser("room_organizer")
    spare = open_room.pair("9")
    open_room.command("move", [kiosk.attempt], workstation=spare.workstation)
    page = f"/sittings/{open_room.sitting}"
    for number in range(2):
        browser.post(f"{page}/incidents", {"text": f"Погас свет {number}"}, page=page)
    kiosk.now_ms = open_room.room.clock.now_ms() - 120_000
    kiosk.write("timer_tick", left_ms={"work": 5})
    kiosk.send()
    text = read_pdf(browser, open_room, "incidents").replace("\n", " ")
    assert "Погас свет 0" in text and "Погас свет 1" in text and "пересажен" in text and "Связи с местом" in text
    empty = read_pdf(browser, open_room, "protocol")
    assert "ТРЕНИРОВКА" in empty


def test_technicians_print_nothing_of_it(people: Any) -> None:
    room, _browser = people
    assert room.browser("technician").get(f"/sittings/{room.sitting}/reports/protocol.pdf").status_code == 403
