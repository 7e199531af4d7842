"""Exports of marks are read back: CSV and Excel give the same numbers, QTI tells what people scored and is valid."""
from __future__ import annotations

import csv
import zipfile
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook

from testing_server.contracts.fold import AttemptState
from testing_server.exam_day.packages.results import write_results
from testing_server.outcomes.exports.qti import NAMESPACE, name_identifier, pack_results, write_result
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


SYSTEM = "https://hub.example/"
# written from the specification's text; what it was compared with stands at its head
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).with_name("results_reporting.rng")))
OTHERS = Path(__file__).parents[4] / "shared" / "qti-items" / "citolab-qti-scoring-engine"


def write_first() -> Any:
    return etree.fromstring(write_result(DEFINITION, PAYLOAD, PAYLOAD["rows"][0], SYSTEM))  # type: ignore[index]


def find(root: Any, path: str) -> Any:
    return root.find(path.replace("q:", f"{{{NAMESPACE}}}"))


def read_outcomes(item: Any) -> dict[str, tuple[str, str | None]]:
    return {one.get("identifier"): (one[0].text, one.get("external-scored")) for one in item.findall(
        f"{{{NAMESPACE}}}outcomeVariable")}


def test_qti_tells_what_people_scored_and_what_the_machine_did() -> None:
    root = write_first()
    assert etree.QName(root).localname == "assessmentResult"
    assert [etree.QName(one).localname for one in root] == ["context", "testResult", "itemResult", "itemResult"]
    assert root[0].get("sourcedId") == "candidate-00017" and read_outcomes(root[1])["SCORE"] == ("3.5", None)
    assert dict(root[0][0].attrib) == {"sourceID": SYSTEM, "identifier": "attempt-attempt-00017"}
    assert read_outcomes(root[2])["SCORE"] == ("2.5", None)
    assert read_outcomes(root[3]) == {
        "completionStatus": ("completed", None), "SCORE": ("1.5", "human"), "SCORE_K1": ("0.5", "human"),
        "SCORE_K2": ("1", "human")}


def test_every_candidate_has_a_valid_document() -> None:
    with zipfile.ZipFile(BytesIO(pack_results(DEFINITION, PAYLOAD, SYSTEM))) as packed:
        assert packed.namelist() == ["00017-attempt-.xml", "10001-attempt-.xml"]
        for name in packed.namelist():
            GRAMMAR.assertValid(etree.fromstring(packed.read(name)))


def test_values_are_of_the_type_they_say() -> None:
    read = {"float": float, "integer": int, "identifier": str}
    for one in write_first().iter(f"{{{NAMESPACE}}}outcomeVariable"):
        value = read[one.get("baseType")](one[0].text)
        if one.get("normalMaximum"):
            assert float(one.get("normalMinimum")) <= value <= float(one.get("normalMaximum"))


def test_what_a_candidate_answered_is_reported_validly_too() -> None:
    """The file of answers in a package: the same standard, before anybody has marked."""
    items: list[dict[str, Any]] = [
        {"id": "i1", "interactions": [{"id": "r1", "cardinality": "multiple", "base_type": "identifier"}]},
        {"id": "i2", "interactions": [], "speaking": {"response": "r2"}}]
    state = AttemptState(finished_at_ms=1_800_000_000_000)
    GRAMMAR.assertValid(etree.fromstring(write_results("00017", "tiny-7", items, state)))


@pytest.mark.parametrize("path", sorted(OTHERS.glob("*result*.xml")), ids=lambda path: path.stem)
def test_results_of_other_programs_are_valid_by_the_same_grammar(path: Path) -> None:
    """So that the grammar is not stricter than the standard."""
    root = etree.parse(path).getroot()
    if etree.QName(root).namespace == NAMESPACE:
        GRAMMAR.assertValid(root)


def drop(path: str, name: str) -> Any:
    return lambda root: find(root, path).attrib.pop(name)


def put(path: str, name: str, value: str) -> Any:
    return lambda root: find(root, path).set(name, value)


@pytest.mark.parametrize("harm", [
    drop("q:testResult", "datestamp"), drop("q:itemResult", "identifier"), drop("q:itemResult", "sessionStatus"),
    drop("q:context/q:sessionIdentifier", "sourceID"), drop("q:itemResult/q:outcomeVariable", "cardinality"),
    put("q:context", "sourcedId", "00017"), put("q:itemResult", "identifier", "1"),
    put("q:itemResult", "datestamp", "01.04.2027"), put("q:itemResult", "sessionStatus", "done"),
    put("q:itemResult", "sequenceIndex", "first"), put("q:itemResult/q:outcomeVariable", "externalScored", "human"),
    put("q:itemResult/q:outcomeVariable", "external-scored", "expert"),
    put("q:itemResult/q:outcomeVariable", "normalMaximum", "2,5"),
    put("q:itemResult/q:outcomeVariable", "baseType", "number"),
    lambda root: root.insert(0, root[-1]), lambda root: root.remove(root[0]), lambda root: root.append(root[1]),
    lambda root: setattr(root[1], "tag", "testResult")])
def test_the_grammar_refuses_what_the_standard_does(harm: Any) -> None:
    root = write_first()
    GRAMMAR.assertValid(root)
    harm(root)
    assert not GRAMMAR.validate(root)


@pytest.mark.parametrize(("text", "name"), [
    ("К1", "K1"), ("english-7", "english-7"), ("7-english", "_7-english"), ("Л1", "Л1"), ("a b:c", "a_b_c"), ("", "_")])
def test_names_become_identifiers(text: str, name: str) -> None:
    assert name_identifier(text) == name
    root = write_first()
    root[1].set("identifier", name)
    GRAMMAR.assertValid(root)
