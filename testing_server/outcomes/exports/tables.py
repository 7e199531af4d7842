"""Marks by code as CSV. Takes a form's table; gives bytes that Excel and programs both read.

Semicolons and decimal commas, UTF-8 with its mark: what a Russian Excel opens by a double click.
"""
from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO

from testing_server.outcomes.results.rules import Cell, FormTable

# a text that begins so is a formula to Excel
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: FormTable) -> bytes:
    """One line of headings, one line for each candidate."""
    lines = StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.headings)
    writer.writerows([[_show(cell) for cell in row] for row in table.rows])
    return lines.getvalue().encode("utf-8-sig")


def _show(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",")
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA_SIGNS) else text
