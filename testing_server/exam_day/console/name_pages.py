"""The optional list of names: opened by the key's passphrase, kept encrypted, on this machine only."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from testing_server.exam_day.console import acts
from testing_server.exam_day.name_list.rules import NamesUnreadable, read_names, write_names
from testing_server.exam_day.name_list.store import NamesDamaged, erase_names, keep_names, names_file, open_names
from testing_server.exam_day.room import room
from testing_server.exam_day.school.actions import CHAIN
from testing_server.exam_day.scopes import ORGANIZERS
from testing_server.foundation.audit import append_audit
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.school_key import WrongPassphrase

pages = Blueprint("room_names", __name__)


@pages.get("/names/<day>/<campaign>")
def show_names(day: str, campaign: str) -> str:
    return _render(day, campaign, None, None)


def _render(day: str, campaign: str, refusal: Refusal | None, text: str | None) -> str:
    """`text`: the list in clear, None while it is closed."""
    return render_template("console/names.html", roster=acts.find_roster(day, campaign), refusal=refusal, text=text,
                           is_kept=names_file(room().data, campaign).exists())


@pages.post("/names/<day>/<campaign>/open")
def open_list(day: str, campaign: str) -> str | tuple[str, int]:
    here = room()
    try:
        names = open_names(here.data, campaign, here.keys.locked_bytes, request.form.get("passphrase", ""))
    except (WrongPassphrase, NamesDamaged) as refusal:
        return _render(day, campaign, refusal, None), refusal.status
    _note("names_opened", campaign, len(names))
    return _render(day, campaign, None, write_names(names))


@pages.post("/names/<day>/<campaign>")
def keep_list(day: str, campaign: str) -> BaseResponse | tuple[str, int]:
    here, roster, text = room(), acts.find_roster(day, campaign), request.form.get("names", "")
    codes = {entry["code"] for entry in roster["entries"]} | set(roster.get("reserve", ()))
    try:
        names = read_names(text, codes)
    except NamesUnreadable as refusal:
        return _render(day, campaign, refusal, text), refusal.status
    keep_names(here.data, campaign, names, here.keys.key())
    _note("names_kept", campaign, len(names))
    flash(_("Список зашифрован и сохранён: строк %(count)s.", count=len(names)))
    return redirect(url_for("room_names.show_names", day=day, campaign=campaign))


@pages.post("/names/<day>/<campaign>/erase")
def erase_list(day: str, campaign: str) -> BaseResponse:
    acts.find_roster(day, campaign)
    erase_names(room().data, campaign)
    _note("names_erased", campaign, 0)
    flash(_("Список фамилий стёрт."))
    return redirect(url_for("room_names.show_names", day=day, campaign=campaign))


def _note(verb: str, campaign: str, count: int) -> None:
    """Who did it and how many lines; never a line."""
    at_ms, by = acts.now(), acts.me()
    services().storage.write(lambda session: append_audit(session, at_ms, CHAIN, by, verb, campaign, {"count": count}))


MOUNT = Mount(
    blueprint=pages,
    access={name: ORGANIZERS for name in ("show_names", "open_list", "keep_list", "erase_list")},
    limits={"open_list": "10 per minute"})
