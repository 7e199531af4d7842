"""What a coordinator sees of retention: what goes when and how much, what is held back and why, the deletion itself.

The worker's words for a deletion under way come here too.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import INTERNAL, AccountRole, Level, judge_level, name_coordinator
from testing_server.foundation.mounts import MenuEntry, Mount
from testing_server.foundation.refusals import BadReport, NotFound, Refusal
from testing_server.foundation.services import services
from testing_server.preparation.asking import read_asked_campaign, write
from testing_server.preparation.campaigns.contents import Kept
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School, list_every_place
from testing_server.preparation.registry.rules import is_within
from testing_server.preparation.retention.actions import (
    end_deletion, forget_school, hold_kind, lift_hold, note_removed, order_deletion, release_files)
from testing_server.preparation.retention.jobs import delete_data
from testing_server.preparation.retention.queries import (
    Deletion, Weighed, find_deletion, list_deletions, list_holds, weigh_kind)
from testing_server.preparation.retention.rules import (
    DAY_MS, Due, Hold, NotConfirmed, StillNeeded, check_due, find_due, find_holds, list_dues, may_lift, read_hold)

pages = Blueprint("retention", __name__)
KIND_NAMES = {
    "workstation_copies": _("Копии на рабочих местах школ"), "packages": _("Пакеты: ответы, события, файлы"),
    "recordings": _("Записи голоса"), "result_forms": _("Формы результатов и протоколы"),
    "applications": _("Заявки и графики"), "questionnaires": _("Ответы на анкеты"),
    "marking": _("Проверка: обезличенные ответы и баллы"), "archives": _("Архивы материалов и критериев"),
    "rosters": _("Списки дня: логины и коды для сервера школы"),
    "codes": _("Коды и логины участников, протоколы без фамилий"), "audit": _("Журнал действий"),
}
SHOWN = 50


@dataclass(frozen=True)
class Line:
    """A kind of a campaign; `weighed`: what would go, before its day all there is, None where nothing is ever deleted
    here."""

    due: Due
    weighed: Weighed | None
    holds: list[Hold]
    deletion: Deletion | None


@dataclass(frozen=True)
class Terms:
    """All kinds of a campaign."""

    campaign: Campaign
    lines: list[Line]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is here and nothing is held back."""
        return not any(line.holds or line.weighed and line.weighed.whole.things for line in self.lines)


@pages.get("/coordinator/retention")
def show_retention() -> str:
    return _render(None, {})


@pages.get("/coordinator/retention/<campaign>/<kind>")
def show_deletion(campaign: str, kind: str) -> str:
    """What exactly would go: asked once more before anything does."""
    return _render_deletion(read_asked_campaign(campaign), _read_kind(kind), None)


@pages.post("/coordinator/retention/<campaign>/<kind>/delete")
def delete_kind(campaign: str, kind: str) -> BaseResponse | tuple[str, int]:
    asked, named = read_asked_campaign(campaign), _read_kind(kind)
    try:
        if request.form.get("confirmed") != "yes":
            raise NotConfirmed()
        _refuse_needed(asked, named)
        deletion = write(order_deletion, campaign=asked, kind=named, territory=current_user.territory,
                         by=current_user.login)
    except Refusal as refusal:
        return _render_deletion(asked, named, refusal), refusal.status
    services().jobs.enqueue(delete_data, deletion=deletion)
    flash(gettext("Удаление началось. Сколько удалено, видно на этой странице; её можно закрыть."))
    return redirect(url_for("retention.show_retention"))


@pages.post("/coordinator/retention/<campaign>/<kind>/hold")
def hold(campaign: str, kind: str) -> BaseResponse | tuple[str, int]:
    offered, asked, named = services(), read_asked_campaign(campaign), _read_kind(kind)
    try:
        reason, until_ms = read_hold(request.form.get("reason", ""), request.form.get("until", ""),
                                     offered.clock.now_ms())
    except Refusal as refusal:
        return _render(refusal, {**request.form.to_dict(), "campaign": asked.id, "kind": named}), refusal.status
    write(hold_kind, campaign=asked.id, kind=named, territory=current_user.territory, reason=reason,
          until_ms=until_ms, by=current_user.login)
    flash(gettext("Эти данные вашей территории не удаляются, пока действует отсрочка."))
    return redirect(url_for("retention.show_retention"))


@pages.post("/coordinator/retention/holds/<hold_id>/lift")
def lift(hold_id: str) -> BaseResponse:
    write(lift_hold, hold=hold_id, territory=current_user.territory, by=current_user.login)
    flash(gettext("Отсрочка снята. Само по себе это ничего не удаляет."))
    return redirect(url_for("retention.show_retention"))


@pages.post("/v1/internal/deletions/<deletion>")
def take_word(deletion: str) -> Response:
    """From the worker: {verb: list | forget {school} | release | removed {files} | done}; each bears repeating."""
    body: Any = request.get_json(silent=True)
    with services().storage.read() as session:
        found = find_deletion(session, deletion)
    if found is None:
        raise NotFound()
    if not isinstance(body, dict) or body.get("verb") not in _WORDS:
        raise BadReport()
    return jsonify(_WORDS[body["verb"]](found, body))


def _list_schools(found: Deletion, body: dict[str, Any]) -> dict[str, Any]:
    offered = services()
    with offered.storage.read() as session:
        weighed = weigh_kind(session, found.campaign, found.kind, found.territory, found.before_ms,
                             offered.clock.now_ms())
    return {"schools": list(weighed.schools)}


def _forget(found: Deletion, body: dict[str, Any]) -> dict[str, Any]:
    gone = write(forget_school, deletion=found.id, school=str(body.get("school")))
    return {"things": gone.things}


def _release(found: Deletion, body: dict[str, Any]) -> dict[str, Any]:
    return {"files": write(release_files)}


def _note_removed(found: Deletion, body: dict[str, Any]) -> dict[str, Any]:
    digests = [str(one) for one in body.get("files") or ()]
    services().storage.write(lambda session: note_removed(session, digests))
    return {}


def _end(found: Deletion, body: dict[str, Any]) -> dict[str, Any]:
    write(end_deletion, deletion=found.id)
    return {}


_WORDS = {"list": _list_schools, "forget": _forget, "release": _release, "removed": _note_removed, "done": _end}


def _render(refusal: Refusal | None, form: dict[str, Any]) -> str:
    offered, territory = services(), current_user.territory
    now_ms = offered.clock.now_ms()
    with offered.storage.read() as session:
        places = list_every_place(session, territory)
        found = [Terms(one, _describe(session, one, now_ms, places)) for one in list_campaigns(offered.settings.data)]
        deletions = list_deletions(session, territory)
    return render_template(
        "preparation/retention.html", names=KIND_NAMES, waiting=_list_waiting(found),
        campaigns=sorted((one for one in found if one.lines), key=lambda one: one.is_empty),
        deletions=deletions[:SHOWN], territory=territory, refusal=refusal, form=form, now_ms=now_ms,
        may_decide=_may_decide(), may_lift=lambda one: _may_decide() and may_lift(one, territory))


def _list_waiting(found: list[Terms]) -> list[tuple[Campaign, Line]]:
    return [(one.campaign, line) for one in found for line in one.lines
            if line.due.state == "due" and not line.due.automatic and line.weighed and line.weighed.schools
            and not (line.deletion and line.deletion.state == "running")]


def _describe(session: Session, campaign: Campaign, now_ms: int, places: Sequence[School]) -> list[Line]:
    holds, territory = list_holds(session), current_user.territory
    running = {(one.campaign, one.kind): one for one in reversed(list_deletions(session, territory))}
    lines = []
    for due in list_dues(campaign, now_ms):
        before_ms = now_ms - (due.days or 0) * DAY_MS if due.state == "due" else now_ms
        weighed = None if due.state == "elsewhere" else weigh_kind(
            session, campaign.id, due.kind, territory, before_ms, now_ms, places)
        held = [one for one in find_holds(holds, campaign.id, due.kind, now_ms)
                if is_within(territory, one.territory) or is_within(one.territory, territory)]
        lines.append(Line(due, weighed, held, running.get((campaign.id, due.kind))))
    return lines


def _render_deletion(campaign: Campaign, kind: Kept, refusal: Refusal | None) -> str:
    offered, territory = services(), current_user.territory
    now_ms = offered.clock.now_ms()
    due = find_due(campaign, kind, now_ms)
    days = check_due(due)
    with offered.storage.read() as session:
        weighed = weigh_kind(session, campaign.id, kind, territory, now_ms - days * DAY_MS, now_ms)
        holds = find_holds(list_holds(session), campaign.id, kind, now_ms)
    return render_template("preparation/retention_confirm.html", campaign=campaign, due=due, weighed=weighed,
                           name=KIND_NAMES[kind], territory=territory, refusal=refusal,
                           holds=[one for one in holds if is_within(territory, one.territory)
                                  or is_within(one.territory, territory)])


def _refuse_needed(campaign: Campaign, kind: Kept) -> None:
    """Raises NotDue, and StillNeeded where there is something and all of it is needed."""
    offered = services()
    now_ms = offered.clock.now_ms()
    days = check_due(find_due(campaign, kind, now_ms))
    with offered.storage.read() as session:
        weighed = weigh_kind(session, campaign.id, kind, current_user.territory, now_ms - days * DAY_MS, now_ms)
    if weighed.needed and not weighed.schools:
        raise StillNeeded(str(one.words) for one in weighed.needed)


def _read_kind(kind: str) -> Kept:
    """Raises NotFound."""
    for one in get_args(Kept):
        if one == kind:
            found: Kept = one
            return found
    raise NotFound()


def _may_decide() -> bool:
    return judge_level(current_user.territory) in (Level.FEDERAL, Level.REGIONAL)


COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
DECIDING = frozenset({name_coordinator(Level.FEDERAL), name_coordinator(Level.REGIONAL)})
MOUNT = Mount(
    blueprint=pages, menu=(MenuEntry("show_retention", _("Сроки хранения")),),
    access={"show_retention": COORDINATOR, "show_deletion": DECIDING, "delete_kind": DECIDING, "hold": DECIDING,
            "lift": DECIDING, "take_word": frozenset({INTERNAL})})
