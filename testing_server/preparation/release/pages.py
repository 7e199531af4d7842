"""Pages of the coordinator: what opens when, what holders bring, and whether this hub is ready for the day."""
from __future__ import annotations

import json
import re
import shutil
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from testing_server.contracts.refusals import BadStatement
from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.preparation.founding.actions import hub_keys
from testing_server.preparation.holders.clocks import ask_kernel
from testing_server.preparation.holders.shares import BadHalf
from testing_server.preparation.holders.trust import read_trusted_roll
from testing_server.preparation.hub_keys import ROOT, read_escrow_key
from testing_server.preparation.materials.actions import read_day
from testing_server.preparation.release.joining import bring_halves, list_brought_by
from testing_server.preparation.release.kits import BadKit, Kit, read_halves, write_kit
from testing_server.preparation.release.postponing import NotAgreedYet, bring_postponement
from testing_server.preparation.release.queries import list_kit_works, list_slot_uses
from testing_server.preparation.release.slots import HELD_FORMAT, HeldSlot, read_held_slot, read_opened, read_slot
from testing_server.preparation.release.telephone_rules import BadFile
from testing_server.preparation.release.watching import look_at_keepers

pages = Blueprint("releases", __name__)
DAY_MS = 24 * 3_600_000
MOST_FILE_BYTES = 1024 * 1024
SLOT_ID = re.compile(r"[0-9a-f]{64}")
LEAST_FREE_GB = 10
KEEPER_WORDS = {
    "": _("отвечает, часы сходятся"), "silent": _("не отвечает"),
    "bad_answer": _("отвечает не то, что должен хранитель"),
    "another_keeper": _("по этому адресу отвечает другой хранитель"),
    "clock_unsynchronised": _("его часы не сверены со службой времени: в час он откажет"),
    "clock_went_back": _("его часы перевели назад: в час он откажет"),
    "clocks_differ": _("его часы и часы этого сервера расходятся больше чем на 5 секунд"),
}


@pages.get("/coordinator/releases")
def show_releases() -> str:
    return _render(None)


@pages.get("/coordinator/readiness")
def show_readiness() -> str:
    """What the day needs of this hub. Keepers are asked while the page is made."""
    offered, keys = services(), hub_keys()
    roll = read_trusted_roll(offered.settings)
    disk = shutil.disk_usage(offered.settings.data)
    return render_template(
        "preparation/readiness.html", roll=roll, watch=look_at_keepers(offered), words=KEEPER_WORDS,
        now_ms=offered.clock.now_ms(), is_synchronised=ask_kernel(), root=keys.root_fingerprint,
        has_root=(offered.settings.keys_folder / ROOT).exists(), free_gb=disk.free // 10 ** 9, least_gb=LEAST_FREE_GB,
        has_escrow=read_escrow_key(offered.settings.keys_folder) is not None)


@pages.get("/coordinator/releases/<slot>/slot.json")
def fetch_slot(slot: str) -> Response:
    """Halves as they are sealed, for the tool of a coordinator. A slot without holders is never given."""
    held = _find_held(slot)
    parts = read_slot(services().settings.data / "slots", held.id)
    told = {name: parts[name] for name in ("campaign", "assessment", "opens_at_ms", "recipient", "pairs")}
    return _send(json.dumps({"format": HELD_FORMAT, "slot": held.id, **told}).encode(), f"slot-{held.id[:8]}.json")


@pages.post("/coordinator/releases/<slot>/halves")
def bring(slot: str) -> BaseResponse | tuple[str, int]:
    """Halves a coordinator opened on an own PC."""
    held, offered = _find_held(slot), services()

    def act() -> str:
        try:
            named, holder, halves = read_halves(_read_file())
            if named != held.id:
                raise BadFile(gettext("Эти половины от другого часа."))
            bring_halves(offered, held, holder, halves, current_user.login)
        except (BadKit, BadHalf) as error:
            raise BadFile() from error
        return gettext("Половины %(holder)s приняты.", holder=holder)
    return _act(act)


@pages.post("/coordinator/releases/<slot>/postponement")
def postpone(slot: str) -> BaseResponse | tuple[str, int]:
    """One coordinator's signature under a later hour; the second one makes it hold."""
    held = _find_held(slot)

    def act() -> str:
        try:
            bring_postponement(services(), held, _read_file(), current_user.login)
        except NotAgreedYet:
            return gettext("Подпись принята. Час изменится, когда тот же час подпишет второй координатор.")
        except BadStatement as error:
            raise BadFile() from error
        return gettext("Час перенесён: шифр откроется позже. Школы узнают об этом сами.")
    return _act(act)


@pages.get("/coordinator/releases/kits/<day>.json")
def fetch_kit(day: str) -> Response:
    """The kit of a territory for one day: nothing in it is readable without two holders."""
    offered, when = services(), read_day(day).isoformat()
    folder = offered.settings.data / "slots"
    with offered.storage.read() as session:
        works = [one for one in list_kit_works(session, current_user.territory, when)
                 if read_held_slot(folder, one.slot) is not None]
    if not works:
        raise NotFound()
    slots = {path.stem: parts for path in folder.glob("*.json")
             if (parts := json.loads(path.read_bytes()))["format"] == HELD_FORMAT}
    kit = Kit(when, offered.clock.now_ms(), slots, tuple(works))
    return _send(write_kit(kit), f"kit-{when}.json")


def _render(refusal: Refusal | None) -> str:
    offered = services()
    folder, now_ms = offered.settings.data / "slots", offered.clock.now_ms()
    with offered.storage.read() as session:
        uses = list_slot_uses(session, current_user.territory, now_ms - DAY_MS)
    rows = []
    for one in uses:
        held = read_held_slot(folder, one.slot) if (folder / f"{one.slot}.json").exists() else None
        rows.append((one, held, held is not None and read_opened(folder, one.slot) is not None,
                     list_brought_by(offered, held) if held else []))
    days = sorted({one.day for one, held, _open, _brought in rows if held is not None})
    return render_template("preparation/releases.html", rows=rows, days=days, refusal=refusal, now_ms=now_ms,
                           roll=read_trusted_roll(offered.settings))


def _act(act: Any) -> BaseResponse | tuple[str, int]:
    try:
        flash(act())
    except Refusal as refusal:
        return _render(refusal), refusal.status
    return redirect(url_for("releases.show_releases"))


def _find_held(slot: str) -> HeldSlot:
    """Raises NotFound, also for a slot whose key this hub holds itself."""
    folder = services().settings.data / "slots"
    known = SLOT_ID.fullmatch(slot) and (folder / f"{slot}.json").exists()
    held = read_held_slot(folder, slot) if known else None
    if held is None:
        raise NotFound()
    return held


def _read_file() -> bytes:
    """Raises BadFile."""
    sent = request.files.get("file")
    data = sent.read(MOST_FILE_BYTES) if sent is not None else b""
    if not data:
        raise BadFile(gettext("Выберите файл."))
    return data


def _send(data: bytes, name: str) -> Response:
    return Response(data, mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_releases", _("Шифры")), MenuEntry("show_readiness", _("Готовность"))),
    access={name: COORDINATOR for name in (
        "show_releases", "show_readiness", "fetch_slot", "bring", "postpone", "fetch_kit")})
