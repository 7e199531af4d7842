"""The result form as an Excel workbook. Takes a table and what is said above it; gives the bytes of an .xlsx."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from testing_server.outcomes.results.rules import FormTable

INSTRUCTION = (
    "Форма сбора результатов. Заполнена автоматически по подписанному протоколу проверки.",
    "На листе «Протокол»: код участника, номер варианта, баллы по заданиям и критериям, первичный балл, отметка.",
    "«Х» — участник не приступал к заданию. Ноль — приступал, но баллов не получил.",
    "Если по критерию К1 поставлен 0 и критерии так велят, за всё задание в первичный балл входит 0.",
    "Фамилий и имён в форме нет и быть не должно: соответствие кодов и имён хранится в бумажном протоколе школы.",
)


@dataclass(frozen=True)
class FormHeading:
    """What stands above the table."""

    title: str
    school: str
    protocol_sha256: str
    training: bool


def write_workbook(heading: FormHeading, table: FormTable) -> bytes:
    """Two sheets: «Инструкция» first, «Протокол» second and open. Numbers are numbers, codes are text."""
    book = Workbook()
    instruction = book.active
    assert isinstance(instruction, Worksheet)
    instruction.title = "Инструкция"
    for line in INSTRUCTION:
        instruction.append([line])
    instruction.column_dimensions["A"].width = 110
    _fill_protocol(book.create_sheet("Протокол"), heading, table)
    book.active = 1
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill_protocol(sheet: Worksheet, heading: FormHeading, table: FormTable) -> None:
    sheet.append([heading.title + (" — ТРЕНИРОВКА, не учитывается" if heading.training else "")])
    sheet.append([heading.school])
    sheet.append([f"Протокол проверки: {heading.protocol_sha256[:16]}"])
    sheet.append(table.headings)
    for row in table.rows:
        sheet.append(row)
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[4]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row in sheet.iter_rows(min_row=5, max_col=2):
        for cell in row:
            cell.number_format = "@"
    for column in range(1, len(table.headings) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 14
    sheet.freeze_panes = "C5"
