"""Endpoints of claims, room ledgers and adopted leases; the console's page of this server. Protocol.md §3, §8."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, lazy_gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.ledgers import MAX_LEDGER_BYTES
from testing_server.contracts.messages import ClaimShown, ClaimsTold, LeasesShown
from testing_server.contracts.orphans import WorksShown, WorksTaken
from testing_server.exam_day.recovery.actions import write_off_seat
from testing_server.exam_day.recovery.archives_needed import list_lacking
from testing_server.exam_day.recovery.backup_pages import describe_backup
from testing_server.exam_day.recovery.copies import Copies, find_copies, list_copies
from testing_server.exam_day.recovery.fencing import read_claims
from testing_server.exam_day.recovery.keeping import attach_ledgers, read_ledger
from testing_server.exam_day.recovery.lineage import list_merged
from testing_server.exam_day.recovery.meeting import adopt_leases, meet_all
from testing_server.exam_day.recovery.orphans import adopt_works, attach_orphans, take_works
from testing_server.exam_day.recovery.queries import AwaitedSeat, list_awaited, list_claims
from testing_server.exam_day.recovery.rules import NotRecovering
from testing_server.exam_day.recovery.standby.giving import attach_standbys
from testing_server.exam_day.recovery.standby.rules import LINE_TROUBLES
from testing_server.exam_day.recovery.standby.state import attach_standby
from testing_server.exam_day.recovery.state import attach_recovery
from testing_server.exam_day.recovery.taking_over import take_ledger, take_over
from testing_server.exam_day.recovery.telling import tell_in_background
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS, ROOM_STAFF, tell_sitting
from testing_server.exam_day.sittings.claims import describe_claimant, list_addresses
from testing_server.exam_day.sittings.records import SittingRecord
from testing_server.exam_day.wire import answer, answer_contract_refusals, read_body
from testing_server.exam_day.workstations.pages import note_contact
from testing_server.exam_day.workstations.queries import list_workstations
from testing_server.foundation.access import ANYONE, WORKSTATION
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound
from testing_server.foundation.services import services
from testing_server.foundation.web.gate import current_workstation

pages = Blueprint("recovery", __name__)
answer_contract_refusals(pages)


@pages.get("/v1/claims")
def tell_claims() -> Response:
    return answer(_describe_claims())


@pages.post("/v1/claims")
def take_claim() -> Response:
    meet_all(services(), read_claims([read_body(ClaimShown).claim], room().keys.public))
    return answer(_describe_claims())


def _describe_claims() -> ClaimsTold:
    recovery = attach_recovery(services())
    with services().storage.read() as session:
        claims = list_claims(session)
        merged = {sitting: list_merged(session, sitting) for sitting in recovery.taken}
    return ClaimsTold(claims=claims, recovering=recovery.is_gathering, merged=merged,
                      held={sitting: list(place) for sitting, place in recovery.held.items()} if recovery.is_gathering
                      else recovery.taken)


@pages.get("/v1/ledgers/<sitting>")
def give_ledger(sitting: str) -> Response:
    workstation = current_workstation().subject
    note_contact(workstation)
    with services().storage.read() as session:
        found = read_ledger(session, sitting)
    if found is None:
        raise NotFound()
    return Response(found.envelope, mimetype="application/octet-stream")


@pages.put("/v1/ledgers/<sitting>/held")
def note_held(sitting: str) -> Response:
    """The workstation has it on its disk."""
    generation, version = request.args.get("generation", type=int), request.args.get("version", type=int)
    workstation = current_workstation().subject
    if generation is not None and version is not None:
        attach_ledgers(services()).note_copy(sitting, workstation, (generation, version))
    return answer({})


@pages.put("/v1/ledgers")
def hand_in_ledger() -> Response:
    note_contact(current_workstation().subject)
    return answer({"news": take_ledger(services(), request.get_data())})


@pages.post("/v1/leases")
def take_leases() -> Response:
    workstation, shown, now_ms = current_workstation().subject, read_body(LeasesShown), room().clock.now_ms()
    note_contact(workstation)
    return answer(services().storage.write(lambda session: adopt_leases(session, now_ms, workstation, shown)))


@pages.post("/v1/works")
def take_strange_works() -> Response:
    """A workstation that was paired anew still holds works of a server whose key is lost."""
    workstation, shown = current_workstation().subject, read_body(WorksShown)
    note_contact(workstation)
    return answer(WorksTaken(known=take_works(services(), workstation, shown.works)))


# ---- the console
@dataclass(frozen=True)
class SittingView:
    """A sitting as the page of this server shows it."""

    sitting: SittingRecord
    copies: int
    version: int
    awaited: list[AwaitedSeat]
    held: list[Copies]


@pages.get("/server")
def show_server() -> str:
    return render_template("console/server.html", **describe_server(), **describe_backup())


@pages.get("/server/state")
def show_state() -> str:
    """The part of the page that follows what happens."""
    return render_template("console/server_state.html", **describe_server())


def describe_server() -> dict[str, Any]:
    """Everything the page shows."""
    offered, here = services(), room()
    monotonic_ms, standby = here.clock.monotonic_ms(), attach_standby(offered)
    standbys = [(one, (monotonic_ms - one.heard_ms) // 1000, one.is_away(monotonic_ms))
                for one in attach_standbys(offered).reached.values()]
    return {"recovery": attach_recovery(offered), "sittings": list_views(), "seats": _name_seats(),
            "key_unlocked": here.keys.is_unlocked, "standby": standby, "standbys": standbys,
            "heard_s": None if standby.heard_ms is None else (offered.clock.monotonic_ms() - standby.heard_ms) // 1000,
            "troubles": LINE_TROUBLES, "lacking": list_lacking(offered),
            "address": next(iter(list_addresses(offered.settings)), ""),
            "orphans": sorted(attach_orphans(offered).values(), key=lambda one: one.code)}


@pages.app_context_processor
def offer_copies() -> dict[str, Any]:
    """For the page of one seat: where its copies are; for every page: whether this server leads nothing yet."""
    recovery = attach_recovery(services())
    return {"copies_of": lambda attempt: find_copies(services(), attempt),
            "waits_to_lead": recovery.state if recovery.may_lead else ""}


def list_views() -> list[SittingView]:
    """Sittings with a claim that are not over, newest first."""
    ledgers = attach_ledgers(services())
    with services().storage.read() as session:
        rows = session.scalars(select(SittingRecord).where(
            SittingRecord.claim != "", SittingRecord.state.not_in(("receipted", "purged"))).order_by(
                SittingRecord.opened_at_ms.desc()))
        return [SittingView(row, ledgers.count_copies(row.id), ledgers.heads.get(row.id, (0, 0))[1],
                            list_awaited(session, row.id), list_copies(services(), row.id)) for row in rows]


def _name_seats() -> Callable[[str], Any]:
    with services().storage.read() as session:
        seats = {one.id: one.seat for one in list_workstations(session)}
    return lambda workstation: seats.get(workstation, "?")


@pages.post("/server/lead")
def lead() -> BaseResponse:
    try:
        found = take_over(services(), str(current_user.login))
    except NotRecovering:
        flash(_("Этот сервер уже ведёт сеансы: кнопку нажали и в другом окне."))
    else:
        tell_in_background(services())
        flash(_("Этот сервер ведёт восстановленные сеансы: %(count)s.", count=len(found)))
    return redirect(url_for("recovery.show_server"))


@pages.post("/server/works")
def adopt_strange_works() -> BaseResponse:
    here, sitting, by = room(), request.form.get("sitting", ""), str(current_user.login)
    now_ms, key, orphans = here.clock.now_ms(), here.keys.key(), list(attach_orphans(services()).values())
    claimant = describe_claimant(services().settings, here.instance)
    taken = services().storage.write(
        lambda session: adopt_works(session, now_ms, sitting, orphans, claimant, key, by))
    for attempt in taken:
        attach_orphans(services()).pop(attempt, None)
    tell_sitting(sitting)
    flash(_("Принято работ: %(count)s. Рабочие места досылают их сами.", count=len(taken)))
    return redirect(url_for("recovery.show_server"))


@pages.post("/server/awaited/<attempt>")
def give_up_seat(attempt: str) -> BaseResponse:
    now_ms, by, reason = room().clock.now_ms(), str(current_user.login), request.form.get("reason", "")
    sitting = services().storage.write(lambda session: write_off_seat(session, now_ms, attempt, reason, by))
    tell_sitting(sitting)
    return redirect(url_for("recovery.show_server"))


MOUNT = Mount(
    blueprint=pages,
    access={"tell_claims": frozenset({ANYONE}), "take_claim": frozenset({ANYONE}),
            "give_ledger": frozenset({WORKSTATION}), "note_held": frozenset({WORKSTATION}),
            "hand_in_ledger": frozenset({WORKSTATION}), "take_leases": frozenset({WORKSTATION}),
            "take_strange_works": frozenset({WORKSTATION}),
            "adopt_strange_works": ORGANIZERS, "show_server": ROOM_STAFF, "show_state": ROOM_STAFF,
            "lead": ORGANIZERS, "give_up_seat": ORGANIZERS},
    body_limits={"hand_in_ledger": MAX_LEDGER_BYTES + 4096, "take_claim": 16 * 1024, "take_leases": 256 * 1024,
                 "take_strange_works": 256 * 1024},
    limits={"take_claim": "60 per minute"},
    menu=(MenuEntry("show_server", lazy_gettext("Сервер")),))
