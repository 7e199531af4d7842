"""Result forms down and up: codes known beforehand, every cell judged in words, nothing half applied, the hour kept."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from testing_server.exam_day.monitor.board_queries import list_school_lines
from testing_server.foundation.audit.queries import read_audit
from testing_server.foundation.progress import read_progress
from testing_server.outcomes.forms.records import ResultFormRecord
from testing_server.outcomes.forms.retention import forget_forms, weigh_forms
from testing_server.outcomes.forms.rules import FormColumn, FormShape, compute_raw, parse_points
from tests.builders import close_app
from tests.testing_server.outcomes.make_forms import (
    BROKEN, CAMPAIGN, CODES, HEADING, LIST, MATH, PAGE, TAKEN, Forms, fill, make_forms, put)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Forms]:
    made = make_forms(tmp_path_factory.mktemp("forms"))
    yield made
    close_app(made.hub.app)


@pytest.fixture
def forms(shared: Forms) -> Iterator[Forms]:
    yield shared
    shared.hub.offered.storage.write(lambda session: session.query(ResultFormRecord).delete())


def list_kept(forms: Forms) -> list[tuple[int, int, str]]:
    """(version, rows, timing), oldest first."""
    with forms.hub.offered.storage.read() as session:
        rows = session.query(ResultFormRecord).order_by(ResultFormRecord.version).all()
        return [(row.version, row.rows, row.timing) for row in rows]


def test_the_form_begins_with_its_instruction_and_knows_the_codes(forms: Forms) -> None:
    book = openpyxl.load_workbook(BytesIO(forms.fetch()))
    assert book.sheetnames == ["Инструкция", "Протокол"] and "21.05.2027, 23:00" in str(
        [cell.value for cell, in book["Инструкция"].iter_rows(max_col=1)])
    sheet = book["Протокол"]
    assert [sheet.cell(HEADING + row, 1).value for row in (1, 2, 3)] == list(CODES)
    assert [cell.value for cell in sheet[HEADING]][:5] == ["Код участника", "Вариант", "1 (1б)", "2 (1б)", "3 (2б)"]


@pytest.mark.parametrize("name", TAKEN)
def test_what_people_really_type_is_taken(forms: Forms, name: str) -> None:
    answer = forms.send(TAKEN[name](forms.fetch()))
    assert answer.status_code == 302, answer.text
    assert list_kept(forms) == [(1, 2, "timely")]


@pytest.mark.parametrize("name", BROKEN)
def test_a_wrong_form_is_refused_in_words_and_nothing_of_it_is_kept(forms: Forms, name: str) -> None:
    spoil, words = BROKEN[name]
    answer = forms.send(spoil(forms.fetch()))
    assert answer.status_code in (413, 422) and words in answer.text, answer.text
    assert list_kept(forms) == []


def test_a_finding_names_its_cell(forms: Forms) -> None:
    answer = forms.send(put(E6=9, G5="?")(forms.fetch()))
    assert "Протокол!E6" in answer.text and "Протокол!G5" in answer.text


def test_each_version_is_kept_with_who_and_when_and_the_last_one_comes_back(forms: Forms) -> None:
    forms.send(fill(forms.fetch()))
    forms.send(fill(forms.fetch()))
    assert list_kept(forms) == [(1, 2, "timely")], "the same points again are no new version"
    forms.send(put(C5=0)(forms.fetch()))
    assert list_kept(forms) == [(1, 2, "timely"), (2, 2, "timely")]
    page = forms.organizer.get(PAGE).text
    assert page.count('<span class="code">organizer</span>') == 2
    first, last = (openpyxl.load_workbook(BytesIO(forms.fetch(address)))["Протокол"]["C5"].value
                   for address in (f"{PAGE}/versions/1.xlsx", f"{PAGE}/form.xlsx"))
    assert (first, last) == (1, 0)
    verbs = [one.verb for one in forms.hub.read(read_audit, f"school:{forms.school.id}")]
    assert verbs.count("result_form_handed_in") >= 2


def test_the_coordinator_sees_who_has_not_and_the_board_is_told(forms: Forms) -> None:
    forms.send(fill(forms.fetch()))
    page = forms.municipal.get(LIST).text
    assert "Не загрузили: 1 · с опозданием: 0 · загрузили: 1" in page
    listed = openpyxl.load_workbook(BytesIO(forms.municipal.get(f"{LIST}.xlsx").data)).active
    assert listed is not None
    states = {row[0].value: row[3].value for row in listed.iter_rows(min_row=4)}
    assert states == {"sch330001": "загружена", "sch330002": "не загружена"}
    told, = [one for one in forms.hub.read(read_progress, forms.school.id) if one.step == "forms"]
    assert (told.campaign, told.work, told.state) == (CAMPAIGN, MATH, "ready")
    assert forms.hub.read(list_school_lines, None, CAMPAIGN)
    theirs = forms.municipal.get(f"{LIST}/schools/{forms.school.id}")
    assert "10001" in theirs.text and "Загрузить форму" not in theirs.text


def test_another_region_sees_nothing(forms: Forms) -> None:
    forms.send(fill(forms.fetch()))
    stranger = forms.hub.browser("stranger", "coordinator", territory="Московская область")
    assert stranger.get(f"{LIST}/schools/{forms.school.id}").status_code == 404
    assert "sch330001" not in stranger.get(LIST).text


@pytest.mark.parametrize("moment,timing", [
    (datetime(2027, 5, 21, 19, 59, tzinfo=UTC), "timely"), (datetime(2027, 5, 21, 20, 0, tzinfo=UTC), "late"),
    (datetime(2027, 5, 31, 19, 59, tzinfo=UTC), "late"), (datetime(2027, 5, 31, 20, 0, tzinfo=UTC), None)])
def test_the_hour_is_moscows_then_the_late_rule_then_nothing(
        tmp_path: Any, quick_passwords: None, moment: datetime, timing: str | None) -> None:
    made = make_forms(tmp_path, int(moment.timestamp() * 1000))
    try:
        answer = made.send(fill(made.fetch()))
        assert answer.status_code == (302 if timing else 409)
        assert list_kept(made) == ([(1, 2, timing)] if timing else [])
        assert timing != "late" or "25.06.2027" in made.organizer.get(PAGE).text
    finally:
        close_app(made.hub.app)


SPOKEN = FormShape((FormColumn("3.К1", "3", 2, zeroes=True), FormColumn("3.К2", "3", 2)))  # type: ignore[arg-type]


@pytest.mark.parametrize("points,raw", [
    ({"3.К1": "2", "3.К2": "1"}, 3), ({"3.К1": "0", "3.К2": "2"}, 0), ({"3.К1": "Х", "3.К2": "Х"}, 0)])
def test_nought_in_the_first_criterion_is_nought_for_the_task(points: dict[str, str], raw: int) -> None:
    assert compute_raw(SPOKEN, points) == raw


@pytest.mark.parametrize("text,points", [("Х", "Х"), ("x", "Х"), ("2", "2"), ("2,0", "2"), ("0", "0"), (" X", "Х")])
def test_points_are_read_as_they_are_meant(text: str, points: str) -> None:
    assert parse_points(text.strip(), SPOKEN.columns[0]) == points


def test_forms_are_deleted_by_the_campaigns_term_school_by_school(forms: Forms) -> None:
    offered, school = forms.hub.offered, forms.school.id
    forms.send(fill(forms.fetch()))
    forms.send(put(C5=0)(forms.fetch()))
    now_ms = forms.hub.clock.now_ms()
    with offered.storage.read() as session:
        weighed = weigh_forms(session, CAMPAIGN, now_ms)
        assert weighed[school].things == 2 and weighed[school].size_bytes > 0 and len(weighed) == 1
        assert weigh_forms(session, CAMPAIGN, now_ms - 1) == weigh_forms(session, "demo-2026", now_ms) == {}
    for before_ms, whose, left in ((now_ms - 1, school, 2), (now_ms, forms.other.id, 2), (now_ms, school, 0),
                                   (now_ms, school, 0)):
        forms.hub.write(forget_forms, campaign=CAMPAIGN, school=whose, before_ms=before_ms, by="vera")
        assert len(list_kept(forms)) == left
    lines = [one for one in forms.hub.read(read_audit, f"school:{school}") if one.verb == "result_forms_deleted"]
    assert [(one.actor, one.details) for one in lines] == [("vera", {"forms": 2})]
    assert forms.send(fill(forms.fetch())).status_code == 302, "a form that comes later begins anew"
    assert [version for version, _rows, _timing in list_kept(forms)] == [1]
