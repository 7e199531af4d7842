"""A document on A4: facts, tables that go over pages, remarks, places for signatures. Takes texts; gives a PDF."""
from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from testing_server.foundation.fonts import PdfFonts, register_pdf_fonts

MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN
LABEL_SHARE = 0.38


@dataclass(frozen=True)
class Grid:
    """A table: `widths` are shares of the page's width; `empty`: said in place of rows when there are none."""

    title: str
    heads: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    empty: str = ""


@dataclass(frozen=True)
class Document:
    """`facts`: (label, value); `remarks`: what organizers wrote; `signatures`: who signs; `page`: the word for pages;
    `mark`: printed across the top of every page, "" for nothing."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    grids: Sequence[Grid]
    remarks_title: str
    remarks: str
    signatures: Sequence[str]
    footer: str
    page: str
    mark: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


def print_document(document: Document) -> bytes:
    """The PDF's bytes."""
    fonts, out = register_pdf_fonts(), io.BytesIO()
    styles = _make_styles(fonts)
    template = SimpleDocTemplate(out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=18 * mm,
                                 bottomMargin=16 * mm, title=document.title, author="testing-server")

    def draw_edges(canvas: Canvas, _template: Any) -> None:
        canvas.setFont(fonts.regular, 8)
        canvas.drawString(MARGIN, 9 * mm, document.footer)
        canvas.drawRightString(A4[0] - MARGIN, 9 * mm, f"{document.page} {canvas.getPageNumber()}")
        if document.mark:
            canvas.setFont(fonts.bold, 9)
            canvas.drawCentredString(A4[0] / 2, A4[1] - 11 * mm, document.mark)
    template.build(list(_flow(document, styles, fonts)), onFirstPage=draw_edges, onLaterPages=draw_edges)
    return out.getvalue()


def _make_styles(fonts: PdfFonts) -> dict[str, ParagraphStyle]:
    base = ParagraphStyle("base", fontName=fonts.regular, fontSize=9.5, leading=12.5)
    return {"base": base, "small": ParagraphStyle("small", base, fontSize=8.5, leading=11),
            "head": ParagraphStyle("head", base, fontName=fonts.bold, fontSize=8.5, leading=11),
            "title": ParagraphStyle("title", base, fontName=fonts.bold, fontSize=15, leading=19, spaceAfter=2),
            "part": ParagraphStyle("part", base, fontName=fonts.bold, fontSize=11, leading=15, spaceBefore=10,
                                   spaceAfter=3, keepWithNext=1)}


def _flow(document: Document, styles: dict[str, ParagraphStyle], fonts: PdfFonts) -> list[Flowable]:
    parts: list[Flowable] = [_text(document.title, styles["title"]), _text(document.subtitle, styles["base"]),
                             Spacer(0, 3 * mm), _draw_facts(document.facts, styles)]
    parts += [_text(note, styles["small"]) for note in document.notes]
    for grid in document.grids:
        parts += [_text(grid.title, styles["part"]),
                  _draw_grid(grid, styles) if grid.rows else _text(grid.empty, styles["base"])]
    remarks = [_text(line, styles["base"]) for line in document.remarks.splitlines()] or [_draw_lines()]
    parts += [_text(document.remarks_title, styles["part"]), *remarks, Spacer(0, 6 * mm)]
    return [*parts, KeepTogether([_draw_signature(who, styles, fonts) for who in document.signatures])]


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)


def _draw_facts(facts: Sequence[tuple[str, str]], styles: dict[str, ParagraphStyle]) -> Table:
    rows = [[_text(label, styles["small"]), _text(value, styles["base"])] for label, value in facts]
    table = Table(rows, colWidths=[WIDTH * LABEL_SHARE, WIDTH * (1 - LABEL_SHARE)], hAlign="LEFT")
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1),
                               ("BOTTOMPADDING", (0, 0), (-1, -1), 1), ("LEFTPADDING", (0, 0), (0, -1), 0)]))
    return table


def _draw_grid(grid: Grid, styles: dict[str, ParagraphStyle]) -> Table:
    rows = [[_text(head, styles["head"]) for head in grid.heads]]
    rows += [[_text(cell, styles["small"]) for cell in row] for row in grid.rows]
    table = Table(rows, colWidths=[WIDTH * share for share in grid.widths], repeatRows=1, hAlign="LEFT")
    table.setStyle(TableStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("GRID", (0, 0), (-1, -1), 0.4, colors.black),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke), ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2), ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3)]))
    return table


def _draw_lines(count: int = 4) -> Table:
    """Empty lines to write on by hand."""
    table = Table([[""]] * count, colWidths=[WIDTH], rowHeights=[8 * mm] * count)
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.black)]))
    return table


def _draw_signature(who: str, styles: dict[str, ParagraphStyle], fonts: PdfFonts) -> Table:
    table = Table([[_text(who, styles["base"]), "", ""]], colWidths=[WIDTH * 0.45, WIDTH * 0.25, WIDTH * 0.3],
                  rowHeights=[11 * mm])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("FONTNAME", (0, 0), (-1, -1), fonts.regular),
                               ("LINEBELOW", (1, 0), (1, 0), 0.4, colors.black),
                               ("LINEBELOW", (2, 0), (2, 0), 0.4, colors.black)]))
    return table
