"""Pages of the organizer and the coordinator: the same gates as over HTTP, forms that print, secrets shown once."""
import io
import json
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from testing_server.contracts.check_digits import cipher_groups, is_checked, show_login
from testing_server.foundation.jobs import FakeJobs
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.codes.actions import issue_codes
from testing_server.preparation.codes.queries import read_codes, read_electronic_protocol
from testing_server.preparation.enrolment.credentials import read_credentials
from testing_server.preparation.hub_link import HubLink
from testing_server.preparation.materials.calendar import arrange_calendar, next_deadline
from testing_server.preparation.materials.queries import list_archives, list_sealings
from testing_server.preparation.registry.queries import School, find_school
from testing_server.preparation.release.giving import release_cipher
from testing_server.preparation.rosters.queries import list_days
from tests.builders import Browser
from tests.testing_server.preparation.make_hub import Hub, make_key, make_school
from tests.testing_server.preparation.make_materials import COUNTED, DAY, DEMO, pretend_sealed, seal

SECOND = 1000
ZONES = [("Europe/Kaliningrad", "МСК−1"), ("Asia/Kamchatka", "МСК+9")]


@pytest.fixture
def school(hub: Hub) -> School:
    return make_school(hub)


@pytest.fixture
def organizer(hub: Hub, school: School) -> Browser:
    return hub.browser("organizer", "school_organizer", school=school.id)


@pytest.fixture
def coordinator(hub: Hub) -> Iterator[Browser]:
    yield hub.browser("coordinator", "coordinator")


@pytest.mark.parametrize("zone,where", ZONES)
def test_the_page_keeps_the_hour_too(hub: Hub, zone: str, where: str) -> None:
    school = make_school(hub, zone=zone)
    archive = seal(hub, school).materials
    browser = hub.browser("organizer", "school_organizer", school=school.id)
    hub.clock.advance(archive.opens_at_ms - SECOND - hub.clock.now_ms())
    browser.sign_in("organizer")
    early = browser.get(f"/school/archives/{archive.archive}/cipher")
    assert early.status_code == 403 and f"7:30 по времени школы ({where})" in early.text
    hub.clock.advance(SECOND)
    given = browser.get(f"/school/archives/{archive.archive}/cipher")
    assert (given.status_code, given.headers["Cache-Control"]) == (200, "no-store")
    groups = cipher_groups(release_cipher(hub.offered, archive.archive, school.id, "x").cipher)
    assert all(f">{group}</span>" in given.text for group in groups) and not any(one in early.text for one in groups)


def test_criteria_on_the_page_wait_for_moscow(hub: Hub) -> None:
    school = make_school(hub, zone="Asia/Kamchatka")
    pair = seal(hub, school)
    browser = hub.browser("organizer", "school_organizer", school=school.id)
    hub.clock.advance(pair.criteria.opens_at_ms - SECOND - hub.clock.now_ms())
    browser.sign_in("organizer")
    for name in ("cipher", "archive.age", "key.age", "statement.json"):
        assert browser.get(f"/school/archives/{pair.criteria.archive}/{name}").status_code == 403
    assert "14:00 по московскому времени" in browser.get("/school").text
    hub.clock.advance(SECOND)
    for name in ("cipher", "archive.age"):
        assert browser.get(f"/school/archives/{pair.criteria.archive}/{name}").status_code == 200


def test_another_school_and_other_roles_see_no_cipher(hub: Hub, school: School, coordinator: Browser) -> None:
    archive = seal(hub, school, DEMO).materials.archive
    stranger = hub.browser("stranger", "school_organizer", school=make_school(hub, "sch330002").id)
    address = f"/school/archives/{archive}/cipher"
    assert stranger.get(address).status_code == 404
    assert coordinator.get(address).status_code == 403
    assert hub.app.test_client().get(address).status_code == 302


def test_the_calendar_tells_what_comes_next(hub: Hub, school: School) -> None:
    archive = pretend_sealed(hub, school, COUNTED, DAY)
    days, archives = hub.read(list_days, school.id), hub.read(list_archives, school.id)
    opens = next(one.opens_at_ms for one in archives if one.archive == archive)
    before, after = arrange_calendar(days, archives, opens - 1), arrange_calendar(days, archives, opens)
    assert not before[0].works[0].cipher_open and after[0].works[0].cipher_open
    deadline = next_deadline(before, opens - 1)
    assert deadline is not None and (deadline.kind, deadline.at_ms) == ("cipher", opens)
    assert next_deadline(arrange_calendar(days, archives, opens + 10 ** 9), opens + 10 ** 9) is None


def test_an_empty_calendar_says_what_will_come(organizer: Browser) -> None:
    assert "Работы назначает координатор" in organizer.get("/school").text


def test_the_first_page_is_the_persons_own(organizer: Browser, coordinator: Browser) -> None:
    assert organizer.get("/").headers["Location"] == "/school"
    assert coordinator.get("/").headers["Location"] == "/coordinator"


def prepare_day(hub: Hub, school: School, count: int = 30) -> None:
    hub.write(issue_codes, campaign=COUNTED, school=school.id, count=count, reserve=4)
    pretend_sealed(hub, school, COUNTED, DAY)


def read_pdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_slips_carry_every_code_and_login(hub: Hub, school: School, organizer: Browser) -> None:
    prepare_day(hub, school)
    text = read_pdf(organizer.get(f"/school/codes/{DAY}/slips.pdf").data)
    lines = hub.read(read_electronic_protocol, COUNTED, school.id, DAY)
    assert len(lines) == 30
    assert all(one.code in text and show_login(one.login) in text for one in lines)
    assert "Английский язык, 7 класс" in text


def test_the_name_protocol_is_a_blank(hub: Hub, school: School, organizer: Browser) -> None:
    prepare_day(hub, school)
    text = read_pdf(organizer.get(f"/school/codes/{DAY}/name-protocol.pdf").data)
    assert "Фамилия, имя, отчество" in text
    assert all(code in text for code in hub.read(read_codes, COUNTED, school.id).codes)


def test_the_electronic_protocol_is_a_table(hub: Hub, school: School, organizer: Browser) -> None:
    prepare_day(hub, school, 3)
    answer = organizer.get(f"/school/codes/{DAY}/electronic-protocol.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True)][5:]
    assert [row[0] for row in rows] == [1, 2, 3] and all(is_checked(row[1]) and len(row[2]) == 5 for row in rows)
    assert [row[0] for row in book["Резерв"].iter_rows(values_only=True)][1:] == list(
        hub.read(read_codes, COUNTED, school.id).reserve)
    assert rows[0][1][:4] in organizer.get(f"/school/codes/{DAY}").text


def test_forms_of_a_day_without_work_are_not_found(organizer: Browser) -> None:
    assert organizer.get("/school/codes/2027-01-01/slips.pdf").status_code == 404
    assert "Коды выдаёт координатор" in organizer.get("/school/codes").text


def test_a_coordinator_registers_a_school_and_it_enrols(hub: Hub, coordinator: Browser) -> None:
    form = {"login": "SCH410001", "name": "Школа № 3", "municipality": "Елизово", "region": "Камчатский край",
            "zone": "Asia/Kamchatka"}
    address = coordinator.post("/coordinator/schools", form, page="/coordinator/schools").headers["Location"]
    school = hub.read(find_school, "sch410001")
    assert address == f"/coordinator/schools/{school.id}"
    made = coordinator.post(f"{address}/credentials", {"form": "file"}, page=address)
    credentials = read_credentials(made.data)
    link: HubLink = hub.link()
    assert credentials.root == hub.keys.root_fingerprint
    link.enrol(credentials.login, credentials.code, make_key())
    assert link.read_certificate()["zone"] == "Asia/Kamchatka"


@pytest.mark.parametrize("wrong", [{"login": "x"}, {"zone": "Mars/Olympus"}, {"name": " "}])
def test_a_school_that_cannot_be_is_refused(coordinator: Browser, wrong: dict[str, str]) -> None:
    form = {"login": "sch410001", "name": "a", "municipality": "b", "region": "c", "zone": "Europe/Moscow", **wrong}
    assert coordinator.post("/coordinator/schools", form, page="/coordinator/schools").status_code == 422


def test_a_code_on_paper_and_a_password_are_shown_once(hub: Hub, school: School, coordinator: Browser) -> None:
    address = f"/coordinator/schools/{school.id}"
    paper = coordinator.post(f"{address}/credentials", {"form": "paper"}, page=address)
    assert school.login in paper.text and hub.keys.root_fingerprint[:16] in paper.text
    page = coordinator.post(f"{address}/organizers", {"login": "org.one"}, page=address).text
    password = page.split("Пароль</dt><dd class=\"big code\">")[1].split("<")[0]
    assert Browser(hub.app.test_client()).sign_in("org.one", password).status_code == 302
    assert password not in coordinator.get(address).text


def test_an_organizer_who_lost_a_password_gets_another_and_one_who_left_is_shut_out(
        hub: Hub, school: School, coordinator: Browser) -> None:
    address = f"/coordinator/schools/{school.id}"
    coordinator.post(f"{address}/organizers", {"login": "org.one"}, page=address)
    page = coordinator.post(f"{address}/organizers/org.one/password", {}, page=address).text
    password = page.split("Пароль</dt><dd class=\"big code\">")[1].split("<")[0]
    assert Browser(hub.app.test_client()).sign_in("org.one", password).status_code == 302
    assert coordinator.post(f"{address}/organizers/coordinator/password", {}, page=address).status_code == 404
    assert coordinator.post(f"{address}/organizers/org.one/close", {}, page=address).status_code == 302
    assert Browser(hub.app.test_client()).sign_in("org.one", password).status_code == 401


@pytest.mark.parametrize("part, form", [("codes", {"campaign": DEMO, "count": "many", "reserve": "2"}),
                                        ("organizers", {"login": "coordinator"})])
def test_a_slip_on_a_schools_page_is_told_on_that_page(school: School, coordinator: Browser, part: str,
                                                       form: dict[str, str]) -> None:
    address = f"/coordinator/schools/{school.id}"
    refused = coordinator.post(f"{address}/{part}", form, page=address)
    assert refused.status_code in (409, 422)
    assert school.name in refused.text and form.get("count", form.get("login", "")) in refused.text


def test_a_coordinator_issues_codes_and_orders_materials(hub: Hub, school: School, coordinator: Browser) -> None:
    address = f"/coordinator/schools/{school.id}"
    coordinator.post(f"{address}/codes", {"campaign": DEMO, "count": "7", "reserve": "2"}, page=address)
    assert len(hub.read(read_codes, DEMO, school.id).codes) == 7
    form = {"campaign": DEMO, "package": "english_grade_7", "count": "2", "day": "2026-11-23"}
    assert coordinator.post(f"{address}/materials", form, page=address).status_code == 302
    sealing, = hub.read(list_sealings, school.id)
    assert sealing.state == "waiting"
    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs) and jobs.waiting[0][1]["plan"]["sealing"] == sealing.id
    assert "english_grade_7" in coordinator.get(f"{address}/sealings").text


@pytest.mark.parametrize("form", [
    {"campaign": "none", "count": "7", "reserve": "2"}, {"campaign": DEMO, "count": "seven", "reserve": "2"},
    {"campaign": DEMO, "count": "99999", "reserve": "0"}])
def test_a_wrong_order_is_refused(school: School, coordinator: Browser, form: dict[str, str]) -> None:
    address = f"/coordinator/schools/{school.id}"
    assert coordinator.post(f"{address}/codes", form, page=address).status_code in (404, 422)


def test_a_coordinator_sees_only_the_own_territory(hub: Hub, school: School) -> None:
    other = hub.browser("other", "coordinator", territory="Камчатский край")
    assert school.name not in other.get("/coordinator/schools").text
    assert other.get(f"/coordinator/schools/{school.id}").status_code == 404
    form = {"login": "sch410001", "name": "a", "municipality": "b", "region": "Москва", "zone": "Europe/Moscow"}
    assert other.post("/coordinator/schools", form, page="/coordinator/schools").status_code == 404


def test_pages_speak_english(hub: Hub, school: School, organizer: Browser) -> None:
    pretend_sealed(hub, school, COUNTED, DAY)
    organizer.post("/language", {"language": "en", "back": "/school"}, page="/school")
    text = organizer.get("/school").text
    assert "Materials archive" in text and "English, grade 7" in text


def test_a_credential_file_is_json(school: School, coordinator: Browser) -> None:
    address = f"/coordinator/schools/{school.id}"
    made = coordinator.post(f"{address}/credentials", {"form": "file"}, page=address)
    assert json.loads(made.data)["format"] == "credentials/1"
    assert "attachment" in made.headers["Content-Disposition"]


def test_every_shipped_campaign_can_be_used(hub: Hub) -> None:
    assert not find_campaign(hub.offered.settings.data, DEMO).counted
    assert find_campaign(hub.offered.settings.data, COUNTED).counted


def test_the_calendar_says_until_when_programs_and_training_are_tried(hub: Hub, school: School,
                                                                      organizer: Browser) -> None:
    """Seven days before a work that counts (seed 000, 2.3.1); training days have no such rule."""
    pretend_sealed(hub, school, COUNTED, DAY)
    pretend_sealed(hub, school, DEMO, "2026-11-25")
    page = organizer.get("/school").text
    assert "не позднее 07.04.2027" in page and page.count("Программы рабочих мест") == 1
