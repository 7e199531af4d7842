"""What waits to be sent to the hub, each with its next act: works, certificates of rehearsals, reports.

Takes a session and the room. Gives lines for the page of today; none when everything has arrived.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.exam_day.packages.records import PackageRecord
from testing_server.exam_day.rehearsals.keeping import waits_to_be_sent
from testing_server.exam_day.rehearsals.running import list_runs, read_run
from testing_server.exam_day.room import Room
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.sittings.rules import ACTIVE
from testing_server.exam_day.training.rules import CAMPAIGN as TRAINING

# a report goes every 5 s: one that is late by some is not told yet
SILENT_MS = 30_000
UNPACKED = ("closing", "balanced", "packaged_with_late")
LINE_TROUBLES: dict[str, Any] = {
    "hub_away": lazy_gettext("Связи с региональным сервером нет."),
    "hub_refused": lazy_gettext("Региональный сервер ответил отказом: позвоните координатору."),
    "answer_not_trusted": lazy_gettext("Отвечает не региональный сервер: проверьте сеть."),
    "key_locked": lazy_gettext("Ключ школы закрыт."),
}


@dataclass(frozen=True)
class Unsent:
    """`style`: as states are drawn; `since_ms`: from when it waits; `address`: where the act is done, "" for none."""

    what: str
    style: str
    state: str
    since_ms: int | None
    act: str
    address: str = ""


def list_unsent(session: Session, room: Room) -> list[Unsent]:
    """What needs a person first, then what goes by itself."""
    found = [*_list_sittings(session), *_list_packages(session), *_list_certificates(room),
             *_list_reports(session, room)]
    return sorted(found, key=lambda one: (one.style not in ("stopped", "attention"), one.since_ms or 0))


def _list_sittings(session: Session) -> list[Unsent]:
    """Works that no package holds yet."""
    return [Unsent(_("Работы: %(room)s", room=one.room), "attention",
                   _("пришло ещё после пакета") if one.state == "packaged_with_late" else _("ещё не в пакете"),
                   one.closed_at_ms, _("Сведите итог и соберите пакет"), _closing_of(one.id))
            for one in session.scalars(select(SittingRecord).where(
                SittingRecord.state.in_(UNPACKED), SittingRecord.campaign != TRAINING))]


def _list_packages(session: Session) -> list[Unsent]:
    """The newest of each sitting; what an older one held is in it too."""
    rows = session.execute(select(PackageRecord, SittingRecord).join(
        SittingRecord, SittingRecord.id == PackageRecord.sitting).order_by(PackageRecord.sequence))
    newest = {package.sitting: (package, sitting) for package, sitting in rows}
    return [_tell_package(package, sitting) for package, sitting in newest.values() if package.state != "receipted"]


def _tell_package(package: PackageRecord, sitting: SittingRecord) -> Unsent:
    steps = {
        "making": ("running", _("собирается"), _("Подождите: пакет соберётся сам")),
        "sent": ("waiting", _("доставлен, квитанции ещё нет"), _("Подождите: квитанция придёт сама")),
        "quarantined": ("stopped", _("отложен региональным сервером"), _("Позвоните координатору, назовите пакет")),
        "failed": ("stopped", _("не собран"), _("Соберите пакет ещё раз")),
    }
    away = ("waiting", _("не отправлен"), _("Уйдёт сам, когда будет связь; без неё отнесите на флешке"))
    if package.state == "sending" and not package.trouble:
        steps["sending"] = ("running", _("отправляется"), _("Подождите: отправка идёт"))
    style, state, act = steps.get(package.state, away)
    trouble = LINE_TROUBLES.get(package.trouble) if style == "waiting" else None
    return Unsent(_("Пакет %(number)s: %(room)s", number=package.sequence, room=sitting.room), style, state,
                  package.made_at_ms or package.asked_at_ms, f"{trouble} {act}" if trouble else act,
                  _closing_of(sitting.id))


def _list_certificates(room: Room) -> list[Unsent]:
    """Of rehearsals: signed and not sent, or still to be signed."""
    found = []
    for folder in list_runs(room.data):
        run = read_run(folder)
        if not waits_to_be_sent(folder) and run.state != "found":
            continue
        locked = not room.keys.is_unlocked
        found.append(Unsent(
            _("Свидетельство репетиции"), "attention" if locked else "waiting",
            _("не отправлено") if run.state == "signed" else _("не подписано"), run.at_ms,
            _("Откройте ключ школы: дальше оно уйдёт само") if locked else _("Уйдёт само, когда будет связь"),
            url_for("room_home.show_connect") if locked else url_for("rehearsals.show_run", run=run.id)))
    return found


def _list_reports(session: Session, room: Room) -> list[Unsent]:
    """Of sittings going on that the region follows."""
    school, hearing = find_school(session), room.hearing
    followed = session.scalar(select(SittingRecord.id).where(
        SittingRecord.state.in_(ACTIVE), SittingRecord.claim != "", SittingRecord.campaign != TRAINING).limit(1))
    heard_lately = hearing.last_heard_ms is not None and room.clock.now_ms() - hearing.last_heard_ms < SILENT_MS
    if followed is None or school is None or heard_lately:
        return []
    what, state, since_ms = _("Ход сеанса для региона"), _("не доходит"), hearing.away_since_ms or hearing.last_heard_ms
    connect = url_for("room_home.show_connect")
    if not school.is_enrolled:
        return [Unsent(what, "attention", state, since_ms, _("Подключите школу к региону"), connect)]
    if not room.keys.is_unlocked:
        return [Unsent(what, "attention", state, since_ms, _("Откройте ключ школы"), connect)]
    return [Unsent(what, "offline", state, since_ms, _("Сеансу связь не нужна, ведите его дальше; дойдёт само"))]


def _closing_of(sitting: str) -> str:
    return url_for("room_closing.show_closing", sitting=sitting)
