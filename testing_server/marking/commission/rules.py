"""Which lots an expert may mark now, and why not. Pure: the clock and what is known of the expert come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.marking.commission.bounds import Bounds, HeadUnbound

MOSCOW_AHEAD = timedelta(hours=3)
APPROVED, PAUSED, REMOVED = "approved", "paused", "removed"
LEARNING = ("practising", "qualified", "failed")
MEMBER_STATES = (*LEARNING, APPROVED, PAUSED, REMOVED)


class MayNotMark(Refusal):
    """The expert sits in commissions, and none lets them mark now."""

    code = "may_not_mark"
    status = 409
    message = _("Сейчас вам проверять нельзя.")
    safe = _("Все ваши отметки сохранены.")
    remedy = _("Спросите председателя комиссии.")


class Paused(MayNotMark):
    code = "paused"
    message = _("Ваша проверка приостановлена.")
    remedy = _("Прочитайте причину, пересмотрите критерии и поговорите с председателем: возобновить проверку может он.")


class NotApproved(MayNotMark):
    code = "not_approved"
    message = _("Вы прошли пробную проверку; к проверке работ вас допускает председатель.")
    remedy = _("Дождитесь допуска: он появится здесь без перезагрузки.")


class OutsideHours(MayNotMark):
    code = "outside_hours"
    message = _("Проверка в вашей комиссии сейчас закрыта.")
    remedy = _("Возвращайтесь в часы проверки, их назначил председатель.")


class DayLimitReached(MayNotMark):
    code = "day_limit"
    message = _("На сегодня вы проверили всё, что положено.")
    remedy = _("Отдохните: новые ответы появятся завтра.")


class BadCommission(Refusal):
    code = "bad_commission"
    status = 422
    message = _("Комиссию так не открыть: проверьте часы, порог и числа.")
    safe = _("Прежние правила комиссии не изменены.")


@dataclass(frozen=True)
class Seat:
    """An expert in a commission, with the commission's own rules. Times in Unix ms; `daily_limit` 0: none."""

    commission: str
    subject: str
    region: str
    state: str
    reason: str
    is_lead: bool
    school: str | None
    daily_limit: int
    opens_at_ms: int
    closes_at_ms: int
    needs_approval: bool
    control_every: int
    has_leads: bool = True


@dataclass(frozen=True)
class Lot:
    """A queue: one position of one assessment in one region, its third markings apart. See LotRecord."""

    id: int
    assessment: str
    position: int
    subject: str
    region: str
    is_third: bool
    takers: str
    own_school: bool


@dataclass(frozen=True)
class Desk:
    """What is known of the expert who asks. `kept`: (subject, region) of every commission of this hub.

    `bounds`: what a head leads, None for everybody else and for a head of whom nobody said it; `region`: where the
    expert belongs, empty for the whole hub.
    """

    seats: Sequence[Seat]
    kept: frozenset[tuple[str, str]]
    is_head: bool
    school: str | None
    marked_today: int
    bounds: Bounds | None = None
    region: str = ""

    def leads(self, lot: Lot) -> bool:
        """Whether this is the head of what waits there."""
        return self.bounds is not None and self.bounds.hold(lot.region, lot.subject)


def list_open_lots(desk: Desk, lots: Sequence[Lot], now_ms: int, last: int | None) -> list[Lot]:
    """Lots this expert may take live answers from, in the order to try them: the last one first, then by position."""
    fitting = [lot for lot in lots if _may_take(desk, lot, now_ms)]
    return sorted(fitting, key=lambda lot: (lot.id != last, lot.assessment, lot.position, lot.region, lot.is_third))


def _may_take(desk: Desk, lot: Lot, now_ms: int) -> bool:
    if lot.takers == "head" and not desk.leads(lot):
        return False
    seat = find_seat(desk, lot)
    if seat is None:
        return is_seen(desk, lot)
    if refuse_seat(seat, desk.marked_today, now_ms) is not None:
        return False
    return lot.takers != "lead" or seat.is_lead or not seat.has_leads or desk.leads(lot)


def is_seen(desk: Desk, lot: Lot) -> bool:
    """Whether this expert may mark what waits there, now or when the hours come."""
    if find_seat(desk, lot) is not None or desk.leads(lot):
        # the head marks standard answers before anybody, and what was handed on
        return True
    # a region that has set up no commission for it marks as one
    return find_commission(desk, lot) is None and not desk.is_head and desk.region in ("", lot.region)


def find_commission(desk: Desk, lot: Lot) -> tuple[str, str] | None:
    """The commission a lot belongs to: its region's, or the whole hub's of that subject."""
    for key in ((lot.subject, lot.region), (lot.subject, "")):
        if key in desk.kept:
            return key
    return None


def find_seat(desk: Desk, lot: Lot) -> Seat | None:
    """The expert's seat in the commission of a lot."""
    key = find_commission(desk, lot)
    return next((seat for seat in desk.seats if (seat.subject, seat.region) == key), None)


def refuse_seat(seat: Seat, marked_today: int, now_ms: int) -> Refusal | None:
    """Why this seat gives no live answers now; None when it does."""
    details = {"reason": seat.reason} if seat.reason else {}
    if seat.state == PAUSED:
        told = _("Ваша проверка приостановлена. %(reason)s", reason=seat.reason) if seat.reason else None
        return Paused(told, details=details)
    if seat.state != APPROVED:
        return NotApproved(details=details)
    if not seat.opens_at_ms <= now_ms < seat.closes_at_ms:
        return OutsideHours()
    if seat.daily_limit and marked_today >= seat.daily_limit:
        return DayLimitReached()
    return None


def explain_refusal(desk: Desk, now_ms: int) -> Refusal | None:
    """What to tell an expert none of whose seats gives answers; None where one does or there are no seats."""
    if desk.is_head and desk.bounds is None and not desk.seats:
        return HeadUnbound()
    found = [refuse_seat(seat, desk.marked_today, now_ms) for seat in desk.seats if seat.state != REMOVED]
    return next((one for one in found), None) if found and all(found) else None


def name_day(now_ms: int) -> str:
    """The day by Moscow, "2027-04-20": limits are counted by it."""
    return (datetime.fromtimestamp(now_ms / 1000, UTC) + MOSCOW_AHEAD).date().isoformat()


def check_commission(data: Mapping[str, Any]) -> None:
    """Raises BadCommission."""
    fine = (0 <= data["daily_limit"] <= 10_000 and 0 <= data["pass_percent"] <= 100
            and 0 <= data["control_every"] <= 1_000 and data["control_every"] != 1
            and 0 <= data["opens_at_ms"] < data["closes_at_ms"] < 2**53 and bool(data["subject"].strip()))
    if not fine:
        raise BadCommission()
