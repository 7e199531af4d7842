"""Closing a sitting: balance, reasons, sound that is missing, the package, its way to the hub, the receipt."""
from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.receipt_code import show_receipt_code
from testing_server.exam_day.console import acts
from testing_server.exam_day.console.purge_pages import describe_purge
from testing_server.exam_day.console.words import (
    ATTEMPT_STATES, PACKAGE_STATES, PACKAGE_STYLES, SITTING_STATES, SITTING_STYLES)
from testing_server.exam_day.packages.actions import find_package
from testing_server.exam_day.packages.carried import take_receipt
from testing_server.exam_day.packages.erasing import erase_sitting, remove_files
from testing_server.exam_day.packages.internal import hand_to_sender
from testing_server.exam_day.packages.jobs import package_path
from testing_server.exam_day.packages.queries import list_packages, read_closing
from testing_server.exam_day.packages.rules import PackageMissing, SoundMissing, StillAtWork
from testing_server.exam_day.responses.parts import RecordingName
from testing_server.exam_day.room import room
from testing_server.exam_day.school.link import NotEnrolled
from testing_server.exam_day.scopes import ORGANIZERS, tell_sitting
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.sittings.archives import find_archive
from testing_server.exam_day.sittings.queries import read_title
from testing_server.exam_day.sittings.records import IncidentRecord
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language
from testing_server.preparation.hub_keys import TrustedHub, read_hub_keys

pages = Blueprint("room_closing", __name__)


@pages.get("/sittings/<sitting>/closing")
def show_closing(sitting: str) -> str:
    return _render(sitting, None)


def _render(sitting: str, refusal: Refusal | None) -> str:
    with services().storage.read() as session:
        found = find_sitting(session, sitting)
        title = read_title(find_archive(session, found.archive), current_language())
        closing, packages = read_closing(session, sitting), list_packages(session, sitting)
        incidents = len(session.scalars(select(IncidentRecord.id).where(IncidentRecord.sitting == sitting)).all())
        purge = describe_purge(session, sitting)
    return render_template(
        "console/closing.html", sitting=found, title=title, closing=closing, packages=packages, refusal=refusal,
        state_text=SITTING_STATES[found.state], style=SITTING_STYLES[found.state], attempt_states=ATTEMPT_STATES,
        package_states=PACKAGE_STATES, package_styles=PACKAGE_STYLES, incidents=incidents,
        show_receipt_code=show_receipt_code, **purge)


@pages.get("/sittings/<sitting>/state")
def show_state(sitting: str) -> str:
    """The part of the page's head that changes by itself while the package is on its way."""
    with services().storage.read() as session:
        found = find_sitting(session, sitting)
    return render_template("console/sitting_state.html", state_text=SITTING_STATES[found.state],
                           style=SITTING_STYLES[found.state])


@pages.get("/sittings/<sitting>/packages")
def show_packages(sitting: str) -> str:
    with services().storage.read() as session:
        packages = list_packages(session, sitting)
    return render_template("console/packages.html", packages=packages, package_states=PACKAGE_STATES,
                           package_styles=PACKAGE_STYLES, show_receipt_code=show_receipt_code)


@pages.post("/sittings/<sitting>/close")
def close(sitting: str) -> BaseResponse:
    acts.close(sitting)
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


@pages.post("/sittings/<sitting>/balance")
def balance(sitting: str) -> BaseResponse | tuple[str, int]:
    try:
        acts.balance(sitting)
    except (StillAtWork, SoundMissing) as refusal:
        return _render(sitting, refusal), refusal.status
    flash(_("Итог сведён. Теперь можно собрать пакет."))
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


@pages.post("/sittings/<sitting>/package")
def pack(sitting: str) -> BaseResponse:
    acts.pack(sitting, request.form.get("reason", ""))
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


@pages.post("/attempts/<attempt>/missing")
def explain(attempt: str) -> BaseResponse:
    return redirect(url_for("room_closing.show_closing", sitting=acts.explain(attempt, request.form.get("reason", ""))))


@pages.post("/recordings/<attempt>/<int:lease>/<int:number>/write-off")
def write_off(attempt: str, lease: int, number: int) -> BaseResponse:
    sitting = acts.give_up_recording(RecordingName(attempt, lease, number), request.form.get("reason", ""))
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


@pages.post("/answer-files/<attempt>/<sha256>/write-off")
def write_off_file(attempt: str, sha256: str) -> BaseResponse:
    sitting = acts.give_up_file(attempt, sha256, request.form.get("reason", ""))
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


@pages.post("/packages/<package>/send")
def send_again(package: str) -> BaseResponse:
    with services().storage.read() as session:
        found = find_package(session, package)
    if not package_path(room().data, package).exists():
        raise PackageMissing()
    hand_to_sender(services(), found)
    return redirect(url_for("room_closing.show_closing", sitting=found.sitting))


@pages.post("/sittings/<sitting>/receipt")
def take_carried_receipt(sitting: str) -> BaseResponse:
    """A receipt brought on a stick."""
    file = request.files.get("receipt")
    envelope = file.read() if file is not None else b""
    at_ms, by, hub = acts.now(), acts.me(), _trust_hub()
    acts.storage().write(lambda session: take_receipt(session, at_ms, envelope, hub, sitting, by))
    tell_sitting(sitting)
    flash(_("Квитанция проверена и сохранена. Теперь работы можно удалять с рабочих мест."))
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


def _trust_hub() -> TrustedHub:
    school = acts.my_school()
    if school is None or not school.is_enrolled:
        raise NotEnrolled()
    return read_hub_keys(school.hub_keys.encode(), school.root_fingerprint)


@pages.post("/sittings/<sitting>/erase")
def erase(sitting: str) -> BaseResponse:
    """Delete this server's own copy, by the receipt."""
    at_ms, by, hub = acts.now(), acts.me(), _trust_hub()
    left = acts.storage().write(lambda session: erase_sitting(session, at_ms, sitting, hub, by))
    services().jobs.enqueue(remove_files, **asdict(left))
    tell_sitting(sitting)
    flash(_("Ответы и записи этого сеанса удалены с сервера. Итог, журнал действий и квитанция остались."))
    return redirect(url_for("room_closing.show_closing", sitting=sitting))


@pages.get("/packages/<package>/file")
def download(package: str) -> Response:
    with services().storage.read() as session:
        find_package(session, package)
    path = package_path(room().data, package)
    if not path.exists():
        raise PackageMissing()
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=f"{package[:16]}.age",
                     conditional=True)


@pages.get("/packages/<package>/receipt")
def download_receipt(package: str) -> Response:
    with services().storage.read() as session:
        found = find_package(session, package)
    if not found.receipt:
        raise PackageMissing()
    return Response(found.receipt, mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="receipt-{package[:16]}.json"'})


MOUNT = Mount(blueprint=pages, access={name: ORGANIZERS for name in (
    "show_closing", "show_state", "show_packages", "close", "balance", "pack", "explain", "write_off", "write_off_file",
    "send_again", "download", "download_receipt", "take_carried_receipt", "erase")})
