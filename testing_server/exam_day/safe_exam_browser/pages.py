"""The console's page for schools with Safe Exam Browser, and the file that its seats open."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.safe_exam_browser.config_key import compute_config_key
from testing_server.exam_day.safe_exam_browser.exam_file import (
    AddressRefused, change_address, describe_exam, obtain_kept)
from testing_server.exam_day.safe_exam_browser.exam_settings import make_settings, write_seb_file
from testing_server.exam_day.scopes import ROOM_STAFF
from testing_server.foundation.access import ANYONE
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.services import services

pages = Blueprint("safe_exam_browser", __name__)
MEDIA_TYPE = "application/seb"


@pages.get("/safe-exam-browser")
def show_seb() -> str:
    return _render(None)


def _render(refusal: AddressRefused | None) -> str:
    settings = services().settings
    kept, made = obtain_kept(settings), make_settings(describe_exam(settings))
    return render_template("safe_exam_browser/safe_exam_browser.html", kept=kept, refusal=refusal,
                           config_key=compute_config_key(made), start_url=made["startURL"])


@pages.post("/safe-exam-browser")
def change() -> BaseResponse | tuple[str, int]:
    try:
        change_address(services().settings, request.form.get("address", ""), "required" in request.form)
    except AddressRefused as refusal:
        return _render(refusal), refusal.status
    flash(_("Записано. Если адрес изменился, раздайте файл на места ещё раз."))
    return redirect(url_for("safe_exam_browser.show_seb"))


@pages.get("/exam.seb")
def show_file() -> Response:
    """Whoever is in the room's network may open it: sebs://address/exam.seb starts Safe Exam Browser with it."""
    data = write_seb_file(make_settings(describe_exam(services().settings)))
    return Response(data, mimetype=MEDIA_TYPE, headers={"Content-Disposition": 'attachment; filename="exam.seb"'})


MOUNT = Mount(
    blueprint=pages, access={"show_seb": ROOM_STAFF, "change": ROOM_STAFF, "show_file": frozenset({ANYONE})},
    menu=(MenuEntry("show_seb", lazy_gettext("Safe Exam Browser")),))
