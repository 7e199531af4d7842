"""The facts of today at every school of a territory. Takes a session, the campaign and the moment; gives SchoolDays."""
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.board_queries import SchoolLine, list_school_lines
from testing_server.exam_day.monitor.concerns import (
    FORMS_SOON_MS, Concern, FormDue, SchoolDay, SittingToday, WorkToday, find_concerns, rank_concern)
from testing_server.exam_day.monitor.queries import LiveSitting, list_live_sittings
from testing_server.foundation.progress.queries import list_ready
from testing_server.foundation.progress.rules import Step, read_line
from testing_server.foundation.services import Services
from testing_server.preparation.campaigns.rules import (
    Campaign, compute_window, find_rules, instant_of, zone_of)
from testing_server.preparation.materials.queries import DayWork, list_day_works, list_given_schools

DAY_MS = 86_400_000
KEPT_MS = 10_000
# a form that never came is asked for that long; then it is a matter of the campaign's report
FORMS_ASKED_MS = 3 * DAY_MS
Ready = dict[tuple[str, str], int]


def list_concerns(session: Session, territory: str | None, campaign: Campaign, now_ms: int,
                  language: str = "ru") -> list[tuple[SchoolLine, Concern]]:
    """Everything that needs a person in a territory, the most urgent first."""
    lines = {one.id: one for one in list_school_lines(session, territory, campaign.id)}
    days = read_school_days(session, territory, campaign, now_ms, lines, language)
    found = [(lines[concern.school], concern) for day in days for concern in find_concerns(day, now_ms)]
    return sorted(found, key=lambda one: rank_concern(one[1]))


def find_now(offered: Services, territory: str | None, campaign: Campaign) -> list[tuple[SchoolLine, Concern]]:
    """`list_concerns` of this moment, for everybody who looks at the same territory within a few seconds once."""
    kept: dict[tuple[str | None, str], tuple[int, list[tuple[SchoolLine, Concern]]]] = offered.vault.setdefault(
        "concerns_kept", {})
    now_ms, key = offered.clock.now_ms(), (territory, campaign.id)
    if key not in kept or not 0 <= now_ms - kept[key][0] < KEPT_MS:
        with offered.storage.read() as session:
            kept[key] = now_ms, list_concerns(session, territory, campaign, now_ms)
    return kept[key][1]


def read_school_days(session: Session, territory: str | None, campaign: Campaign, now_ms: int,
                     lines: dict[str, SchoolLine], language: str) -> list[SchoolDay]:
    """Schools with a work today, with sittings, or with forms that are due."""
    works = _read_works(session, territory, campaign, now_ms, lines, language)
    forms = _read_forms(session, territory, campaign, now_ms)
    sittings = _read_sittings(session, territory, campaign.id, now_ms)
    return [SchoolDay(school, one.contact_at_ms, read_line(one.line), tuple(works[school]), tuple(sittings[school]),
                      tuple(forms[school]))
            for school, one in lines.items() if school in works or school in sittings or school in forms]


def _read_works(session: Session, territory: str | None, campaign: Campaign, now_ms: int,
                lines: dict[str, SchoolLine], language: str) -> defaultdict[str, list[WorkToday]]:
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    days = [(today + timedelta(days=offset)).isoformat() for offset in (-1, 0, 1)]
    found: defaultdict[str, list[WorkToday]] = defaultdict(list)
    window = lru_cache(_open_window)
    for one in list_day_works(session, campaign.id, days, territory):
        school = lines.get(one.school)
        if school is not None and date.fromisoformat(one.day) == _local_day(now_ms, school.zone):
            from_ms, until_ms = window(_Rule(campaign, one.assessment), one.day, school.zone, one.opens_at_ms)
            found[one.school].append(_describe_work(one, from_ms, until_ms, language))
    return found


class _Rule:
    """A work of a campaign as a key: rules are dictionaries, which no cache takes."""

    def __init__(self, campaign: Campaign, work: str) -> None:
        self.campaign, self.work = campaign, work

    def __hash__(self) -> int:
        return hash((self.campaign.id, self.work))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rule) and (self.campaign.id, self.work) == (other.campaign.id, other.work)


def _open_window(rule: _Rule, day: str, zone: str, opens_at_ms: int) -> tuple[int, int]:
    return compute_window(find_rules(rule.campaign, rule.work).window, date.fromisoformat(day), zone, opens_at_ms)


def _describe_work(one: DayWork, from_ms: int, until_ms: int, language: str) -> WorkToday:
    title = one.title.get(language) or one.title.get("ru") or one.assessment
    # a cipher that opens later than the window is nobody's fault before it opens
    return WorkToday(one.assessment, title, max(from_ms, one.opens_at_ms), until_ms, one.needs_cipher, one.is_released)


def _read_sittings(session: Session, territory: str | None, campaign: str,
                   now_ms: int) -> defaultdict[str, list[SittingToday]]:
    finished, packages = list_ready(session, campaign, Step.FINISHED), list_ready(session, campaign, Step.PACKAGES)
    found: defaultdict[str, list[SittingToday]] = defaultdict(list)
    for one in list_live_sittings(session, territory, now_ms):
        if one.report.campaign in ("", campaign):
            found[one.school.id].append(_describe_sitting(one, finished, packages))
    return found


def _describe_sitting(one: LiveSitting, finished: Ready, packages: Ready) -> SittingToday:
    key = (one.school.id, one.sitting)
    return SittingToday(one.sitting, one.report.room, one.report.incidents, one.said == "attention",
                        finished.get(key), key in packages)


def _read_forms(session: Session, territory: str | None, campaign: Campaign,
                now_ms: int) -> defaultdict[str, list[FormDue]]:
    """Forms that are due soon or were due lately, of every school that was given the work."""
    found: defaultdict[str, list[FormDue]] = defaultdict(list)
    for work, title, assessments, due_at_ms in _list_due(campaign, now_ms):
        ready = list_ready(session, campaign.id, Step.FORMS)
        for school, assessment in list_given_schools(session, campaign.id, assessments, territory):
            found[school].append(FormDue(work, title, due_at_ms, not ready.keys().isdisjoint(
                {(school, work), (school, assessment)})))
    return found


def _list_due(campaign: Campaign, now_ms: int) -> Iterable[tuple[str, str, tuple[str, ...], int]]:
    results = campaign.contents.results
    for work in campaign.contents.works if results is not None else ():
        if results is None or work.forms_due is None:
            continue
        until = results.forms_until
        # a school's own zone has no place here: what is due by the school's hour is looked at from Moscow
        due_at_ms = instant_of(work.forms_due, until.hour, zone_of(until.zone, "Europe/Moscow"))
        if -FORMS_SOON_MS <= now_ms - due_at_ms <= FORMS_ASKED_MS:
            yield work.id, f"{work.subject}, {work.grade}", work.assessments, due_at_ms


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local_day(now_ms: int, zone: str) -> date:
    return datetime.fromtimestamp(now_ms / 1000, _zone(zone)).date()
