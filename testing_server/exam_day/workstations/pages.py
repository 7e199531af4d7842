"""What a workstation says first: pairing, hello, the time, its check. Protocol.md §1, §8."""
from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from testing_server.contracts.messages import (
    CheckReport, Hello, HelloChallenge, PairBegin, PairBegun, PairReveal, PairState, PlaceTold, TimeAsked, TimeTold,
    Welcome)
from testing_server.contracts.versions import PROTOCOL, common_version
from testing_server.exam_day.recovery.keeping import attach_ledgers
from testing_server.exam_day.recovery.meeting import admit_workstation, meet
from testing_server.exam_day.recovery.queries import list_claims
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.responses.parts import read_durable
from testing_server.exam_day.responses.queries import list_acked
from testing_server.exam_day.room import room
from testing_server.exam_day.school.queries import find_school
from testing_server.exam_day.sittings.actions import note_check
from testing_server.exam_day.sittings.queries import find_leading_sitting
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.exam_day.workstations.actions import begin_pairing, find_workstation, reveal_nonce, save_check
from testing_server.exam_day.workstations.addresses import find_authority, find_files_url
from testing_server.exam_day.workstations.queries import read_workstation
from testing_server.exam_day.workstations.exit_code import obtain_exit_code
from testing_server.exam_day.workstations.records import PairingRecord, WorkstationRecord
from testing_server.exam_day.workstations.rules import (
    TOKEN_LIFE_MS, ChallengeRefused, PairRefused, VersionsDiffer, WorkstationBlocked)
from testing_server.exam_day.workstations.test_recordings import LIMIT_BYTES, keep_test_recording
from testing_server.foundation.access import ANYONE, WORKSTATION
from testing_server.foundation.disk import Writing, attach_disk
from testing_server.foundation.mounts import Mount
from testing_server.foundation.refusals import NotAllowed
from testing_server.foundation.services import services
from testing_server.foundation.tokens import make_token
from testing_server.foundation.web.gate import current_workstation

pages = Blueprint("workstations", __name__)
answer_contract_refusals(pages)
SCOPE = "workstations"


@pages.post("/v1/pair")
def begin() -> Response:
    asked, now_ms, address = read_body(PairBegin), room().clock.now_ms(), request.remote_addr or ""
    pairing = services().storage.write(lambda session: begin_pairing(session, now_ms, asked, address))
    authority = find_authority(services().settings)
    return answer(PairBegun(pairing=pairing.id, nonce=pairing.nonce_server, authority_pem=authority.pem))


@pages.post("/v1/pair/<pairing_id>")
def reveal(pairing_id: str) -> Response:
    nonce, now_ms = read_body(PairReveal).nonce, room().clock.now_ms()
    fingerprint = find_authority(services().settings).fingerprint
    pairing = services().storage.write(
        lambda session: reveal_nonce(session, now_ms, pairing_id, nonce, fingerprint))
    services().live.changed(SCOPE, now_ms)
    return answer(PairState(state=pairing.state))


@pages.get("/v1/pair/<pairing_id>")
def show_pairing(pairing_id: str) -> Response:
    with services().storage.read() as session:
        pairing = session.get(PairingRecord, pairing_id)
        if pairing is None:
            raise PairRefused()
        if pairing.state != "green":
            return answer(PairState(state=pairing.state))
        workstation = find_workstation(session, pairing.workstation or "")
        school = find_school(session)
        return answer(PairState(
            state="green", workstation=workstation.id, seat=workstation.seat, certificate=workstation.certificate,
            school=school.name if school else ""))


@pages.get("/v1/place")
def tell_place() -> Response:
    """Names that hang on the school's doors; nothing of who works here."""
    with services().storage.read() as session:
        school = find_school(session)
    return answer(PlaceTold(school=school.name, room=school.room) if school else PlaceTold())


@pages.post("/v1/hello")
def hello() -> Response:
    said, here = read_body(Hello), room()
    if not said.protocol or common_version((PROTOCOL, PROTOCOL), (said.protocol[0], said.protocol[-1])) is None:
        raise VersionsDiffer(details={"server": [PROTOCOL, PROTOCOL], "workstation": said.protocol,
                                      "kiosk": f"{request.host_url}install"})
    workstation = _find_or_admit(said)
    if workstation.state == "blocked":
        raise WorkstationBlocked()
    if not said.challenge:
        return answer(HelloChallenge(challenge=here.challenges.give(workstation.id, here.clock.monotonic_ms())))
    _check_signature(workstation, said)
    meet(services(), said)
    return answer(_welcome(workstation, said))


def _find_or_admit(said: Hello) -> WorkstationRecord:
    """Raises UnknownWorkstation."""
    with services().storage.read() as session:
        known = session.get(WorkstationRecord, said.workstation)
        if known is not None:
            return find_workstation(session, said.workstation)
    return admit_workstation(services(), said)


def _check_signature(workstation: WorkstationRecord, said: Hello) -> None:
    here = room()
    if not here.challenges.take(said.challenge, workstation.id, here.clock.monotonic_ms()):
        raise ChallengeRefused()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(workstation.public_key))
    try:
        key.verify(bytes.fromhex(said.signature), b"hello1" + bytes.fromhex(said.challenge))
    except (InvalidSignature, ValueError):
        raise ChallengeRefused() from None


def _welcome(workstation: WorkstationRecord, said: Hello) -> Welcome:
    here, offered = room(), services()
    with offered.storage.read() as session:
        school = find_school(session)
        sitting = find_leading_sitting(session, list(said.attempts))
        acked = list_acked(session, list(said.attempts))
        claims = list_claims(session, list(said.attempts))
    generation = sitting.generation if sitting else 0
    token = make_token(offered.mac_key, workstation.id, "workstation", offered.clock.now_ms() + TOKEN_LIFE_MS,
                       scope=str(generation))
    note_contact(workstation.id)
    return Welcome(
        token=token, seat=workstation.seat, server_at_ms=here.clock.now_ms(), generation=generation,
        claim=sitting.claim if sitting else "", files_url=find_files_url(offered.settings, request),
        school=school.name if school else "", room=sitting.room if sitting else (school.room if school else ""),
        state=workstation.state, acked=acked, durable=read_durable(here.data, list(said.attempts)),
        hub_root=school.root_fingerprint if school else "", claims=claims,
        school_key=here.keys.public.hex() if here.keys.public else "",
        recovering=attach_recovery(offered).is_gathering)


@pages.post("/v1/time")
def tell_time() -> Response:
    t1_ms = room().clock.now_ms()
    read_body(TimeAsked)
    note_contact(current_workstation().subject)
    exit_lock = obtain_exit_code(services().settings.keys_folder).lock
    return answer(TimeTold(t1_ms=t1_ms, t2_ms=room().clock.now_ms(), exit_lock=exit_lock,
                           ledgers=offer_ledgers(current_workstation().subject)))


@pages.put("/v1/workstations/<workstation_id>/check")
def put_check(workstation_id: str) -> Response:
    if workstation_id != current_workstation().subject:
        raise NotAllowed()
    report, now_ms = read_body(CheckReport), room().clock.now_ms()

    def act(session: Session) -> dict[str, Any]:
        workstation = read_workstation(save_check(session, now_ms, workstation_id, report))
        note_check(session, now_ms, workstation_id, report)
        return {"state": workstation.state, "reset": bool(workstation.check.get("reset"))}
    reply = services().storage.write(act)
    note_contact(workstation_id)
    services().live.changed(SCOPE, now_ms)
    return answer(reply)


@pages.put("/v1/workstations/<workstation_id>/test-recording")
def put_test_recording(workstation_id: str) -> Response:
    if workstation_id != current_workstation().subject:
        raise NotAllowed()
    here = room()
    attach_disk(services()).check(Writing.EXTRA)
    keep_test_recording(here.data, here.clock.now_ms(), workstation_id, request.get_data())
    services().live.changed(SCOPE, here.clock.now_ms())
    return answer({})


def offer_ledgers(workstation: str) -> dict[str, list[int]]:
    """Room ledgers this workstation should fetch."""
    known = room().presence.count()
    return attach_ledgers(services()).offer(workstation, known)


def note_contact(workstation_id: str) -> None:
    """Heard now; the console is told when the workstation had been silent."""
    here = room()
    if here.presence.hear(workstation_id, here.clock.monotonic_ms()):
        services().live.changed(SCOPE, here.clock.now_ms())


MOUNT = Mount(
    blueprint=pages,
    access={"begin": frozenset({ANYONE}), "reveal": frozenset({ANYONE}), "show_pairing": frozenset({ANYONE}),
            "hello": frozenset({ANYONE}), "tell_place": frozenset({ANYONE}), "tell_time": frozenset({WORKSTATION}),
            "put_check": frozenset({WORKSTATION}), "put_test_recording": frozenset({WORKSTATION})},
    body_limits={"put_test_recording": LIMIT_BYTES,
                 "put_check": 64 * 1024, "begin": 16 * 1024, "reveal": 16 * 1024, "hello": 64 * 1024})
