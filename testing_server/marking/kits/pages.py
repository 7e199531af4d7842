"""Kits over HTTP, on the hub: an expert takes one away and brings its marks back; the head sees all and may close one.

The marks come in one request: they are small, and sending the same file again is harmless.
"""

from __future__ import annotations

import os
import secrets
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, send_file, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.check_digits import cipher_groups
from testing_server.contracts.statements import public_bytes, sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.access import AccountRole
from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services, services
from testing_server.marking.commission.bounds import find_bounds
from testing_server.marking.gathering.sources import gather_due_works
from testing_server.marking.kits.actions import CLOSED, ISSUED, close_kit, issue_kit, merge_events
from testing_server.marking.kits.bundle import (
    find_kit, lock_keys, make_keys, open_events, verify_events, write_kit)
from testing_server.marking.kits.ciphers import find_criteria_cipher, make_passphrase
from testing_server.marking.kits.packing import pack_content
from testing_server.marking.kits.queries import count_events, find_kit as find_issued, is_led, list_kits, list_late
from testing_server.marking.kits.records import KitRecord
from testing_server.marking.kits.rules import (
    MOSCOW_AHEAD, KitUnknown, KitUnreadable, KitWrong, check_wish, show_day)
from testing_server.marking.review.queries import find_desk_answer
from testing_server.preparation.founding.actions import obtain_keys_of

EXPERT = frozenset({AccountRole.EXPERT.value})
FOLDER = "kits"
MARKS_BYTES = 8 * 1024 * 1024

pages = Blueprint("kits", __name__)
ACCESS: dict[str, Any] = {name: EXPERT for name in (
    "show_kits", "issue", "send_kit", "close", "take_marks", "merge", "send_receipt")}
MOUNT = Mount(pages, ACCESS, body_limits={"take_marks": MARKS_BYTES, "merge": MARKS_BYTES},
              menu=(MenuEntry("show_kits", _("Комплекты")),))


@pages.get("/marking/kits")
def show_kits() -> str:
    """The expert's own kits; the head's page has those of the commission and what came too late."""
    return _show_page()


def _show_page(refusal: Refusal | None = None, told: dict[str, Any] | None = None) -> str:
    offered = services()
    bounds = find_bounds(current_user)
    with offered.storage.read() as session:
        kits = list_kits(session, current_user.login, bounds)
        late = list_late(session, bounds) if bounds is not None else []
    ciphers = {kit.id: " ".join(cipher_groups(find_criteria_cipher(offered, kit.id))) for kit in kits
               if kit.state == ISSUED}
    tomorrow = datetime.fromtimestamp(offered.clock.now_ms() / 1000, UTC) + MOSCOW_AHEAD + timedelta(days=1)
    return render_template("marking/kits.html", kits=kits, late=late, ciphers=ciphers, refusal=refusal, told=told,
                           first_day=tomorrow.date(), form=request.form, show_day=show_day)


@pages.post("/marking/kits")
def issue() -> str | tuple[str, int]:
    """Makes a kit; its passphrase is on this page and never again."""
    gather_due_works(services())
    try:
        answers, until_ms = read_wish(request.form.get("answers", ""), request.form.get("until", ""))
        told = make_kit(services(), current_user.login, answers, until_ms)
    except Refusal as refusal:
        return _show_page(refusal), refusal.status
    return _show_page(told=told)


def read_wish(answers: str, until: str) -> tuple[int, int]:
    """Number of answers and the end of the named Moscow day, Unix ms. Raises KitWrong."""
    try:
        day = datetime.combine(date.fromisoformat(until), datetime.max.time(), UTC) - MOSCOW_AHEAD
        return int(answers), int(day.timestamp() * 1000)
    except ValueError as error:
        raise KitWrong() from error


def make_kit(offered: Services, expert: str, answers: int, until_ms: int) -> dict[str, Any]:
    """Reserves answers and seals them; {kit, answers, passphrase in groups}. Raises KitWrong, NothingToMark."""
    now_ms, keys, passphrase = offered.clock.now_ms(), make_keys(), make_passphrase()
    check_wish(answers, now_ms, until_ms)
    kit = str(uuid.uuid4())
    taken = offered.storage.write(lambda session: issue_kit(session, now_ms, KitRecord(
        id=kit, expert=expert, public_key=keys.public_key, state=ISSUED, answers=answers, made_at_ms=now_ms,
        until_ms=until_ms)))
    try:
        seal_kit(offered, kit, expert, until_ms, taken, keys, passphrase)
    except BaseException:
        # a kit nobody can open must not hold answers back
        offered.storage.write(lambda session: close_kit(session, now_ms, kit, "system"))
        raise
    offered.live.changed("marking", now_ms)
    return {"kit": kit, "answers": len(taken), "passphrase": " ".join(cipher_groups(passphrase))}


def seal_kit(offered: Services, kit: str, expert: str, until_ms: int, taken: list[str], keys: Any,
             passphrase: str) -> None:
    """Writes the file. What it holds is what the desk shows and nothing else."""
    with offered.storage.read() as session:
        found = [find_desk_answer(session, assignment) for assignment in taken]
    hub = obtain_keys_of(offered)
    header = sign_statement({
        "format": "marking-kit/1", "kit": kit, "expert": expert, "until_ms": until_ms, "answers": len(taken),
        "public_key": keys.public_key, "hub_key": public_bytes(hub.signing).hex(),
        "recipient": str(hub.recipient.to_public())}, PAYLOAD_TYPES["kit"], hub.signing)
    target = find_path(offered, kit)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = target.with_name(f".{secrets.token_hex(8)}.tar")
    try:
        pack_content(offered, [one for one in found if one], find_criteria_cipher(offered, kit), content)
        unfinished = target.with_name(f".{kit}.unfinished")
        write_kit(unfinished, header, lock_keys(keys, passphrase), content, keys)
        os.replace(unfinished, target)
    finally:
        content.unlink(missing_ok=True)


def find_path(offered: Services, kit: str) -> Path:
    """Where a kit's file lies."""
    return offered.settings.data / FOLDER / f"{kit}.kit"


@pages.get("/marking/kits/<uuid:kit>.kit")
def send_kit(kit: uuid.UUID) -> Response:
    """The sealed file."""
    _check_own(str(kit))
    path = find_path(services(), str(kit))
    if not path.exists():
        raise FileMissing()
    return send_file(path.absolute(), "application/octet-stream", as_attachment=True, download_name=path.name)


@pages.post("/marking/kits/<uuid:kit>/close")
def close(kit: uuid.UUID) -> BaseResponse:
    """A lost kit holds nothing back: its answers return to the queue."""
    _check_own(str(kit))
    offered, by = services(), current_user.login
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: close_kit(session, now_ms, str(kit), by, CLOSED))
    find_path(offered, str(kit)).unlink(missing_ok=True)
    offered.live.changed("marking", now_ms)
    return redirect(url_for("kits.show_kits"))


@pages.post("/marking/kits/marks")
def take_marks() -> str | tuple[str, int]:
    """The file of marks, from a form."""
    given = request.files.get("marks")
    try:
        told = merge_marks(services(), given.read(MARKS_BYTES) if given else b"")
    except Refusal as refusal:
        return _show_page(refusal), refusal.status
    return _show_page(told=told)


@pages.post("/v1/kits")
def merge() -> Response:
    """kit.return of the protocol: the same file as the body; {kit, verdicts}."""
    return jsonify(merge_marks(services(), request.get_data(cache=False)))


def merge_marks(offered: Services, sealed: bytes) -> dict[str, Any]:
    """{kit, verdicts: verdict → events}. Raises KitUnreadable, KitUnknown, KitConflict."""
    lines = open_events(sealed, obtain_keys_of(offered).recipient)
    kit = find_kit(lines)
    row = _check_own(kit)
    events, now_ms = verify_events(lines, kit, row.public_key), offered.clock.now_ms()
    verdicts = offered.storage.write(lambda session: merge_events(session, now_ms, kit, events))
    find_path(offered, kit).unlink(missing_ok=True)
    offered.live.changed("marking", now_ms)
    return {"kit": kit, "verdicts": verdicts}


@pages.get("/marking/kits/<uuid:kit>.receipt")
def send_receipt(kit: uuid.UUID) -> Response:
    """The hub's word that it has all marks: with it the kit wipes itself."""
    _check_own(str(kit))
    offered = services()
    with offered.storage.read() as session:
        events = count_events(session, str(kit))
    if not events:
        raise KitUnreadable()
    response = make_response(sign_statement(
        {"kit": str(kit), "events": events, "at_ms": offered.clock.now_ms()}, PAYLOAD_TYPES["kit_receipt"],
        obtain_keys_of(offered).signing))
    response.headers["Content-Type"] = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="{kit}.receipt"'
    return response


def _check_own(kit: str) -> KitRecord:
    """Raises KitUnknown for somebody else's kit, unless the head of all that is in it asks."""
    bounds = find_bounds(current_user)
    with services().storage.read() as session:
        row = find_issued(session, kit)
        is_led_here = bounds is not None and is_led(session, kit, bounds)
    if row is None or (row.expert != current_user.login and not is_led_here):
        raise KitUnknown()
    return row
