"""Proof before the day: takes a package and a delivery, gives findings; none means that the variant is sound.

Every variant is opened as a workstation would open it, its own key is given in the opaque names of the delivery, turned
back and scored – it must bring every point – and then no answer at all, which must bring none.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from lxml import etree

from task_bank.assessments import Position
from task_bank.items import AssessmentPackage
from task_bank.items.findings import Finding, error, refusal
from task_bank.items.xml import PackageError
from task_bank.scoring import ScoringError, highest_points, restore_responses
from task_bank.variants.answers import Answers, BestAnswer, find_best_answer, score_points
from task_bank.variants.delivery import Delivery
from task_bank.variants.pages import Delivered, Unprovable, answer_page, open_page


class UnprovenVariant(ValueError):
    """A variant that must not be sealed; `findings` say why, all of them."""

    def __init__(self, number: str, findings: list[Finding]) -> None:
        super().__init__(f"variant {number} is not sound: " + "; ".join(map(str, findings)))
        self.number, self.findings = number, findings


@dataclass
class Prover:
    """Proves deliveries of one package; what it learns of an item it does not work out again."""

    package: AssessmentPackage
    _best: dict[str, BestAnswer] = field(default_factory=dict)
    _nothing: dict[str, Decimal | None] = field(default_factory=dict)
    _proven: dict[str, list[Answers]] = field(default_factory=dict)

    def require(self, delivery: Delivery) -> None:
        """Raises UnprovenVariant."""
        findings = self.prove(delivery)
        if findings:
            raise UnprovenVariant(str(delivery.variant_json.get("number")), findings)

    def prove(self, delivery: Delivery) -> list[Finding]:
        """What is wrong with a delivery; [] when it is sound."""
        found = list(_prove_frame(self.package, delivery))
        if found:
            return found
        # As a workstation reads it: what cannot be written as JSON and read again is not a variant.
        variant = msgspec.json.decode(msgspec.json.encode(delivery.variant_json))
        for position, data, key in zip(self.package.assessment.positions, variant["items"],
                                       delivery.keys_json["items"], strict=True):
            found += self._prove_item(delivery, position, data, key)
        return found

    def _prove_item(self, delivery: Delivery, position: Position, data: Mapping[str, Any], key: Mapping[str, Any]
                    ) -> Iterator[Finding]:
        number = delivery.variant_json["number"]
        try:
            file = self.package.item(key["item"])
            item = Delivered(position, data, key, file.path, self.package.scoring_xml(key["item"]))
        except PackageError as problem:
            yield refusal(problem)
            return
        place = f"variant {number}, position {position.number}"
        try:
            page = open_page(item, delivery)
            if position.criteria is not None:
                self._prove_criteria(item)
            else:
                self._prove_points(item, page)
            self._prove_nothing(item)
        except Unprovable as problem:
            yield error(item.path, f"{place}: {problem}")
        except ScoringError as problem:
            yield Finding("error", item.path, problem.element, f"{place}: {problem.message}", problem.line)

    def _prove_criteria(self, item: Delivered) -> None:
        criteria = self.package.assessment.criteria.get(item.position.criteria or "")
        if criteria is None:
            raise Unprovable(f"criteria {item.position.criteria!r} are missing")
        highest = highest_points(criteria)
        if highest != item.position.points:
            raise Unprovable(f"criteria give {highest} points at most, the position has {item.position.points}")

    def _prove_points(self, item: Delivered, page: etree._Element) -> None:
        best = self._find_best(item)
        if best.points != item.position.points:
            raise Unprovable(f"no answer was found that gives {item.position.points} points: the best of "
                             f"{best.tries} tried gives {best.points}")
        restored = restore_responses(item.key, answer_page(item, page, best.answers), item.xml)
        given: Answers = {name: value for name, value in restored.items() if value is not None}
        if given in self._proven.setdefault(item.key["item"], []):
            return
        points = score_points(item.xml, given, item.path)
        if points != item.position.points:
            raise Unprovable(f"the key given in delivered names gives {points} of {item.position.points} points")
        self._proven[item.key["item"]].append(given)

    def _find_best(self, item: Delivered) -> BestAnswer:
        name = item.key["item"]
        if name not in self._best or self._best[name].points != item.position.points:
            self._best[name] = find_best_answer(item.xml, item.position.points, item.path)
        return self._best[name]

    def _prove_nothing(self, item: Delivered) -> None:
        name = item.key["item"]
        if name not in self._nothing:
            self._nothing[name] = score_points(item.xml, restore_responses(item.key, {}, item.xml), item.path)
        if self._nothing[name]:
            raise Unprovable(f"no answer at all gives {self._nothing[name]} points")


def prove_delivery(package: AssessmentPackage, delivery: Delivery) -> list[Finding]:
    """Findings of one delivery; for many of one package a Prover is quicker."""
    return Prover(package).prove(delivery)


def _prove_frame(package: AssessmentPackage, delivery: Delivery) -> Iterator[Finding]:
    """Whether numbers, positions, names and points of a delivery agree."""
    variant, keys, assessment = delivery.variant_json, delivery.keys_json, package.assessment
    number = str(variant.get("number", ""))
    name = f"variants/{number}.json"
    if len(number) != 5 or not number.isdigit() or keys.get("number") != number:
        yield error(name, f"numbers of variant and keys are {number!r} and {keys.get('number')!r}")
    wanted = [position.number for position in assessment.positions]
    for what, items in (("variant", variant["items"]), ("keys", keys["items"])):
        found = [item["position"] for item in items]
        if found != wanted:
            yield error(name, f"positions of the {what} are {found}, of the assessment {wanted}")
    names = [item["id"] for item in variant["items"]]
    if names != [item["id"] for item in keys["items"]] or len(set(names)) != len(names):
        yield error(name, "items of variant and keys do not have the same names, each once")
    total = sum(position.points for position in assessment.positions)
    if total != assessment.total_points:
        yield error(name, f"positions give {total} points, the work {assessment.total_points}")
