"""What the forms are made of. Takes a school, a day and candidates by code; gives PDF and xlsx bytes.

Texts on paper are Russian: they are forms of a Russian procedure.
"""
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from testing_server.contracts.check_digits import show_login
from testing_server.preparation.forms.fonts import BOLD, PLAIN, register_fonts

SLIPS_IN_ROW = 2
MARGIN = 12 * mm


@dataclass(frozen=True)
class FormHead:
    """What stands at the top of every form; `works`: titles, `window`: "8:00–20:00 (МСК+4)"."""

    school: str
    login: str
    campaign: str
    day: str
    works: str
    window: str


@dataclass(frozen=True)
class FormLine:
    """One candidate: number on the list, login of the day, code."""

    place: int
    login: str
    code: str


def draw_slips(head: FormHead, lines: Sequence[FormLine]) -> bytes:
    """Slips to cut: drawn at random before the work, one a candidate."""
    style = _style(9)
    cells: list[Any] = [_draw_slip(head, line, style) for line in lines]
    rows = [cells[at:at + SLIPS_IN_ROW] for at in range(0, len(cells), SLIPS_IN_ROW)]
    rows = [row + [""] * (SLIPS_IN_ROW - len(row)) for row in rows] or [["", ""]]
    table = Table(rows, colWidths=[93 * mm] * SLIPS_IN_ROW, rowHeights=[42 * mm] * len(rows))
    table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.grey, 0, (2, 2)), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    return _build_pdf("Коды участников", [table])


def draw_name_protocol(head: FormHead, codes: Sequence[str]) -> bytes:
    """The blank of the paper protocol code ↔ name. It is filled in by hand and stays in the school."""
    rows: list[list[Any]] = [["№", "Код", "Фамилия, имя, отчество", "Класс", "Подпись"]]
    rows += [[str(number), code, "", "", ""] for number, code in enumerate(codes, start=1)]
    table = Table(rows, colWidths=[12 * mm, 22 * mm, 95 * mm, 20 * mm, 35 * mm], repeatRows=1,
                  rowHeights=[8 * mm] * len(rows))
    table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONT", (0, 0), (-1, -1), PLAIN, 10),
                    ("FONT", (0, 0), (-1, 0), BOLD, 10), ("FONT", (1, 1), (1, -1), BOLD, 12),
                    ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    warning = ("Протокол заполняется от руки и хранится только в школе. "
               "Фамилии никуда не передаются и в компьютер не вводятся.")
    return _build_pdf("Бумажный протокол", [
        Paragraph("Бумажный протокол соответствия кодов и фамилий", _style(14, BOLD)), Spacer(0, 2 * mm),
        Paragraph(_describe_head(head), _style(10)), Spacer(0, 2 * mm),
        Paragraph(warning, _style(10, BOLD)), Spacer(0, 4 * mm), table])


def write_electronic_protocol(head: FormHead, lines: Sequence[FormLine], reserve: Sequence[str]) -> bytes:
    """xlsx: login ↔ code of a day, and the reserve codes on a sheet of their own."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Электронный протокол"
    for row in ([head.school, head.login], [head.campaign, head.day], [head.works, head.window], []):
        sheet.append(row)
    _write_table(sheet, ["№", "Логин", "Код"], [[one.place, one.login, one.code] for one in lines])
    _write_table(book.create_sheet("Резерв"), ["Код"], [[code] for code in reserve])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_table(sheet: Any, headings: list[str], rows: list[list[Any]]) -> None:
    sheet.append(headings)
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            # digits of codes and logins are names, not numbers: leading zeros must stay
            cell.number_format = "@"
    for column in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 24


def _draw_slip(head: FormHead, line: FormLine, style: ParagraphStyle) -> list[Any]:
    return [Paragraph(f"{_safe(head.works)} · {head.day}", style), Spacer(0, 2 * mm),
            Paragraph(f'Код участника: <font name="{BOLD}" size="16">{line.code}</font>', style), Spacer(0, 3 * mm),
            Paragraph(f'Логин: <font name="{BOLD}" size="18">{show_login(line.login)}</font>', style),
            Spacer(0, 3 * mm), Paragraph(f"Код один на все работы, логин действует в этот день {head.window}.", style)]


def _describe_head(head: FormHead) -> str:
    return (f"{_safe(head.school)} ({_safe(head.login)})<br/>{_safe(head.campaign)} · {_safe(head.works)} · {head.day}")


def _style(size: int, font: str = PLAIN) -> ParagraphStyle:
    register_fonts()
    return ParagraphStyle(f"{font}-{size}", fontName=font, fontSize=size, leading=size * 1.3)


def _build_pdf(title: str, parts: list[Any]) -> bytes:
    register_fonts()
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title=title, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN,
                      bottomMargin=MARGIN, initialFontName=PLAIN).build(parts)
    return out.getvalue()


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
