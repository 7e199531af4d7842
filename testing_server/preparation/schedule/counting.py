"""Counting schedules of a country. Takes a session and a territory; gives how many schools are in which state.

No school is read: the database counts those whose application and schedule have the same shapes, and the rules judge
each pair of shapes once. Schools with reserve days are few and are judged one by one.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from testing_server.foundation.storage.joining import join_by_hash
from testing_server.preparation.applications.queries import APPLICATION
from testing_server.preparation.campaigns.contents import Form, Work
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import count_parts, count_schools, is_open_school, select_parts
from testing_server.preparation.schedule.queries import SCHEDULE
from testing_server.preparation.schedule.records import ReserveDayRecord
from testing_server.preparation.schedule.rules import Place, judge_school, list_places
from testing_server.preparation.sheets.queries import read_shapes, select_newest


@dataclass(frozen=True)
class _Group:
    """So many schools whose sheets have these shapes (None: no sheet); `example`: one of them."""

    part: str
    applied: int | None
    told: int | None
    example: str
    schools: int = 1


@dataclass
class _Asking:
    """A school that asks for reserve days or was given some."""

    group: _Group
    agreed: list[Place] = field(default_factory=list)
    is_waited_for: bool = False


def count_schedules(session: Session, campaign: Campaign, territory: str | None = None) -> Counter[str]:
    """State -> open schools of a territory."""
    join_by_hash(session)
    told, applied = _select_sheets(campaign)
    groups = [_Group("", *row) for row in session.execute(
        select(applied.c.shape, told.c.shape, func.min(told.c.school), func.count())
        .select_from(told.outerjoin(applied, applied.c.school == told.c.school))
        .where(is_open_school(told.c.school, territory)).group_by(applied.c.shape, told.c.shape))]
    silent = count_schools(session, territory) - sum(one.schools for one in groups)
    asking = _list_asking(session, campaign, territory)
    found = _judge(session, campaign, [*groups, _Group("", None, None, "", silent)], asking)
    return +sum(found.values(), Counter())


def count_schedules_of_parts(session: Session, campaign: Campaign,
                             territory: str | None = None) -> dict[str, Counter[str]]:
    """Part of a territory -> state -> open schools; parts by name."""
    join_by_hash(session)
    told, applied = _select_sheets(campaign)
    places = select_parts(territory).subquery()
    # from the sheets to the places and not the other way: SQLite then walks all three in one order
    rows = session.execute(
        select(places.c.part, applied.c.shape, told.c.shape, func.min(told.c.school), func.count())
        .select_from(told.outerjoin(places, places.c.id == told.c.school)
                     .outerjoin(applied, applied.c.school == told.c.school))
        .group_by(places.c.part, applied.c.shape, told.c.shape))
    groups = [_Group(*row) for row in rows if row[0] is not None]
    silent = Counter(count_parts(session, territory))
    for one in groups:
        silent[one.part] -= one.schools
    everybody = [*(_Group(part, None, None, "", schools) for part, schools in silent.items()), *groups]
    return {part: +counts for part, counts in
            _judge(session, campaign, everybody, _list_asking(session, campaign, territory)).items()}


def _select_sheets(campaign: Campaign) -> tuple[Subquery, Subquery]:
    return select_newest(campaign.id, SCHEDULE).subquery(), select_newest(campaign.id, APPLICATION).subquery()


def _list_asking(session: Session, campaign: Campaign, territory: str | None) -> list[_Asking]:
    told, applied = _select_sheets(campaign)
    places, record = select_parts(territory).subquery(), ReserveDayRecord
    found: dict[str, _Asking] = {}
    for part, shape, of_schedule, school, work, form, state in session.execute(
            select(places.c.part, applied.c.shape, told.c.shape, record.school, record.work, record.form, record.state)
            .join(places, places.c.id == record.school).outerjoin(told, told.c.school == record.school)
            .outerjoin(applied, applied.c.school == record.school)
            .where(record.campaign == campaign.id, record.state.in_(("waiting", "agreed")))):
        one = found.setdefault(school, _Asking(_Group(part, shape, of_schedule, school)))
        if state == "agreed":
            one.agreed.append((work, form))
        else:
            one.is_waited_for = True
    return list(found.values())


def _judge(session: Session, campaign: Campaign, groups: Sequence[_Group],
           asking: Sequence[_Asking]) -> dict[str, Counter[str]]:
    """Part -> state -> schools: all as though nobody asked for reserve days, then those who did once more."""
    shapes = _learn_shapes(session, campaign, [*groups, *(one.group for one in asking)])
    of_country = {one.part for one in groups} == {""}
    counts: dict[str, Counter[str]] = {}
    for one in groups:
        counts.setdefault(one.part, Counter())[shapes.judge(one)] += one.schools
    for school in asking:
        of_part = counts.setdefault("" if of_country else school.group.part, Counter())
        of_part[shapes.judge(school.group)] -= 1
        of_part[shapes.judge(school.group, school.agreed, school.is_waited_for)] += 1
    return counts


@dataclass(frozen=True)
class _Shapes:
    """`places`, `days`: what the shapes of applications and of schedules mean to the rules; `known`: judged before."""

    places: Mapping[int | None, list[tuple[Work, Form]]]
    days: Mapping[int, Mapping[str, Any]]
    known: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def judge(self, group: _Group, agreed: Sequence[Place] = (), is_waited_for: bool = False) -> str:
        key = (group.applied, group.told, *agreed, is_waited_for)
        if key not in self.known:
            days = self.days.get(group.told, {}) if group.told is not None else {}
            self.known[key] = judge_school(self.places.get(group.applied, ()), days, agreed, is_waited_for)
        return self.known[key]


def _learn_shapes(session: Session, campaign: Campaign, groups: Iterable[_Group]) -> _Shapes:
    applied = {one.applied: one.example for one in groups if one.applied is not None}
    told = {one.told: one.example for one in groups if one.told is not None}
    places: dict[int | None, list[tuple[Work, Form]]] = {None: list_places(campaign, None)}
    for shape, content in read_shapes(session, campaign.id, APPLICATION, applied).items():
        places[shape] = list_places(campaign, content)
    return _Shapes(places, read_shapes(session, campaign.id, SCHEDULE, told))
