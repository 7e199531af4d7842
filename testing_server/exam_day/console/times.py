"""Times as people of a school read them. Takes Unix ms and the school's zone; gives text that names the zone."""
from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

MOSCOW = ZoneInfo("Europe/Moscow")


class BadTime(Refusal):
    code = "bad_time"
    status = 422
    message = _("Время начала не читается.")
    remedy = _("Введите часы и минуты, например 9:00.")


def find_zone(name: str) -> ZoneInfo:
    """The school's zone; Moscow's when none is known yet."""
    try:
        return ZoneInfo(name) if name else MOSCOW
    except (ZoneInfoNotFoundError, ValueError):
        return MOSCOW


def name_offset(zone: ZoneInfo, at_ms: int) -> str:
    """МСК, МСК+4, МСК−1: how the zone stands to Moscow at that moment."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    own, moscow = moment.astimezone(zone).utcoffset(), moment.astimezone(MOSCOW).utcoffset()
    minutes = int(((own - moscow).total_seconds() if own is not None and moscow is not None else 0) // 60)
    if not minutes:
        return "МСК"
    hours, rest = divmod(abs(minutes), 60)
    return f"МСК{'+' if minutes > 0 else '−'}{hours}{f':{rest:02d}' if rest else ''}"


def show_moment(at_ms: int, zone_name: str) -> str:
    """"23.11.2026 07:30 (МСК+4)"."""
    zone = find_zone(zone_name)
    return f"{datetime.fromtimestamp(at_ms / 1000, zone):%d.%m.%Y %H:%M} ({name_offset(zone, at_ms)})"


def show_clock(at_ms: int, zone_name: str) -> str:
    """"07:30:05" in the school's zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000, find_zone(zone_name)):%H:%M:%S}"


def show_span(seconds: int) -> str:
    """"1:05:09" or "5:09"."""
    hours, rest = divmod(max(0, seconds), 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def show_day(day: str) -> str:
    """"2026-11-23" as "23.11.2026"; anything else as it is."""
    return ".".join(reversed(day.split("-")))


def today_of(at_ms: int, zone_name: str) -> str:
    """"2026-11-23" at the school."""
    return f"{datetime.fromtimestamp(at_ms / 1000, find_zone(zone_name)):%Y-%m-%d}"


def read_clock(day: str, clock: str, zone_name: str) -> int:
    """Unix ms of "2026-11-23", "9:00" in the school's zone. Raises BadTime."""
    try:
        moment = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M")
    except ValueError as error:
        raise BadTime() from error
    return int(moment.replace(tzinfo=find_zone(zone_name)).timestamp() * 1000)
