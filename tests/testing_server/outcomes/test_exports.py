"""Exports of marks are read back: CSV and Excel give the same numbers, QTI tells what people scored."""
from __future__ import annotations

import csv
import zipfile
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from lxml import etree
from openpyxl import load_workbook

from testing_server.outcomes.exports.qti import NAMESPACE, pack_results, write_result
from testing_server.outcomes.exports.tables import write_csv
from testing_server.outcomes.results.rules import FormTable, lay_out_form, list_form_rows
from testing_server.outcomes.results.workbook import FormHeading, write_workbook

DEFINITION: dict[str, Any] = {
    "id": "tiny", "total_points": 8, "positions": [{"number": 1, "points": 5},
                                                   {"number": 2, "points": 3, "criteria": "text"}],
    "criteria": {"text": {"criteria": [{"id": "К1", "max": 2}, {"id": "К2", "max": 1}]}}}


def make_row(code: str, first: str, answered: bool = True, **criteria: int | str) -> dict[str, Any]:
    points = str(sum(Decimal(one) for one in criteria.values()))
    positions = [{"position": 1, "points": first, "criteria": {}, "answered": True, "source": "machine"},
                 {"position": 2, "points": points, "criteria": criteria, "answered": answered, "source": "expert"}]
    return {"attempt": f"attempt-{code}", "code": code, "variant": "01234", "raw_score": "3.5", "mark": 3,
            "positions": positions}


PAYLOAD = {"frozen_at_ms": 1_800_000_000_000, "rows": [
    make_row("00017", "2.5", К1="0.5", К2=1), make_row("10001", "0", answered=False, К1=0, К2=0)]}


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_csv_and_excel_say_the_same() -> None:
    table = lay_out_form(DEFINITION, PAYLOAD)
    from_csv = read_csv(write_csv(table))
    sheet = load_workbook(BytesIO(write_workbook(FormHeading("Работа", "Школа", "f" * 64, False), table)))["Протокол"]
    from_excel = [[str(cell).replace(".", ",") for cell in row] for row in sheet.iter_rows(min_row=5, values_only=True)]
    assert from_csv[1:] == from_excel == [
        ["00017", "01234", "2,5", "0,5", "1", "3,5", "3"], ["10001", "01234", "0", "Х", "Х", "3,5", "3"]]


def test_a_text_is_no_formula() -> None:
    found = read_csv(write_csv(FormTable(["a"], [["=cmd|' /C calc'!A0"], [-1]])))
    assert found[1:] == [["'=cmd|' /C calc'!A0"], ["-1"]]


def test_the_same_points_become_rows_of_a_result_form() -> None:
    first, second = list_form_rows(DEFINITION, PAYLOAD)
    assert first.points == {"1": "2.5", "2.К1": "0.5", "2.К2": "1"}
    assert second.points == {"1": "0", "2.К1": "Х", "2.К2": "Х"}


def read_outcomes(item: Any) -> dict[str, tuple[str, str | None]]:
    return {one.get("identifier"): (one[0].text, one.get("externalScored")) for one in item.findall(
        f"{{{NAMESPACE}}}outcomeVariable")}


def test_qti_tells_what_people_scored_and_what_the_machine_did() -> None:
    root = etree.fromstring(write_result(DEFINITION, PAYLOAD, PAYLOAD["rows"][0]))  # type: ignore[index]
    assert etree.QName(root).localname == "assessmentResult"
    assert [etree.QName(one).localname for one in root] == ["context", "testResult", "itemResult", "itemResult"]
    assert root[0].get("sourcedId") == "00017" and read_outcomes(root[1])["SCORE"] == ("3.5", None)
    assert read_outcomes(root[2])["SCORE"] == ("2.5", None)
    assert read_outcomes(root[3]) == {
        "completionStatus": ("completed", None), "SCORE": ("1.5", "human"), "SCORE_K1": ("0.5", "human"),
        "SCORE_K2": ("1", "human")}


def test_every_candidate_has_a_document() -> None:
    with zipfile.ZipFile(BytesIO(pack_results(DEFINITION, PAYLOAD))) as packed:
        assert packed.namelist() == ["00017-attempt-.xml", "10001-attempt-.xml"]
        assert all(etree.fromstring(packed.read(name)).tag == f"{{{NAMESPACE}}}assessmentResult"
                   for name in packed.namelist())
