"""What a browser gets at /seat/ and under which headers; whether a work admits such a seat. Pure."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

# The page asks for the kiosk's script: at a seat without installation another back end stands behind the same pages.
SCRIPT, OWN_SCRIPT = "bundle/kiosk.js", "bundle/plain_seat.js"
KEEPER = "page_keeper.js"
FILES = frozenset({
    SCRIPT, KEEPER, "bundle/recorder_worklet.js", "bundle/player.css", "kiosk.css", "aids.css", "icon.svg",
    "phrase-ru.ogg", "phrase-en.ogg"})
POLICY = ("default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self' {files}; "
          "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
PERMISSIONS = "camera=(), geolocation=(), microphone=(self)"


class PlainSeatNotAllowed(Refusal):
    code = "plain_seat_not_allowed"
    status = 403
    message = _("Эту работу нельзя выполнять на месте без установки.")
    remedy = _("Позовите организатора: нужно место, на котором установлена программа.")


def find_source(name: str) -> str | None:
    """The file of the kiosk's static folder that stands behind a name, None for what a seat never asks for."""
    if name not in FILES:
        return None
    return OWN_SCRIPT if name == SCRIPT else name


def make_headers(files_url: str) -> dict[str, str]:
    """The page may speak to this server and its files process, and may ask for the microphone."""
    return {"Content-Security-Policy": POLICY.format(files=files_url), "Permissions-Policy": PERMISSIONS}


def check_plain_seat(is_plain: bool, assessment: Mapping[str, Any]) -> None:
    """Raises PlainSeatNotAllowed unless the work allows a seat without installation, or the seat is none."""
    if is_plain and assessment.get("plain_seat_allowed") is not True:
        raise PlainSeatNotAllowed()
