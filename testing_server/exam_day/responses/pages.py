"""Events come in, history goes out. Protocol.md §2, §8."""
from __future__ import annotations

from flask import Blueprint, Response
from flask_babel import gettext

from testing_server.contracts.messages import EventsAcked, EventsAppend, History
from testing_server.exam_day.responses.actions import append_events
from testing_server.exam_day.responses.hearings import is_worth_counting, note_extra_hearings
from testing_server.exam_day.responses.intake import BODY_LIMIT, open_lane
from testing_server.exam_day.responses.queries import list_event_lines, list_grants
from testing_server.exam_day.responses.rules import EventConflict, read_batch
from testing_server.exam_day.responses.seats import check_may_read_history
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import tell_sitting
from testing_server.exam_day.sittings.directives import list_directives
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.exam_day.workstations.pages import note_contact
from testing_server.foundation.access import WORKSTATION
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.foundation.web.gate import current_workstation

pages = Blueprint("responses", __name__)
answer_contract_refusals(pages)


@pages.post("/v1/attempts/<attempt_id>/events")
def append(attempt_id: str) -> Response:
    workstation = current_workstation().subject
    note_contact(workstation)
    batch = read_body(EventsAppend)
    lines, now_ms = read_batch(attempt_id, batch.lease, batch.events), room().clock.now_ms()
    done = services().storage.write(
        lambda session: append_events(session, now_ms, attempt_id, batch.lease, workstation, lines))
    if is_worth_counting(lines):
        note_extra_hearings(services().storage, now_ms, room().data, attempt_id, gettext(
            "Задание %(position)s: прослушивание %(play)s лишнее или начато заново, разрешено %(plays)s."))
    if lines:
        tell_sitting(done.sitting)
    if done.aside:
        raise EventConflict(details={"acked": done.acked, "first": lines[-1].event.number})
    return answer(EventsAcked(acked=done.acked, missing=done.missing, server_at_ms=room().clock.now_ms(),
                              directives_version=done.directives_version, lease_state=done.lease_state))


@pages.get("/v1/attempts/<attempt_id>/history")
def show_history(attempt_id: str) -> Response:
    workstation = current_workstation().subject
    note_contact(workstation)
    with services().storage.read() as session:
        check_may_read_history(session, attempt_id, workstation)
        return answer(History(events=list_event_lines(session, attempt_id),
                              directives=list_directives(session, attempt_id),
                              grants=list_grants(session, attempt_id)))


MOUNT = Mount(
    blueprint=pages,
    access={"append": frozenset({WORKSTATION}), "show_history": frozenset({WORKSTATION})},
    body_limits={"append": BODY_LIMIT}, express=open_lane)
