"""Download of the result form: the school's own, the territory's for a coordinator, the led ones for a head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.marking.commission.bounds import read_bounds
from testing_server.marking.gathering.sources import verify_protocol
from testing_server.marking.protocol.queries import (
    FrozenProtocol, WorkProgress, find_protocol, list_led_works, list_works, read_definition)
from testing_server.marking.protocol.rules import NotAllMarked, ProtocolDamaged
from testing_server.outcomes.exports.qti import pack_results
from testing_server.outcomes.exports.tables import write_csv
from testing_server.outcomes.forms.actions import MARKING, Sender, send_marked_form
from testing_server.outcomes.forms.works import find_work
from testing_server.outcomes.results.rules import lay_out_form, list_form_rows
from testing_server.outcomes.results.workbook import FormHeading, write_workbook
from testing_server.preparation.campaigns.queries import find_campaign
from testing_server.preparation.registry.queries import list_schools, read_school

pages = Blueprint("results", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READERS = frozenset({AccountRole.SCHOOL_ORGANIZER.value, AccountRole.COORDINATOR.value, AccountRole.EXPERT.value})
ACCESS = {"show_forms": frozenset({AccountRole.SCHOOL_ORGANIZER.value, AccountRole.COORDINATOR.value}),
          "send_form": READERS, "send_csv": READERS, "send_qti": READERS,
          "hand_over": frozenset({AccountRole.EXPERT.value})}


@pages.get("/results")
def show_forms() -> str:
    return render_template("outcomes/forms.html", works=_list_own_works(), schools=_name_schools())


@pages.get("/results/<archive>.xlsx")
def send_form(archive: str) -> Response:
    """The form of a frozen protocol; one's own school only, unless one watches or heads."""
    work, frozen, definition = _read_signed(archive)
    with services().storage.read() as session:
        school = read_school(session, work.school)
    return _send(_fill_form(work, frozen, definition, school.name), XLSX, f"{work.assessment}-{archive[:8]}.xlsx")


@pages.get("/results/<archive>.csv")
def send_csv(archive: str) -> Response:
    """Marks by code, for other programs."""
    work, frozen, definition = _read_signed(archive)
    table = lay_out_form(definition, frozen.payload)
    return _send(write_csv(table), "text/csv", f"{work.assessment}-{archive[:8]}.csv")


@pages.get("/results/<archive>/qti.zip")
def send_qti(archive: str) -> Response:
    """QTI Results Reporting, a document for each candidate."""
    work, frozen, definition = _read_signed(archive)
    name = f"{work.assessment}-{archive[:8]}-qti.zip"
    return _send(pack_results(definition, frozen.payload, request.host_url), "application/zip", name)


@pages.post("/results/<archive>/hand-over")
def hand_over(archive: str) -> BaseResponse:
    """The head sends a signed protocol's points as the school's result form: nobody types them again."""
    work, frozen, definition = _read_signed(archive)
    if work.state != "frozen":
        raise NotAllMarked()
    offered = services()
    campaign, now_ms = find_campaign(offered.settings.data, work.campaign), offered.clock.now_ms()
    rows, sender = list_form_rows(definition, frozen.payload), Sender(current_user.login, MARKING, frozen.sha256)
    with offered.storage.read() as session:
        asked, school = find_work(session, offered.settings.data, campaign, work.assessment), read_school(
            session, work.school)
    offered.storage.write(lambda session: send_marked_form(
        session, now_ms, work=asked, school=school, rows=rows, sender=sender))
    flash(_("Форма результатов передана в регион: участников %(rows)s.", rows=len(rows)))
    return redirect(url_for("protocol.show_protocol", archive=archive))


def _read_signed(archive: str) -> tuple[WorkProgress, FrozenProtocol, Mapping[str, Any]]:
    """A work one may see with its signed protocol. Raises NotFound, ProtocolDamaged."""
    work = next((one for one in _list_own_works() if one.archive == archive), None)
    if work is None:
        raise NotFound()
    with services().storage.read() as session:
        frozen, definition = find_protocol(session, archive), read_definition(session, archive)
    if frozen is None:
        raise NotFound(_("Форма появится, когда председатель комиссии подпишет протокол."))
    if verify_protocol(services(), frozen.envelope) is None:
        raise ProtocolDamaged()
    return work, frozen, definition


def _send(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})


def _list_own_works() -> list[WorkProgress]:
    role = current_user.role
    bounds = read_bounds(current_user) if role == AccountRole.EXPERT else None
    with services().storage.read() as session:
        if bounds is not None:
            return list_led_works(session, bounds)
        if role == AccountRole.SCHOOL_ORGANIZER:
            # an organizer without a school has no works, not all of them
            return list_works(session, current_user.school or "")
        own = {school.id for school in list_schools(session, current_user.territory)}
        return [work for work in list_works(session) if work.school in own]


def _name_schools() -> dict[str, str]:
    """School names for those who watch several schools."""
    if current_user.role != AccountRole.COORDINATOR:
        return {}
    with services().storage.read() as session:
        return {school.id: school.name for school in list_schools(session, current_user.territory)}


def _fill_form(work: WorkProgress, frozen: FrozenProtocol, definition: Mapping[str, Any],
               school: str) -> bytes:
    heading = FormHeading(work.title["ru"], school, frozen.sha256, not definition.get("counted", True))
    return write_workbook(heading, lay_out_form(definition, frozen.payload))
