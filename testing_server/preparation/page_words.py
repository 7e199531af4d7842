"""Small words of this stage's pages: instants with their zone, sizes. Registered as template filters."""
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from testing_server.preparation.campaigns.contents import Deadline
from testing_server.preparation.campaigns.rules import MOSCOW, describe_deadline, describe_instant, describe_zone


def show_school_instant(at_ms: int, zone: str) -> str:
    """"14.04.2027, 7:30 по времени школы (МСК+4)"."""
    where = show_zone(at_ms, zone)
    instant = describe_instant(at_ms, zone)
    if describe_zone(at_ms, zone) == "МСК":
        return _("%(instant)s по московскому времени", instant=instant)
    return _("%(instant)s по времени школы (%(zone)s)", instant=instant, zone=where)


def show_zone(at_ms: int, zone: str) -> str:
    """"МСК+4", in English "MSK+4"."""
    return describe_zone(at_ms, zone).replace("МСК", _("МСК"))


def show_moscow_instant(at_ms: int) -> str:
    """"14.04.2027, 14:00 по московскому времени"."""
    return _("%(instant)s по московскому времени", instant=describe_instant(at_ms, MOSCOW))


def show_day(day: str | date) -> str:
    """"2027-04-14" as "14.04.2027"."""
    return f"{date.fromisoformat(day) if isinstance(day, str) else day:%d.%m.%Y}"


def show_deadline(deadline: Deadline, zone: str) -> str:
    """"06.02.2020, 18:00 (МСК)", in the zone the deadline names; `zone`: the school's."""
    return describe_deadline(deadline, zone).replace("МСК", _("МСК"))


def show_hours(opens_at_ms: int, closes_at_ms: int, zone: str) -> str:
    """"8:00–20:00 (МСК+4)"; with the dates where the two differ."""
    opens, closes = (datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))
                     for at in (opens_at_ms, closes_at_ms))
    where = show_zone(opens_at_ms, zone)
    if opens.date() == closes.date():
        return f"{opens.hour}:{opens:%M}–{closes.hour}:{closes:%M} ({where})"
    return f"{opens:%d.%m} {opens.hour}:{opens:%M} – {closes:%d.%m} {closes.hour}:{closes:%M} ({where})"


def show_size(count: int) -> str:
    """Bytes in the unit people know from their file manager."""
    for unit, size in ((_("ГБ"), 1024 ** 3), (_("МБ"), 1024 ** 2), (_("КБ"), 1024)):
        if count >= size:
            return f"{count / size:.1f} {unit}".replace(".", ",")
    return _("%(count)s байт", count=count)


FILTERS: dict[str, Callable[..., Any]] = {
    "school_instant": show_school_instant, "moscow_instant": show_moscow_instant, "day": show_day, "size": show_size,
    "hours": show_hours, "deadline": show_deadline}
