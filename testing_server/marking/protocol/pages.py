"""Pages of the head of the commission: works, what is left, signing the protocol, its download."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.marking.gathering.sources import gather_due_works, sign_protocol, verify_protocol
from testing_server.marking.protocol.actions import correct_points, freeze_protocol
from testing_server.marking.protocol.queries import (
    FrozenProtocol, compute_points, find_led_work, list_led_works, list_protocols, read_definition)
from testing_server.marking.protocol.rules import NotAllMarked
from testing_server.marking.review.pages import require_head
from testing_server.marking.review.queries import list_notes, list_referred

pages = Blueprint("protocol", __name__)
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {name: EXPERT for name in ("show_commission", "show_protocol", "freeze", "correct", "send_protocol")}


@pages.get("/commission")
def show_commission() -> str:
    bounds = require_head()
    gather_due_works(services())
    with services().storage.read() as session:
        return render_template("marking/commission.html", works=list_led_works(session, bounds), bounds=bounds,
                               referred=list_referred(session, bounds), notes=list_notes(session, bounds))


@pages.get("/commission/<archive>")
def show_protocol(archive: str) -> str:
    """Points as they stand, or the protocol as it was signed, with its signature verified here and now."""
    bounds, asked = require_head(), _read_version()
    with services().storage.read() as session:
        work, versions = find_led_work(session, archive, bounds), list_protocols(session, archive)
        frozen = _pick(versions, asked)
        rows = _read_rows(session, archive, frozen if work.state == "frozen" or asked else None)
        definition = read_definition(session, archive)
    key_id = verify_protocol(services(), frozen.envelope) if frozen else None
    return render_template("marking/protocol.html", work=work, rows=rows, definition=definition, frozen=frozen,
                           key_id=key_id, versions=versions, is_old=bool(frozen and frozen is not versions[0]))


@pages.post("/commission/<archive>/freeze")
def freeze(archive: str) -> BaseResponse:
    _check_led(archive)
    offered, head = services(), current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: freeze_protocol(
        session, now_ms, head, archive, lambda payload: sign_protocol(offered, payload)))
    offered.live.changed("marking", now_ms)
    flash(_("Протокол подписан. Форма сбора результатов готова."))
    return redirect(url_for("protocol.show_protocol", archive=archive))


@pages.post("/commission/<archive>/correct")
def correct(archive: str) -> BaseResponse:
    """Other points for one answer of a signed protocol: the old one stays readable, a new one is to be signed."""
    _check_led(archive)
    offered, head, form = services(), current_user.login, request.form
    now_ms, position = offered.clock.now_ms(), _read_number(form.get("position", ""))
    points = {name.removeprefix("points-"): _read_number(value) for name, value in form.items()
              if name.startswith("points-")}
    offered.storage.write(lambda session: correct_points(
        session, now_ms, head, archive, form.get("code", "")[:10], position, points, form.get("reason", "")))
    offered.live.changed("marking", now_ms)
    flash(_("Баллы исправлены. Подпишите протокол заново: до этого действует прежний."))
    return redirect(url_for("protocol.show_protocol", archive=archive))


@pages.get("/commission/<archive>/protocol.json")
def send_protocol(archive: str) -> Response:
    """The signed envelope, byte for byte."""
    _check_led(archive)
    with services().storage.read() as session:
        frozen = _pick(list_protocols(session, archive), _read_version())
    if frozen is None:
        raise NotAllMarked()
    return Response(frozen.envelope, mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="protocol-{archive[:12]}.json"'})


def _read_number(text: str) -> int:
    """-1 where no number stands, which no rule takes."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1


def _read_version() -> int:
    """The version asked for, 0 for the one that holds."""
    return max(0, _read_number(request.args.get("version", "")))


def _pick(versions: list[FrozenProtocol], asked: int) -> FrozenProtocol | None:
    """Raises NotFound for a version that was never signed."""
    if not asked:
        return versions[0] if versions else None
    found = next((one for one in versions if one.version == asked), None)
    if found is None:
        raise NotFound()
    return found


def _check_led(archive: str) -> None:
    """Raises NotFound for a work another head leads, as for one that is not there."""
    bounds = require_head()
    with services().storage.read() as session:
        find_led_work(session, archive, bounds)


def _read_rows(session: Session, archive: str, frozen: FrozenProtocol | None) -> list[Any]:
    if frozen is not None:
        rows: list[Any] = frozen.payload["rows"]
        return rows
    try:
        return list(compute_points(session, archive))
    except NotAllMarked:
        return []
