"""What goes into the two archives of a school: takes a package and its deliveries, gives tar entries.

The materials archive holds only what a candidate may see; keys, rules and criteria are in the other one.
"""
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from task_bank.assessments import describe_for_candidates
from task_bank.items import AssessmentPackage, MediaFile
from task_bank.items.package import ASSESSMENT
from task_bank.items.prompt import render_prompt
from task_bank.sealing.tar_stream import Entry
from task_bank.variants import Delivery


def build_materials_entries(package: AssessmentPackage, deliveries: Sequence[Delivery]) -> list[Entry]:
    """assessment.json (public part), variants/<number>.json, media/<sha256>, media.json."""
    media = _collect_media(deliveries)
    entries = [_write_json(ASSESSMENT, describe_for_candidates(package.assessment))]
    for delivery in deliveries:
        entries.append(_write_json(f"variants/{delivery.variant_json['number']}.json", delivery.variant_json))
    return [*entries, *_write_media(media.values())]


def build_criteria_entries(package: AssessmentPackage, deliveries: Sequence[Delivery]) -> list[Entry]:
    """assessment.json (whole), keys/<number>.json, items/<item>.xml, prompts, media, media.json."""
    entries = [Entry(ASSESSMENT, package.files[ASSESSMENT])]
    for delivery in deliveries:
        entries.append(_write_json(f"keys/{delivery.keys_json['number']}.json", delivery.keys_json))
    used = sorted({key["item"] for delivery in deliveries for key in delivery.keys_json["items"]})
    entries += [Entry(f"items/{name}.xml", package.items[name].xml) for name in used]
    prompts, media = _render_prompts(package, deliveries)
    return [*entries, *prompts, *_write_media(media)]


def _collect_media(deliveries: Sequence[Delivery]) -> dict[str, MediaFile]:
    found: dict[str, MediaFile] = {}
    for delivery in deliveries:
        found.update(delivery.media)
    return dict(sorted(found.items()))


def _render_prompts(package: AssessmentPackage, deliveries: Sequence[Delivery]) -> tuple[list[Entry], list[MediaFile]]:
    marked = {position.number: position for position in package.assessment.positions if position.criteria}
    wanted = {
        key["item"]: marked[key["position"]]
        for delivery in deliveries
        for key in delivery.keys_json["items"]
        if key["position"] in marked
    }
    entries, media = [], {}
    for name, position in sorted(wanted.items()):
        prompt, found = render_prompt(package, package.item(name), position)
        entries.append(_write_json(f"prompts/{name}.json", prompt))
        media.update(found)
    return entries, [media[sha256] for sha256 in sorted(media)]


def _write_media(media: Iterable[MediaFile]) -> list[Entry]:
    kept = list(media)
    described = {one.sha256: {"type": one.type, "bytes": len(one.data)} for one in kept}
    return [_write_json("media.json", described), *(Entry(f"media/{one.sha256}", one.data) for one in kept)]


def _write_json(name: str, data: dict[str, Any]) -> Entry:
    return Entry(name, msgspec.json.encode(data))
