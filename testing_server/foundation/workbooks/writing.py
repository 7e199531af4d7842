"""Writing workbooks to be filled in or read. Takes sheets of plain cells; gives the bytes of an .xlsx.

Written as a stream. A text stays a text: one that begins with "=" is no formula, a code keeps its zeros.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
INSTRUCTION = "Инструкция"
HEADING_FILL = PatternFill("solid", start_color="DDE7F3")
INSTRUCTION_WIDTH = 110
LAST_LINE = 100_000


@dataclass(frozen=True)
class SheetColumn:
    """`width` in characters; `choices`: offered as a list in Excel, others are pointed out there."""

    heading: str
    width: int = 18
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Sheet:
    """`above`: lines over the heading, the first one large; `rows`: cells in the order of the columns."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    above: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Book:
    """What a workbook holds: `instruction` on its first sheet, none where it is empty."""

    instruction: Sequence[str]
    sheets: Sequence[Sheet]


def write_book(book: Book) -> bytes:
    """The bytes of an .xlsx."""
    return write_form(book.instruction, book.sheets)


def write_form(instruction: Sequence[str], sheets: Sequence[Sheet]) -> bytes:
    """A workbook whose first sheet says in words what to do; the second one is open."""
    book = Workbook(write_only=True)
    if instruction:
        page = book.create_sheet(INSTRUCTION)
        page.column_dimensions["A"].width = INSTRUCTION_WIDTH
        for line in instruction:
            page.append([_make_cell(page, line, wrap=True)])
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.active = 1 if instruction and sheets else 0
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_sheet(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.title[:31])
    for place, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(place)].width = column.width
    page.freeze_panes = f"A{len(sheet.above) + 2}"
    for number, line in enumerate(sheet.above):
        page.append([_make_cell(page, line, bold=number == 0, size=14 if number == 0 else 11)])
    page.append([_make_cell(page, column.heading, bold=True, wrap=True, filled=True) for column in sheet.columns])
    for row in sheet.rows:
        page.append([_make_cell(page, value) for value in row])
    _offer_choices(page, sheet)


def _offer_choices(page: Any, sheet: Sheet) -> None:
    for place, column in enumerate(sheet.columns, 1):
        listed = ",".join(column.choices)
        # Excel takes no longer list in the cell's own rule
        if not listed or len(listed) > 250:
            continue
        letter, first = get_column_letter(place), len(sheet.above) + 2
        rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
        rule.add(f"{letter}{first}:{letter}{LAST_LINE}")
        page.data_validations.append(rule)


def _make_cell(page: Any, value: Any, *, bold: bool = False, size: int = 11, wrap: bool = False,
               filled: bool = False) -> Any:
    is_text = isinstance(value, str)
    cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("", value) if is_text else value)
    if is_text:
        cell.data_type, cell.number_format = "s", "@"
    if bold or size != 11:
        cell.font = Font(bold=bold, size=size)
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    if filled:
        cell.fill = HEADING_FILL
    return cell
