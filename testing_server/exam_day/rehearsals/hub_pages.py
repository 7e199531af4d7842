"""The hub's end: classrooms send certificates, coordinators see those of their territory."""
from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import lazy_gettext
from flask_login import current_user

from testing_server.contracts.rehearsals import MAX_CERTIFICATE_BYTES
from testing_server.exam_day.rehearsals.certificate import write_sheet
from testing_server.exam_day.rehearsals.hub_actions import take_certificate
from testing_server.exam_day.rehearsals.hub_queries import find_rehearsal, list_rehearsals
from testing_server.exam_day.rehearsals.words import KINDS, OUTCOMES, VERDICTS
from testing_server.foundation.access import SCHOOL, AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.web import current_school

pages = Blueprint("school_rehearsals", __name__)
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})


@pages.post("/v1/rehearsals")
def take() -> Response:
    offered, school, envelope = services(), current_school().subject, request.get_data()
    now_ms = offered.clock.now_ms()
    name = offered.storage.write(lambda session: take_certificate(session, now_ms, school, envelope))
    return jsonify({"certificate": name})


@pages.get("/coordinator/rehearsals")
def show_all() -> str:
    with services().storage.read() as session:
        found = list_rehearsals(session, current_user.territory)
    return render_template("exam_day/hub_rehearsals.html", rehearsals=found, verdicts=VERDICTS, kinds=KINDS,
                           outcomes=OUTCOMES)


@pages.get("/coordinator/rehearsals/<certificate>/certificate.pdf")
def fetch_sheet(certificate: str) -> Response:
    with services().storage.read() as session:
        found = find_rehearsal(session, current_user.territory, certificate)
    if found is None:
        raise NotFound()
    return Response(write_sheet(found.envelope), mimetype="application/pdf", headers={
        "Content-Disposition": f'inline; filename="rehearsal-{certificate[:12]}.pdf"'})


MOUNT = Mount(
    blueprint=pages, access={"take": frozenset({SCHOOL}), "show_all": COORDINATOR, "fetch_sheet": COORDINATOR},
    body_limits={"take": MAX_CERTIFICATE_BYTES}, menu=(MenuEntry("show_all", lazy_gettext("Репетиции")),))
