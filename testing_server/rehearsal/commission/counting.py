"""Everything counted again, from what the robots were told: knows nothing of how the server decides.

Takes confirmed marks, what the head did, and the signed protocols. Gives breaches in words; no breach, no words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from testing_server.rehearsal.commission.robots import Saved

NAMES = ("К1", "К2", "К3")
# domain.md §10: a difference of two and more is marked a third time, of one gives the higher points
GAP = 2


@dataclass(frozen=True)
class Happened:
    """A commission's whole story. `standards`: agreed points by answer; `zeroed`: answers the head closed with zero;
    `remarked`: (order, expert): what that expert had marked by then was ordered anew; `schools`: own school by expert.
    """

    saved: Sequence[Saved]
    taken_back: Sequence[tuple[int, str, int]]
    standards: Mapping[int, Mapping[str, int]]
    zeroed: frozenset[int]
    remarked: Sequence[tuple[int, str]]
    schools: Mapping[str, int]
    school_count: int
    answers: int


@dataclass(frozen=True)
class Row:
    """An answer as the signed protocol has it."""

    criteria: Mapping[str, int]
    points: int


def find_breaches(happened: Happened, protocol: Mapping[int, Row]) -> list[str]:
    """What is not as the rules say."""
    found = [f"answer {number}: not in any protocol" for number in range(happened.answers) if number not in protocol]
    found += [f"answer {one.number}: marked by {one.expert} of its own school" for one in happened.saved
              if happened.schools[one.expert] == one.number % happened.school_count]
    standing = _list_standing(happened)
    for number, row in protocol.items():
        expected, trouble = _expect(happened, number, standing.get(number, []))
        found += [f"answer {number}: {trouble}"] if trouble else []
        if not trouble and (dict(row.criteria), row.points) != expected:
            found.append(f"answer {number}: {row} and not {expected}")
    return found


def _list_standing(happened: Happened) -> dict[int, list[Saved]]:
    """By answer the last mark of each expert, without those taken back or ordered anew."""
    last: dict[tuple[int, str], Saved] = {}
    for one in sorted(happened.saved, key=lambda mark: mark.order):
        last[one.number, one.expert] = one
    for order, expert, number in happened.taken_back:
        if (number, expert) in last and last[number, expert].order < order:
            del last[number, expert]
    found: dict[int, list[Saved]] = {}
    for (number, expert), mark in last.items():
        if number in happened.standards or not any(
                mark.order < order and expert == who for order, who in happened.remarked):
            found.setdefault(number, []).append(mark)
    return found


def _expect(happened: Happened, number: int, marks: list[Saved]) -> tuple[tuple[dict[str, int], int], str]:
    """(criteria, points of the item), and what is wrong with the marks themselves."""
    if number in happened.standards:
        return _total(dict(happened.standards[number])), ""
    if number in happened.zeroed:
        return _total({name: 0 for name in NAMES}), ""
    whole = [one for one in marks if not one.is_third]
    thirds = sorted((one for one in marks if one.is_third), key=lambda one: one.order)
    if len(whole) != 2 or any(set(one.points) != set(NAMES) for one in whole):
        return _total({}), f"{len(whole)} whole markings"
    if len(thirds) > 1 and not happened.remarked:
        return _total({}), f"{len(thirds)} third markings"
    return _join(happened, whole[0].points, whole[1].points, thirds)


def _join(happened: Happened, one: dict[str, int], two: dict[str, int],
          thirds: list[Saved]) -> tuple[tuple[dict[str, int], int], str]:
    asked = _ask(one, two)
    given = set(thirds[-1].points) if thirds else set()
    # where marks were ordered anew, a third marking of before may be about more than still differs
    fits = given >= asked if happened.remarked else given == asked
    if not fits:
        return _total({}), f"a third marking of {sorted(given)} where {sorted(asked)} differ: {one} {two}"
    joined = {}
    for name in NAMES:
        joined[name] = thirds[-1].points[name] if name in asked else one[name] if one[name] > two[name] else two[name]
    return _total(joined), ""


def _ask(one: dict[str, int], two: dict[str, int]) -> set[str]:
    gaps = {name: one[name] - two[name] if one[name] > two[name] else two[name] - one[name] for name in NAMES}
    asked = {name for name in NAMES if gaps[name] >= GAP}
    totals = [_total(marks)[1] for marks in (one, two)]
    if max(totals) - min(totals) >= GAP:
        if (one["К1"] == 0) is not (two["К1"] == 0):
            asked.add("К1")
        if not asked:
            asked = {name for name in NAMES if gaps[name]}
    return asked


def _total(points: dict[str, int]) -> tuple[dict[str, int], int]:
    return points, 0 if points.get("К1", 0) == 0 else sum(points.values())
