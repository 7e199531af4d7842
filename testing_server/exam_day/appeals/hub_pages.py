"""A coordinator checks a candidate's receipt at an appeal: yes and what the region holds, or no."""
from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _
from flask_login import current_user

from testing_server.exam_day.appeals.hub import find_received
from testing_server.exam_day.appeals.queries import Proof, read_typed
from testing_server.exam_day.appeals.rules import ReceiptMistyped
from testing_server.foundation.access import AccountRole
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import services
from testing_server.preparation.registry.queries import list_schools

pages = Blueprint("appeals", __name__)


@pages.get("/coordinator/receipts")
def show_receipts() -> str:
    return _render("", None, False, None)


@pages.post("/coordinator/receipts")
def verify() -> str | tuple[str, int]:
    """By POST: the code shall not stand in addresses and their history."""
    typed = request.form.get("receipt", "")[:80]
    try:
        code = read_typed(typed)
    except ReceiptMistyped as refusal:
        return _render(typed, refusal, False, None), refusal.status
    with services().storage.read() as session:
        mine = {one.id: one.name for one in list_schools(session, current_user.territory)}
        proof = find_received(session, services().files, code, set(mine))
    return _render(typed, None, True, proof, mine[proof.school] if proof else "")


def _render(typed: str, refusal: Refusal | None, asked: bool, proof: Proof | None, school: str = "") -> str:
    return render_template("exam_day/hub_appeal.html", typed=typed, refusal=refusal, asked=asked, proof=proof,
                           school=school)


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
MOUNT = Mount(blueprint=pages, access={"show_receipts": COORDINATOR, "verify": COORDINATOR},
              limits={"verify": "30 per minute"}, menu=(MenuEntry("show_receipts", _("Квитанции участников")),))
