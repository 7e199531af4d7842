"""Slips to cut: one candidate's code and login, the login also as a QR code. Takes a roster; gives a PDF."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from testing_server.contracts.check_digits import show_login
from testing_server.exam_day.printing.sheet import HEIGHT_MM, WIDTH_MM, Sheet, draw_pdf

COLUMNS, ROWS = 2, 5
MARGIN = 10


@dataclass(frozen=True)
class Slip:
    """What stands on one slip."""

    code: str
    login: str


@dataclass(frozen=True)
class SlipWords:
    """Texts in the language of the print; `work`: title of the campaign and day; `mark`: of a training run, or ""."""

    title: str
    work: str
    school: str
    code: str
    login: str
    keep: str
    mark: str = ""


def print_slips(slips: Sequence[Slip], words: SlipWords) -> bytes:
    """Ten slips a page with dashed lines to cut along."""
    def draw(sheet: Sheet) -> None:
        for start in range(0, len(slips), COLUMNS * ROWS):
            if start:
                sheet.next_page()
            for place, slip in enumerate(slips[start:start + COLUMNS * ROWS]):
                _draw_slip(sheet, place, slip, words)
    return draw_pdf(words.title, draw)


def _draw_slip(sheet: Sheet, place: int, slip: Slip, words: SlipWords) -> None:
    width, height = (WIDTH_MM - 2 * MARGIN) / COLUMNS, (HEIGHT_MM - 2 * MARGIN) / ROWS
    x, y = MARGIN + place % COLUMNS * width, MARGIN + place // COLUMNS * height
    for x1, y1, x2, y2 in ((x, y, x + width, y), (x, y + height, x + width, y + height), (x, y, x, y + height),
                           (x + width, y, x + width, y + height)):
        sheet.line(x1, y1, x2, y2, dashed=True)
    sheet.text(x + 5, y + 8, words.school, 8, width=width - 10)
    sheet.text(x + 5, y + 13, words.work, 8, width=width - 10)
    if words.mark:
        sheet.text(x + 5, y + 17, words.mark, 8, sheet.fonts.bold, width=width - 10)
    sheet.text(x + 5, y + 21, words.code, 8)
    sheet.text(x + 5, y + 30, slip.code, 22, sheet.fonts.mono)
    sheet.text(x + 5, y + 38, words.login, 8)
    sheet.text(x + 5, y + 46, show_login(slip.login), 17, sheet.fonts.mono)
    sheet.qr(x + width - 31, y + 19, 26, slip.login)
    sheet.text(x + 5, y + height - 4, words.keep, 7, width=width - 10)
