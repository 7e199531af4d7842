"""The board: every school with its steps, what changed since, sums, the workbook; one's own territory and no other."""
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from testing_server.exam_day.monitor.answering import SAME_MS
from testing_server.exam_day.monitor.board_queries import LINES_AGAIN_MS, list_school_lines, sum_territory
from testing_server.exam_day.monitor.board_rules import BoardFilter, choose_lines, read_filter
from testing_server.foundation.audit import read_audit
from testing_server.foundation.progress import STEPS, State, Step, note_contact, post_progress
from testing_server.foundation.progress.rules import read_line
from testing_server.preparation.registry.queries import School
from tests.builders import Browser
from tests.testing_server.exam_day.monitor.test_monitor import make_report
from tests.testing_server.preparation.make_hub import Hub, enrol, make_school
from tests.testing_server.preparation.make_materials import seal

CAMPAIGN = "demo-2026"


@pytest.fixture
def schools(hub: Hub) -> list[School]:
    return [make_school(hub), make_school(hub, "sch330002", municipality="Муром", name="Лицей № 2"),
            make_school(hub, "sch410001", region="Камчатский край", municipality="Елизово", zone="Asia/Kamchatka")]


def post(hub: Hub, school: School, step: Step, state: State, work: str = "") -> None:
    hub.write(lambda session, now_ms: post_progress(session, school.id, CAMPAIGN, work, step, state, now_ms))


def read_board(browser: Browser, campaign: str = CAMPAIGN) -> dict[str, dict[Step, State]]:
    """School name and municipality -> its steps."""
    told = browser.get(f"/v1/board?campaign={campaign}").get_json()
    schools = told["schools"]
    return {f"{name}, {told['places'][place][1]}": read_line(line)
            for name, place, line in zip(schools["name"], schools["place"], schools["line"], strict=True)}


def test_every_school_stands_on_the_board_also_one_that_did_nothing(hub: Hub, schools: list[School]) -> None:
    post(hub, schools[0], Step.CODES, State.READY)
    board = read_board(hub.browser("federal", "coordinator"))
    assert board == {"Школа № 1, Ковров": {Step.CODES: State.READY}, "Лицей № 2, Муром": {}, "Школа № 1, Елизово": {}}


@pytest.mark.parametrize("territory, names", [
    (None, {"Ковров", "Муром", "Елизово"}), ("Владимирская область", {"Ковров", "Муром"}),
    ("Владимирская область/Муром", {"Муром"}), ("Тверская область", set())])
def test_a_coordinator_sees_the_own_territory_and_below(hub: Hub, schools: list[School], territory: str | None,
                                                        names: set[str]) -> None:
    post(hub, schools[2], Step.CODES, State.READY)
    browser = hub.browser("somebody", "coordinator", territory=territory)
    assert {name.split(", ")[1] for name in read_board(browser)} == names
    changed = browser.get(f"/v1/board/changes?campaign={CAMPAIGN}&after=1").get_json()
    assert bool(changed["lines"]) is (territory is None)


def test_only_what_changed_is_sent_again(hub: Hub, schools: list[School]) -> None:
    browser = hub.browser("federal", "coordinator")
    post(hub, schools[0], Step.CODES, State.READY)
    hub.clock.advance(LINES_AGAIN_MS + SAME_MS)
    version = browser.get(f"/v1/board?campaign={CAMPAIGN}").get_json()["version"]
    address = f"/v1/board/changes?campaign={CAMPAIGN}&after={version}&contacts={version}"
    assert browser.get(address).get_json() == {"version": version, "lines": [], "contacts": [], "tallies": []}
    post(hub, schools[1], Step.CODES, State.ATTENTION)
    hub.write(lambda session, now_ms: note_contact(session, schools[2].id, now_ms))
    told = browser.get(address).get_json()
    assert [(one, read_line(line)) for one, line in told["lines"]] == [
        (schools[1].id, {Step.CODES: State.ATTENTION})]
    assert told["contacts"] == [[schools[2].id, hub.clock.now_ms()]]


@pytest.mark.parametrize("after", ["", "x", "-1", "²", "1" * 16])
def test_a_moment_that_is_none_is_refused(hub: Hub, after: str) -> None:
    browser = hub.browser("federal", "coordinator")
    assert browser.get(f"/v1/board/changes?after={after}").status_code == 400


def test_sums_of_territories_agree_with_their_schools(hub: Hub, schools: list[School]) -> None:
    for school, state in zip(schools, (State.READY, State.ATTENTION, State.READY), strict=True):
        post(hub, school, Step.PACKAGES, state, "sitting-1")
    place = STEPS.index(Step.PACKAGES)
    regions = hub.read(sum_territory, None, CAMPAIGN, by_municipality=False)
    assert [(one.place, one.schools, one.cells[place].done, one.cells[place].trouble) for one in regions] == [
        (("Владимирская область", ""), 2, 1, 1), (("Камчатский край", ""), 1, 1, 0)]
    below = hub.read(sum_territory, "Владимирская область", CAMPAIGN, by_municipality=True)
    assert [(one.place[1], one.cells[place].word) for one in below] == [("Ковров", "ready"), ("Муром", "attention")]
    assert below[0].cells[STEPS.index(Step.FORMS)].word == "waiting"


@pytest.mark.parametrize("asked, names", [
    ({}, {"Ковров", "Муром", "Елизово"}), ({"step": "codes", "state": "undone"}, {"Муром", "Елизово"}),
    ({"state": "trouble"}, {"Муром"}), ({"find": "ЛИЦЕЙ муром"}, {"Муром"}), ({"territory": "Камчатский"}, set()),
    ({"territory": "Камчатский край"}, {"Елизово"}), ({"step": "codes", "state": "ready"}, {"Ковров"}),
    ({"step": "nonsense", "state": "nonsense"}, {"Ковров", "Муром", "Елизово"})])
def test_the_board_is_narrowed(hub: Hub, schools: list[School], asked: dict[str, str], names: set[str]) -> None:
    post(hub, schools[0], Step.CODES, State.READY)
    post(hub, schools[1], Step.MATERIALS, State.STOPPED)
    lines = hub.read(list_school_lines, None, CAMPAIGN)
    assert {one.municipality for one in choose_lines(lines, read_filter(asked))} == names
    assert choose_lines(lines, BoardFilter()) == lines


def test_the_workbook_says_what_the_board_says(hub: Hub, schools: list[School]) -> None:
    post(hub, schools[0], Step.CODES, State.READY)
    browser = hub.browser("federal", "coordinator")
    answer = browser.get(f"/coordinator/board.xlsx?campaign={CAMPAIGN}&step=codes&state=ready")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    heading, row = book["Школы"].iter_rows(values_only=True)
    found = dict(zip(heading, row, strict=True))
    assert (found["Логин"], found["Коды"], found["Формы"]) == ("sch330001", "готово", None)
    assert [one[0] for one in book["Регионы"].iter_rows(min_row=2, values_only=True)] == [
        "Владимирская область", "Камчатский край"]


def remind(browser: Browser, **asked: str) -> Any:
    form = {"campaign": CAMPAIGN, "step": "codes", "text": "Получите коды.", **asked}
    return browser.post("/coordinator/remind", form, page="/coordinator/reminders")


def test_a_reminder_reaches_those_who_are_not_ready_until_they_read_it(hub: Hub, schools: list[School]) -> None:
    post(hub, schools[0], Step.CODES, State.READY)
    coordinator = hub.browser("regional", "coordinator", territory="Владимирская область")
    asked = coordinator.get(f"/coordinator/remind?campaign={CAMPAIGN}&step=codes").text
    assert "Лицей № 2" in asked and "Ковров" not in asked and "Елизово" not in asked
    assert remind(coordinator).status_code == 302
    pages = {one.id: hub.browser(f"organizer{number}", "school_organizer", school=one.id)
             for number, one in enumerate(schools)}
    shown = {school: "Получите коды." in page.get("/school").text for school, page in pages.items()}
    assert shown == {schools[0].id: False, schools[1].id: True, schools[2].id: False}
    theirs = pages[schools[1].id]
    seen = theirs.get("/school").text.split("/school/reminders/")[1].split("/seen")[0]
    pages[schools[0].id].post(f"/school/reminders/{seen}/seen", page="/school")
    assert "Получите коды." in theirs.get("/school").text
    theirs.post(f"/school/reminders/{seen}/seen", page="/school")
    assert "Получите коды." not in theirs.get("/school").text
    assert "ещё нет" not in coordinator.get(f"/coordinator/reminders?campaign={CAMPAIGN}").text
    verbs = [(line.verb, line.actor, line.details) for line in hub.read(read_audit, "hub")]
    assert ("schools_reminded", "regional", {"schools": 1}) in verbs


def test_the_same_is_not_sent_twice_within_the_hour(hub: Hub, schools: list[School]) -> None:
    browser = hub.browser("federal", "coordinator")
    for _ in range(2):
        remind(browser)
    assert browser.get(f"/coordinator/reminders?campaign={CAMPAIGN}").text.count("Получите коды.") == len(schools)
    hub.clock.advance(3_600_001)
    browser.sign_in("federal")
    remind(browser)
    assert browser.get(f"/coordinator/reminders?campaign={CAMPAIGN}").text.count("Получите коды.") == 2 * len(schools)


def test_nothing_is_sent_without_a_text_or_to_nobody(hub: Hub, schools: list[School]) -> None:
    browser = hub.browser("federal", "coordinator")
    refused = remind(browser, text="  ")
    assert refused.status_code == 422 and "Напоминание без текста" in refused.text
    assert remind(browser, territory="Тверская область").status_code == 422
    assert "Получите" not in browser.get(f"/coordinator/reminders?campaign={CAMPAIGN}").text


def test_what_needs_a_person_is_said_above_the_board(hub: Hub) -> None:
    ours = enrol(hub)
    seal(hub, ours.school)
    hub.write(lambda session, now_ms: note_contact(session, ours.school.id, now_ms))
    browser = hub.browser("federal", "coordinator")
    address = f"/coordinator/concerns?campaign={CAMPAIGN}"
    ours.link.send_report(make_report(campaign=CAMPAIGN, incidents=3))
    assert "записано происшествий: 3" in browser.get(address).text
    hub.clock.advance(11_000)
    elsewhere = hub.browser("other", "coordinator", territory="Камчатский край")
    assert ours.school.name not in elsewhere.get(address).text
    assert browser.get("/coordinator/concerns?campaign=nonsense").text.strip() == ""


def test_the_log_shows_coordinators_of_the_own_territory_and_below(hub: Hub, schools: list[School]) -> None:
    people = {"federal": None, "kamchatka": "Камчатский край",
              "murom": "Владимирская область/Муром", "vladimir": "Владимирская область"}
    browsers = {login: hub.browser(login, "coordinator", territory=of) for login, of in people.items()}
    for browser, step in zip(browsers.values(), STEPS, strict=False):
        assert remind(browser, step=step).status_code == 302
    pages = {login: browser.get("/coordinator/audit?verb=schools_reminded").text for login, browser in browsers.items()}
    shown = {login: {one for one in people if f"<td>{one}" in page} for login, page in pages.items()}
    assert shown == {"federal": set(people), "vladimir": {"vladimir", "murom"}, "murom": {"murom"},
                     "kamchatka": {"kamchatka"}}
    narrowed = browsers["federal"].get("/coordinator/audit?verb=schools_reminded&territory=Владимирская область").text
    assert "<td>vladimir" in narrowed and "<td>kamchatka" not in narrowed
    found = browsers["federal"].get("/coordinator/audit?verb=schools_reminded&who=KAMCH").text
    assert "<td>kamchatka" in found and "<td>murom" not in found


def test_the_log_is_read_page_by_page_and_by_day(hub: Hub, schools: list[School],
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testing_server.exam_day.monitor.audit_pages.PAGE", 1)
    browser = hub.browser("federal", "coordinator")
    for text in ("Раз.", "Два."):
        remind(browser, text=text)
        hub.clock.advance(24 * 3_600_000)
        browser.sign_in("federal")
    newest = browser.get("/coordinator/audit?verb=schools_reminded").text
    assert newest.count("<th scope=\"row\">") == 1
    address = newest.split('class="button" href="')[-1].split('"')[0].replace("&amp;", "&")
    assert browser.get(address).text.count("<th scope=\"row\">") == 1
    today = datetime.fromtimestamp(hub.clock.now_ms() / 1000, UTC).date()
    assert "По этому запросу" in browser.get(f"/coordinator/audit?verb=schools_reminded&from={today}").text
    assert browser.get("/coordinator/audit?from=99999-99-99&to=x&before=1,²,x").status_code == 200
