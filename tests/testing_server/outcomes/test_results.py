"""The result form: a column for each value, numbers exact, an empty answer told from a zero."""
from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from testing_server.outcomes.results.rules import NOT_ATTEMPTED, as_number, lay_out_form
from testing_server.outcomes.results.workbook import FormHeading, write_workbook

DEFINITION = {
    "positions": [{"number": 1, "points": 5}, {"number": 2, "points": 3, "criteria": "text"}],
    "criteria": {"text": {"criteria": [{"id": "К1", "max": 2}, {"id": "К2", "max": 1}]}}}


def make_row(code: str, points: str = "2.5", answered: bool = True, **criteria: int) -> dict[str, Any]:
    second = {"position": 2, "points": "0", "criteria": criteria or {"К1": 0, "К2": 0}, "answered": answered}
    return {"code": code, "variant": "01234", "raw_score": points, "mark": 3, "positions": [
        {"position": 1, "points": points, "criteria": {}, "answered": True}, second]}


@pytest.mark.parametrize("text,number", [
    ("5", 5), ("0", 0), ("2.5", Decimal("2.5")), ("3.0", 3), ("0.1", Decimal("0.1"))])
def test_points_stay_exact(text: str, number: int | Decimal) -> None:
    assert as_number(text) == number and isinstance(as_number(text), type(number))


def test_rows_stand_by_code_with_a_column_for_each_criterion() -> None:
    table = lay_out_form(DEFINITION, {"rows": [make_row("20002", К1=2, К2=1), make_row("10001")]})
    assert table.headings == [
        "Код участника", "Вариант", "1 (5б)", "2.К1 (2б)", "2.К2 (1б)", "Первичный балл", "Отметка"]
    assert [row[0] for row in table.rows] == ["10001", "20002"] and table.rows[1][3:5] == [2, 1]


def test_an_answer_that_was_not_attempted_is_no_zero() -> None:
    table = lay_out_form(DEFINITION, {"rows": [make_row("10001", answered=False), make_row("10002")]})
    assert [row[3:5] for row in table.rows] == [[NOT_ATTEMPTED, NOT_ATTEMPTED], [0, 0]]


def test_the_workbook_keeps_leading_zeros_and_tells_training() -> None:
    table = lay_out_form(DEFINITION, {"rows": [make_row("00017")]})
    book = load_workbook(BytesIO(write_workbook(FormHeading("Работа", "Школа", "f" * 64, True), table)))
    sheet = book["Протокол"]
    assert (sheet["A5"].value, sheet["B5"].value, sheet["C5"].value) == ("00017", "01234", 2.5)
    assert "ТРЕНИРОВКА" in sheet["A1"].value and sheet["A3"].value.endswith("f" * 16)


def test_a_work_that_counts_is_not_called_training() -> None:
    book = load_workbook(BytesIO(write_workbook(FormHeading("Работа", "Школа", "f" * 64, False),
                                                lay_out_form(DEFINITION, {"rows": []}))))
    assert book["Протокол"]["A1"].value == "Работа" and book["Протокол"].max_row == 4
