"""Download of the result form: the school's own, all of them for a coordinator and the head of the commission."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_login import current_user

from testing_server.foundation.access import AccountRole
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.marking.gathering.sources import verify_protocol
from testing_server.marking.protocol.queries import (
    FrozenProtocol, WorkProgress, find_protocol, list_works, read_definition)
from testing_server.marking.protocol.rules import NotHead, ProtocolDamaged
from testing_server.outcomes.results.rules import lay_out_form
from testing_server.outcomes.results.workbook import FormHeading, write_workbook
from testing_server.preparation.registry.queries import list_schools, read_school

pages = Blueprint("results", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READERS = frozenset({AccountRole.SCHOOL_ORGANIZER.value, AccountRole.COORDINATOR.value, AccountRole.EXPERT.value})
ACCESS = {"show_forms": frozenset({AccountRole.SCHOOL_ORGANIZER.value, AccountRole.COORDINATOR.value}),
          "send_form": READERS}


@pages.get("/results")
def show_forms() -> str:
    return render_template("outcomes/forms.html", works=_list_own_works(), schools=_name_schools())


@pages.get("/results/<archive>.xlsx")
def send_form(archive: str) -> Response:
    """The form of a frozen protocol; one's own school only, unless one watches or heads."""
    work = next((one for one in _list_own_works() if one.archive == archive), None)
    if work is None:
        raise NotFound()
    with services().storage.read() as session:
        frozen = find_protocol(session, archive)
        definition = read_definition(session, archive)
        school = read_school(session, work.school)
    if frozen is None:
        raise NotFound(_("Форма появится, когда председатель комиссии подпишет протокол."))
    if verify_protocol(services(), frozen.envelope) is None:
        raise ProtocolDamaged()
    book = _fill_form(work, frozen, definition, school.name)
    return Response(book, mimetype=XLSX, headers={
        "Content-Disposition": f'attachment; filename="{work.assessment}-{archive[:8]}.xlsx"'})


def _list_own_works() -> list[WorkProgress]:
    role = current_user.role
    if role == AccountRole.EXPERT and not current_user.is_head:
        raise NotHead()
    with services().storage.read() as session:
        if role == AccountRole.SCHOOL_ORGANIZER:
            # an organizer without a school has no works, not all of them
            return list_works(session, current_user.school or "")
        if role == AccountRole.COORDINATOR:
            own = {school.id for school in list_schools(session, current_user.territory)}
            return [work for work in list_works(session) if work.school in own]
        return list_works(session)


def _name_schools() -> dict[str, str]:
    """School names for those who watch several schools."""
    if current_user.role != AccountRole.COORDINATOR:
        return {}
    with services().storage.read() as session:
        return {school.id: school.name for school in list_schools(session, current_user.territory)}


def _fill_form(work: WorkProgress, frozen: FrozenProtocol, definition: dict[str, Any], school: str) -> bytes:
    heading = FormHeading(work.title["ru"], school, frozen.sha256, not definition.get("counted", True))
    return write_workbook(heading, lay_out_form(definition, frozen.payload))
