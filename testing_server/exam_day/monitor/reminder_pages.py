"""Pages of reminders: who is meant and what they will read, before it is sent; what was sent; the school's own ones."""
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from testing_server.exam_day.monitor.board_queries import SchoolLine, list_school_lines
from testing_server.exam_day.monitor.board_rules import UNDONE, BoardFilter, choose_lines, read_filter
from testing_server.exam_day.monitor.concerns import KINDS, Kind
from testing_server.exam_day.monitor.day_queries import list_concerns
from testing_server.exam_day.monitor.live import COORDINATOR
from testing_server.exam_day.monitor.reminders import Reminder, list_sent, list_unread, note_seen, send_reminders
from testing_server.exam_day.monitor.words import STEP_NAMES
from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.progress import Step
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.campaigns.queries import find_campaign

pages = Blueprint("reminders", __name__)
SCHOOL = frozenset({AccountRole.SCHOOL_ORGANIZER.value})
SHOWN = 200
STEPS_OF = {Kind.CIPHER: Step.CIPHERS, Kind.SILENT: Step.SITTINGS, Kind.INCIDENT: Step.SITTINGS,
            Kind.PACKAGE: Step.PACKAGES, Kind.FORM: Step.FORMS}
TEXTS = {
    Step.APPLICATION: _("Отправьте заявку: раздел «Заявка»."),
    Step.SCHEDULE: _("Заполните и отправьте график работ: раздел «График»."),
    Step.MATERIALS: _("Скачайте архивы материалов и положите их на сервер школы."),
    Step.TRAINING: _("Подключите сервер школы и проведите репетицию."),
    Step.CODES: _("Получите коды участников и раздайте их."),
    Step.CIPHERS: _("Получите шифр к архиву сегодняшней работы и откройте архив на сервере школы."),
    Step.SITTINGS: _("Сервер школы не сообщает о работе. Проверьте связь; работа идёт и без неё."),
    Step.FINISHED: _("Завершите сеансы, которые ещё открыты."),
    Step.PACKAGES: _("Закройте сеанс и отправьте пакет с ответами; без связи отвезите его на носителе."),
    Step.FORMS: _("Загрузите форму результатов: её срок указан рядом с ней."),
    Step.QUESTIONNAIRES: _("Заполните и загрузите форму контекстных данных."),
    Step.MARKING: _("Завершите проверку работ и подпишите протокол."),
}


@pages.app_context_processor
def offer_reminders() -> dict[str, Any]:
    """Every page of a school organizer shows what the school was reminded of."""
    return {"school_reminders": read_own_reminders}


def read_own_reminders() -> list[Reminder]:
    """What the person's school has not read yet; nothing for others."""
    if not current_user or not current_user.is_authenticated or current_user.role not in SCHOOL:
        return []
    with services().storage.read() as session:
        return list_unread(session, current_user.school or "")


@pages.get("/coordinator/remind")
def show_reminding() -> str:
    return ask_reminding("")


@pages.post("/coordinator/remind")
def remind() -> Response | str | tuple[str, int]:
    offered, text, by = services(), request.form.get("text", ""), current_user.login
    with offered.storage.read() as session:
        schools, step = find_meant(session)
    meant, now_ms, campaign = [one.id for one in schools], offered.clock.now_ms(), read_asked("campaign")
    try:
        sent: int = offered.storage.write(lambda db: send_reminders(db, now_ms, meant, campaign, step, text, by))
    except Refusal as refusal:
        return ask_reminding(text, refusal), refusal.status
    flash(gettext("Напоминание показано школам: %(count)s.", count=sent) if sent else gettext(
        "Этим школам уже напомнили меньше часа назад; второй раз не отправлено."))
    return redirect(url_for("reminders.show_sent", campaign=campaign))


@pages.get("/coordinator/reminders")
def show_sent() -> str:
    campaign = read_asked("campaign")
    with services().storage.read() as session:
        schools = {one.id: one for one in list_school_lines(session, current_user.territory, campaign)}
        sent = [(schools[one.school], one) for one in list_sent(session, campaign) if one.school in schools]
    return render_template("exam_day/reminders_sent.html", sent=sent, campaign=campaign, steps=STEP_NAMES)


@pages.post("/school/reminders/<reminder>/seen")
def mark_seen(reminder: str) -> Response:
    offered, school, by = services(), current_user.school or "", current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda db: note_seen(db, now_ms, reminder[:36], school, by))
    return redirect(url_for("home.show_home"))


def ask_reminding(text: str, refusal: Refusal | None = None) -> str:
    """Who will read it and what: nothing is sent before this page is answered."""
    with services().storage.read() as session:
        schools, step = find_meant(session)
    asked = {name: read_asked(name) for name in ("campaign", "step", "territory", "find", "kind")}
    return render_template("exam_day/reminding.html", schools=schools[:SHOWN], count=len(schools), asked=asked,
                           text=text or TEXTS.get(Step(step), ""), step_name=STEP_NAMES[Step(step)], refusal=refusal,
                           back=urlencode({k: v for k, v in asked.items() if v and k != "kind"}))


def find_meant(session: Session) -> tuple[list[SchoolLine], str]:
    """The schools that a concern or the board's filter names, now; and the step they are reminded of."""
    offered, kind, campaign = services(), read_asked("kind"), read_asked("campaign")
    if kind in KINDS:
        rules = find_campaign(offered.settings.data, campaign)
        found = list_concerns(session, current_user.territory, rules, offered.clock.now_ms())
        meant = {line.id: line for line, concern in found if concern.kind == kind}
        return list(meant.values()), STEPS_OF[Kind(kind)]
    chosen = read_filter({name: read_asked(name) for name in ("step", "territory", "find")})
    step = chosen.step or Step.APPLICATION
    lines = list_school_lines(session, current_user.territory, campaign)
    return choose_lines(lines, BoardFilter(chosen.words, step, UNDONE, chosen.territory)), step


def read_asked(name: str) -> str:
    """From the form, or from the address."""
    return (request.form.get(name) or request.args.get(name) or "")[:401]


MOUNT = Mount(
    blueprint=pages, access={"show_reminding": COORDINATOR, "remind": COORDINATOR, "show_sent": COORDINATOR,
                             "mark_seen": SCHOOL},
    menu=(MenuEntry("show_sent", _("Напоминания")),))
