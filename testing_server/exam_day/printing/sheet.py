"""A page of paper: fonts with Cyrillic, millimetres from the top. Takes a canvas; draws texts and codes."""
from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from testing_server.foundation.fonts import PdfFonts, register_pdf_fonts

WIDTH_MM, HEIGHT_MM = A4[0] / mm, A4[1] / mm


@dataclass
class Sheet:
    """A4 in millimetres, y from the top."""

    canvas: Canvas
    fonts: PdfFonts

    def text(self, x: float, y: float, text: str, size: float = 10, font: str = "", width: float = 0) -> None:
        """One line; cut with an ellipsis where it is wider than `width` mm."""
        name = font or self.fonts.regular
        self.canvas.setFont(name, size)
        self.canvas.drawString(x * mm, (HEIGHT_MM - y) * mm, fit_text(text, name, size, width * mm) if width else text)

    def line(self, x1: float, y1: float, x2: float, y2: float, dashed: bool = False) -> None:
        self.canvas.setLineWidth(0.4)
        self.canvas.setDash([3, 3] if dashed else [])
        self.canvas.line(x1 * mm, (HEIGHT_MM - y1) * mm, x2 * mm, (HEIGHT_MM - y2) * mm)

    def qr(self, x: float, y: float, side: float, content: str) -> None:
        """A QR code with its upper left corner at (x, y)."""
        matrix = tuple(segno.make(content, error="m", micro=False).matrix)
        step = side / len(matrix)
        for row, cells in enumerate(matrix):
            for column, dark in enumerate(cells):
                if dark:
                    self.canvas.rect((x + column * step) * mm, (HEIGHT_MM - y - (row + 1) * step) * mm, step * mm,
                                     step * mm, stroke=0, fill=1)

    def next_page(self) -> None:
        self.canvas.showPage()


def fit_text(text: str, font: str, size: float, width: float) -> str:
    """The text, shortened so that it is not wider than `width` points."""
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(f"{text}…", font, size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def draw_pdf(title: str, draw: Any) -> bytes:
    """The bytes of a PDF drawn by `draw(sheet)`."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setTitle(title)
    draw(Sheet(canvas, register_pdf_fonts()))
    canvas.save()
    return out.getvalue()
