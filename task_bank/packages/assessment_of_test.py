"""An assessment from a test of another maker: takes the test and what its items say, gives the data of assessment/1.

A test knows no marks, no criteria and no difficulty. What is assumed for them is told in warnings, so that the author
can write an assessment.json of his own.
"""
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from task_bank.assessments.assessment import FORMAT
from task_bank.items.facts import ItemFacts, describe_position
from task_bank.items.findings import Finding, error, refusal, warning
from task_bank.items.package import names_file
from task_bank.items.xml import PackageError
from task_bank.packages.slots import Slot, place_section, read_seconds
from task_bank.packages.test_file import ItemReference, TestFile, TestPart
from task_bank.packages.unsupported import list_instructions, list_unsupported

USUAL_DURATION_S = 2_700
LOWEST_MARK = 2


@dataclass(frozen=True)
class Offer:
    """What a test may use. `pools`: path of an item → identifiers behind it (its clones, or itself; none when it was
    refused); `facts` by identifier; `language` of most items."""

    pools: Mapping[str, Sequence[str]]
    facts: Mapping[str, ItemFacts]
    language: str


@dataclass(frozen=True)
class Conversion:
    """`assessment` is None when a finding is an error."""

    assessment: dict[str, Any] | None
    findings: list[Finding]


def convert_test(test: TestFile, offer: Offer) -> Conversion:
    """The assessment a test describes, or why it cannot be one."""
    findings = list(list_unsupported(test))
    try:
        parts = [(part, _place_part(part, offer, findings)) for part in test.parts]
        _check_pools([slot for _, slots in parts for slot in slots], test, offer)
        data = _describe(test, parts, offer, findings)
    except PackageError as problem:
        findings.append(refusal(problem))
    refused = any(finding.severity == "error" for finding in findings)
    return Conversion(None if refused else data, findings)


def convert_items(name: str, offer: Offer) -> Conversion:
    """A training work of a package without a test: every item in its order."""
    findings = [warning(name, "has no test: every item is a task of a training work")]
    usable = [ids for ids in offer.pools.values() if ids and has_whole_points(offer.facts[ids[0]])]
    if not usable and any(offer.pools.values()):
        findings.append(error(name, "no item gives whole points, so no work can be made of them"))
        return Conversion(None, findings)
    positions = [_describe_slot(number, ids, offer, findings) for number, ids in enumerate(usable, 1)]
    identifier = re.sub(r"[^\w-]+", "-", name).strip("-") or "package"
    return Conversion(_frame(identifier, {"ru": name}, positions, offer.language, USUAL_DURATION_S), findings)


def encode_assessment(data: dict[str, Any]) -> bytes:
    """The bytes of an assessment.json."""
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def has_whole_points(facts: ItemFacts) -> bool:
    """Whether a position can hold what the item gives."""
    return facts.points is None or (facts.points == int(facts.points) and facts.points >= 0)


def _place_part(part: TestPart, offer: Offer, findings: list[Finding]) -> list[Slot]:
    def find_pool(reference: ItemReference) -> Sequence[str]:
        pool = offer.pools.get(reference.path)
        if not pool:
            what = "is not a resource of the manifest" if pool is None else "was refused"
            raise reference.place.refuse(f"{reference.path} {what}")
        return pool

    def are_alike(slots: list[Slot]) -> bool:
        return len({_signature(name, offer) for slot in slots for name in slot.pool}) == 1

    slots = []
    for section in part.sections:
        slots += place_section(section, find_pool, are_alike, findings.append)
    return slots


def _signature(name: str, offer: Offer) -> str:
    facts = offer.facts[name]
    return repr((facts.kind, facts.points, facts.by_people, facts.listening, facts.speaking))


def _check_pools(slots: Sequence[Slot], test: TestFile, offer: Offer) -> None:
    known: dict[str, str | None] = {}
    if not names_file(test.identifier):
        raise test.place.refuse(f"identifier {test.identifier[:40]!r} is not a QTI identifier")
    if not slots:
        raise test.place.refuse("holds no items")
    for slot in slots:
        for name in slot.pool:
            if name in known and (slot.together is None or known[name] != slot.together):
                raise slot.place.refuse(f"item {name!r} stands twice in the test")
            known[name] = slot.together
            if not has_whole_points(offer.facts[name]):
                raise slot.place.refuse(f"item {name!r} gives {offer.facts[name].points} points, not whole ones")
        if len({_signature(name, offer) for name in slot.pool}) != 1:
            raise slot.place.refuse("selects among items of different kind, points or times")


def _describe(
    test: TestFile, parts: list[tuple[TestPart, list[Slot]]], offer: Offer, findings: list[Finding]
) -> dict[str, Any]:
    positions: list[dict[str, Any]] = []
    for slot in (slot for _, slots in parts for slot in slots):
        described = _describe_slot(len(positions) + 1, slot.pool, offer, findings)
        extra = {"time_s": slot.time_s, "together": slot.together}
        positions.append(described | {name: value for name, value in extra.items() if value is not None})
    duration, listed = _share_time(test, parts, findings)
    title = {"ru": test.title or test.identifier}
    data = _frame(test.identifier, title, positions, test.language or offer.language, duration)
    data |= {"parts": listed} if listed else {}
    told = list_instructions(test)
    return data | ({"instruction": {"ru": told}} if told else {})


def _describe_slot(number: int, pool: Sequence[str], offer: Offer, findings: list[Finding]) -> dict[str, Any]:
    facts = offer.facts[pool[0]]
    described = describe_position(number, list(pool), facts)
    if facts.by_people:
        described["criteria"] = f"points-{described['points']}"
    if facts.by_people and facts.points is None:
        findings.append(warning(pool[0], f"position {number} has 1 point: its items do not say how many"))
    return described


def _frame(
    name: str, title: dict[str, str], positions: list[dict[str, Any]], language: str, duration: int
) -> dict[str, Any]:
    total = sum(position["points"] for position in positions)
    by_people = sorted({position["points"] for position in positions if "criteria" in position})
    return {
        "format": FORMAT, "id": name, "version": 1, "title": title, "subject": "other", "grade": None,
        "content_language": language, "counted": False, "duration_s": duration, "drafts_allowed": True,
        "positions": positions, "total_points": total, "scale": [{"mark": LOWEST_MARK, "from": 0}],
        "criteria": {f"points-{points}": _plain_criteria(points) for points in by_people},
    }


def _plain_criteria(points: int) -> dict[str, Any]:
    levels = [{"points": step, "text": f"{step} из {points}"} for step in range(points, -1, -1)]
    return {"criteria": [{"id": "К1", "title": "Баллы за ответ", "max": points, "levels": levels}], "rules": []}


def _share_time(
    test: TestFile, parts: list[tuple[TestPart, list[Slot]]], findings: list[Finding]
) -> tuple[int, list[dict[str, Any]]]:
    """Duration of the work and its parts; no parts when one free part is all there is."""
    whole = read_seconds(test.place)
    own = [read_seconds(part.place) for part, _ in parts]
    limited, open_parts = sum(seconds or 0 for seconds in own), own.count(None)
    if whole is None and open_parts:
        findings.append(warning(test.place.file, f"has no time: {USUAL_DURATION_S // 60} minutes are assumed"))
        whole = limited + USUAL_DURATION_S
    if open_parts > 1:
        return _share_one_time(test, parts, own, whole or USUAL_DURATION_S, findings)
    if whole is None or (not open_parts and whole > limited):
        whole = limited
    if whole < limited or (open_parts and whole == limited):
        raise test.place.refuse(f"has {whole} s, its parts need {limited} s")
    plain = len(parts) == 1 and not parts[0][0].linear
    return whole, [] if plain else _describe_parts(parts, own)


def _share_one_time(
    test: TestFile, parts: list[tuple[TestPart, list[Slot]]], own: list[int | None], whole: int,
    findings: list[Finding],
) -> tuple[int, list[dict[str, Any]]]:
    if own.count(None) != len(own) or len({part.linear for part, _ in parts}) != 1:
        raise test.place.refuse("more than one part has no time of its own")
    names = ", ".join(part.identifier for part, _ in parts)
    findings.append(warning(test.place.file, f"parts {names} are one: none has a time of its own"))
    joined = [slot for _, slots in parts for slot in slots]
    return whole, _describe_parts([(parts[0][0], joined)], [None]) if parts[0][0].linear else []


def _describe_parts(parts: list[tuple[TestPart, list[Slot]]], own: Sequence[int | None]) -> list[dict[str, Any]]:
    described, first = [], 1
    for (part, slots), seconds in zip(parts, own, strict=True):
        numbers = list(range(first, first + len(slots)))
        first += len(slots)
        way = "linear" if part.linear else "free"
        one: dict[str, Any] = {"id": part.identifier, "positions": numbers, "navigation": way}
        one |= {"title": {"ru": part.title}} if part.title else {}
        described.append(one | ({"time_s": seconds} if seconds is not None else {}))
    return [one for one in described if one["positions"]]
