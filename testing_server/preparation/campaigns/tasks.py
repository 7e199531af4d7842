"""What a campaign asks of a school and how far it is, and the same counted over a territory.

Takes a session, campaigns and a school or a territory. Gives tasks in the order of their deadlines; reads every
stage's queries, and of a territory none of its schools.
"""
from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from testing_server.preparation.applications.queries import count_applications, read_application
from testing_server.preparation.campaigns.contents import Deadline
from testing_server.preparation.campaigns.rules import MOSCOW, Campaign, compute_deadline
from testing_server.preparation.questionnaires.queries import count_answers, find_form, read_answers
from testing_server.preparation.questionnaires.rules import BadQuestionnaire, QuestionForm, UnknownQuestionnaire
from testing_server.preparation.registry.queries import School
from testing_server.preparation.schedule.counting import count_schedules
from testing_server.preparation.schedule.queries import read_schedule

log = logging.getLogger(__name__)
NO_WORK_COMES = 1_000_000


class Counts(Protocol):
    """State -> schools of each thing a campaign asks."""

    def applications(self, campaign: Campaign) -> Counter[str]: ...

    def schedules(self, campaign: Campaign) -> Counter[str]: ...

    def answers(self, campaign: Campaign, questionnaire: str, form: QuestionForm) -> Counter[str]: ...


@dataclass(frozen=True)
class Task:
    """`kind`: application, schedule or questionnaire; `id`: of a questionnaire, with its `title`.

    `counts`: state -> schools; `until_ms`: None where it has no last moment; `opens`: the day before which it is shut.
    """

    kind: str
    id: str
    title: str
    until: Deadline | None
    until_ms: int | None
    opens: date | None
    counts: dict[str, int]

    @property
    def state(self) -> str:
        """Of the one school it was counted over."""
        return next(iter(self.counts), "waiting")


@dataclass(frozen=True)
class CampaignTasks:
    """A campaign and what it asks, the nearest deadline first."""

    campaign: Campaign
    is_over: bool
    tasks: tuple[Task, ...]


def list_tasks(session: Session, data: Path, campaigns: list[Campaign], school: School,
               now_ms: int) -> list[CampaignTasks]:
    """Of one school; campaigns that go on first."""
    counts = _OfSchool(session, school)
    return _arrange(now_ms, [
        (one, is_over(one, school.zone, now_ms), _collect(data, one, counts, school.zone)) for one in campaigns])


def count_tasks(session: Session, data: Path, campaigns: list[Campaign], territory: str | None,
                now_ms: int) -> list[CampaignTasks]:
    """Of a territory; campaigns that go on first, and those that are over are not counted."""
    counts = _OfTerritory(session, territory)
    over = {one.id: is_over(one, MOSCOW, now_ms) for one in campaigns}
    return _arrange(now_ms, [
        (one, over[one.id], _collect(data, one, _OfNobody() if over[one.id] else counts, MOSCOW))
        for one in campaigns])


def _arrange(now_ms: int, found: list[tuple[Campaign, bool, list[Task]]]) -> list[CampaignTasks]:
    return sorted((CampaignTasks(one, over, tuple(sorted(tasks, key=lambda task: task.until_ms or now_ms * 2)))
                   for one, over, tasks in found), key=lambda one: one.is_over)


def is_over(campaign: Campaign, zone: str, now_ms: int) -> bool:
    """Whether the last day of its works, forms and late forms is behind; never of a campaign without works."""
    days = [period.last for work in campaign.contents.works for period in work.periods.values()]
    days += [work.forms_due for work in campaign.contents.works if work.forms_due]
    days += [one.until.date for one in campaign.contents.questionnaires if one.until]
    results = campaign.contents.results
    if results is not None and results.late is not None:
        days.append(results.late.until.date)
    return bool(days) and max(days) < _find_day(zone, now_ms)


def _find_day(zone: str, now_ms: int) -> date:
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()


def choose_campaign(campaigns: list[Campaign], now_ms: int) -> Campaign | None:
    """The one a page begins with: that counts and goes on, with a work today, else with the next one; else one that
    goes on; else any. `campaigns`: by id."""
    today = _find_day(MOSCOW, now_ms)

    def stand_back(one: Campaign) -> tuple[bool, bool, int]:
        return is_over(one, MOSCOW, now_ms), not one.counted, count_days_to_work(one, today)
    return min(campaigns, key=stand_back, default=None)


def count_days_to_work(campaign: Campaign, today: date) -> int:
    """Days until a work is written, 0 while one is; past all years where none comes any more."""
    left = [max(0, (period.first - today).days) for work in campaign.contents.works for period in work.periods.values()
            if period.last >= today]
    return min(left, default=NO_WORK_COMES)


@dataclass(frozen=True)
class _OfSchool:
    session: Session
    school: School

    def applications(self, campaign: Campaign) -> Counter[str]:
        return Counter([read_application(self.session, campaign, self.school).state])

    def schedules(self, campaign: Campaign) -> Counter[str]:
        return Counter([read_schedule(self.session, campaign, self.school).state])

    def answers(self, campaign: Campaign, questionnaire: str, form: QuestionForm) -> Counter[str]:
        return Counter([read_answers(self.session, campaign, questionnaire, form, self.school).state])


@dataclass(frozen=True)
class _OfTerritory:
    session: Session
    territory: str | None

    def applications(self, campaign: Campaign) -> Counter[str]:
        return count_applications(self.session, campaign, self.territory)

    def schedules(self, campaign: Campaign) -> Counter[str]:
        return count_schedules(self.session, campaign, self.territory)

    def answers(self, campaign: Campaign, questionnaire: str, form: QuestionForm) -> Counter[str]:
        return count_answers(self.session, campaign, questionnaire, form, self.territory)


class _OfNobody:
    def applications(self, campaign: Campaign) -> Counter[str]:
        return Counter()

    def schedules(self, campaign: Campaign) -> Counter[str]:
        return Counter()

    def answers(self, campaign: Campaign, questionnaire: str, form: QuestionForm) -> Counter[str]:
        return Counter()


def _collect(data: Path, campaign: Campaign, counts: Counts, zone: str) -> list[Task]:
    contents = campaign.contents
    tasks = []
    if contents.applications is not None:
        tasks.append(_describe("application", contents.applications.steps[0].until, zone,
                               counts.applications(campaign)))
    if contents.schedule is not None:
        tasks.append(_describe("schedule", contents.schedule.until, zone, counts.schedules(campaign)))
    for one in contents.questionnaires:
        try:
            form = find_form(data, campaign, one.id)
        except (UnknownQuestionnaire, BadQuestionnaire) as refusal:
            log.error("questionnaire %s of %s is not shown: %s", one.id, campaign.id, refusal.message)
            continue
        tasks.append(_describe("questionnaire", one.until, zone, counts.answers(campaign, one.id, form), one.id,
                               form.title, one.opens))
    return tasks


def _describe(kind: str, until: Deadline | None, zone: str, counts: Counter[str], id: str = "", title: str = "",
              opens: date | None = None) -> Task:
    return Task(kind, id, title, until, compute_deadline(until, zone) if until else None, opens, dict(counts))
