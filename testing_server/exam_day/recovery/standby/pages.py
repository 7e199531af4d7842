"""Endpoints of the handover, and the orders that concern a standby: stand back, lead. Protocol.md §3, §8."""
from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Blueprint, Response, request

from testing_server.contracts.handover import SIGNED, HandoverAsked, HandoverOpened
from testing_server.exam_day.recovery.keeping import read_ledger, seal_fenced
from testing_server.exam_day.recovery.standby.giving import attach_standbys, hand_over
from testing_server.exam_day.recovery.standby.rules import HandoverRefused, Reached, StandingBy, read_place
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.recovery.taking_over import take_over
from testing_server.exam_day.recovery.telling import tell_in_background
from testing_server.exam_day.room import room
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.exam_day.workstations.addresses import find_files_url
from testing_server.foundation.access import ANYONE, INTERNAL, SCHOOL
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.tokens import make_token
from testing_server.foundation.web.gate import current_school

pages = Blueprint("handover", __name__)
answer_contract_refusals(pages)
TOKEN_LIFE_MS = 3_600_000
CLOSED_WHILE_STANDING_BY = frozenset({"workstations.hello", "workstations.begin"})


@pages.before_app_request
def stand_back() -> None:
    """A standby greets no workstation: it could be taken for the server that leads."""
    if request.endpoint in CLOSED_WHILE_STANDING_BY and attach_recovery(services()).is_standby:
        raise StandingBy()


@pages.post("/v1/handover")
def open_handover() -> Response:
    asked, here = read_body(HandoverAsked), room()
    if not asked.challenge:
        return answer(HandoverOpened(challenge=here.challenges.give(asked.instance, here.clock.monotonic_ms())))
    _check_signature(asked)
    token = make_token(services().mac_key, asked.instance, "school", services().clock.now_ms() + TOKEN_LIFE_MS)
    return answer(HandoverOpened(token=token, instance=here.instance,
                                 files_url=find_files_url(services().settings, request)))


def _check_signature(asked: HandoverAsked) -> None:
    """Raises HandoverRefused."""
    here = room()
    try:
        if not here.challenges.take(asked.challenge, asked.instance, here.clock.monotonic_ms()):
            raise HandoverRefused()
        Ed25519PublicKey.from_public_bytes(here.keys.public or b"").verify(
            bytes.fromhex(asked.signature), SIGNED + bytes.fromhex(asked.challenge))
    except (InvalidSignature, ValueError):
        raise HandoverRefused() from None


@pages.get("/v1/handover")
def give_page() -> Response:
    asked, after = current_school().subject, request.args.get("after", "")
    seal_fenced(services())
    with services().storage.read() as session:
        page = hand_over(session, after)
    attach_standbys(services()).note(asked, Reached(
        read_place(after)[0], request.args.get("part", 0, type=int), room().clock.monotonic_ms(),
        request.remote_addr or ""))
    return answer(page)


@pages.get("/v1/handover/ledgers/<sitting>")
def give_sealed_ledger(sitting: str) -> Response:
    with services().storage.read() as session:
        found = read_ledger(session, sitting)
    if found is None:
        raise NotFound()
    return Response(found.envelope, mimetype="application/octet-stream")


@pages.post("/v1/promotion")
def promote() -> Response:
    """The command `testing-server promote` on this machine."""
    found = take_over(services(), "command line")
    tell_in_background(services())
    return answer({"sittings": found})


MOUNT = Mount(
    blueprint=pages,
    access={"open_handover": frozenset({ANYONE}), "give_page": frozenset({SCHOOL}),
            "give_sealed_ledger": frozenset({SCHOOL}), "promote": frozenset({INTERNAL})},
    body_limits={"open_handover": 4096}, limits={"open_handover": "60 per minute"})
