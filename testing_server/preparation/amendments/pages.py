"""The coordinator's page of one work of one school: what was sealed, and the three things that may be done to it."""
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.audit import AuditLine, read_audit
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.amendments.actions import give_new_cipher, move_to_day, withdraw
from testing_server.preparation.amendments.rules import NotConfirmed
from testing_server.preparation.founding.actions import obtain_keys_of
from testing_server.preparation.hub_keys import read_escrow_key
from testing_server.preparation.materials.queries import Archive, read_archive
from testing_server.preparation.registry.queries import School, read_own_school

pages = Blueprint("amendments", __name__)
VERBS = {
    "materials_sealed": _("собрано и запечатано"), "archive_fetched": _("скачано школой"),
    "cipher_given": _("шифр выдан"), "cipher_replaced": _("шифр заменён"),
    "archive_moved": _("перенесено на другой день"), "archive_withdrawn": _("отозвано"),
}


@pages.get("/coordinator/archives/<archive>")
def show_archive(archive: str) -> str:
    return _render(archive, None)


@pages.post("/coordinator/archives/<archive>/move")
def move(archive: str) -> BaseResponse | tuple[str, int]:
    """To another day, with the criteria."""
    day = request.form.get("day", "")
    return _amend(archive, lambda why, by: move_to_day(services(), archive, day, why, by),
                  gettext("Работа перенесена. Сервер школы узнает об этом при ближайшей связи."))


@pages.post("/coordinator/archives/<archive>/cipher")
def replace_cipher(archive: str) -> BaseResponse | tuple[str, int]:
    """A new cipher: of the materials or, where the form names it, of the criteria."""
    named = request.form.get("of", archive)
    own, _school = _find(archive)
    if named not in (own.archive, own.partner):
        named = archive
    return _amend(archive, lambda why, by: give_new_cipher(services(), named, why, by),
                  gettext("Шифр заменён. Новый файл ключа прежним не открыть; архив школе скачивать заново не нужно."))


@pages.post("/coordinator/archives/<archive>/withdraw")
def withdraw_archive(archive: str) -> BaseResponse | tuple[str, int]:
    """For good."""
    return _amend(archive, lambda why, by: withdraw(services(), archive, why, by),
                  gettext("Материалы отозваны. Сервер школы узнает об этом при ближайшей связи; позвоните в школу."))


def _amend(archive: str, act: Callable[[str, str], None], done: str) -> BaseResponse | tuple[str, int]:
    _find(archive)
    try:
        if request.form.get("confirmed") != "yes":
            raise NotConfirmed()
        act(request.form.get("reason", ""), current_user.login)
    except Refusal as refusal:
        return _render(archive, refusal), refusal.status
    flash(done)
    return redirect(url_for("amendments.show_archive", archive=archive))


def _render(archive: str, refusal: Refusal | None) -> str:
    offered = services()
    found, school = _find(archive)
    with offered.storage.read() as session:
        partner = read_archive(session, found.partner)
        history = list_history(read_audit(session, f"school:{school.id}"), {found.archive, found.partner})
    obtain_keys_of(offered)
    return render_template("preparation/amend.html", archive=found, criteria=partner, school=school, refusal=refusal,
                           history=history, verbs=VERBS, form=request.form if refusal else {},
                           has_escrow=read_escrow_key(offered.settings.keys_folder) is not None)


def list_history(lines: list[AuditLine], archives: set[str]) -> list[AuditLine]:
    """What the journal says of these archives, newest first."""
    return [line for line in reversed(lines) if line.subject in archives and line.verb in VERBS]


def _find(archive: str) -> tuple[Archive, School]:
    """A materials archive of the coordinator's own territory. Raises ArchiveUnknown, UnknownSchool."""
    with services().storage.read() as session:
        found = read_archive(session, archive)
        if found.kind != "materials":
            found = read_archive(session, found.partner)
        return found, read_own_school(session, found.school, current_user.territory)


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
ACCESS: dict[str, Any] = dict.fromkeys(("show_archive", "move", "replace_cipher", "withdraw_archive"), COORDINATOR)
MOUNT = Mount(blueprint=pages, access=ACCESS)
