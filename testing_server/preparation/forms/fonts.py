"""A font with Cyrillic for PDF. Takes nothing; gives the names under which reportlab knows it."""
from functools import cache
from pathlib import Path

from flask_babel import lazy_gettext as _
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from testing_server.foundation.refusals import Refusal

PLAIN, BOLD = "Form", "Form-Bold"
TOP = Path(__file__).resolve().parents[3]
PLACES = (
    TOP / "node_modules" / "dejavu-fonts-ttf" / "ttf", Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu"), Path("/usr/share/fonts/TTF"))
NAMES = {PLAIN: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}


class FontMissing(Refusal):
    code = "font_missing"
    status = 500
    message = _("На сервере нет шрифта с русскими буквами, печатные формы не собрать.")
    safe = _("Коды и логины целы, их можно скачать таблицей Excel.")
    remedy = _("Техническому специалисту: поставьте пакет fonts-dejavu или выполните make setup.")


@cache
def register_fonts() -> None:
    """Once a process. Raises FontMissing."""
    for name, file in NAMES.items():
        path = next((place / file for place in PLACES if (place / file).exists()), None)
        if path is None:
            raise FontMissing()
        pdfmetrics.registerFont(TTFont(name, str(path)))
