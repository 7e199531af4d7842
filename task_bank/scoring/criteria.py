"""Points by criteria and the mark: takes an expert's points and the assessment's rules, gives a number."""
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any


class PointsRefused(ValueError):
    """Points do not fit the criteria; `criterion` says which."""

    def __init__(self, criterion: str, message: str) -> None:
        super().__init__(f"{criterion}: {message}")
        self.criterion = criterion


class UnknownRule(ValueError):
    """The criteria name a rule this system does not know."""


def score_criteria(criteria: Mapping[str, Any], points: Mapping[str, int]) -> int:
    """Points of an answer marked by people.

    `criteria` is one entry of the assessment's criteria: {"criteria": [{"id", "max", …}], "rules": […]}.
    Rules: {"kind": "zeroes_item", "criterion", "when"} – these points in this criterion make the item 0;
    {"kind": "caps_criterion", "criterion", "when", "target", "at"} – they cap another criterion;
    {"kind": "caps_item", "at"} – the item has at most so many points ("criterion" and "when" are optional).
    Raises PointsRefused (a criterion is missing, unknown or out of range), UnknownRule.
    """
    given = check_points(criteria, points)
    rules = [rule for rule in criteria.get("rules", []) if _applies(rule, given)]
    for rule in rules:
        if rule["kind"] == "caps_criterion":
            given[rule["target"]] = min(given[rule["target"]], rule["at"])
    if any(rule["kind"] == "zeroes_item" for rule in rules):
        return 0
    limits = [rule["at"] for rule in rules if rule["kind"] == "caps_item"]
    return min([sum(given.values()), *limits])


def check_points(criteria: Mapping[str, Any], points: Mapping[str, int]) -> dict[str, int]:
    """The points by criterion, if every criterion has them and none is out of range. Raises PointsRefused."""
    given = {}
    for criterion in criteria["criteria"]:
        name, highest = criterion["id"], criterion["max"]
        value = points.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise PointsRefused(name, "has no points")
        if not 0 <= value <= highest:
            raise PointsRefused(name, f"{value} is not between 0 and {highest}")
        given[name] = value
    for name in points:
        if name not in given:
            raise PointsRefused(name, "is not a criterion of this answer")
    return given


def highest_points(criteria: Mapping[str, Any]) -> int:
    """The most points these criteria can give."""
    caps = [rule["at"] for rule in criteria.get("rules", []) if rule["kind"] == "caps_item" and "when" not in rule]
    return min([sum(criterion["max"] for criterion in criteria["criteria"]), *caps])


def mark_for(scale: Iterable[Mapping[str, int]], raw: int | Decimal) -> int:
    """The mark for a raw score: of the scale's rows {"mark", "from"} the highest that is reached."""
    reached = [row for row in scale if row["from"] <= raw]
    if not reached:
        raise ValueError(f"the scale has no mark for {raw} points")
    return max(reached, key=lambda row: row["from"])["mark"]


def _applies(rule: Mapping[str, Any], points: Mapping[str, int]) -> bool:
    if rule["kind"] not in ("zeroes_item", "caps_criterion", "caps_item"):
        raise UnknownRule(f"rule {rule['kind']!r} is not known")
    return "criterion" not in rule or points[rule["criterion"]] == rule["when"]
