"""Reading an uploaded list in the worker. Takes the file's digest; tells the core its lines, portion by portion."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from testing_server.foundation.jobs import JobContext, job
from testing_server.foundation.workbooks.reading import NotAWorkbook, Table, TableRow, read_table
from testing_server.preparation.registry.revisions.rules import COLUMNS, SHEET

PORTION = 500


@job(attempts=3)
def read_revision(context: JobContext, revision: str, file: str) -> None:
    """Repeatable: what an earlier run told is forgotten first."""
    def tell(**body: Any) -> None:
        context.report_to_core(f"/v1/internal/revisions/{revision}", body)
    tell(step="begin")
    try:
        with context.files.open(file) as opened:
            table = read_table(opened.read(), COLUMNS, SHEET)
    except NotAWorkbook as refusal:
        tell(step="unreadable", note=f"{refusal.message} {refusal.remedy}")
        return
    if table.is_empty:
        tell(step="unreadable", note="Лист «Школы» пуст: похоже, загружена незаполненная форма.")
        return
    for rows in _cut(table.rows):
        tell(step="lines", lines=[_describe(row) for row in rows])
    tell(step="end", problems=[[one.cell, str(one.message)] for one in table.findings], more=table.more_findings,
         read=_count_lines(table))


def _cut(rows: Sequence[TableRow]) -> Iterator[Sequence[TableRow]]:
    for start in range(0, len(rows), PORTION):
        yield rows[start:start + PORTION]


def _describe(row: TableRow) -> dict[str, Any]:
    return {"number": row.number, "cells": row.cells, **row.values}


def _count_lines(table: Table) -> int:
    return len(table.rows) + len({one.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for one in table.findings})
