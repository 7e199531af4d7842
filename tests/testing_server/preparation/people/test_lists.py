"""Experts' lists are typed or uploaded, whole or not at all; schools tell their rooms and experts."""
import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from testing_server.foundation.workbooks.writing import Sheet, SheetColumn, write_form
from testing_server.preparation.people.experts import COLUMNS
from testing_server.preparation.people.numbers import find_numbers
from testing_server.preparation.people.queries import list_experts
from tests.builders import Browser
from tests.testing_server.preparation.make_hub import Hub, make_school
from tests.testing_server.preparation.make_materials import COUNTED

pytestmark = pytest.mark.usefixtures("quick_passwords")
REGION = "Владимирская область"
PAGE = "/coordinator/experts-lists"


@pytest.fixture
def regional(hub: Hub) -> Iterator[Browser]:
    yield hub.browser("regional", "coordinator", territory=REGION)


def upload(browser: Browser, rows: list[list[Any]] | bytes) -> Any:
    content = rows if isinstance(rows, bytes) else write_form(["…"], [
        Sheet("Эксперты", [SheetColumn(one.heading) for one in COLUMNS], rows)])
    return browser.post(f"{PAGE}/upload", {"file": (io.BytesIO(content), "e.xlsx")}, page=PAGE,
                        content_type="multipart/form-data")


def test_a_list_is_uploaded_corrected_and_read(hub: Hub, regional: Browser) -> None:
    rows = [["Иванова А. А.", "история", "", REGION, "Ковров", "SCH330001", ""],
            ["Иванова А. А.", "Биология", "старший", REGION, "", "sch330001", "anna"]]
    assert upload(regional, rows).status_code == upload(regional, rows).status_code == 302
    found = hub.read(list_experts, "history", REGION)
    assert [(one.name, one.status, one.school_login) for one in found] == [("Иванова А. А.", "ordinary", "sch330001")]
    assert len(hub.read(list_experts)) == 2, "the same line twice is one line"
    book = load_workbook(io.BytesIO(regional.get(f"{PAGE}/list.xlsx").data))
    assert upload(regional, [list(row) for row in book["Эксперты"].iter_rows(values_only=True)][1:]).status_code == 302
    assert len(hub.read(list_experts)) == 2
    assert regional.post(f"{PAGE}/{found[0].id}/strike", page=PAGE).status_code == 302
    assert hub.read(list_experts, "history") == []


@pytest.mark.parametrize("wrong,cell", [
    (["", "история", "", REGION, "", "", ""], "A3"), (["Б", "астрономия", "", REGION, "", "", ""], "B3"),
    (["Б", "история", "главный", REGION, "", "", ""], "C3"), (["Б", "история", "", "Тверь", "", "", ""], "D3")])
def test_one_wrong_cell_keeps_the_whole_list_out(hub: Hub, regional: Browser, wrong: list[str], cell: str) -> None:
    answer = upload(regional, [["А", "история", "", REGION, "", "", ""], wrong])
    assert answer.status_code == 422 and cell in answer.text and hub.read(list_experts) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"\x00" * 999])
def test_rubbish_is_refused_in_words(hub: Hub, regional: Browser, content: bytes) -> None:
    assert upload(regional, content).status_code == 422


def test_an_expert_is_typed_for_the_own_region_alone(hub: Hub, regional: Browser) -> None:
    form = {"name": "Петров", "subject": "english", "status": "leading", "region": "Тверская область"}
    assert regional.post(PAGE, form, page=PAGE).status_code == 302
    assert [one.region for one in hub.read(list_experts, "english")] == [REGION]
    refused = regional.post(PAGE, {**form, "name": " "}, page=PAGE)
    assert refused.status_code == 422 and "leading" in refused.text
    expert = hub.read(list_experts)[0].id
    far = hub.browser("far", "coordinator", territory="Тверская область")
    assert far.post(f"{PAGE}/{expert}/strike", page=PAGE).status_code == 403
    assert "Петров" not in far.get(PAGE).text and len(hub.read(list_experts)) == 1
    town = hub.browser("town", "coordinator", territory=f"{REGION}/Ковров")
    assert town.post(PAGE, form, page=PAGE).status_code == 403 and "Списки ведёт" in town.get(PAGE).text


def test_a_school_tells_its_rooms_and_a_coordinator_sees_who_did_not(hub: Hub, regional: Browser) -> None:
    school = make_school(hub)
    make_school(hub, "sch330002", name="Молчаливая школа")
    organizer = hub.browser("organizer", "school_organizer", school=school.id)
    page, form = "/school/numbers", {"campaign": COUNTED, "rooms": "2", "workstations": "24", "experts-history": "3"}
    assert organizer.post(page, form, page=page).status_code == 302
    told = hub.read(find_numbers, COUNTED, school.id)
    assert told is not None and (told.rooms, told.workstations, told.experts) == (2, 24, {"history": 3})
    assert organizer.post(page, {**form, "experts-history": "", "rooms": "1"}, page=page).status_code == 302
    refused = organizer.post(page, {**form, "rooms": "два"}, page=page)
    assert refused.status_code == 422 and "два" in refused.text, "what was typed stays"
    told = hub.read(find_numbers, COUNTED, school.id)
    assert told is not None and (told.rooms, told.experts) == (1, {})
    assert "ещё не сообщили: 1" in regional.get(f"/coordinator/numbers?campaign={COUNTED}").text
    book = load_workbook(io.BytesIO(regional.get(f"/coordinator/numbers/numbers.xlsx?campaign={COUNTED}").data))
    assert {str(row[0]): row[4] for row in list(book.worksheets[0].values)[1:]} == {
        "sch330001": "да", "sch330002": "нет"}
    far = hub.browser("far", "coordinator", territory="Тверская область")
    assert "Молчаливая" not in far.get("/coordinator/numbers").text
