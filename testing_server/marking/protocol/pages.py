"""Pages of the head of the commission: works, what is left, signing the protocol, its download."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.services import services
from testing_server.marking.gathering.sources import gather_due_works, sign_protocol
from testing_server.marking.protocol.actions import freeze_protocol
from testing_server.marking.protocol.queries import compute_points, find_protocol, list_works, read_definition
from testing_server.marking.protocol.rules import NotAllMarked
from testing_server.marking.review.pages import require_head
from testing_server.marking.review.queries import list_referred

pages = Blueprint("protocol", __name__)
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {name: EXPERT for name in ("show_commission", "show_protocol", "freeze", "send_protocol")}


@pages.get("/commission")
def show_commission() -> str:
    require_head()
    gather_due_works(services())
    with services().storage.read() as session:
        return render_template("marking/commission.html", works=list_works(session), referred=list_referred(session))


@pages.get("/commission/<archive>")
def show_protocol(archive: str) -> str:
    require_head()
    with services().storage.read() as session:
        work = next((one for one in list_works(session) if one.archive == archive), None)
        if work is None:
            abort(404)
        try:
            rows, left = compute_points(session, archive), False
        except NotAllMarked:
            rows, left = [], True
        return render_template("marking/protocol.html", work=work, rows=rows, left=left,
                               definition=read_definition(session, archive), frozen=find_protocol(session, archive))


@pages.post("/commission/<archive>/freeze")
def freeze(archive: str) -> BaseResponse:
    require_head()
    offered, head = services(), current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: freeze_protocol(
        session, now_ms, head, archive, lambda payload: sign_protocol(offered, payload)))
    flash(_("Протокол подписан. Формы сбора результатов готовы."))
    return redirect(url_for("protocol.show_protocol", archive=archive))


@pages.get("/commission/<archive>/protocol.json")
def send_protocol(archive: str) -> Response:
    require_head()
    with services().storage.read() as session:
        frozen = find_protocol(session, archive)
    if frozen is None:
        raise NotAllMarked()
    return Response(frozen.envelope, mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="protocol-{archive[:12]}.json"'})
