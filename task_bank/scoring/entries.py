"""Typed entries: takes an item's XML and what was typed, gives the answers that this stands for.

QTI 3.0 information model, TextEntryInteraction: `base` is the number base an answer is read in, `string-identifier`
names a second response that holds the text as it was typed.
"""
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from task_bank.items.xml import find_all
from task_bank.scoring.declarations import Declaration, Place
from task_bank.scoring.values import RECORD, Response

NAMES = ("qti-text-entry-interaction", "qti-extended-text-interaction")
DECIMAL = 10


@dataclass(frozen=True)
class Entry:
    """A response that is typed in a number base other than ten, or that has its text (`raw`) in a second response."""

    response: str
    base: int
    raw: str


def read_entries(
    root: etree._Element, variables: Mapping[str, Declaration], place: Place
) -> tuple[Entry, ...]:
    """Entries of an item that need this. Raises ScoringError for a base that there is not or that is not scored."""
    entries = (_read_entry(node, variables, place) for name in NAMES for node in find_all(root, name))
    return tuple(entry for entry in entries if entry.raw or entry.base != DECIMAL)


def _read_entry(node: etree._Element, variables: Mapping[str, Declaration], place: Place) -> Entry:
    response, base = node.get("response-identifier", ""), _read_base(node, place)
    declared = variables.get(response)
    if base != DECIMAL and declared is not None and (declared.cardinality == RECORD or declared.base_type == "float"):
        raise place.error(node, f"numbers of base {base} are scored for integers only")
    is_whole = declared is not None and declared.base_type == "integer"
    return Entry(response, base if is_whole else DECIMAL, node.get("string-identifier", ""))


def _read_base(node: etree._Element, place: Place) -> int:
    written = node.get("base", str(DECIMAL)).strip()
    if not written.isdecimal() or not 2 <= int(written) <= 36:
        raise place.error(node, f"base {written!r} is not a whole number from 2 to 36")
    return int(written)


def spread_entries(entries: tuple[Entry, ...], responses: Mapping[str, Response]) -> dict[str, Response]:
    """Responses with typed texts in their second response, where that is not given, and numbers in base ten."""
    spread = dict(responses)
    for entry in entries:
        typed = responses.get(entry.response)
        if entry.raw:
            spread.setdefault(entry.raw, typed)
        if entry.base != DECIMAL and isinstance(typed, str):
            spread[entry.response] = _read_whole(typed, entry.base)
    return spread


def _read_whole(typed: str, base: int) -> int | None:
    try:
        return None if "_" in typed else int(typed, base)
    except ValueError:
        return None
