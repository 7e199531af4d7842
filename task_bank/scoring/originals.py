"""From delivered names back to the author's: takes a key of a variant's item, gives answers ready to score."""
from collections.abc import Mapping
from typing import Any

from task_bank.scoring.item import compile_cached
from task_bank.scoring.values import Response

NAMED = ("identifier", "pair", "directedPair")


def restore_responses(
    key: Mapping[str, Any], responses: Mapping[str, Response], xml: bytes
) -> dict[str, Response]:
    """Answers by the author's names.

    `key` is one item of keys/<number>.json ({"identifiers": {opaque: original}, "responses": {…}});
    `responses` maps the opaque response id → answer. Typed texts stay as typed; an identifier that was not
    delivered is dropped, so that a forged answer can score nothing.
    """
    declared = compile_cached(xml, str(key.get("item", "item"))).variables
    restored: dict[str, Response] = {}
    for opaque, original in key["responses"].items():
        given = responses.get(opaque)
        named = original in declared and declared[original].base_type in NAMED
        restored[original] = _restore(given, key["identifiers"]) if named else given
    return restored


def _restore(given: Response, originals: Mapping[str, str]) -> Response:
    if isinstance(given, list):
        found = [_restore_one(str(one), originals) for one in given]
        return [one for one in found if one is not None] or None
    return None if given is None else _restore_one(str(given), originals)


def _restore_one(text: str, originals: Mapping[str, str]) -> str | None:
    words = [originals.get(word) for word in text.split()]
    return None if None in words or not words else " ".join(word for word in words if word is not None)
