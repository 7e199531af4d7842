"""Workbooks go out and come back the same; whatever else people send is refused in words, by cell where it has one."""
from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_server.foundation.workbooks import reading
from testing_server.foundation.workbooks.cells import (
    as_text,
    fold_text,
    parse_choice,
    parse_date,
    parse_decimal,
    parse_whole,
)
from testing_server.foundation.workbooks.reading import (
    Column,
    NotAWorkbook,
    OldWorkbook,
    SheetMissing,
    WorkbookTooLarge,
    list_sheets,
    read_lines,
    read_table,
)
from testing_server.foundation.workbooks.writing import Sheet, SheetColumn, write_form

COLUMNS = (
    Column("code", "Код участника"),
    Column("points", "Баллы", parse_whole(0, 4)),
    Column("form", "Форма", parse_choice({"бумажная": "paper", "компьютерная": "computer"}), required=False),
    Column("day", "Дата", parse_date, required=False, empty=None),
)
SHEET_COLUMNS = [SheetColumn(column.heading) for column in COLUMNS]


def write(rows: list[list[Any]], above: tuple[str, ...] = ("Форма",)) -> bytes:
    return write_form(["Заполните лист «Протокол»."], [Sheet("Протокол", SHEET_COLUMNS, rows, above)])


def test_what_was_written_is_read() -> None:
    table = read_table(write([["00501", 3, "бумажная", date(2027, 4, 7)]]), COLUMNS)
    assert table.sheet == "Протокол" and not table.findings
    assert [row.values for row in table.rows] == [
        {"code": "00501", "points": 3, "form": "paper", "day": date(2027, 4, 7)}]
    assert table.rows[0].cells["points"] == "B3" and table.rows[0].number == 3


def test_the_instruction_is_the_first_sheet_and_the_form_is_open() -> None:
    book = openpyxl.load_workbook(BytesIO(write([])))
    assert book.sheetnames == ["Инструкция", "Протокол"]
    assert book.active is not None and book.active.title == "Протокол"
    assert book["Инструкция"]["A1"].value == "Заполните лист «Протокол»."


def test_choices_are_offered_in_excel() -> None:
    made = write_form([], [Sheet("Л", [SheetColumn("Форма", choices=("бумажная", "компьютерная"))], [])])
    rules = openpyxl.load_workbook(BytesIO(made))["Л"].data_validations.dataValidation
    assert [(rule.formula1, str(rule.sqref)) for rule in rules] == [('"бумажная,компьютерная"', "A2:A100000")]


@pytest.mark.parametrize("text", ["=1+1", "+7", "@SUM(A1)", "00501", "-", "a\x00b"])
def test_a_text_stays_a_text(text: str) -> None:
    book = openpyxl.load_workbook(BytesIO(write([[text, 1, "", ""]])))
    cell = book["Протокол"]["A3"]
    assert cell.data_type == "s" and cell.value == text.replace("\x00", "")


def test_findings_name_the_cell_and_the_row_is_left_out() -> None:
    table = read_table(write([["1", 9, "", ""], ["", 2, "на бумаге", "31.02.2027"], ["3", 4, "Бумажная", ""]]), COLUMNS)
    assert [(one.cell, str(one.message)) for one in table.findings] == [
        ("B3", "нужно целое число от 0 до 4, а стоит «9»"),
        ("A4", "столбец «Код участника» не заполнен"),
        ("C4", "можно: бумажная, компьютерная; а стоит «на бумаге»"),
        ("D4", "нужна дата, например 23.11.2026, а стоит «31.02.2027»")]
    assert [row.values["code"] for row in table.rows] == ["3"]


def test_an_untouched_form_is_known_as_empty() -> None:
    assert read_table(write([]), COLUMNS).is_empty
    assert read_table(write([["", "", "  ", None]]), COLUMNS).is_empty
    assert not read_table(write([["1", 1, "", ""]]), COLUMNS).is_empty


def test_columns_stand_in_any_order_and_with_latin_look_alikes() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Примечание", "БAЛЛЫ", "кoд  yчастника"])
    sheet.append(["что-то", "2", 501.0])
    buffer = BytesIO()
    book.save(buffer)
    assert [row.values["code"] for row in read_table(buffer.getvalue(), COLUMNS).rows] == ["501"]


def test_a_formula_counts_as_what_excel_saw() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Код участника", "Баллы"])
    sheet.append(["1", "=1+1"])
    buffer = BytesIO()
    book.save(buffer)
    # Excel never calculated this one: there is no value
    assert [one.cell for one in read_table(buffer.getvalue(), COLUMNS).findings] == ["B2"]


def test_another_form_is_named_as_such() -> None:
    other = write_form([], [Sheet("Школы", [SheetColumn("Логин"), SheetColumn("Баллы")], [["sch1", 1]])])
    with pytest.raises(SheetMissing) as refused:
        read_table(other, COLUMNS)
    assert refused.value.details == {"missing": ["Код участника"]}


def damage(content: bytes, part: str, text: bytes) -> bytes:
    """The same workbook with one part written anew."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as before, zipfile.ZipFile(buffer, "w") as after:
        for one in before.infolist():
            after.writestr(one, text if one.filename == part else before.read(one))
    return buffer.getvalue()


ENTITIES = (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
            b"<worksheet><sheetData>&b;</sheetData></worksheet>")
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'


@pytest.mark.parametrize("content", [
    b"", b"PK", b"not a workbook at all", b"code;points\n1;2\n", b"\x00" * 4096,
    damage(write([]), "xl/workbook.xml", b"<workbook"), damage(write([]), "xl/workbook.xml", OUTSIDE),
    damage(write([["1", 1, "", ""]]), "xl/worksheets/sheet2.xml", ENTITIES),
    damage(write([["1", 1, "", ""]]), "[Content_Types].xml", b"<Types/>"),
    write([])[:-200],
])
def test_rubbish_is_no_workbook(content: bytes) -> None:
    with pytest.raises(NotAWorkbook):
        read_table(content, COLUMNS)


def test_an_old_or_locked_file_is_told_apart() -> None:
    with pytest.raises(OldWorkbook):
        read_table(reading.OLE + b"\x00" * 600, COLUMNS)


def test_an_archive_that_unfolds_without_end_is_not_unfolded() -> None:
    buffer = BytesIO(write([]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(reading.MOST_PARTS):
            archive.writestr(f"x{number}", b"")
    with pytest.raises(WorkbookTooLarge):
        list_sheets(buffer.getvalue())


def test_too_many_rows_are_refused_and_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 10)
    with pytest.raises(WorkbookTooLarge):
        read_table(write([["1", 1, "", ""]] * 12), COLUMNS)
    with pytest.raises(WorkbookTooLarge):
        read_lines(write([["1", 1, "", ""]] * 12), "Протокол")


def test_nobody_reads_a_thousand_findings() -> None:
    table = read_table(write([["1", 9, "", ""]] * 250), COLUMNS)
    assert len(table.findings) == reading.MOST_FINDINGS and table.more_findings == 50 and not table.rows


def test_lines_of_a_form_that_is_no_table() -> None:
    assert read_lines(write([["1", 2.0, "", ""]]), "Протокол")[2][:2] == ["1", "2"]
    with pytest.raises(SheetMissing):
        read_lines(write([]), "Другой")


@given(st.text(alphabet="АВСЕНКМОРТХабвcdeё ", max_size=12))
def test_folding_is_done_once(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)


def test_numbers_and_dates_as_people_write_them() -> None:
    assert parse_decimal("2,5") == Decimal("2.5") and parse_decimal("1 000") == 1000
    assert parse_date("2027-04-07") == parse_date("07.04.2027") == date(2027, 4, 7)
    assert as_text(5.0) == "5" and as_text(None) == "" and as_text(" а\u00a0 б ") == "а б"
