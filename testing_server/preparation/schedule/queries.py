"""Reading schedules. Takes a session; gives the days of each school of a territory, none left out."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from testing_server.preparation.applications.queries import APPLICATION
from testing_server.preparation.campaigns.contents import Form, Work
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School
from testing_server.preparation.schedule.records import ReserveDayRecord
from testing_server.preparation.schedule.rules import judge_school, list_places
from testing_server.preparation.sheets.queries import MOST_NAMED, Sheet, list_sheets, read_sheet

SCHEDULE = "schedule"
# shapes of application and schedule, reserve days agreed to, whether one is asked for -> places, state
_Judged = dict[tuple[Any, ...], tuple[tuple[tuple[Work, Form], ...], str]]


@dataclass(frozen=True)
class ReserveDay:
    """`state`: waiting, agreed or refused; `reason`: the school's; `remark`: of whoever decided."""

    school: str
    work: str
    form: str
    day: str
    state: str
    reason: str
    remark: str
    asked_at_ms: int


@dataclass(frozen=True)
class ScheduledDay:
    """A day on which a work is held: inside the period, or a reserve day that was agreed to."""

    work: str
    form: str
    day: str
    is_reserve: bool


@dataclass(frozen=True)
class SchoolSchedule:
    """`places`: works and forms that need a day; `state`: as judge_school; `sheet`: None while nothing was told."""

    school: School
    sheet: Sheet | None
    reserve: tuple[ReserveDay, ...]
    places: tuple[tuple[Work, Form], ...]
    state: str

    @property
    def days(self) -> tuple[ScheduledDay, ...]:
        """All days that hold, in order."""
        told = self.sheet.content if self.sheet else {}
        inside = [ScheduledDay(work, form, day, False) for work, forms in told.items()
                  for form, days in forms.items() for day in days]
        agreed = [ScheduledDay(one.work, one.form, one.day, True) for one in self.reserve if one.state == "agreed"]
        return tuple(sorted([*inside, *agreed], key=lambda one: (one.day, one.work, one.form)))


def list_schedules(session: Session, campaign: Campaign, schools: list[School]) -> list[SchoolSchedule]:
    """Of all the schools given, in their order."""
    ids = [one.id for one in schools]
    applied = list_sheets(session, campaign.id, APPLICATION, ids)
    told = list_sheets(session, campaign.id, SCHEDULE, ids)
    reserve: dict[str, list[ReserveDay]] = {}
    for one in _list_reserve_days_of(session, campaign.id, ids):
        reserve.setdefault(one.school, []).append(one)
    judged: _Judged = {}
    return [_describe(campaign, one, applied.get(one.id), told.get(one.id), reserve.get(one.id, []), judged)
            for one in schools]


def read_schedule(session: Session, campaign: Campaign, school: School) -> SchoolSchedule:
    """Of one school."""
    return _describe(campaign, school, read_sheet(session, campaign.id, APPLICATION, school.id),
                     read_sheet(session, campaign.id, SCHEDULE, school.id),
                     list_reserve_days(session, campaign.id, school.id), {})


def list_reserve_days(session: Session, campaign: str, school: str | None = None) -> list[ReserveDay]:
    """In order of the days; of one school where named."""
    query = _select_reserve_days(campaign)
    if school is not None:
        query = query.where(ReserveDayRecord.school == school)
    return [ReserveDay(*row) for row in session.execute(query)]


def _list_reserve_days_of(session: Session, campaign: str, schools: list[str]) -> list[ReserveDay]:
    wanted = frozenset(schools)
    query = _select_reserve_days(campaign)
    # more ids are more than a statement takes: of a country all are read
    if len(wanted) <= MOST_NAMED:
        query = query.where(ReserveDayRecord.school.in_(wanted))
    return [ReserveDay(*row) for row in session.execute(query) if row[0] in wanted]


def _select_reserve_days(campaign: str) -> Select[str, str, str, str, str, str, str, int]:
    record = ReserveDayRecord
    return (select(record.school, record.work, record.form, record.day, record.state, record.reason, record.remark,
                   record.asked_at_ms)
            .where(record.campaign == campaign).order_by(record.day, record.work, record.form))


def _describe(campaign: Campaign, school: School, applied: Sheet | None, told: Sheet | None,
              reserve: list[ReserveDay], judged: _Judged) -> SchoolSchedule:
    """`judged`: schools whose sheets name the same things and who ask for the same are judged once."""
    agreed = tuple((one.work, one.form) for one in reserve if one.state == "agreed")
    asks = any(one.state == "waiting" for one in reserve)
    key = (applied.shape if applied else None, told.shape if told else None, agreed, asks)
    if key not in judged:
        places = tuple(list_places(campaign, applied.content if applied else None))
        judged[key] = places, judge_school(
            places, told.content if told else {}, agreed, asks)  # type: ignore[arg-type]
    return SchoolSchedule(school, told, tuple(reserve), *judged[key])
