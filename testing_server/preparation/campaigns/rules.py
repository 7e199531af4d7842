"""Instants of a campaign: pure functions of its rules, a date, the school's zone and the moment of sealing.

Every hour names its zone. Nothing here can be switched: a gate opens at the instant computed once, at sealing.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.contents import Contents, Deadline, MarkingRules, Materials, Work
from testing_server.preparation.registry.rules import check_zone

HOUR_MS = 3_600_000
SCHOOL_ZONE = "school"
MOSCOW = "Europe/Moscow"
# How long workstations keep work that the hub has received, where a campaign does not say.
KEEP_DAYS, MOST_KEEP_DAYS = 30, 3650
# rules that open without waiting for an hour of the day: for training, and criteria of works without a cipher
SOON = frozenset({"at_sealing", "around_now"})
WITH_MATERIALS = "with_materials"


class BadCampaign(Refusal):
    """Data of a campaign that must not be used; the text says why."""

    code = "bad_campaign"
    status = 422


class UnknownWork(Refusal):
    code = "unknown_work"
    status = 404
    message = _("В этой кампании нет такой работы.")
    remedy = _("Выберите работу из списка кампании.")


@dataclass(frozen=True)
class Campaign:
    """A period of works. `max_pace`: how many times faster than real time its exam clock may run (1 if counted).

    `cipher`, `criteria`, `window`: rules for `compute_opening` and `compute_window`; a work may differ, so ask
    `find_rules`. `rounds`: of `marking`. `keep_days`: how many days after the receipt workstations keep their copy of
    the work. `contents`: everything else the data says.
    """

    id: str
    title: str
    counted: bool
    max_pace: int
    cipher: dict[str, Any]
    criteria: dict[str, Any]
    window: dict[str, Any]
    rounds: int
    keep_days: int = KEEP_DAYS
    marking: MarkingRules = field(default_factory=lambda: MarkingRules(rounds=1))
    contents: Contents = field(default_factory=Contents)


@dataclass(frozen=True)
class WorkRules:
    """The rules of one work: what its campaign says, and where the work differs. `work`: None where it is unlisted."""

    work: Work | None
    materials: Materials
    cipher: dict[str, Any]
    criteria: dict[str, Any]
    window: dict[str, Any]
    marking: MarkingRules


@dataclass(frozen=True)
class FormTiming:
    """When a result form came: `timely`, `late` or `closed`; `results_from`: the day its results are shown from."""

    word: Literal["timely", "late", "closed"]
    results_from: date | None


def find_work(campaign: Campaign, work: str) -> Work:
    """By its id, or by the id of an assessment that is this work. Raises UnknownWork."""
    for one in campaign.contents.works:
        if one.id == work or work in one.assessments:
            return one
    raise UnknownWork(details={"work": work[:80]})


def find_rules(campaign: Campaign, work: str) -> WorkRules:
    """The rules of a work, by its id or its assessment's; the campaign's own where it lists no such work."""
    common = WorkRules(None, campaign.contents.materials, campaign.cipher, campaign.criteria, campaign.window,
                       campaign.marking)
    try:
        found = find_work(campaign, work)
    except UnknownWork:
        return common
    return replace(
        common, work=found, materials=found.materials or common.materials, marking=found.marking or common.marking,
        criteria=resolve_criteria(found.criteria or common.criteria, found))


def resolve_criteria(rule: dict[str, Any], work: Work) -> dict[str, Any]:
    """"On the first day of the period" becomes that day: the earliest of the work's periods."""
    if rule.get("kind") != "period_start":
        return rule
    first = min(period.first for period in work.periods.values())
    return {"kind": "at_date", "date": first.isoformat(), "hour": rule["hour"], "zone": rule["zone"]}


def judge_form(campaign: Campaign, work: str, school_zone: str, now_ms: int) -> FormTiming:
    """Whether a result form that comes now is in time: the work's last day until the campaign's hour, then the late
    rule (seed 000 §2.4). A campaign that names no last day closes nothing."""
    results = campaign.contents.results
    due = find_work(campaign, work).forms_due if campaign.contents.works else None
    if results is None:
        return FormTiming("timely", None)
    until = results.forms_until
    if due is None or now_ms < instant_of(due, until.hour, zone_of(until.zone, school_zone)):
        return FormTiming("timely", results.results_from)
    if results.late is not None and now_ms < compute_deadline(results.late.until, school_zone):
        return FormTiming("late", results.late.results_from)
    return FormTiming("closed", None)


def compute_publishing(campaign: Campaign, work: str, day: date, school_zone: str) -> int:
    """The moment until which a work's archives must be published (Unix ms). `day`: of the school's work; a reserve day
    outside the period counts for itself."""
    rules = find_rules(campaign, work)
    told = rules.materials
    if told.counts_from == "period" and rules.work is not None:
        day = _find_start(rules.work, day)
    last = day - timedelta(days=told.days_before)
    if told.by is not None:
        return instant_of(last, told.by.hour, zone_of(told.by.zone, school_zone))
    return instant_of(last + timedelta(days=1), "00:00", school_zone)


def _find_start(work: Work, day: date) -> date:
    # where both forms have the day: archives are for computers
    inside = [work.periods[form] for form in reversed(work.forms) if day in work.periods[form]]
    return inside[0].first if inside else day


def compute_software_due(campaign: Campaign, zone: str = MOSCOW) -> int | None:
    """The moment until which programs and training material must be offered to schools (Unix ms, end of that day in
    `zone`): before the first day of any work done at a computer. None where there is none, or nothing counts."""
    days = [work.periods["computer"].first - timedelta(days=(work.materials or campaign.contents.materials)
                                                       .software_days_before)
            for work in campaign.contents.works if "computer" in work.periods]
    if not days or not campaign.counted:
        return None
    return instant_of(min(days) + timedelta(days=1), "00:00", zone)


def compute_deadline(deadline: Deadline, school_zone: str = MOSCOW) -> int:
    """Its instant (Unix ms): what comes at it or after it is late."""
    return instant_of(deadline.date, deadline.hour, zone_of(deadline.zone, school_zone))


def describe_deadline(deadline: Deadline, school_zone: str = MOSCOW) -> str:
    """"06.02.2020, 18:00 (МСК)", on the clock the deadline names."""
    at_ms, zone = compute_deadline(deadline, school_zone), zone_of(deadline.zone, school_zone)
    return f"{describe_instant(at_ms, zone)} ({describe_zone(at_ms, zone)})"


def compute_opening(rule: dict[str, Any], day: date, school_zone: str, sealed_at_ms: int) -> int:
    """When a cipher or criteria open (Unix ms). `day`: of the work, on the calendar of the zone the rule names."""
    if rule["kind"] in ("at_sealing", WITH_MATERIALS):
        return sealed_at_ms
    if rule["kind"] == "at_hour":
        return instant_of(day, rule["hour"], zone_of(rule["zone"], school_zone))
    if rule["kind"] == "at_date":
        return instant_of(date.fromisoformat(rule["date"]), rule["hour"], zone_of(rule["zone"], school_zone))
    raise BadCampaign(f"unknown kind of opening rule: {rule['kind']!r}")


def compute_window(rule: dict[str, Any], day: date, school_zone: str, now_ms: int) -> tuple[int, int]:
    """Between which moments answers count (Unix ms)."""
    if rule["kind"] == "around_now":
        return now_ms - rule["before_h"] * HOUR_MS, now_ms + rule["after_h"] * HOUR_MS
    if rule["kind"] == "hours":
        zone = zone_of(rule["zone"], school_zone)
        opens, closes = instant_of(day, rule["from"], zone), instant_of(day, rule["to"], zone)
        if opens >= closes:
            raise BadCampaign("a window closes after it opens")
        return opens, closes
    raise BadCampaign(f"unknown kind of window rule: {rule['kind']!r}")


def instant_of(day: date, hour: str, zone: str) -> int:
    """The instant (Unix ms) of a wall time "07:30". Where clocks are set back and it comes twice: the later one;
    where it is skipped: the moment just after the gap, as far in as the hour says. Never early."""
    wall = datetime.combine(day, time.fromisoformat(hour), ZoneInfo(check_zone(zone)))
    both = [wall.replace(fold=fold).astimezone(UTC).timestamp() for fold in (0, 1)]
    return int(max(both)) * 1000


def describe_instant(at_ms: int, zone: str) -> str:
    """How people read it: "23.11.2026, 7:30 по времени школы (МСК+4)"."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    return f"{local:%d.%m.%Y}, {local.hour}:{local:%M}"


def describe_zone(at_ms: int, zone: str) -> str:
    """The zone against Moscow at that moment: "МСК", "МСК+4", "МСК−1", "МСК+5:30"."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    ahead = moment.astimezone(ZoneInfo(zone)).utcoffset(), moment.astimezone(ZoneInfo(MOSCOW)).utcoffset()
    minutes = int((ahead[0] - ahead[1]).total_seconds()) // 60  # type: ignore[operator]
    if minutes == 0:
        return "МСК"
    hours, rest = divmod(abs(minutes), 60)
    return f"МСК{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


def zone_of(zone: str, school_zone: str) -> str:
    """The zone a rule names: "school" is the school's own."""
    return school_zone if zone == SCHOOL_ZONE else zone
