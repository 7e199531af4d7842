"""What a campaign asks of a school and how far it is, and the same counted over a territory.

Takes a session, campaigns and schools. Gives tasks in the order of their deadlines; reads every stage's queries.
"""
from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from testing_server.preparation.applications.queries import list_applications
from testing_server.preparation.campaigns.contents import Deadline
from testing_server.preparation.campaigns.rules import MOSCOW, Campaign, compute_deadline
from testing_server.preparation.questionnaires.queries import find_form, list_answers
from testing_server.preparation.questionnaires.rules import BadQuestionnaire, UnknownQuestionnaire
from testing_server.preparation.registry.queries import School
from testing_server.preparation.schedule.queries import list_schedules

log = logging.getLogger(__name__)
NO_WORK_COMES = 1_000_000


class Told(Protocol):
    """What a school has told of one thing."""

    @property
    def state(self) -> str: ...


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


def list_tasks(session: Session, data: Path, campaigns: list[Campaign], schools: list[School],
               now_ms: int) -> list[CampaignTasks]:
    """Campaigns that go on first; `schools`: one, or a territory's. What is over is counted for one school only."""
    zone = schools[0].zone if len(schools) == 1 else MOSCOW
    found = [CampaignTasks(one, is_over(one, zone, now_ms), tuple(sorted(
        _collect(session, data, one, schools if len(schools) == 1 or not is_over(one, zone, now_ms) else [], zone),
        key=lambda task: task.until_ms or now_ms * 2))) for one in campaigns]
    return sorted(found, key=lambda one: one.is_over)


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


def _collect(session: Session, data: Path, campaign: Campaign, schools: list[School], zone: str) -> list[Task]:
    contents = campaign.contents
    tasks = []
    if contents.applications is not None:
        counts = _count(list_applications(session, campaign, schools, told_only=True), schools)
        tasks.append(_describe("application", contents.applications.steps[0].until, zone, counts))
    if contents.schedule is not None:
        counts = _count(list_schedules(session, campaign, schools, told_only=True), schools)
        tasks.append(_describe("schedule", contents.schedule.until, zone, counts))
    for one in contents.questionnaires:
        try:
            form = find_form(data, campaign, one.id)
        except (UnknownQuestionnaire, BadQuestionnaire) as refusal:
            log.error("questionnaire %s of %s is not shown: %s", one.id, campaign.id, refusal.message)
            continue
        counts = _count(list_answers(session, campaign, one.id, form, schools, told_only=True), schools)
        tasks.append(_describe("questionnaire", one.until, zone, counts, one.id, form.title, one.opens))
    return tasks


def _count(told: Sequence[Told], schools: list[School]) -> Counter[str]:
    """State -> schools; whoever has told nothing is waited for, and nobody looks at each of them."""
    counts = Counter(one.state for one in told)
    counts["waiting"] += len(schools) - len(told)
    return +counts


def _describe(kind: str, until: Deadline | None, zone: str, counts: Counter[str], id: str = "", title: str = "",
              opens: date | None = None) -> Task:
    return Task(kind, id, title, until, compute_deadline(until, zone) if until else None, opens, dict(counts))
