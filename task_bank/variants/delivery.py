"""Delivery of a variant: takes a package and a variant, gives what kiosks receive and the map back."""
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from task_bank.items import AssessmentPackage, Identifiers, MediaFile, PlainIdentifiers, render_item
from task_bank.variants.assembly import Variant

VARIANT_FORMAT = "variant/1"


@dataclass(frozen=True)
class Delivery:
    """`variant_json` may reach candidates; `keys_json` never before the criteria hour; `media` by SHA-256."""

    variant_json: dict[str, Any]
    keys_json: dict[str, Any]
    media: Mapping[str, MediaFile]


def deliver(package: AssessmentPackage, variant: Variant, seed: int, redaction: bool = True) -> Delivery:
    """Render every item of a variant, with identifiers of its own.

    `seed` must be secret and wide (secrets.randbits(128)): who knows it could undo the shuffling.
    `redaction=False` is for tests that show what redaction removes. Raises PackageError.
    """
    items, keys, media = [], [], {}
    for position, identifier in zip(package.assessment.positions, variant.items, strict=True):
        place = f"{seed}/{variant.number}/{position.number}"
        names = (Identifiers if redaction else PlainIdentifiers)(_name_item(place))
        rendered = render_item(package, package.item(identifier), position, names, place, redaction)
        items.append(rendered.data)
        keys.append(_describe_key(identifier, position.number, names))
        media.update(rendered.media)
    head = {"format": VARIANT_FORMAT, "number": variant.number, "assessment": package.assessment.id}
    return Delivery({**head, "items": items}, {"number": variant.number, "items": keys}, media)


def _name_item(place: str) -> str:
    # Of the place only, not of the item: the name tells nothing of what stands there.
    return "i" + hashlib.sha256(f"item/{place}".encode()).hexdigest()[:12]


def _describe_key(item: str, position: int, names: Identifiers) -> dict[str, Any]:
    return {
        "id": names.item,
        "item": item,
        "position": position,
        "identifiers": names.choices,
        "responses": names.responses,
    }
