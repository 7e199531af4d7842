"""A workstation says what it deleted, or why it did not. Protocol.md §5."""
from __future__ import annotations

from flask import Blueprint, Response

from testing_server.contracts.messages import PurgeAnswer
from testing_server.exam_day.packages.purging import note_purge
from testing_server.exam_day.responses.seats import check_seat_of
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import tell_sitting
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.foundation.access import WORKSTATION
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.foundation.web.gate import current_workstation

pages = Blueprint("purge_answers", __name__)
answer_contract_refusals(pages)


@pages.put("/v1/attempts/<attempt_id>/purge")
def take_answer(attempt_id: str) -> Response:
    told, workstation, now_ms = read_body(PurgeAnswer), current_workstation().subject, room().clock.now_ms()
    with services().storage.read() as session:
        check_seat_of(session, attempt_id, workstation)
    sitting = services().storage.write(lambda session: note_purge(session, now_ms, attempt_id, workstation, told))
    tell_sitting(sitting)
    return answer({})


MOUNT = Mount(blueprint=pages, access={"take_answer": frozenset({WORKSTATION})})
