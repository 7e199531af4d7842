"""Which days a school may name, and who agrees to a reserve day. Pure: the campaign and the clock are arguments."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import CellProblem, parse_date
from testing_server.preparation.applications.rules import LEVELS
from testing_server.preparation.campaigns.contents import Form, ReserveDays, ScheduleRules, Work
from testing_server.preparation.campaigns.rules import (
    Campaign, compute_deadline, describe_deadline, find_work, instant_of, zone_of)

MOST_DAYS = 3
MOST_WORDS = 500
# work -> form -> days as 2027-04-14
Days = dict[str, dict[Form, list[str]]]
Place = tuple[str, Form]


class NoSchedule(Refusal):
    code = "no_schedule"
    status = 404
    message = _("В этой кампании школы расписания не составляют.")


class ScheduleClosed(Refusal):
    code = "schedule_closed"
    status = 409
    message = _("Приём расписаний закрыт.")
    safe = _("Расписание осталось таким, каким было; присланное не записано.")
    remedy = _("Если работу нельзя провести в назначенный день, попросите резервный день на этой странице.")


class EmptySchedule(Refusal):
    code = "empty_schedule"
    status = 422
    message = _("В расписании нет ни одного дня.")
    remedy = _("Назначьте хотя бы один день. Похоже, отправлена пустая форма.")


class BadReserveDay(Refusal):
    code = "bad_reserve_day"
    status = 422
    message = _("Этот день не может быть резервным.")
    remedy = _("Выберите другой день.")


class ReserveReasonMissing(Refusal):
    code = "reserve_reason_missing"
    status = 422
    message = _("Не указана причина.")
    remedy = _("Напишите одну фразу: по ней принимают решение.")


class NotAgreedHere(Refusal):
    code = "not_agreed_here"
    status = 403
    message = _("Резервные дни в этой кампании согласует другой уровень.")


@dataclass(frozen=True)
class DayProblem:
    """`message`: what is wrong with the days of a work in a form (lazy text)."""

    work: str
    form: Form
    message: object


class BadSchedule(Refusal):
    code = "bad_schedule"
    status = 422
    message = _("В расписании есть ошибки, они отмечены у полей.")
    safe = _("Ничего не сохранено, введённое осталось на странице.")
    remedy = _("Исправьте отмеченное и отправьте ещё раз.")

    def __init__(self, problems: list[DayProblem]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True)
class Consequence:
    """What a day means for result forms: their last moment, whether it is past by then, when results are shown."""

    word: Literal["timely", "late", "too_late"]
    forms_until: str
    results_from: date | None


def read_schedule_rules(campaign: Campaign) -> ScheduleRules:
    """Raises NoSchedule."""
    if campaign.contents.schedule is None:
        raise NoSchedule()
    return campaign.contents.schedule


def check_open(campaign: Campaign, zone: str, now_ms: int) -> None:
    """Raises NoSchedule, ScheduleClosed."""
    until = read_schedule_rules(campaign).until
    if now_ms >= compute_deadline(until, zone):
        raise ScheduleClosed(_("Приём расписаний закрыт: срок был %(until)s.", until=describe_deadline(until, zone)))


def list_places(campaign: Campaign, numbers: Mapping[str, Mapping[str, int]] | None) -> list[tuple[Work, Form]]:
    """Works and forms a school names days for: those it applied for, all of the campaign where it has told nothing."""
    return [(work, form) for work in campaign.contents.works for form in work.forms
            if numbers is None or numbers.get(work.id, {}).get(form)]


def check_days(places: Iterable[tuple[Work, Form]], typed: Mapping[Place, Sequence[str]]) -> Days:
    """Days inside the period from the texts of a page. Raises EmptySchedule, BadSchedule."""
    problems: list[DayProblem] = []
    days: Days = {}
    for work, form in places:
        found: set[date] = set()
        for text in typed.get((work.id, form), ()):
            try:
                found |= {check_day(work, form, text)} if text.strip() else set()
            except CellProblem as problem:
                problems.append(DayProblem(work.id, form, problem.message))
        if found:
            days.setdefault(work.id, {})[form] = [day.isoformat() for day in sorted(found)]
    if problems:
        raise BadSchedule(problems)
    if not days:
        raise EmptySchedule()
    return days


def check_day(work: Work, form: Form, text: str) -> date:
    """A day inside the period. Raises CellProblem, also for the formats nobody can read."""
    day, period = parse_date(text.strip()), work.periods[form]
    if day not in period:
        raise CellProblem(_("%(day)s вне периода %(first)s – %(last)s: такой день просят как резервный",
                            day=f"{day:%d.%m.%Y}", first=f"{period.first:%d.%m.%Y}", last=f"{period.last:%d.%m.%Y}"))
    return day


def check_reserve_day(campaign: Campaign, work: str, form: str, day: date, zone: str, now_ms: int) -> None:
    """A reserve day is outside the period, inside what the campaign allows, and not over.

    Raises NoSchedule, UnknownWork, BadReserveDay.
    """
    reserve = read_reserve(campaign)
    known = find_work(campaign, work)
    if form not in known.forms:
        raise BadReserveDay(_("Эта работа в такой форме не проводится."))
    period = known.periods[form]
    if day in period:
        raise BadReserveDay(_("Этот день внутри периода работы: назначьте его в расписании, согласие не нужно."))
    if reserve.period is not None and day not in reserve.period:
        raise BadReserveDay(_("Резервные дни в этой кампании: с %(first)s по %(last)s.",
                              first=f"{reserve.period.first:%d.%m.%Y}", last=f"{reserve.period.last:%d.%m.%Y}"))
    if day <= datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date():
        raise BadReserveDay(_("Этот день уже идёт или прошёл."))


def read_reserve(campaign: Campaign) -> ReserveDays:
    """Raises NoSchedule, BadReserveDay where the campaign knows no reserve days."""
    reserve = read_schedule_rules(campaign).reserve
    if reserve is None:
        raise BadReserveDay(_("В этой кампании резервных дней нет."))
    return reserve


def may_agree(campaign: Campaign, level: str) -> bool:
    """Whether somebody of this level decides on reserve days."""
    reserve = campaign.contents.schedule.reserve if campaign.contents.schedule else None
    return reserve is not None and LEVELS.index(level) >= LEVELS.index(reserve.agreed_by)


def check_words(text: str) -> str:
    """A reason or a remark, trimmed. Raises ReserveReasonMissing."""
    words = " ".join(text.split())[:MOST_WORDS]
    if not words:
        raise ReserveReasonMissing()
    return words


def foresee_forms(campaign: Campaign, work: str, day: date, zone: str) -> Consequence | None:
    """What a day means for the result forms of a work (seed 000, 2.4.1); None where the campaign names no last day."""
    results, due = campaign.contents.results, find_work(campaign, work).forms_due
    if results is None or due is None:
        return None
    hour, late = results.forms_until, results.late
    until = f"{due:%d.%m.%Y}, {hour.hour.lstrip('0') or '0'}"
    if instant_of(day, "23:59", zone) < instant_of(due, hour.hour, zone_of(hour.zone, zone)) or day <= due:
        return Consequence("timely", until, results.results_from)
    if late is not None and instant_of(day, "00:00", zone) < compute_deadline(late.until, zone):
        return Consequence("late", describe_deadline(late.until, zone), late.results_from)
    return Consequence("too_late", until, None)


def judge_school(places: Sequence[tuple[Work, Form]], days: Mapping[str, Mapping[str, Sequence[str]]],
                 agreed: Iterable[Place], is_waited_for: bool) -> str:
    """waiting (no day at all), attention (a reserve day is asked for), running (some works have none) or ready."""
    named = {(work, form) for work, forms in days.items() for form, some in forms.items() if some} | set(agreed)
    if is_waited_for:
        return "attention"
    if not named:
        return "waiting"
    return "ready" if {(work.id, form) for work, form in places} <= named else "running"
