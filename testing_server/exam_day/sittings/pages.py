"""A candidate signs in at a workstation; the seat asks for its directives. Protocol.md §8."""
from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from testing_server.contracts.check_digits import read_login
from testing_server.contracts.messages import DirectivesTold, SignedIn, SignIn
from testing_server.contracts.refusals import NumberWrong
from testing_server.exam_day.plain_seats.rules import check_plain_seat
from testing_server.exam_day.responses.seats import check_seat_of
from testing_server.exam_day.responses.telling import open_telling_lane
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import tell_sitting
from testing_server.exam_day.sittings.actions import SeatedAttempt, sign_in
from testing_server.exam_day.sittings.directives import count_directives, list_directives, read_after
from testing_server.exam_day.sittings.queries import describe_bundle, list_bundles, read_assessment
from testing_server.exam_day.sittings.records import ArchiveRecord
from testing_server.exam_day.sittings.rules import LoginUnknown, Seated, TooManyLogins
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.exam_day.workstations.pages import note_contact, offer_ledgers
from testing_server.foundation.access import WORKSTATION
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotAllowed
from testing_server.foundation.services import services
from testing_server.foundation.web.gate import current_workstation

pages = Blueprint("seats", __name__)
answer_contract_refusals(pages)


@pages.post("/v1/attempts/sign-in")
def sign_in_candidate() -> Response:
    asked, here = read_body(SignIn), room()
    if asked.workstation != current_workstation().subject:
        raise NotAllowed()
    note_contact(asked.workstation)
    if wait_s := here.wrong_logins.wait_left_s(asked.workstation, here.clock.monotonic_ms()):
        raise TooManyLogins(retry_after_s=wait_s)
    now_ms, asking = here.clock.now_ms(), Seated(asked.workstation, asked.journal)
    try:
        login = read_login(asked.login)
        seated = services().storage.write(lambda session: _sign_in(session, now_ms, login, asking, asked.plain))
    except (NumberWrong, LoginUnknown) as wrong:
        here.wrong_logins.note(asked.workstation, here.clock.monotonic_ms())
        raise LoginUnknown() from wrong
    tell_sitting(seated.sitting.id)
    return answer(_describe(seated))


def _sign_in(session: Session, now_ms: int, login: str, asking: Seated, is_plain: bool) -> SeatedAttempt:
    """Nothing is kept of a sign-in at a seat that this work does not allow."""
    seated = sign_in(session, now_ms, login, asking)
    check_plain_seat(is_plain, read_assessment(session.get_one(ArchiveRecord, seated.sitting.archive)))
    return seated


def _describe(seated: SeatedAttempt) -> SignedIn:
    attempt, sitting = seated.attempt, seated.sitting
    with services().storage.read() as session:
        archive = session.get(ArchiveRecord, sitting.archive)
        bundles = [describe_bundle(one) for one in list_bundles(session, sitting.archive, attempt.variant)]
        version = count_directives(session, attempt.id)
        assessment = read_assessment(archive) if archive else {}
    return SignedIn(
        attempt=attempt.id, code=attempt.code, lease=seated.lease.lease, generation=sitting.generation,
        grant=seated.lease.grant, state=attempt.state, assessment=assessment, variant=attempt.variant,
        bundles=bundles, training=sitting.training, directives_version=version)


@pages.get("/v1/attempts/<attempt_id>/directives")
def tell_directives(attempt_id: str) -> Response:
    note_contact(current_workstation().subject)
    after = read_after(request.args.get("after", ""))
    with services().storage.read() as session:
        check_seat_of(session, attempt_id, current_workstation().subject)
        texts = list_directives(session, attempt_id, after)
        version = count_directives(session, attempt_id)
    return answer(DirectivesTold(directives=texts, version=version,
                                 ledgers=offer_ledgers(current_workstation().subject)))


MOUNT = Mount(
    blueprint=pages,
    access={"sign_in_candidate": frozenset({WORKSTATION}), "tell_directives": frozenset({WORKSTATION})},
    express=open_telling_lane)
