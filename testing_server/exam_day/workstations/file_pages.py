"""Pairing files: the console's page that makes them, and what a workstation does with one. Protocol.md §1."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.messages import PairState
from testing_server.contracts.pairing_file import FORMAT, PairByFile, PairingFile, write_pairing_file
from testing_server.exam_day.room import room
from testing_server.exam_day.school.queries import School, find_school
from testing_server.exam_day.scopes import ROOM_STAFF
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.exam_day.workstations.actions import Certifier
from testing_server.exam_day.workstations.addresses import find_authority, list_own_addresses
from testing_server.exam_day.workstations.pairing_files import (
    FreshFile, make_pairing_file, pair_by_file, withdraw_pairing_file)
from testing_server.exam_day.workstations.queries import list_pairing_files, list_workstations
from testing_server.exam_day.workstations.rules import MOST_USES, PairingFileOver, UsesOutOfRange
from testing_server.foundation.access import ANYONE
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services

pages = Blueprint("pairing_files", __name__)
answer_contract_refusals(pages)
FILE_NAME = "pairing.json"
USUAL_ROOM = 15


@pages.post("/v1/pair/by-file")
def take_by_file() -> Response:
    """A workstation shows the file's token and proves its key; green at once. Raises KeyLocked."""
    asked, here, school = read_body(PairByFile), room(), _find_school()
    certifier = Certifier(school.id if school else "", here.keys.key(), find_authority(services().settings).fingerprint)
    now_ms = here.clock.now_ms()

    def act(session: Session) -> PairState:
        found = pair_by_file(session, now_ms, asked, certifier)
        return PairState(state="green", workstation=found.id, seat=found.seat, certificate=found.certificate,
                         school=school.name if school else "")
    told = services().storage.write(act)
    services().live.changed("workstations", now_ms)
    return answer(told)


@pages.get("/workstations/pairing-files")
def show_files() -> str:
    return _render()


@pages.post("/workstations/pairing-files")
def make_file() -> Response | tuple[str, int]:
    """The file itself, to be saved on the stick: its token is shown nowhere and kept nowhere."""
    now_ms, by, here = room().clock.now_ms(), str(current_user.login), room()
    uses = request.form.get("uses", default=0, type=int)
    try:
        # whoever carries it must not find out at the first computer that nothing can be certified
        here.keys.key()
        fresh = services().storage.write(lambda session: make_pairing_file(session, now_ms, uses, by))
    except UsesOutOfRange as refusal:
        return _render(refusal), refusal.status
    return Response(_write(fresh), mimetype="application/json",
                    headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'})


@pages.post("/workstations/pairing-files/<file>/withdraw")
def withdraw(file: str) -> BaseResponse | tuple[str, int]:
    now_ms, by = room().clock.now_ms(), str(current_user.login)
    try:
        services().storage.write(lambda session: withdraw_pairing_file(session, now_ms, file, by))
    except PairingFileOver as refusal:
        return _render(refusal), refusal.status
    flash(_("Файл отозван: по нему больше никто не сопрягается. Уже сопряжённые места остались."))
    return redirect(url_for("pairing_files.show_files"))


def _render(refusal: Refusal | None = None) -> str:
    with services().storage.read() as session:
        files = list_pairing_files(session, room().clock.now_ms())
        paired = len(list_workstations(session))
    return render_template("console/pairing_files.html", files=files, paired=paired, refusal=refusal,
                           usual=USUAL_ROOM, most=MOST_USES, name=FILE_NAME)


def _write(fresh: FreshFile) -> bytes:
    settings, school = services().settings, _find_school()
    return write_pairing_file(PairingFile(
        format=FORMAT, school=school.name if school else "", room=school.room if school else "", token=fresh.token,
        authority_pem=find_authority(settings).pem, servers=list_own_addresses(settings), uses=fresh.uses,
        expires_at_ms=fresh.expires_at_ms))


def _find_school() -> School | None:
    with services().storage.read() as session:
        return find_school(session)


MOUNT = Mount(
    blueprint=pages,
    access={"take_by_file": frozenset({ANYONE}), "show_files": ROOM_STAFF, "make_file": ROOM_STAFF,
            "withdraw": ROOM_STAFF},
    limits={"take_by_file": "30 per minute"}, body_limits={"take_by_file": 16 * 1024})
