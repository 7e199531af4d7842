"""Instants of a campaign: pure functions of its rules, a date, the school's zone and the moment of sealing.

Every hour names its zone. Nothing here can be switched: a gate opens at the instant computed once, at sealing.
"""
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.registry.rules import check_zone

HOUR_MS = 3_600_000
SCHOOL_ZONE = "school"
MOSCOW = "Europe/Moscow"
# How long workstations keep work that the hub has received, where a campaign does not say.
KEEP_DAYS, MOST_KEEP_DAYS = 30, 3650


class BadCampaign(Refusal):
    """Data of a campaign that must not be used; the text says why."""

    code = "bad_campaign"
    status = 422


@dataclass(frozen=True)
class Campaign:
    """A period of works. `max_pace`: how many times faster than real time its exam clock may run (1 if counted).

    `keep_days`: how many days after the receipt workstations keep their copy of the work.
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


def read_campaign(data: dict[str, Any]) -> Campaign:
    """A campaign from its JSON. Raises BadCampaign naming what is wrong."""
    try:
        rules = data["rules"]
        campaign = Campaign(str(data["id"]), str(data["title"]), bool(data["counted"]), int(data["max_pace"]),
                            rules["cipher"], rules["criteria"], rules["window"], int(data["marking"]["rounds"]),
                            int(rules.get("keep_days", KEEP_DAYS)))
        check_campaign(campaign)
    except (KeyError, TypeError, ValueError) as error:
        raise BadCampaign(f"campaign data: {error}") from error
    return campaign


def check_campaign(campaign: Campaign) -> None:
    """Raises BadCampaign. A counted campaign keeps real time and real hours."""
    day = date(2027, 1, 1)
    compute_opening(campaign.cipher, day, MOSCOW, 0)
    compute_opening(campaign.criteria, day, MOSCOW, 0)
    compute_window(campaign.window, day, MOSCOW, 0)
    if campaign.max_pace < 1 or campaign.rounds < 1:
        raise BadCampaign("max_pace and rounds count from 1")
    if not int(campaign.counted) <= campaign.keep_days <= MOST_KEEP_DAYS:
        raise BadCampaign(f"keep_days: 1 to {MOST_KEEP_DAYS}; 0 only where nothing counts")
    if campaign.counted and campaign.max_pace != 1:
        raise BadCampaign("a counted campaign runs at pace 1")
    if campaign.counted and {"at_sealing", "around_now"} & {
            campaign.cipher["kind"], campaign.criteria["kind"], campaign.window["kind"]}:
        raise BadCampaign("a counted campaign opens at hours, not at sealing")


def compute_opening(rule: dict[str, Any], day: date, school_zone: str, sealed_at_ms: int) -> int:
    """When a cipher opens (Unix ms). `day`: of the work, on the calendar of the zone the rule names."""
    if rule["kind"] == "at_sealing":
        return sealed_at_ms
    if rule["kind"] == "at_hour":
        return instant_of(day, rule["hour"], _zone(rule, school_zone))
    raise BadCampaign(f"unknown kind of opening rule: {rule['kind']!r}")


def compute_window(rule: dict[str, Any], day: date, school_zone: str, now_ms: int) -> tuple[int, int]:
    """Between which moments answers count (Unix ms)."""
    if rule["kind"] == "around_now":
        return now_ms - rule["before_h"] * HOUR_MS, now_ms + rule["after_h"] * HOUR_MS
    if rule["kind"] == "hours":
        zone = _zone(rule, school_zone)
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


def _zone(rule: dict[str, Any], school_zone: str) -> str:
    return school_zone if rule["zone"] == SCHOOL_ZONE else str(rule["zone"])
