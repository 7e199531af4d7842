"""Reading what people filled in. Takes bytes and columns; gives rows and findings by cell. Nothing is half read:
a row with a finding is among the findings and not among the rows.

Read as a stream, so that forty thousand rows need no more memory than their values. Limits against archives that
unfold without end; XML with entities is refused by defusedxml, which openpyxl uses where it is installed.
"""
from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any

import openpyxl
from defusedxml.common import DefusedXmlException
from flask_babel import lazy_gettext as _
from openpyxl.utils import get_column_letter

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import CellFinding, CellProblem, Parse, as_text, fold_text, parse_text

MOST_BYTES = 32 * 1024 * 1024
MOST_UNPACKED = 512 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 100_000
MOST_COLUMNS = 200
HEADING_WITHIN = 30
MOST_FINDINGS = 200
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# What openpyxl and the two readers of XML under it raise for a file that is not what it says it is.
UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError, DefusedXmlException,
              zipfile.BadZipFile, RuntimeError, EOFError, NotImplementedError)
Row = tuple[Any, ...]


class NotAWorkbook(Refusal):
    code = "not_a_workbook"
    status = 422
    message = _("Этот файл не читается как книга Excel (.xlsx).")
    remedy = _("Скачайте форму ещё раз, заполните её и сохраните как «Книга Excel (.xlsx)».")


class OldWorkbook(NotAWorkbook):
    code = "old_workbook"
    message = _("Файл сохранён в старом формате .xls или закрыт паролем.")
    remedy = _("Снимите пароль и сохраните файл как «Книга Excel (.xlsx)».")


class WorkbookTooLarge(NotAWorkbook):
    code = "workbook_too_large"
    status = 413
    message = _("Книга слишком велика: столько строк или листов в форме не бывает.")
    remedy = _("Удалите лишние листы и пустые строки под таблицей и загрузите снова.")


class SheetMissing(NotAWorkbook):
    code = "sheet_missing"
    message = _("В книге нет листа с нужной таблицей.")
    remedy = _("Похоже, это другая форма. Скачайте нужную на этой странице и заполните её.")


@dataclass(frozen=True)
class Column:
    """`key`: name in the row; `heading`: as it stands in the form; an empty cell gives `empty`, unless `required`."""

    key: str
    heading: str
    parse: Parse = parse_text
    required: bool = True
    empty: Any = ""
    width: int = 18


@dataclass(frozen=True)
class TableRow:
    """`number`: of the line in Excel, from 1; `values`: by column key; `cells`: key → "C7"."""

    number: int
    values: dict[str, Any]
    cells: dict[str, str]


@dataclass
class Table:
    """`rows`: without findings; `findings`: by cell, at most 200; `is_empty`: nobody filled anything in."""

    sheet: str
    rows: list[TableRow] = field(default_factory=list)
    findings: list[CellFinding] = field(default_factory=list)
    more_findings: int = 0
    is_empty: bool = True

    def add_finding(self, cell: str, message: Any) -> None:
        """Beyond the limit only their number is kept: nobody reads a thousand."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(CellFinding(self.sheet, cell, message))
        else:
            self.more_findings += 1


def read_table(content: bytes, columns: Sequence[Column], sheet: str | None = None) -> Table:
    """The rows under the heading line that holds all required columns, on the named sheet or the first that has one.

    Columns may stand in any order and with others between them. Wholly empty lines are passed over. Raises
    NotAWorkbook and its kin where there is no such table at all.
    """
    with _open_workbook(content) as book:
        title, lines, number, places = _find_heading(book, columns, sheet)
        table = Table(title)
        for offset, cells in enumerate(lines, number + 1):
            if offset > MOST_ROWS:
                raise WorkbookTooLarge()
            _read_row(table, columns, places, offset, cells)
        return table


def list_sheets(content: bytes) -> list[str]:
    """Titles of the sheets, to recognise a form by. Raises NotAWorkbook."""
    with _open_workbook(content) as book:
        return list(book.sheetnames)


def read_lines(content: bytes, sheet: str | None = None) -> list[list[str]]:
    """All cells of a sheet as texts, for forms that are no plain table. Raises NotAWorkbook and its kin."""
    with _open_workbook(content) as book:
        if sheet is not None and sheet not in book.sheetnames:
            raise SheetMissing()
        chosen = book[sheet] if sheet is not None else book.worksheets[0]
        lines = [[as_text(cell) for cell in cells] for cells in islice(_iterate(chosen), MOST_ROWS + 1)]
    if len(lines) > MOST_ROWS:
        raise WorkbookTooLarge()
    return lines


def _read_row(table: Table, columns: Sequence[Column], places: dict[str, int], number: int, cells: Row) -> None:
    texts = {column.key: as_text(cells[places[column.key]])
             for column in columns if column.key in places and places[column.key] < len(cells)}
    if not any(texts.values()):
        return
    table.is_empty = False
    values, names, found_before = {}, {}, len(table.findings) + table.more_findings
    for column in columns:
        place = places.get(column.key)
        name = f"{get_column_letter(place + 1)}{number}" if place is not None else ""
        names[column.key] = name
        values[column.key] = _read_cell(table, column, name, texts.get(column.key, ""))
    if len(table.findings) + table.more_findings == found_before:
        table.rows.append(TableRow(number, values, names))


def _read_cell(table: Table, column: Column, name: str, text: str) -> Any:
    if not text:
        if column.required:
            table.add_finding(name, _("столбец «%(heading)s» не заполнен", heading=column.heading))
        return column.empty
    try:
        return column.parse(text)
    except CellProblem as problem:
        table.add_finding(name, problem.message)
        return column.empty


def _find_heading(book: Any, columns: Sequence[Column],
                  sheet: str | None) -> tuple[str, Iterator[Row], int, dict[str, int]]:
    """(sheet, the lines below its heading, the heading's number, column key → place from 0)."""
    wanted = {fold_text(column.heading): column.key for column in columns}
    needed = {column.key for column in columns if column.required}
    nearest: set[str] = set()
    for page in [book[sheet]] if sheet in book.sheetnames else book.worksheets:
        lines = _iterate(page)
        for number, cells in enumerate(islice(lines, HEADING_WITHIN), 1):
            places = _place_columns(wanted, cells)
            if places and needed <= set(places):
                return page.title, lines, number, places
            nearest = max(nearest, set(places), key=len)
    missing = [column.heading for column in columns if column.key in needed - nearest]
    raise SheetMissing(details={"missing": missing[:20]})


def _place_columns(wanted: dict[str, str], cells: Row) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, value in enumerate(cells):
        key = wanted.get(fold_text(as_text(value)))
        if key is not None:
            places.setdefault(key, place)
    return places


def _iterate(sheet: Any) -> Iterator[Row]:
    # what a file says of its own size is not to be believed
    sheet.reset_dimensions()
    return sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)


@contextmanager
def _open_workbook(content: bytes) -> Iterator[Any]:
    """openpyxl's workbook as a stream. Whatever breaks inside a foreign file is NotAWorkbook."""
    _check_archive(content)
    book = None
    try:
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise SheetMissing()
        yield book
    except UNREADABLE as error:
        raise NotAWorkbook(details={"reason": type(error).__name__}) from error
    finally:
        if book is not None:
            book.close()


def _check_archive(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise WorkbookTooLarge()
    if content.startswith(OLE):
        raise OldWorkbook()
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise NotAWorkbook(details={"reason": type(error).__name__}) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise WorkbookTooLarge()
