"""Columns and rows of the result form. Takes a protocol's payload and the assessment's data; gives plain tables.

Columns as domain.md §12 has them: code, variant, points per task ("3.К1 (2б)" for a criterion), raw score, mark.
"Х" (Cyrillic) = the candidate did not attempt the task: an empty answer is not a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from testing_server.outcomes.forms.rules import NOT_ATTEMPTED, FormRow

Cell = str | int | Decimal


@dataclass(frozen=True)
class FormTable:
    """`headings`: one text per column; `rows`: cells in the same order, numbers as numbers."""

    headings: list[str]
    rows: list[list[Cell]]


def lay_out_form(definition: Mapping[str, Any], payload: Mapping[str, Any]) -> FormTable:
    """The form of one school's work, ordered by code."""
    headings = ["Код участника", "Вариант"]
    for position in definition["positions"]:
        headings += _name_columns(definition, position)
    rows = [_fill_row(definition, row) for row in sorted(payload["rows"], key=lambda row: row["code"])]
    return FormTable([*headings, "Первичный балл", "Отметка"], rows)


def _name_columns(definition: Mapping[str, Any], position: Mapping[str, Any]) -> list[str]:
    number = position["number"]
    if not position.get("criteria"):
        return [f"{number} ({position['points']}б)"]
    criteria = definition["criteria"][position["criteria"]]["criteria"]
    return [f"{number}.{one['id']} ({one['max']}б)" for one in criteria]


def _fill_row(definition: Mapping[str, Any], row: Mapping[str, Any]) -> list[Cell]:
    cells: list[Cell] = [row["code"], row["variant"]]
    found = {one["position"]: one for one in row["positions"]}
    for position in definition["positions"]:
        cells += _fill_position(definition, position, found[position["number"]])
    return [*cells, as_number(row["raw_score"]), row["mark"]]


def _fill_position(definition: Mapping[str, Any], position: Mapping[str, Any], points: Mapping[str, Any]) -> list[Cell]:
    if not position.get("criteria"):
        return [as_number(points["points"]) if points["answered"] else NOT_ATTEMPTED]
    criteria = definition["criteria"][position["criteria"]]["criteria"]
    if not points["answered"]:
        return [NOT_ATTEMPTED for _ in criteria]
    return [as_number(str(points["criteria"][one["id"]])) for one in criteria]


def list_form_rows(definition: Mapping[str, Any], payload: Mapping[str, Any]) -> list[FormRow]:
    """The same points as rows of a result form."""
    found = []
    for row in sorted(payload["rows"], key=lambda one: str(one["code"])):
        points: dict[str, str] = {}
        given = {one["position"]: one for one in row["positions"]}
        for position in definition["positions"]:
            points |= _list_points(definition, position, given[position["number"]])
        found.append(FormRow(row["code"], row["variant"], points, str(row["raw_score"]), str(row["mark"])))
    return found


def _list_points(definition: Mapping[str, Any], position: Mapping[str, Any],
                 given: Mapping[str, Any]) -> dict[str, str]:
    number = str(position["number"])
    if not position.get("criteria"):
        return {number: str(given["points"]) if given["answered"] else NOT_ATTEMPTED}
    criteria = definition["criteria"][position["criteria"]]["criteria"]
    return {f"{number}.{one['id']}": str(given["criteria"][one["id"]]) if given["answered"] else NOT_ATTEMPTED
            for one in criteria}


def as_number(text: str) -> int | Decimal:
    """A whole number where it is one, so that the sheet does not show "5.0"."""
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number
