"""What is simulated: a work of one spoken item, schools, experts of known severity. Pure: chance comes by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from testing_server.marking.review.settling import MarkingRules

SUBJECT, REGION, CAMPAIGN = "english", "Свердловская область", "demo-2026"
HIGHEST = {"К1": 2, "К2": 2, "К3": 3}
RULES = MarkingRules(rounds=2, third_from=2, within="higher", after_third="third", own_school=False)
# chance of a good expert to be one point away in a criterion; of a bad one to follow the own habit
SLIP, HABIT = 0.1, 0.85
DRIFTS_AFTER = 0.5
BAD_KINDS = ("strict", "lenient", "random", "drifting")
ITEM = "spoken-01"


@dataclass(frozen=True)
class RobotProfile:
    """Who marks: `kind` good or one of BAD_KINDS, drifting is good in the first half and strict after it.

    `school`: number of the own school.
    """

    login: str
    kind: str
    school: int


@dataclass(frozen=True)
class World:
    """Numbers of a simulation. `control_every`: one answer of so many is a control answer."""

    experts: int
    answers: int
    schools: int
    controls: int
    control_every: int
    seed: int

    @property
    def per_expert(self) -> int:
        """Answers an expert marks if all mark alike."""
        return max(1, 2 * self.answers // self.experts)

    def school_of(self, number: int) -> int:
        """The school an answer comes from."""
        return number % self.schools


def make_world(experts: int, answers: int, seed: int) -> World:
    """A world in which every answer has enough strangers, and every expert meets enough control answers."""
    per_expert = max(1, 2 * answers // experts)
    return World(experts, answers, schools=max(8, min(20, experts)), controls=min(24, max(12, per_expert // 6)),
                 control_every=max(3, min(12, per_expert // 14)), seed=seed)


def list_profiles(world: World) -> list[RobotProfile]:
    """One of fifteen experts is bad, at least one; the kinds take turns."""
    bad = max(1, world.experts // 15)
    places = {2 + number * (world.experts // bad): BAD_KINDS[number % len(BAD_KINDS)] for number in range(bad)}
    return [RobotProfile(f"expert{number:03d}", places.get(number, "good"), number % world.schools)
            for number in range(world.experts)]


def draw_truth(world: World, number: int) -> dict[str, int]:
    """What an answer deserves."""
    chance = random.Random(f"{world.seed}:truth:{number}")
    return {name: min(highest, chance.randint(0, highest + 1)) for name, highest in HIGHEST.items()}


def draw_points(profile: RobotProfile, truth: dict[str, int], asked: list[str], chance: random.Random,
                done: float) -> dict[str, int]:
    """What this expert gives for it, in the criteria asked. `done`: share of the own work behind, 0 … 1."""
    kind = ("strict" if done > DRIFTS_AFTER else "good") if profile.kind == "drifting" else profile.kind
    return {name: _draw_one(kind, truth[name], HIGHEST[name], chance) for name in asked}


def _draw_one(kind: str, true_points: int, highest: int, chance: random.Random) -> int:
    if kind == "random":
        return chance.randint(0, highest)
    habit = {"strict": -1, "lenient": 1}.get(kind)
    if habit is not None and chance.random() < HABIT:
        return min(highest, max(0, true_points + habit))
    slip = chance.choice((-1, 1)) if chance.random() < SLIP else 0
    return min(highest, max(0, true_points + slip))


def describe_assessment() -> dict[str, Any]:
    """assessment.json of the simulated work."""
    title = {"ru": "Имитация проверки", "en": "Simulated marking"}
    criteria = [{"id": name, "title": name, "max": highest,
                 "levels": [{"points": points, "text": str(points)} for points in range(highest, -1, -1)]}
                for name, highest in HIGHEST.items()]
    return {
        "format": "assessment/1", "id": "simulated", "title": title, "content_language": "en", "subject": SUBJECT,
        "counted": False, "total_points": sum(HIGHEST.values()),
        "scale": [{"mark": 2, "from": 0}, {"mark": 3, "from": 2}, {"mark": 4, "from": 4}, {"mark": 5, "from": 6}],
        "positions": [{"number": 1, "kind": "speaking", "points": sum(HIGHEST.values()), "title": title,
                       "criteria": "spoken"}],
        "criteria": {"spoken": {"criteria": criteria,
                                "rules": [{"kind": "zeroes_item", "criterion": "К1", "when": 0}]}}}
