"""The head's page of people: what needs a decision, who marks how far, rules, approving, pausing, remarking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.queries import list_accounts
from testing_server.foundation.services import services
from testing_server.marking.commission.actions import (
    NewMember, decide_member, open_commission, order_remarking, seat_experts)
from testing_server.marking.commission.bounds import ALL_SUBJECTS, Bounds
from testing_server.marking.commission.overview import describe_commission
from testing_server.marking.commission.queries import find_commission_row, list_commissions, list_subjects
from testing_server.marking.commission.rules import MOSCOW_AHEAD, BadCommission
from testing_server.marking.referrals.queries import list_waiting
from testing_server.marking.review.pages import require_head
from testing_server.preparation.people.queries import ListedExpert, list_experts
from testing_server.preparation.registry.queries import find_school
from testing_server.preparation.registry.rules import is_within

pages = Blueprint("commissions", __name__)
EXPERT = frozenset({AccountRole.EXPERT.value})
ACCESS = {name: EXPERT for name in ("show_people", "save_rules", "seat", "seat_listed", "decide", "remark")}
NUMBERS = ("daily_limit", "pass_percent", "control_every")


@pages.get("/commission/people")
def show_people() -> str:
    bounds = require_head()
    with services().storage.read() as session:
        found = [describe_commission(session, row) for row in list_commissions(session, bounds)]
        return render_template("marking/people.html", commissions=found, referrals=list_waiting(session, bounds),
                               subjects=list_own_subjects(session, bounds), bounds=bounds, show_moment=show_moment)


def list_own_subjects(session: Session, bounds: Bounds) -> list[str]:
    """What this head may open a commission for: the subjects he was named, or those there is work of."""
    return list_subjects(session, bounds) if ALL_SUBJECTS in bounds.subjects else sorted(bounds.subjects)


@pages.post("/commission/people")
def save_rules() -> BaseResponse:
    """Opens a commission, or changes the rules of the one of this subject and region."""
    bounds, offered, head = require_head(), services(), current_user.login
    data = read_rules_form(request.form, bounds.region)
    bounds.check(data["region"], data["subject"])
    now_ms = offered.clock.now_ms()
    offered.storage.write(lambda session: open_commission(session, now_ms, head, data))
    flash(_("Правила комиссии сохранены."))
    return redirect(url_for("commissions.show_people"))


@pages.post("/commission/people/<commission>/seats")
def seat(commission: str) -> BaseResponse:
    """Experts by login, one a line; "lead" behind a login makes a leading one."""
    bounds = require_head()
    lines = [line.split() for line in request.form.get("logins", "").lower().splitlines() if line.strip()]
    with services().storage.read() as session:
        find_commission_row(session, commission, bounds)
        known = {one.login: one for one in list_accounts(session, AccountRole.EXPERT.value)
                 if not one.territory or is_within(bounds.region, one.territory)}
    unknown = [words[0] for words in lines if words[0] not in known]
    if unknown:
        raise BadCommission(_("Таких экспертов нет: %(logins)s. Сначала их назначает координатор.",
                              logins=", ".join(unknown[:10])))
    return _seat(commission, [NewMember(words[0], "lead" in words[1:], known[words[0]].school) for words in lines])


@pages.post("/commission/people/<commission>/listed")
def seat_listed(commission: str) -> BaseResponse:
    """Everybody of the uploaded experts' list for this subject and region who has an account."""
    bounds = require_head()
    with services().storage.read() as session:
        row = find_commission_row(session, commission, bounds)
        listed = list_experts(session, row.subject, row.region or None)
        members = [_describe_listed(session, one) for one in listed if one.account]
    return _seat(commission, members)


def _describe_listed(session: Session, one: ListedExpert) -> NewMember:
    school = find_school(session, one.school_login) if one.school_login else None
    return NewMember(one.account, one.status == "leading", school.id if school else None)


def _seat(commission: str, members: list[NewMember]) -> BaseResponse:
    offered, head = services(), current_user.login
    now_ms = offered.clock.now_ms()
    added = offered.storage.write(lambda session: seat_experts(session, now_ms, head, commission, members))
    flash(_("В комиссию добавлено: %(count)s.", count=added))
    return redirect(url_for("commissions.show_people"))


@pages.post("/commission/people/<commission>/<expert>/state")
def decide(commission: str, expert: str) -> BaseResponse:
    """Approves, resumes, pauses or removes an expert."""
    _check_own(commission)
    offered, head, form = services(), current_user.login, request.form
    now_ms, state, reason = offered.clock.now_ms(), form.get("state", ""), form.get("reason", "")
    offered.storage.write(lambda session: decide_member(session, now_ms, head, commission, expert, state, reason))
    offered.live.changed("marking", now_ms)
    return redirect(url_for("commissions.show_people"))


@pages.post("/commission/people/<commission>/<expert>/remark")
def remark(commission: str, expert: str) -> BaseResponse:
    """Everything this expert marked since a moment goes to others anew."""
    _check_own(commission)
    offered, head = services(), current_user.login
    now_ms, from_ms = offered.clock.now_ms(), read_moment(request.form.get("from", ""), 0)
    ordered = offered.storage.write(
        lambda session: order_remarking(session, now_ms, head, commission, expert, from_ms))
    offered.live.changed("marking", now_ms)
    flash(_("Заново будут проверены ответы: %(count)s.", count=ordered))
    return redirect(url_for("commissions.show_people"))


def _check_own(commission: str) -> None:
    """Raises NotFound for a commission another head leads."""
    bounds = require_head()
    with services().storage.read() as session:
        find_commission_row(session, commission, bounds)


def read_rules_form(form: Any, own_region: str) -> dict[str, Any]:
    """The columns of a commission from the form; the region of a head who leads one is not asked for.

    Raises BadCommission.
    """
    try:
        data: dict[str, Any] = {name: int(form.get(name) or 0) for name in NUMBERS}
    except ValueError as error:
        raise BadCommission() from error
    data |= {"subject": form.get("subject", "").strip()[:80],
             "region": own_region or form.get("region", "").strip()[:120],
             "needs_approval": form.get("needs_approval") == "yes",
             "opens_at_ms": read_moment(form.get("opens", "")), "closes_at_ms": read_moment(form.get("closes", ""))}
    return data


def read_moment(text: str, empty: int | None = None) -> int:
    """Moscow time of a form, "2027-04-20T08:00", as Unix ms; `empty` where nothing was given. Raises BadCommission."""
    if not text.strip() and empty is not None:
        return empty
    try:
        return int((datetime.fromisoformat(text.strip()).replace(tzinfo=UTC) - MOSCOW_AHEAD).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise BadCommission() from error


def show_moment(at_ms: int) -> str:
    """The same for the form's field."""
    return (datetime(1970, 1, 1) + timedelta(milliseconds=at_ms) + MOSCOW_AHEAD).strftime("%Y-%m-%dT%H:%M")
