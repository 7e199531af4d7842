"""Applications, schedules and questionnaires on their pages and in Excel: by level, by hour, nothing half applied."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from testing_server.foundation.audit.queries import read_audit
from testing_server.foundation.progress import read_progress
from testing_server.preparation.applications.queries import list_applications, read_application
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School, list_schools
from testing_server.preparation.schedule.queries import read_schedule
from testing_server.preparation.schedule.records import ReserveDayRecord
from testing_server.preparation.sheets.actions import Author, SheetChanged, keep_sheet
from testing_server.preparation.sheets.records import SheetRecord
from tests.builders import Browser, close_app
from tests.testing_server.preparation.make_hub import Hub, make_hub, make_school

SPRING = "vpr-2027-spring"
REGION, TOWN = "Владимирская область", "Ковров"
SCHOOL, COORDINATOR = f"/school/campaigns/{SPRING}", f"/coordinator/campaigns/{SPRING}"
APPLICATION, SCHEDULE = f"{SCHOOL}/application", f"{SCHOOL}/schedule"
ENGLISH, MATH, META = "grade-7-english", "grade-4-math", "first-year-meta"


@dataclass
class People:
    """One hub for the file, and whoever acts in it."""

    hub: Hub
    school: School
    other: School
    organizer: Browser
    municipal: Browser
    regional: Browser
    federal: Browser

    @property
    def campaign(self) -> Campaign:
        return find_campaign(self.hub.offered.settings.data, SPRING)


def make_people(folder: Path, **settings: Any) -> People:
    hub = make_hub(folder, **settings)
    school, other = make_school(hub), make_school(hub, "sch330002", name="Школа № 2")
    make_school(hub, "sch500001", name="Чужая", municipality="Клин", region="Московская область")
    return People(hub, school, other, hub.browser("organizer", "school_organizer", school=school.id),
                  hub.browser("municipal", "coordinator", territory=f"{REGION}/{TOWN}"),
                  hub.browser("regional", "coordinator", territory=REGION), hub.browser("federal", "coordinator"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[People]:
    made = make_people(tmp_path_factory.mktemp("campaigns"))
    yield made
    close_app(made.hub.app)


@pytest.fixture
def people(shared: People) -> Iterator[People]:
    """The same hub with nothing told yet."""
    yield shared
    shared.hub.offered.storage.write(wipe)


def wipe(session: Any) -> None:
    for record in (SheetRecord, ReserveDayRecord):
        session.query(record).delete()


def fill(page: bytes, sheet: str, cells: dict[str, Any]) -> BytesIO:
    book = openpyxl.load_workbook(BytesIO(page))
    for cell, value in cells.items():
        book[sheet][cell] = value
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def find_cell(page: bytes, sheet: str, line: str, column: str) -> str:
    """The name of a cell: the line that holds one text, the column under another."""
    cells = openpyxl.load_workbook(BytesIO(page))[sheet]
    row = next(cell.row for rows in cells.iter_rows() for cell in rows if cell.value == line)
    letter = next(cell.column_letter for rows in cells.iter_rows() for cell in rows if cell.value == column)
    return f"{letter}{row}"


def upload(browser: Browser, address: str, page: str, content: BytesIO | bytes) -> Any:
    sent = content if isinstance(content, BytesIO) else BytesIO(content)
    return browser.post(address, {"file": (sent, "form.xlsx")}, page=page, content_type="multipart/form-data")


def apply(people: People, **numbers: str) -> Any:
    typed = {name.replace("__", "|").replace("_", "-"): count for name, count in numbers.items()}
    seen = people.hub.read(read_application, people.campaign, people.school).sheet
    return people.organizer.post(APPLICATION, {**typed, "seen": str(seen.version if seen else 0)}, page=APPLICATION)


def state_of(people: People, school: School | None = None) -> str:
    found: str = people.hub.read(read_application, people.campaign, school or people.school).state
    return found


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[People]:
    """A hub of its own: its clock only goes on."""
    made = make_people(tmp_path_factory.mktemp("later"))
    yield made
    close_app(made.hub.app)


def wait_until(people: People, moment: str) -> None:
    """Moscow time; whoever was signed in signs in again."""
    wanted = int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Moscow")).timestamp() * 1000)
    people.hub.clock.advance(wanted - people.hub.clock.now_ms())
    people.organizer.sign_in("organizer")


def test_an_application_goes_up_level_by_level(people: People) -> None:
    assert "ещё не заполнена" in people.organizer.get(APPLICATION).text
    assert apply(people, grade_7_english__computer="24", grade_4_math__paper="60").status_code == 302
    assert state_of(people) == "running"
    one = f"{COORDINATOR}/applications/{people.school.id}"
    assert people.municipal.post(f"{one}/confirm", {"seen": "1"}, page=one).status_code == 302
    waiting = people.hub.read(read_application, people.campaign, people.school)
    assert (waiting.state, waiting.waits_for) == ("running", ("regional",))
    assert people.regional.post(f"{one}/confirm", {"seen": "2"}, page=one).status_code == 302
    assert state_of(people) == "ready"
    assert "application" in {line.step for line in people.hub.read(read_progress, people.school.id)
                             if (line.campaign, line.state) == (SPRING, "ready")}
    verbs = [line.verb for line in people.hub.read(read_audit, f"school:{people.school.id}")]
    assert verbs.count("application_confirmed") == 2


def test_a_change_after_the_confirmation_is_confirmed_anew(people: People) -> None:
    apply(people, grade_7_english__computer="24")
    one = f"{COORDINATOR}/applications/{people.school.id}"
    people.regional.post(f"{one}/confirm", {"seen": "1"}, page=one)
    assert state_of(people) == "ready"
    apply(people, grade_7_english__computer="24")
    assert state_of(people) == "ready", "the same said again changes nothing"
    apply(people, grade_7_english__computer="25")
    assert state_of(people) == "running"


def test_wrong_numbers_stay_on_the_page_and_nothing_is_kept(people: People) -> None:
    answer = apply(people, grade_7_english__computer="двадцать", grade_4_math__paper="60")
    assert answer.status_code == 422
    assert 'value="двадцать"' in answer.text and 'value="60"' in answer.text and "field-wrong" in answer.text
    assert people.hub.read(read_application, people.campaign, people.school).sheet is None
    assert "Заявка пустая" in apply(people).text


def test_two_people_at_one_application_lose_nothing(people: People) -> None:
    apply(people, grade_7_english__computer="24")
    one = f"{COORDINATOR}/applications/{people.school.id}"
    people.municipal.post(one, {f"{ENGLISH}|computer": "30", "seen": "1"}, page=one)
    late = people.organizer.post(APPLICATION, {f"{ENGLISH}|computer": "25", "seen": "1"}, page=APPLICATION)
    assert late.status_code == 409 and 'value="25"' in late.text
    assert people.hub.read(read_application, people.campaign, people.school).sheet.content == {
        ENGLISH: {"computer": 30}}


def test_a_first_version_written_twice_at_once_is_kept_once(people: People) -> None:
    details: dict[str, Any] = {"campaign": SPRING, "kind": "application", "school": people.school.id,
                               "author": Author("x", "school")}
    people.hub.write(keep_sheet, content={ENGLISH: {"computer": 1}}, **details)
    # what the second writer's select does not see while the first one's transaction is open
    people.hub.offered.storage.write(lambda session: session.query(SheetRecord).update({"is_newest": False}))
    with pytest.raises(SheetChanged):
        people.hub.write(keep_sheet, content={ENGLISH: {"computer": 2}}, **details)


def test_the_excel_form_goes_out_and_comes_back(people: People) -> None:
    page = people.organizer.get(f"{APPLICATION}.xlsx").data
    assert openpyxl.load_workbook(BytesIO(page)).sheetnames == ["Инструкция", "Заявка"]
    cell = find_cell(page, "Заявка", ENGLISH, "На компьютере, участников")
    answer = upload(people.organizer, f"{APPLICATION}/file", APPLICATION, fill(page, "Заявка", {cell: 24}))
    assert answer.status_code == 302
    assert people.hub.read(read_application, people.campaign, people.school).sheet.content == {
        ENGLISH: {"computer": 24}}


@pytest.mark.parametrize("line,column,value,words", [
    (ENGLISH, "На компьютере, участников", "много", "нужно целое число"),
    (ENGLISH, "На бумаге, участников", 5, "не проводится"),
    (ENGLISH, "Код работы", "grade-9-magic", "такой работы в кампании нет"),
    (MATH, "Код работы", ENGLISH, "стоит дважды"),
    (ENGLISH, "На компьютере, участников", -1, "нужно целое число"),
    (ENGLISH, "На компьютере, участников", 2.5, "нужно целое число")])
def test_a_wrong_cell_is_named_and_nothing_is_taken(people: People, line: str, column: str, value: Any,
                                                    words: str) -> None:
    page = people.organizer.get(f"{APPLICATION}.xlsx").data
    other = find_cell(page, "Заявка", META, "На бумаге, участников")
    cell = find_cell(page, "Заявка", line, column)
    answer = upload(people.organizer, f"{APPLICATION}/file", APPLICATION, fill(page, "Заявка", {other: 7, cell: value}))
    assert answer.status_code == 422
    assert f"Заявка!{cell}" in answer.text and words in answer.text
    assert people.hub.read(read_application, people.campaign, people.school).sheet is None


def test_rubbish_in_place_of_a_form_is_refused_in_words(people: People) -> None:
    empty = people.organizer.get(f"{APPLICATION}.xlsx").data
    schedule = people.organizer.get(f"{SCHEDULE}.xlsx").data
    for content, words in ((b"", "Файл не выбран"), (b"%PDF-1.7", "не читается как книга"), (empty, "Заявка пустая"),
                           (schedule, "нет столбца «На бумаге, участников»")):
        answer = upload(people.organizer, f"{APPLICATION}/file", APPLICATION, content)
        assert answer.status_code == 422 and words in answer.text
    assert people.hub.read(read_application, people.campaign, people.school).sheet is None


def spoil(page: bytes, change: Callable[[Any], None]) -> BytesIO:
    """The form after somebody has played with its sheet."""
    book = openpyxl.load_workbook(BytesIO(page))
    change(book["Заявка"])
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def merge(sheet: Any) -> None:
    sheet.merge_cells("A4:C6")


def add_formula(sheet: Any) -> None:
    # what was never computed has no value: an empty cell
    sheet["E4"] = "=SUM(1,2)"


def add_lines(sheet: Any) -> None:
    sheet.cell(row=100_002, column=1, value="конец")


def turn_latin(sheet: Any) -> None:
    for cell in sheet[3]:
        cell.value = str(cell.value).replace("а", "a").replace("о", "o").upper()
    sheet["E4"] = 24


@pytest.mark.parametrize("change,status,words", [
    (merge, 422, "Заявка!A5"), (add_formula, 422, "Заявка пустая"), (add_lines, 413, "Книга слишком велика"),
    (turn_latin, 302, "")])
def test_what_people_do_to_a_form(people: People, change: Callable[[Any], None], status: int, words: str) -> None:
    page = spoil(people.organizer.get(f"{APPLICATION}.xlsx").data, change)
    answer = upload(people.organizer, f"{APPLICATION}/file", APPLICATION, page)
    assert answer.status_code == status and words in answer.text
    kept = people.hub.read(read_application, people.campaign, people.school).sheet
    assert (kept is not None) == (status == 302)


def test_a_late_application_is_refused_with_its_hour(later: People) -> None:
    wait_until(later, "2027-02-05T18:00")
    late = apply(later, grade_7_english__computer="24")
    assert late.status_code == 409 and "05.02.2027, 18:00 (МСК)" in late.text
    assert "приём закрыт" in later.organizer.get(APPLICATION).text
    assert later.hub.read(read_application, later.campaign, later.school).sheet is None


def test_the_consolidated_file_lists_who_has_not_and_comes_back(people: People) -> None:
    apply(people, grade_7_english__computer="24")
    page = people.regional.get(f"{COORDINATOR}/applications.xlsx").data
    cells = openpyxl.load_workbook(BytesIO(page))["Сводная заявка"].iter_rows()
    lines = [[cell.value for cell in row] for row in cells]
    logins = {line[0]: line[3] for line in lines[3:]}
    assert logins == {"sch330001": "ждёт: муниципалитет", "sch330002": "не заполнена"}
    confirm = find_cell(page, "Сводная заявка", "sch330001", "Подтвердить (да/нет)")
    number = find_cell(page, "Сводная заявка", "sch330002", "7 · Английский язык · компьютер")
    back = fill(page, "Сводная заявка", {confirm: "Да", number: 12})
    answer = upload(people.regional, f"{COORDINATOR}/applications/file", f"{COORDINATOR}/applications", back)
    assert answer.status_code == 302
    found = people.hub.read(list_applications, people.campaign, people.hub.read(list_schools, REGION))
    assert [(one.state, one.sheet.content) for one in found] == [
        ("ready", {ENGLISH: {"computer": 24}}), ("ready", {ENGLISH: {"computer": 12}})]


@pytest.mark.parametrize("cells,words", [
    ({"sch330002": "sch500001"}, "на вашей территории нет"), ({"sch330002": "sch330001"}, "стоит дважды")])
def test_a_consolidated_file_with_one_wrong_line_changes_nobody(people: People, cells: dict[str, str],
                                                                words: str) -> None:
    page = people.municipal.get(f"{COORDINATOR}/applications.xlsx").data
    number = find_cell(page, "Сводная заявка", "sch330001", "7 · Английский язык · компьютер")
    changed = {find_cell(page, "Сводная заявка", line, "Логин ОО"): value for line, value in cells.items()}
    answer = upload(people.municipal, f"{COORDINATOR}/applications/file", f"{COORDINATOR}/applications",
                    fill(page, "Сводная заявка", {number: 5, **changed}))
    assert answer.status_code == 422 and words in answer.text
    assert people.hub.read(read_application, people.campaign, people.school).sheet is None


def test_a_consolidated_file_sent_twice_changes_nothing_more_and_the_board_hears_of_it(people: People) -> None:
    apply(people, grade_7_english__computer="24")
    page = people.regional.get(f"{COORDINATOR}/applications.xlsx").data
    confirm = find_cell(page, "Сводная заявка", "sch330001", "Подтвердить (да/нет)")
    number = find_cell(page, "Сводная заявка", "sch330002", "7 · Английский язык · компьютер")
    for told in ("изменено 1, подтверждено 1", "изменено 0, подтверждено 1"):
        back = fill(page, "Сводная заявка", {confirm: "да", number: 12})
        upload(people.regional, f"{COORDINATOR}/applications/file", f"{COORDINATOR}/applications", back)
        assert told in people.regional.get(f"{COORDINATOR}/applications").text
        kept = people.hub.read(read_application, people.campaign, people.school).sheet
        assert (kept.verb, kept.version) == ("confirmed", 2)
    said = {one.school: one.state for one in people.hub.read(read_progress) if one.step == "application"}
    assert said[people.school.id] == said[people.other.id] == "ready"


def test_confirming_what_was_never_sent_takes_nothing_of_the_file(people: People) -> None:
    page = people.regional.get(f"{COORDINATOR}/applications.xlsx").data
    cells = {find_cell(page, "Сводная заявка", "sch330002", "7 · Английский язык · компьютер"): 12,
             find_cell(page, "Сводная заявка", "sch330001", "Подтвердить (да/нет)"): "да"}
    answer = upload(people.regional, f"{COORDINATOR}/applications/file", f"{COORDINATOR}/applications",
                    fill(page, "Сводная заявка", cells))
    assert answer.status_code == 409 and "не прислала заявку" in answer.text
    assert people.hub.read(read_application, people.campaign, people.other).sheet is None


def test_a_school_is_seen_by_its_own_coordinators_alone(people: People) -> None:
    stranger = find_school_of(people, "sch500001")
    one = f"{COORDINATOR}/applications/{stranger.id}"
    assert people.municipal.get(one).status_code == people.regional.get(one).status_code == 404
    assert people.federal.get(one).status_code == 200
    assert people.organizer.get(one).status_code == 403
    assert "Чужая" not in people.regional.get(f"{COORDINATOR}/schedule").text


def find_school_of(people: People, login: str) -> School:
    return next(one for one in people.hub.read(list_schools) if one.login == login)


def test_a_schedule_takes_any_day_of_the_period_and_no_other(people: People) -> None:
    apply(people, grade_7_english__computer="24")
    page = people.organizer.get(SCHEDULE).text
    assert "14.04.2027" in page and "Математика" not in page, "only what was applied for, with its recommended days"
    bad = people.organizer.post(SCHEDULE, {f"{ENGLISH}|computer|0": "2027-06-01"}, page=SCHEDULE)
    assert bad.status_code == 422 and "вне периода" in bad.text and 'value="2027-06-01"' in bad.text
    good = people.organizer.post(SCHEDULE, {f"{ENGLISH}|computer|0": "2027-04-12"}, page=SCHEDULE)
    assert good.status_code == 302
    assert people.hub.read(read_schedule, people.campaign, people.school).state == "ready"


def ask_reserve(people: People, day: str = "2027-05-20", reason: str = "карантин") -> Any:
    form = {"place": f"{ENGLISH}|computer", "day": day, "reason": reason}
    return people.organizer.post(f"{SCHEDULE}/reserve", form, page=SCHEDULE)


def decide(people: People, browser: Browser, decision: str, remark: str = "") -> Any:
    form = {"place": f"{ENGLISH}|computer", "day": "2027-05-20", "decision": decision, "remark": remark}
    address = f"{COORDINATOR}/schedule"
    return browser.post(f"{address}/{people.school.id}/reserve", form, page=address)


def test_a_reserve_day_is_agreed_by_the_region_alone(people: People) -> None:
    assert ask_reserve(people).status_code == 302
    assert people.hub.read(read_schedule, people.campaign, people.school).state == "attention"
    assert decide(people, people.municipal, "agree").status_code == 403
    assert decide(people, people.regional, "refuse").status_code == 422, "a refusal says why"
    assert decide(people, people.regional, "agree").status_code == 302
    assert decide(people, people.regional, "refuse", "нет").status_code == 409
    day, = people.hub.read(read_schedule, people.campaign, people.school).days
    assert (day.day, day.is_reserve) == ("2027-05-20", True)


@pytest.mark.parametrize("day,reason,words", [
    ("2027-04-12", "карантин", "внутри периода"), ("2027-09-01", "карантин", "Резервные дни в этой кампании"),
    ("2027-05-20", "  ", "Не указана причина"), ("завтра", "карантин", "нужна дата")])
def test_a_reserve_day_has_a_reason_and_its_bounds(people: People, day: str, reason: str, words: str) -> None:
    answer = ask_reserve(people, day, reason)
    assert answer.status_code == 422 and words in answer.text


def test_a_refused_reserve_day_may_be_asked_for_again(people: People) -> None:
    ask_reserve(people)
    decide(people, people.regional, "refuse", "проведите в период")
    assert "проведите в период" in people.organizer.get(SCHEDULE).text
    assert people.hub.read(read_schedule, people.campaign, people.school).days == ()
    ask_reserve(people, reason="другой причины нет")
    assert people.hub.read(read_schedule, people.campaign, people.school).reserve[0].state == "waiting"


def test_a_reserve_day_is_asked_for_after_the_schedule_is_closed(later: People) -> None:
    wait_until(later, "2027-04-20T12:00")
    closed = later.organizer.post(SCHEDULE, {f"{ENGLISH}|computer|0": "2027-04-22"}, page=SCHEDULE)
    assert closed.status_code == 409 and "12.03.2027, 18:00 (МСК)" in closed.text
    assert ask_reserve(later).status_code == 302


def test_the_schedule_in_excel_asks_for_reserve_days_too(people: People) -> None:
    page = people.organizer.get(f"{SCHEDULE}.xlsx").data
    first = find_cell(page, "Расписание", ENGLISH, "День 1")
    reserve, reason = (find_cell(page, "Расписание", ENGLISH, one) for one in ("Резервный день",
                                                                               "Причина резервного дня"))
    bad = upload(people.organizer, f"{SCHEDULE}/file", SCHEDULE,
                 fill(page, "Расписание", {first: "01.01.2027", reserve: "20.05.2027"}))
    assert bad.status_code == 422 and f"Расписание!{first}" in bad.text and f"Расписание!{reason}" in bad.text
    good = fill(page, "Расписание", {first: "14.04.2027", reserve: "20.05.2027", reason: "карантин"})
    assert upload(people.organizer, f"{SCHEDULE}/file", SCHEDULE, good).status_code == 302
    found = people.hub.read(read_schedule, people.campaign, people.school)
    assert ([one.day for one in found.days], found.reserve[0].state) == (["2027-04-14"], "waiting")
    listed = openpyxl.load_workbook(BytesIO(people.regional.get(f"{COORDINATOR}/schedule.xlsx").data)).active
    assert {row[0].value for row in listed.iter_rows(min_row=4)} == {"sch330001", "sch330002"}


ANSWERS = {"internet": "нет", "network": "да", "rooms": "2", "workstations": "30", "headsets": "28",
           "systems": ["Linux", "другая"], "rehearsal": "12.03.2027"}
SURVEY = f"{SCHOOL}/questionnaires/survey"


def test_a_questionnaire_is_answered_on_screen(people: People) -> None:
    assert people.organizer.post(SURVEY, ANSWERS, page=SURVEY).status_code == 302
    text = people.regional.get(f"{COORDINATOR}/questionnaires/survey").text
    assert "Не заполнили: 1" in text and "заполнили: 1" in text
    again = people.organizer.get(SURVEY).text
    assert 'value="12.03.2027"' in again and again.count("checked") == 4
    bad = people.organizer.post(SURVEY, {**ANSWERS, "rooms": "две"}, page=SURVEY)
    assert bad.status_code == 422 and 'value="две"' in bad.text and "wrong-rooms" in bad.text


def test_a_questionnaire_in_excel_is_checked_by_cell(people: People) -> None:
    page = people.organizer.get(f"{SURVEY}.xlsx").data
    told = {"internet": "НЕТ", "network": "дa", "rooms": 2, "workstations": "30", "headsets": 28,
            "systems": "linux; Другая"}
    cells = {find_cell(page, "Анкета", code, "Ответ"): value for code, value in told.items()}
    wrong = find_cell(page, "Анкета", "rooms", "Ответ")
    bad = upload(people.organizer, f"{SURVEY}/file", SURVEY, fill(page, "Анкета", {**cells, wrong: 5000}))
    assert bad.status_code == 422 and f"Анкета!{wrong}" in bad.text
    assert "пустая" in upload(people.organizer, f"{SURVEY}/file", SURVEY, page).text
    assert upload(people.organizer, f"{SURVEY}/file", SURVEY, fill(page, "Анкета", cells)).status_code == 302
    answers = people.regional.get(f"{COORDINATOR}/questionnaires/survey.xlsx")
    assert answers.status_code == 200


def test_another_campaigns_questionnaire_is_recognised(people: People) -> None:
    context = people.organizer.get(f"{SCHOOL}/questionnaires/context.xlsx").data
    cells = {find_cell(context, "Анкета", "pupils", "Ответ"): 400}
    answer = upload(people.organizer, f"{SURVEY}/file", SURVEY, fill(context, "Анкета", cells))
    assert answer.status_code == 422 and "такого вопроса в этой анкете нет" in answer.text


def test_the_lists_of_campaigns_and_their_rules_can_be_read(people: People) -> None:
    mine, theirs = people.organizer.get("/school/campaigns").text, people.regional.get("/coordinator/campaigns").text
    assert "05.02.2027, 18:00 (МСК)" in mine and "Опросный лист" in theirs
    for campaign in ("demo-2026", "vpr-2020-school", "vpr-2021-college", "vpr-2023-school", SPRING):
        page = people.organizer.get(f"/campaigns/{campaign}/rules")
        assert page.status_code == 200
    words = people.regional.get("/campaigns/vpr-2020-school/rules").text
    for sentence in ("15.05.2020", "с 05.06.2020", "6.02.2020, 18:00", "order-2020 2.4.1", "14:00 по московскому"):
        assert sentence in words


@pytest.mark.parametrize("address", [
    "/school/campaigns/none/application", f"{SCHOOL}/questionnaires/none", "/school/campaigns/demo-2026/application",
    "/school/campaigns/demo-2026/schedule", f"{SCHOOL}/questionnaires/none.xlsx"])
def test_what_a_campaign_does_not_have_is_not_found(people: People, address: str) -> None:
    assert people.organizer.get(address).status_code == 404
