"""Codes and printing: the day's list of codes, slips to cut, the blank of the name protocol."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, lazy_gettext
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.times import show_day, today_of
from testing_server.exam_day.printing.name_protocol import ProtocolWords, print_name_protocol
from testing_server.exam_day.printing.slips import Slip, SlipWords, print_slips
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS
from testing_server.exam_day.sittings.archives import StatementRefused
from testing_server.foundation.mounts import MenuEntry, Mount

pages = Blueprint("room_printing", __name__)
ROSTER_LIMIT = 16 * 1024 * 1024


@pages.get("/codes")
def show_codes() -> str:
    school = acts.my_school()
    return render_template("console/codes.html", rosters=acts.list_rosters(),
                           today=today_of(room().clock.now_ms(), school.zone if school else ""))


@pages.post("/codes/fetch")
def fetch() -> BaseResponse:
    count = acts.fetch_roster(request.form.get("day", ""))
    flash(_("Список кодов загружен: %(count)s.", count=count))
    return redirect(url_for("room_printing.show_codes"))


@pages.post("/codes/upload")
def upload() -> BaseResponse:
    file = request.files.get("roster")
    if file is None or not file.filename:
        raise StatementRefused()
    flash(_("Список кодов загружен: %(count)s.", count=acts.take_roster(file.read())))
    return redirect(url_for("room_printing.show_codes"))


@pages.get("/codes/<day>/<campaign>/slips.pdf")
def show_slips(day: str, campaign: str) -> Response:
    roster = acts.find_roster(day, campaign)
    slips = [Slip(entry["code"], entry["login"]) for entry in sorted(
        roster["entries"], key=lambda entry: str(entry["code"]))]
    words = SlipWords(
        title=_("Карточки участников"), work=describe_work(roster), school=roster["school_name"],
        code=_("Код участника, один на все работы"), login=_("Логин для входа на рабочем месте"),
        keep=_("Это тренировка: результатов не будет.") if mark_training(roster) else _(
            "Сохраните карточку: по коду вы узнаете результат."), mark=mark_training(roster))
    return answer_pdf(print_slips(slips, words), f"slips-{day}.pdf")


@pages.get("/codes/<day>/<campaign>/name-protocol.pdf")
def show_name_protocol(day: str, campaign: str) -> Response:
    roster = acts.find_roster(day, campaign)
    words = ProtocolWords(
        title=_("Бумажный протокол соответствия кодов"), school=roster["school_name"], work=describe_work(roster),
        number=_("№"), code=_("Код"), name=_("Фамилия, имя, отчество"), room=_("Место"), signature=_("Подпись"),
        warning=_("Заполняется от руки. Хранится в школе и никуда не передаётся."), reserve=_("резервный"),
        page=_("стр."), mark=mark_training(roster))
    codes = [entry["code"] for entry in roster["entries"]]
    return answer_pdf(print_name_protocol(codes, roster.get("reserve", []), words), f"name-protocol-{day}.pdf")


def describe_work(roster: dict[str, Any]) -> str:
    """The campaign and the day in one line."""
    return f"{roster['campaign']['title']}, {show_day(roster['day'])}"


def mark_training(roster: dict[str, Any]) -> str:
    """What must stand on every paper of a campaign that is not counted, "" otherwise."""
    return "" if roster["campaign"].get("counted", True) else _("ТРЕНИРОВКА, не засчитывается")


def answer_pdf(content: bytes, name: str) -> Response:
    """Shown in the browser, saved under a telling name."""
    return Response(content, mimetype="application/pdf",
                    headers={"Content-Disposition": f'inline; filename="{name}"'})


MOUNT = Mount(
    blueprint=pages,
    access={name: ORGANIZERS for name in ("show_codes", "fetch", "upload", "show_slips", "show_name_protocol")},
    body_limits={"upload": ROSTER_LIMIT},
    menu=(MenuEntry("show_codes", lazy_gettext("Коды и печать")),))
