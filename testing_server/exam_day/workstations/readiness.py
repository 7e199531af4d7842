"""The row of one workstation in the readiness table. Pure: takes its last check; gives a mark for each column."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.contracts.messages import CheckWord
from testing_server.contracts.verdicts import NEEDS_ORGANIZER
from testing_server.exam_day.workstations.rules import CLOCK_DOUBT_MS, EMPTY_BATTERY, LOW_DISK_BYTES

GIGABYTE = 1_000_000_000
COMFORT_DISK_BYTES = 2 * GIGABYTE
CLOCK_NOTICED_MS = 10_000
LOW_BATTERY = 50
# speech of one candidate as raw sound (fitting.rules)
SLOW_LINK_KBYTES_S = 100
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Mark:
    """`word`: good, attention, stop or unknown (nobody looked); `text`: what was found."""

    word: str
    text: Any


def mark_readiness(check: Mapping[str, Any], newest_software: str, verdicts: Mapping[str, Any]) -> dict[str, Mark]:
    """sound, disk, clock, battery, link, version -> Mark. `verdicts`: words of the sound verdicts."""
    return {"sound": _mark_sound(check.get("verdict", ""), verdicts), "disk": _mark_disk(check.get("disk_free_bytes")),
            "clock": _mark_clock(check.get("clock_offset_ms")),
            "battery": _mark_battery(check.get("battery_percent"), check.get("on_mains")) if check else NOT_LOOKED,
            "link": _mark_link(check.get("link_kbytes_s")),
            "version": _mark_version(str(check.get("software", "")), newest_software)}


NOT_LOOKED = Mark(UNKNOWN, _("нет данных"))


def _mark_sound(verdict: str, verdicts: Mapping[str, Any]) -> Mark:
    if not verdict:
        return NOT_LOOKED
    return Mark(CheckWord.STOP if verdict in NEEDS_ORGANIZER else CheckWord.GOOD, verdicts.get(verdict, verdict))


def _mark_disk(free: int | None) -> Mark:
    if free is None:
        return NOT_LOOKED
    text = _("%(free)s ГБ", free=f"{free / GIGABYTE:.1f}")
    if free < LOW_DISK_BYTES:
        return Mark(CheckWord.STOP, text)
    return Mark(CheckWord.GOOD if free >= COMFORT_DISK_BYTES else CheckWord.ATTENTION, text)


def _mark_clock(offset_ms: int | None) -> Mark:
    if offset_ms is None:
        return NOT_LOOKED
    seconds = round(offset_ms / 1000)
    text = _("%(seconds)s с", seconds=f"{seconds:+d}" if seconds else "0")
    if abs(offset_ms) > CLOCK_DOUBT_MS:
        return Mark(CheckWord.STOP, text)
    return Mark(CheckWord.GOOD if abs(offset_ms) <= CLOCK_NOTICED_MS else CheckWord.ATTENTION, text)


def _mark_battery(percent: int | None, on_mains: bool | None) -> Mark:
    if percent is None:
        return Mark(CheckWord.GOOD, _("нет, сеть"))
    if on_mains:
        return Mark(CheckWord.GOOD, _("сеть, %(percent)s %%", percent=percent))
    text = _("%(percent)s %%, без сети", percent=percent)
    if percent < EMPTY_BATTERY:
        return Mark(CheckWord.STOP, text)
    return Mark(CheckWord.ATTENTION if percent < LOW_BATTERY else CheckWord.GOOD, text)


def _mark_link(kbytes_s: int | None) -> Mark:
    if not kbytes_s:
        return NOT_LOOKED
    text = _("%(speed)s МБ/с", speed=f"{kbytes_s / 1000:.1f}")
    if kbytes_s < SLOW_LINK_KBYTES_S:
        return Mark(CheckWord.STOP, text)
    return Mark(CheckWord.GOOD if kbytes_s >= 2 * SLOW_LINK_KBYTES_S else CheckWord.ATTENTION, text)


def _mark_version(software: str, newest: str) -> Mark:
    if not software:
        return NOT_LOOKED
    version = software.rpartition("/")[2]
    return Mark(CheckWord.GOOD if software == newest else CheckWord.ATTENTION, version)


def find_newest_software(softwares: list[str], kind: str) -> str:
    """The newest version of this kind of seat (before the slash) in the room: who has another one stands out."""
    mine = [one for one in softwares if one.partition("/")[0] == kind]
    return max(mine, key=_order_version, default="")


def _order_version(software: str) -> tuple[int, ...]:
    parts = software.rpartition("/")[2].split(".")
    return tuple(int(part) if part.isdigit() else 0 for part in parts)
