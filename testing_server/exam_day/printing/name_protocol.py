"""The blank of the name protocol: printed codes, empty lines for names. Takes codes; gives a PDF.

There is no argument for a name: names are written by hand on this paper and stay in the school.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from testing_server.exam_day.printing.sheet import HEIGHT_MM, WIDTH_MM, Sheet, draw_pdf

MARGIN = 15
LINE_MM = 9
TOP_MM = 52
COLUMNS = (15, 27, 50, 135, 160)


@dataclass(frozen=True)
class ProtocolWords:
    """Texts in the language of the print; `reserve` marks codes kept for a day without internet, `mark` a training."""

    title: str
    school: str
    work: str
    number: str
    code: str
    name: str
    room: str
    signature: str
    warning: str
    reserve: str
    page: str
    mark: str = ""


def print_name_protocol(codes: Sequence[str], reserve: Sequence[str], words: ProtocolWords) -> bytes:
    """A table of codes in order, then the reserve codes; as many pages as they need."""
    rows = [(code, False) for code in sorted(codes)] + [(code, True) for code in sorted(reserve)]
    per_page = int((HEIGHT_MM - TOP_MM - MARGIN) // LINE_MM) - 1

    def draw(sheet: Sheet) -> None:
        for start in range(0, max(1, len(rows)), per_page):
            if start:
                sheet.next_page()
            _draw_head(sheet, words, start // per_page + 1)
            for line, (code, is_reserve) in enumerate(rows[start:start + per_page]):
                _draw_row(sheet, line, start + line + 1, code, words.reserve if is_reserve else "")
    return draw_pdf(words.title, draw)


def _draw_head(sheet: Sheet, words: ProtocolWords, page: int) -> None:
    sheet.text(MARGIN, 20, words.title, 15, sheet.fonts.bold)
    if words.mark:
        sheet.text(MARGIN, 13, words.mark, 10, sheet.fonts.bold)
    sheet.text(MARGIN, 27, words.school, 10, width=WIDTH_MM - 2 * MARGIN)
    sheet.text(MARGIN, 33, words.work, 10, width=WIDTH_MM - 2 * MARGIN)
    sheet.text(MARGIN, 40, words.warning, 8, width=WIDTH_MM - 2 * MARGIN)
    sheet.text(WIDTH_MM - MARGIN - 25, HEIGHT_MM - 8, f"{words.page} {page}", 8)
    heads = (words.number, words.code, words.name, words.room, words.signature)
    for x, head in zip(COLUMNS, heads, strict=True):
        sheet.text(x, TOP_MM - 3, head, 8, sheet.fonts.bold)
    sheet.line(MARGIN, TOP_MM, WIDTH_MM - MARGIN, TOP_MM)


def _draw_row(sheet: Sheet, line: int, number: int, code: str, mark: str) -> None:
    bottom = TOP_MM + (line + 1) * LINE_MM
    sheet.text(COLUMNS[0], bottom - 2.5, str(number), 9)
    sheet.text(COLUMNS[1], bottom - 2.5, code, 12, sheet.fonts.mono)
    if mark:
        sheet.text(WIDTH_MM - MARGIN - 18, bottom - 2.5, mark, 7)
    sheet.line(MARGIN, bottom, WIDTH_MM - MARGIN, bottom)
    for x in COLUMNS[1:]:
        sheet.line(x - 2, bottom - LINE_MM, x - 2, bottom)
