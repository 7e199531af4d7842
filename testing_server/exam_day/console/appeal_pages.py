"""A candidate's receipt is checked: a typed code gives yes and what was recorded, or no and what to do."""
from __future__ import annotations

from flask import Blueprint, render_template, request

from testing_server.exam_day.appeals.queries import Proof, find_proof, read_typed
from testing_server.exam_day.appeals.rules import ReceiptMistyped
from testing_server.exam_day.console.snapshot import read_item_names
from testing_server.exam_day.console.words import ATTEMPT_STATES, VERDICTS
from testing_server.exam_day.packages.queries import list_packages
from testing_server.exam_day.room import room
from testing_server.exam_day.scopes import ORGANIZERS
from testing_server.exam_day.sittings.actions import find_sitting
from testing_server.exam_day.sittings.archives import find_archive
from testing_server.exam_day.sittings.queries import read_title
from testing_server.foundation.mounts import Mount
from testing_server.foundation.services import services
from testing_server.foundation.web.languages import current_language

pages = Blueprint("room_appeals", __name__)


@pages.get("/receipts")
def show_receipts() -> str:
    return render_template("console/appeal.html", typed="", refusal=None, asked=False, proof=None)


@pages.post("/receipts")
def verify() -> str | tuple[str, int]:
    """By POST: the code shall not stand in addresses and their history."""
    typed = request.form.get("receipt", "")[:80]
    try:
        code = read_typed(typed)
    except ReceiptMistyped as refusal:
        return render_template("console/appeal.html", typed=typed, refusal=refusal, asked=False, proof=None), 422
    with services().storage.read() as session:
        proof = find_proof(session, room().data, code)
        if proof is None:
            return render_template("console/appeal.html", typed=typed, refusal=None, asked=True, proof=None)
        sitting = find_sitting(session, proof.sitting)
        archive = find_archive(session, sitting.archive)
        package = next((one for one in list_packages(session, sitting.id) if one.receipt), None)
    return render_template(
        "console/appeal.html", typed=typed, refusal=None, asked=True, proof=proof, sitting=sitting, package=package,
        title=read_title(archive, current_language()), lines=_list_items(proof, archive.id),
        state_text=ATTEMPT_STATES[proof.state], verdicts=VERDICTS)


def _list_items(proof: Proof, archive: str) -> list[dict[str, object]]:
    """A line for every item of the variant: when it was answered, the sound it has."""
    names = read_item_names(room().data, archive, proof.variant, current_language())
    known = {item: name.position for item, name in names.items()}
    items = [*known, *sorted({*proof.answered, *(one.item for one in proof.sounds)} - set(known))]
    return [{"position": known.get(item, "?"), "answered_at_ms": proof.answered.get(item),
             "is_cleared": item in proof.answered and proof.answered[item] is None,
             "sounds": [one for one in proof.sounds if one.item == item]} for item in items]


MOUNT = Mount(blueprint=pages, access={"show_receipts": ORGANIZERS, "verify": ORGANIZERS},
              limits={"verify": "30 per minute"})
