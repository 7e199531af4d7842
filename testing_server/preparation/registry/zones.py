"""The eleven zones of Russia by their Russian names. Takes what people write; gives IANA names, and back.

Pure. A school of a place with a zone name of its own (Saratov, Tomsk) keeps that name: its hour is one of the eleven.
"""
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from testing_server.foundation.workbooks.cells import CellProblem, fold_text
from testing_server.preparation.registry.rules import list_known_zones

MOSCOW_HOURS = 3
ZONES = {
    "Europe/Kaliningrad": "Калининград (МСК−1)", "Europe/Moscow": "Москва (МСК)", "Europe/Samara": "Самара (МСК+1)",
    "Asia/Yekaterinburg": "Екатеринбург (МСК+2)", "Asia/Omsk": "Омск (МСК+3)", "Asia/Krasnoyarsk": "Красноярск (МСК+4)",
    "Asia/Irkutsk": "Иркутск (МСК+5)", "Asia/Yakutsk": "Якутск (МСК+6)", "Asia/Vladivostok": "Владивосток (МСК+7)",
    "Asia/Magadan": "Магадан (МСК+8)", "Asia/Kamchatka": "Камчатка (МСК+9)",
}
SHIFT = re.compile(r"^(?:мск|msk)?([+-])?([0-9])?$")


def name_zone(zone: str) -> str:
    """"Екатеринбург (МСК+2)"; a zone beside the eleven by its IANA name and its hours now."""
    if zone in ZONES:
        return ZONES[zone]
    offset = datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    hours = int((offset.total_seconds() if offset else 0) // 3600) - MOSCOW_HOURS
    shift = f"+{hours}" if hours > 0 else f"−{-hours}" if hours else ""
    return f"{zone} (МСК{shift})"


def parse_zone(text: str) -> str:
    """An IANA name from "Екатеринбург (МСК+2)", "МСК+2", "Екатеринбург" or "Asia/Yekaterinburg". Raises CellProblem."""
    plain = text.replace("−", "-").replace("–", "-").strip()
    # also as name_zone shows one beside the eleven: "Europe/Saratov (МСК+1)"
    own = plain.partition(" (")[0]
    if "/" in own and own in list_known_zones():
        return own
    folded, shift = fold_text(plain), _read_shift(plain)
    for zone, name in ZONES.items():
        city, hours = name.replace(")", "").split(" (")
        if folded in (fold_text(name.replace("−", "-")), fold_text(city)) or shift == hours.replace("−", "-"):
            return zone
    raise CellProblem(_("такого часового пояса нет: «%(text)s»; можно %(names)s", text=text[:40],
                        names=", ".join(ZONES.values())))


def _read_shift(text: str) -> str:
    """"МСК+2" from "+2", "msk + 2" and the like, "" from anything else."""
    found = SHIFT.match(re.sub(r"\s", "", text).lower())
    if found is None or (found[2] is None) != (found[1] is None) or not text:
        return ""
    return f"МСК{found[1]}{found[2]}" if found[2] and found[2] != "0" else "МСК"
