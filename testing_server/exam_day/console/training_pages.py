"""A training run on demonstration material: choose a work and how many, then a sitting like any other."""
from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.console.archive_pages import view_archive
from testing_server.exam_day.console.times import today_of
from testing_server.exam_day.room import room
from testing_server.exam_day.school.actions import AlreadySetUp
from testing_server.exam_day.scopes import ORGANIZERS
from testing_server.exam_day.sittings.records import ArchiveRecord, RosterRecord
from testing_server.exam_day.training.actions import prepare_codes
from testing_server.exam_day.training.jobs import make_demonstration
from testing_server.exam_day.training.rules import CAMPAIGN
from testing_server.foundation.disk import Writing, attach_disk
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.materials.packages import SHIPPED, list_packages, find_package

pages = Blueprint("room_training", __name__)


@pages.get("/training")
def show_training() -> str:
    return _render(None)


def _list_shipped() -> list[tuple[str, dict[str, str]]]:
    return [(one.name, one.title) for one in list_packages(room().data) if one.path.parent == SHIPPED]


def _render(refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        archives = [view_archive(row) for row in session.scalars(
            select(ArchiveRecord).where(ArchiveRecord.lock == "none").order_by(ArchiveRecord.kept_at_ms.desc()))]
        has_codes = session.scalars(select(RosterRecord).where(RosterRecord.campaign == CAMPAIGN)).first() is not None
    return render_template("console/training.html", works=_list_shipped(), archives=archives, has_codes=has_codes,
                           refusal=refusal)


@pages.get("/training/archives")
def show_archives() -> str:
    """How far the demonstration works are."""
    with services().storage.read() as session:
        archives = [view_archive(row) for row in session.scalars(
            select(ArchiveRecord).where(ArchiveRecord.lock == "none").order_by(ArchiveRecord.kept_at_ms.desc()))]
    return render_template("console/training_archives.html", archives=archives)


@pages.post("/training")
def prepare() -> BaseResponse | tuple[str, int]:
    try:
        count = _prepare(request.form.get("work", ""), request.form.get("count", default=0, type=int))
    except Refusal as refusal:
        return _render(refusal), refusal.status
    flash(_("Тренировочных кодов на сегодня: %(count)s. Демонстрационная работа готовится, это несколько секунд.",
            count=count))
    return redirect(url_for("room_training.show_training"))


def _prepare(work: str, count: int) -> int:
    """Raises UnknownPackage, BadCount, KeyLocked, DiskScarce."""
    attach_disk(services()).check(Writing.EXTRA)
    school, key, at_ms, by = acts.my_school(), room().keys.key(), acts.now(), acts.me()
    if school is None:
        raise AlreadySetUp()
    found, day = find_package(room().data, work), today_of(at_ms, school.zone)
    made: int = services().storage.write(
        lambda session: prepare_codes(session, at_ms, day, count, school, key, by))
    services().jobs.enqueue(make_demonstration, name=found.name, day=day, at_ms=at_ms, seed=secrets.randbits(64))
    return made


MOUNT = Mount(
    blueprint=pages, access={name: ORGANIZERS for name in ("show_training", "show_archives", "prepare")},
    menu=(MenuEntry("show_training", lazy_gettext("Тренировка")),))
