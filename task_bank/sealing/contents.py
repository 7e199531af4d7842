"""What goes into the two archives of a school: takes a package and its deliveries, gives tar entries one by one.

The materials archive holds only what a candidate may see; keys, rules and criteria are in the other one. Deliveries
stream past: a picture goes into the tar when the first variant that shows it does, and is not held afterwards.
"""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from task_bank.assessments import Position, describe_for_candidates
from task_bank.items import AssessmentPackage, MediaFile
from task_bank.items.package import ASSESSMENT
from task_bank.items.rendering.prompt import render_prompt
from task_bank.sealing.tar_stream import Entry
from task_bank.variants import Delivery


@dataclass
class Gathered:
    """What is kept of deliveries that went by: a few kilobytes a variant, never its texts and media.

    `keys`: entries keys/<number>.json; `interactions`: kinds of interactions and slots that occur; `items`: item
    identifier → the positions it stands at.
    """

    numbers: list[str] = field(default_factory=list)
    interactions: set[str] = field(default_factory=set)
    keys: list[Entry] = field(default_factory=list)
    items: dict[str, set[int]] = field(default_factory=dict)

    def watch(self, deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
        """The same deliveries, each noted as it passes."""
        for delivery in deliveries:
            self._note(delivery)
            yield delivery

    def _note(self, delivery: Delivery) -> None:
        number = delivery.variant_json["number"]
        self.numbers.append(number)
        self.keys.append(_write_json(f"keys/{number}.json", delivery.keys_json))
        for key in delivery.keys_json["items"]:
            self.items.setdefault(key["item"], set()).add(key["position"])
        for item in delivery.variant_json["items"]:
            self.interactions |= {interaction["kind"] for interaction in item["interactions"]}
            self.interactions |= {slot for slot in ("listening", "speaking") if item[slot]}


def gather(deliveries: Iterable[Delivery]) -> Gathered:
    """Let deliveries go by to their end."""
    gathered = Gathered()
    for _delivery in gathered.watch(deliveries):
        pass
    return gathered


def build_materials_entries(package: AssessmentPackage, deliveries: Iterable[Delivery]) -> Iterator[Entry]:
    """assessment.json (public part), variants/<number>.json, media/<sha256>, media.json."""
    media = _Media()
    yield _write_json(ASSESSMENT, describe_for_candidates(package.assessment))
    for delivery in deliveries:
        yield from media.add(delivery.media)
        yield _write_json(f"variants/{delivery.variant_json['number']}.json", delivery.variant_json)
    yield media.describe()


def build_criteria_entries(package: AssessmentPackage, gathered: Gathered) -> Iterator[Entry]:
    """assessment.json (whole), keys/<number>.json, items/<item>.xml, prompts, media, media.json."""
    media = _Media()
    yield Entry(ASSESSMENT, package.files[ASSESSMENT])
    yield from gathered.keys
    for name in sorted(gathered.items):
        yield Entry(f"items/{name}.xml", package.scoring_xml(name))
    for name, position in _find_marked(package, gathered):
        prompt, shown = render_prompt(package, package.item(name), position)
        yield from media.add(shown)
        yield _write_json(f"prompts/{name}.json", prompt)
    yield media.describe()


class _Media:
    """Each picture and sound once; only its name, type and length stay in memory."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    def add(self, media: Mapping[str, MediaFile]) -> Iterator[Entry]:
        for sha256 in sorted(media.keys() - self._known.keys()):
            one = media[sha256]
            self._known[sha256] = {"type": one.type, "bytes": len(one.data)}
            yield Entry(f"media/{sha256}", one.data)

    def describe(self) -> Entry:
        return _write_json("media.json", dict(sorted(self._known.items())))


def _find_marked(package: AssessmentPackage, gathered: Gathered) -> list[tuple[str, Position]]:
    """Items people mark, with their positions, by name."""
    marked = {position.number: position for position in package.assessment.positions if position.criteria}
    found = ((name, sorted(places & marked.keys())) for name, places in sorted(gathered.items.items()))
    return [(name, marked[places[0]]) for name, places in found if places]


def _write_json(name: str, data: dict[str, Any]) -> Entry:
    return Entry(name, msgspec.json.encode(data))
