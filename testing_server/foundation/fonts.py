"""Fonts with Cyrillic for printed forms.

Takes nothing. Gives the files of DejaVu from the system or from node_modules, and registers them with reportlab,
whose own fonts have no Cyrillic.
"""
from dataclasses import dataclass
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/dejavu-sans-fonts"),
           Path("/usr/share/fonts/TTF"), ROOT / "node_modules" / "dejavu-fonts-ttf" / "ttf")


class FontMissing(Exception):
    """No folder has the font: forms cannot be printed. `make setup` installs it."""


@dataclass(frozen=True)
class PdfFonts:
    """Names as reportlab's canvas and styles take them."""

    regular: str = "DejaVuSans"
    bold: str = "DejaVuSans-Bold"
    mono: str = "DejaVuSansMono-Bold"


def find_font(name: str) -> Path:
    """The .ttf file of a face, as "DejaVuSans-Bold". Raises FontMissing."""
    for folder in FOLDERS:
        if (path := folder / f"{name}.ttf").exists():
            return path
    raise FontMissing(f"{name}.ttf is in none of {', '.join(map(str, FOLDERS))}")


def register_pdf_fonts() -> PdfFonts:
    """Makes the fonts known to reportlab; harmless when repeated."""
    fonts = PdfFonts()
    known = set(pdfmetrics.getRegisteredFontNames())
    for name in (fonts.regular, fonts.bold, fonts.mono):
        if name not in known:
            pdfmetrics.registerFont(TTFont(name, str(find_font(name))))
    pdfmetrics.registerFontFamily(fonts.regular, normal=fonts.regular, bold=fonts.bold,
                                  italic=fonts.regular, boldItalic=fonts.bold)
    return fonts
