"""Reading the data of a campaign. Takes JSON; gives a Campaign, or BadCampaign with the place and what is wrong there.

Shapes are checked first (a wrong type, a missing or an unknown word), then what one value says of another.
"""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.contents import Contents, Identifier, MarkingRules, Shape, Text, Work
from testing_server.preparation.campaigns.rules import (
    KEEP_DAYS, MOST_KEEP_DAYS, MOSCOW, SCHOOL_ZONE, SOON, WITH_MATERIALS, BadCampaign, Campaign,
    compute_opening, compute_window, resolve_criteria)
from testing_server.preparation.registry.rules import check_zone

SOME_DAY = date(2027, 1, 1)


class Hours(Shape, frozen=True):
    """The part "rules" of a campaign's data."""

    cipher: dict[str, Any]
    criteria: dict[str, Any]
    window: dict[str, Any]
    keep_days: int = KEEP_DAYS


class Data(Contents, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of a campaign's JSON."""

    id: Identifier
    title: Text
    counted: bool
    max_pace: int
    rules: Hours
    marking: MarkingRules


def read_campaign_file(path: Path) -> Campaign:
    """Raises BadCampaign that begins with the file's name."""
    try:
        return read_campaign(msgspec.json.decode(path.read_bytes()))
    except BadCampaign as error:
        raise BadCampaign(f"{path.name}: {error.message}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise BadCampaign(f"{path.name}: {error}") from error


def read_campaign(data: Any) -> Campaign:
    """A campaign from its JSON. Raises BadCampaign: "$.rules.cipher: what is wrong"."""
    try:
        read: Data = msgspec.convert(data, Data)
    except msgspec.ValidationError as error:
        reason, _at, place = str(error).rpartition(" - at ")
        raise BadCampaign(f"{place.strip('`')}: {reason}" if reason else f"$: {error}") from error
    for place, trouble in find_troubles(read):
        raise BadCampaign(f"$.{place}: {trouble}")
    contents = Contents(**{name: getattr(read, name) for name in Contents.__struct_fields__})
    hours = read.rules
    return Campaign(read.id, read.title, read.counted, read.max_pace, hours.cipher, hours.criteria, hours.window,
                    read.marking.rounds, hours.keep_days, read.marking, contents)


def find_troubles(read: Data) -> Iterator[tuple[str, str]]:
    """(place, what is wrong), what one value says of another; nothing where all is well."""
    yield from _check_hours(read)
    yield from _check_counted(read)
    for number, work in enumerate(read.works):
        yield from _check_work(f"works[{number}]", work, read)
    yield from _check_unique("works", [one.id for one in read.works])
    yield from _check_unique("works", [one for work in read.works for one in work.assessments])
    yield from _check_unique("questionnaires", [one.id for one in read.questionnaires])
    yield from _check_steps(read)
    yield from _check_results(read)
    yield from _check_sources(read)


def _check_hours(read: Data) -> Iterator[tuple[str, str]]:
    hours = read.rules
    yield from _try_opening("rules.cipher", hours.cipher)
    yield from _try_opening("rules.criteria", hours.criteria)
    try:
        compute_window(hours.window, SOME_DAY, MOSCOW, 0)
    except (Refusal, KeyError, TypeError, ValueError) as error:
        yield "rules.window", _reason(error)
    if not int(read.counted) <= hours.keep_days <= MOST_KEEP_DAYS:
        yield "rules.keep_days", f"1 to {MOST_KEEP_DAYS}; 0 only where nothing counts"
    if read.max_pace < 1:
        yield "max_pace", "counts from 1"


def _check_counted(read: Data) -> Iterator[tuple[str, str]]:
    """A counted campaign keeps real time and real hours."""
    if not read.counted:
        return
    if read.max_pace != 1:
        yield "max_pace", "a counted campaign runs at pace 1"
    for name in ("cipher", "criteria", "window"):
        if getattr(read.rules, name).get("kind") in SOON:
            yield f"rules.{name}", "a counted campaign opens at hours, not at sealing"
    if read.rules.criteria.get("kind") == WITH_MATERIALS and read.materials.encrypted:
        yield "rules.criteria", "criteria of an encrypted work wait for their hour"


def _check_work(place: str, work: Work, read: Data) -> Iterator[tuple[str, str]]:
    if not work.periods:
        yield f"{place}.periods", "a work is offered on paper, at a computer or both"
        return
    for form, period in work.periods.items():
        if period.first > period.last:
            yield f"{place}.periods.{form}", "ends before it begins"
    for form, days in work.recommended.items():
        if form not in work.periods or any(day not in work.periods[form] for day in days):
            yield f"{place}.recommended.{form}", "a recommended day is outside the period"
    if work.forms_due and work.forms_due < min(period.first for period in work.periods.values()):
        yield f"{place}.forms_due", "before the first day of the work"
    rule = resolve_criteria(work.criteria or read.rules.criteria, work)
    yield from _try_opening(f"{place}.criteria", rule)
    encrypted = (work.materials or read.materials).encrypted
    if read.counted and (rule.get("kind") in SOON or rule.get("kind") == WITH_MATERIALS and encrypted):
        yield f"{place}.criteria", "criteria of an encrypted work wait for their hour"


def _try_opening(place: str, rule: dict[str, Any]) -> Iterator[tuple[str, str]]:
    known = rule if rule.get("kind") != "period_start" else {**rule, "kind": "at_hour"}
    try:
        compute_opening(known, SOME_DAY, MOSCOW, 0)
    except (Refusal, KeyError, TypeError, ValueError) as error:
        yield place, _reason(error)


def _check_steps(read: Data) -> Iterator[tuple[str, str]]:
    """Steps go one after the other, schools first."""
    if read.applications is None:
        return
    steps = read.applications.steps
    if (steps[0].who, steps[0].does) != ("school", "fill") or any(one.does == "fill" for one in steps[1:]):
        yield "applications.steps[0]", "the school fills first, and nobody else fills"
    for number, one in enumerate(steps):
        yield from _check_zone(f"applications.steps[{number}].until.zone", one.until.zone)
        if number and one.until.date < steps[number - 1].until.date:
            yield f"applications.steps[{number}].until", "before the step it follows"


def _check_results(read: Data) -> Iterator[tuple[str, str]]:
    if read.schedule is not None:
        yield from _check_zone("schedule.until.zone", read.schedule.until.zone)
    if read.results is None:
        return
    yield from _check_zone("results.forms_until.zone", read.results.forms_until.zone)
    late, dues = read.results.late, [one.forms_due for one in read.works if one.forms_due]
    if late is None:
        return
    yield from _check_zone("results.late.until.zone", late.until.zone)
    if dues and late.until.date < max(dues):
        yield "results.late.until", "before the last day of a work's forms"
    if late.results_from < late.until.date:
        yield "results.late.results_from", "before the last late form has come"


def _check_sources(read: Data) -> Iterator[tuple[str, str]]:
    """Every remark on a source names a source and a place that are there."""
    raw = msgspec.to_builtins(read)
    for place, told in read.told_by.items():
        if told.split()[0].rstrip(':') not in read.sources:
            yield f"told_by[{place!r}]", f"no such source: {told.split()[0]!r}"
        found = raw
        for name in place.split("."):
            found = _step_in(found, name)
        if found is None:
            yield f"told_by[{place!r}]", "no such place in the data"


def _step_in(found: Any, name: str) -> Any:
    if isinstance(found, (list, tuple)):
        return next((one for one in found if name == "*" or one.get("id") == name), None)
    return found.get(name) if isinstance(found, dict) else None


def _check_zone(place: str, zone: str) -> Iterator[tuple[str, str]]:
    try:
        check_zone(MOSCOW if zone == SCHOOL_ZONE else zone)
    except Refusal:
        yield place, f"no such zone: {zone!r}"


def _check_unique(place: str, ids: list[str]) -> Iterator[tuple[str, str]]:
    for one in sorted({one for one in ids if ids.count(one) > 1}):
        yield place, f"{one!r} comes twice"


def _reason(error: Exception) -> str:
    if isinstance(error, Refusal):
        return str(error.message)
    return f"missing {error}" if isinstance(error, KeyError) else str(error)
