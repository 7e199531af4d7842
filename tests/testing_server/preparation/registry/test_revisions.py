"""The list of schools goes out and comes back: what changes is shown, errors stand by cell, all or none."""
import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from testing_server.foundation.jobs import FakeJobs, JobContext
from testing_server.foundation.workbooks.writing import Sheet, SheetColumn, write_form
from testing_server.preparation.codes.actions import issue_codes
from testing_server.preparation.registry import pages as registry_pages
from testing_server.preparation.registry.actions import create_school
from testing_server.preparation.registry.queries import School, find_school, list_schools
from testing_server.preparation.registry.revisions import actions as revision_actions
from testing_server.preparation.registry.revisions.actions import begin_revision, note_reading
from testing_server.preparation.registry.revisions.queries import list_revisions, read_revision_of
from testing_server.preparation.registry.revisions.rules import COLUMNS
from testing_server.preparation.registry.zone_changes import list_zone_requests
from tests.builders import Browser
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import COUNTED

REGION = "Владимирская область"
PAGE = "/coordinator/schools/revisions"
Rows = list[list[Any]]


@pytest.fixture
def schools(hub: Hub) -> list[School]:
    return [make_school(hub, f"sch33000{number}", name=f"Школа № {number}") for number in range(1, 4)]


@pytest.fixture
def coordinator(hub: Hub) -> Iterator[Browser]:
    yield hub.browser("regional", "coordinator", territory=REGION)


def fetch_rows(browser: Browser) -> Rows:
    """The downloaded list without its heading."""
    book = load_workbook(io.BytesIO(browser.get("/coordinator/schools/list.xlsx").data))
    assert book.sheetnames[0] == "Инструкция" and "Исключить" in str(book["Инструкция"]["A3"].value)
    return [list(row) for row in book["Школы"].iter_rows(values_only=True)][1:]


def write_rows(rows: Rows) -> bytes:
    return write_form(["…"], [Sheet("Школы", [SheetColumn(one.heading) for one in COLUMNS], rows)])


def run_jobs(hub: Hub, die_at: int = -1) -> None:
    """The worker's turn; it dies before its `die_at`-th report."""
    headers, told = {"Authorization": f"Internal {hub.offered.internal_secret}"}, []

    def report(path: str, body: dict[str, Any]) -> Any:
        told.append(path)
        if len(told) == die_at:
            raise KeyboardInterrupt
        answer = hub.app.test_client().post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs)
    jobs.run_all(JobContext(hub.offered.settings, hub.clock, hub.offered.files, report))


def send(browser: Browser, content: bytes) -> str:
    """Uploads; gives the revision's address."""
    answer = browser.post(PAGE, {"file": (io.BytesIO(content), "schools.xlsx")}, page=PAGE,
                          content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def upload(hub: Hub, browser: Browser, rows: Rows) -> str:
    address = send(browser, write_rows(rows))
    run_jobs(hub)
    return address


def act(browser: Browser, address: str, verb: str) -> Any:
    return browser.post(f"{address}/{verb}", page=PAGE)


def show_registry(hub: Hub) -> dict[str, tuple[str, str, str]]:
    return {one.login: (one.name, one.municipality, one.zone) for one in hub.read(list_schools)}


def test_a_list_comes_back_and_is_applied_and_undone(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    before, rows = show_registry(hub), fetch_rows(coordinator)
    assert [row[0] for row in rows] == [one.login for one in schools] and rows[0][4] == "Москва (МСК)"
    rows[0][5] = "Х"
    rows[1][1], rows[1][2] = "Гимназия № 2", "Муром"
    rows.append(["SCH330009", "Школа № 9", "Муром", REGION, "мск+2", None])
    address = upload(hub, coordinator, rows)
    shown = coordinator.get(address).text
    assert all(text in shown for text in ("Исключаются: 1", "Новые школы: 1", "Меняются: 1", "Гимназия № 2", "(МСК+2)"))
    assert show_registry(hub) == before, "looking changes nothing"
    assert act(coordinator, address, "apply").status_code == 302
    assert show_registry(hub) == {
        "sch330002": ("Гимназия № 2", "Муром", "Europe/Moscow"), "sch330003": before["sch330003"],
        "sch330009": ("Школа № 9", "Муром", "Asia/Yekaterinburg")}
    assert act(coordinator, address, "apply").status_code == 409, "once"
    assert act(coordinator, address, "undo").status_code == 302
    assert show_registry(hub) == before


def show_board(browser: Browser) -> set[tuple[str, str, str]]:
    """(login, name, municipality): the board keeps what it read of the schools as long as nothing changed."""
    told = browser.get("/v1/board").get_json()
    names = zip(told["schools"]["login"], told["schools"]["name"], told["schools"]["place"], strict=True)
    return {(login, name, told["places"][place][1]) for login, name, place in names}


def test_the_board_follows_every_change_of_the_schools(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    def show() -> set[tuple[str, str, str]]:
        return {(login, name, municipality) for login, (name, municipality, _zone) in show_registry(hub).items()}

    seen = [show_board(coordinator)]
    make_school(hub, "sch330004")
    seen.append(show_board(coordinator))
    assert len(seen[0]) == 3 and len(seen[1]) == 4
    address = upload(hub, coordinator, [[schools[0].login, "Гимназия № 2", "Муром", REGION, "МСК", ""],
                                        [*fetch_rows(coordinator)[1][:5], "X"]])
    act(coordinator, address, "apply")
    seen.append(show_board(coordinator))
    assert (schools[0].login, "Гимназия № 2", "Муром") in seen[2] and len(seen[2]) == 3 and seen[2] == show()
    act(coordinator, address, "undo")
    assert show_board(coordinator) == seen[1] == show()


def test_a_school_that_came_and_went_comes_back(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    rows = fetch_rows(coordinator)
    act(coordinator, upload(hub, coordinator, [[*rows[0][:5], "X"]]), "apply")
    assert schools[0].login not in show_registry(hub)
    shown = coordinator.get(upload(hub, coordinator, [rows[0]])).text
    assert "Возвращаются в список: 1" in shown and "которых в файле нет: 2" in shown


@pytest.mark.parametrize("row,cell,words", [
    (["", "Школа", "Ковров", REGION, "МСК", ""], "A2", "не заполнен"),
    (["школа7", "Школа", "Ковров", REGION, "МСК", ""], "A2", "латинских букв"),
    (["sch330007", "Школа", "Ковров", REGION, "МСК+17", ""], "E2", "такого часового пояса нет"),
    (["sch330007", "Школа", "Ковров", REGION, "МСК", "может быть"], "F2", "можно"),
    (["sch330007", "Школа", "Ковров", "Тверская область", "МСК", ""], "C2", "не из вашей территории"),
    (["sch330007", "Школа", "Ковров", REGION, "МСК", "X"], "F2", "исключать нечего"),
    (["sch690001", "Школа", "Ковров", REGION, "МСК", ""], "A2", "занят школой другой территории"),
    (["sch330007", "Ш" * 301, "Ковров", REGION, "МСК", ""], "B2", "длиннее 300"),
])
def test_what_is_wrong_is_said_by_cell_and_nothing_is_applied(
        hub: Hub, schools: list[School], coordinator: Browser, row: list[Any], cell: str, words: str) -> None:
    make_school(hub, "sch690001", region="Тверская область")
    before = show_registry(hub)
    address = upload(hub, coordinator, [row, ["sch330008", "Школа № 8", "Ковров", REGION, "МСК", ""]])
    found = hub.read(read_revision_of, address.rpartition("/")[2], None)
    assert (found.state, [one[0] for one in found.problems]) == ("wrong", [cell]) and words in found.problems[0][1]
    assert words in coordinator.get(address).text
    assert act(coordinator, address, "apply").status_code == 409 and show_registry(hub) == before


def test_one_login_stands_once(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    rows = fetch_rows(coordinator)
    found = hub.read(read_revision_of, upload(hub, coordinator, [rows[0], rows[0]]).rpartition("/")[2], None)
    assert found.problems == [("A3", "логин sch330001 уже стоит в строке 2")]


@pytest.mark.parametrize("content,words", [
    (b"\x00" * 4000, "не читается как книга Excel"), (b"login;name\n1;2", "не читается как книга Excel"),
    (write_form(["…"], [Sheet("Протокол", [SheetColumn("Код")], [["1"]])]), "нет листа с нужной таблицей"),
    (write_rows([]), "пуст")])
def test_rubbish_is_named(hub: Hub, coordinator: Browser, content: bytes, words: str) -> None:
    address = send(coordinator, content)
    run_jobs(hub)
    shown = coordinator.get(address)
    assert shown.status_code == 200 and words in shown.text


def test_no_file_is_told(coordinator: Browser) -> None:
    answer = coordinator.post(PAGE, {}, page=PAGE, content_type="multipart/form-data")
    assert answer.status_code == 422 and "Файл не выбран" in answer.text


def test_a_worker_killed_while_reading_begins_anew(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    rows = fetch_rows(coordinator)
    address = send(coordinator, write_rows([[*rows[0][:5], "X"], *rows[1:]]))
    jobs = hub.offered.jobs
    assert isinstance(jobs, FakeJobs)
    noted = list(jobs.waiting)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(hub, die_at=3)
    jobs.waiting.extend(noted)
    run_jobs(hub)
    found = hub.read(read_revision_of, address.rpartition("/")[2], None)
    assert (found.state, found.counts, found.problems) == ("ready", {"closed": 1, "same": 2}, [])


def test_what_others_changed_meanwhile_is_noticed(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    rows = fetch_rows(coordinator)
    rows[0][1] = "Лицей"
    first, second = upload(hub, coordinator, rows), upload(hub, coordinator, rows)
    assert act(coordinator, first, "apply").status_code == 302
    late = act(coordinator, second, "apply")
    assert late.status_code == 409 and "изменил кто-то другой" in late.text
    fresh = upload(hub, coordinator, [["sch330009", "Девятая", "Муром", REGION, "МСК", ""]])
    hub.write(create_school, login="sch330009", name="Другая", municipality="Муром", region=REGION,
              zone="Europe/Moscow")
    assert act(coordinator, fresh, "apply").status_code == 409


def test_nothing_is_undone_once_something_depends_on_it(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    address = upload(hub, coordinator, [["sch330009", "Девятая", "Муром", REGION, "МСК", ""]])
    act(coordinator, address, "apply")
    hub.write(issue_codes, campaign=COUNTED, school=hub.read(find_school, "sch330009").id, count=3, reserve=1)
    answer = act(coordinator, address, "undo")
    assert answer.status_code == 409 and "«Девятая» уже есть коды участников" in answer.text
    assert "sch330009" in show_registry(hub)


def test_what_was_changed_again_is_not_undone(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    rows = fetch_rows(coordinator)
    first = upload(hub, coordinator, [[*rows[0][:1], "Лицей", *rows[0][2:]]])
    act(coordinator, first, "apply")
    act(coordinator, upload(hub, coordinator, [[*rows[0][:1], "Гимназия", *rows[0][2:]]]), "apply")
    answer = act(coordinator, first, "undo")
    assert answer.status_code == 409 and "«Гимназия» после этого изменили" in answer.text


def test_another_zone_in_the_list_waits_for_a_second_coordinator(
        hub: Hub, schools: list[School], coordinator: Browser) -> None:
    rows = fetch_rows(coordinator)
    rows[0][4] = "Самара (МСК+1)"
    address = upload(hub, coordinator, rows)
    act(coordinator, address, "apply")
    request, = hub.read(list_zone_requests, REGION)
    assert (request.zone, request.state, show_registry(hub)["sch330001"][2]) == (
        "Europe/Samara", "waiting", "Europe/Moscow")
    act(coordinator, address, "undo")
    assert [one.state for one in hub.read(list_zone_requests, REGION)] == ["refused"]


def test_lists_of_elsewhere_are_not_there(hub: Hub, schools: list[School], coordinator: Browser) -> None:
    address = upload(hub, coordinator, fetch_rows(coordinator))
    far = hub.browser("far", "coordinator", territory="Тверская область")
    below = hub.browser("below", "coordinator", territory=f"{REGION}/Ковров")
    above = hub.browser("above", "coordinator")
    for browser, status in ((far, 404), (below, 404), (above, 200)):
        assert browser.get(address).status_code == browser.get(f"{address}/state").status_code == status
        assert act(browser, address, "undo").status_code == (404 if status == 404 else 409)
    assert fetch_rows(far) == [] and len(fetch_rows(below)) == 3


def test_a_municipality_finds_its_lists_among_many_of_others(hub: Hub, schools: list[School]) -> None:
    """Also when the newest of the country are all of others."""
    mine = hub.write(begin_revision, file="0" * 64, file_name="ours.xlsx", territory=f"{REGION}/Ковров", by="somebody")
    hub.clock.advance(1000)
    for number in range(1001):
        hub.write(begin_revision, file="0" * 64, file_name=f"{number}.xlsx", territory=REGION, by="somebody")
    assert [one.id for one in hub.read(list_revisions, f"{REGION}/Ковров")] == [mine]


def test_the_list_of_schools_asks_once_for_all_and_is_searched(hub: Hub, schools: list[School], coordinator: Browser,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_pages, "read_enrolment_state", None)
    monkeypatch.setattr(registry_pages, "SHOWN", 2)
    page = coordinator.get("/coordinator/schools").text
    assert "Школа № 2" in page and "Школа № 3" not in page and "Показаны первые 2" in page
    found = coordinator.get("/coordinator/schools?sought=sch330003").text
    assert "Школа № 3" in found and "Школа № 2" not in found


def test_problems_beyond_the_limit_are_not_counted_one_by_one(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of another territory is wrong in all its forty thousand lines."""
    counted: list[str] = []

    def count(_session: Any, named: str) -> int:
        counted.append(named)
        return 500
    monkeypatch.setattr(revision_actions, "_count_problems", count)
    revision = hub.write(begin_revision, file="0" * 64, file_name="theirs.xlsx", territory=REGION, by="somebody")
    lines = [{"number": number, "login": f"sch69{number:04}", "name": "…", "municipality": "Тверь", "zone": "UTC",
              "region": "Тверская область", "closed": False, "cells": {}} for number in range(100)]
    hub.offered.storage.write(lambda db: note_reading(db, revision, {"step": "lines", "lines": lines}))
    assert len(counted) == 1 and hub.read(read_revision_of, revision, REGION).more_problems == 100
