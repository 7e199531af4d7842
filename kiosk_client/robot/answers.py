"""Plausible answers: takes a rendered item and chance, gives a value for each of its interactions.

What can be chosen is read from the item's HTML, as a candidate would read it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Value = str | list[str] | None
WORDS = ("time", "school", "more", "world", "first", "answer", "people", "water")
SENTENCES = {
    "en": "I think this is a good idea because people learn more when they talk to each other.",
    "ru": "Я думаю, что это верное решение: когда люди обсуждают задачу вместе, они замечают больше.",
}
_VOID = frozenset({"img", "input", "br", "hr", "source", "wbr", "col"})


@dataclass
class Offered:
    """What one interaction offers: values of controls, choices, gaps."""

    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


class OfferReader(HTMLParser):
    """Collects what each element with `data-response` offers."""

    def __init__(self) -> None:
        super().__init__()
        self.offers: dict[str, Offered] = {}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        current = known.get("data-response") or (self._open[-1] if self._open else "")
        if tag not in _VOID:
            self._open.append(current)
        if current:
            self._note(self.offers.setdefault(current, Offered()), known)

    def _note(self, offered: Offered, known: Mapping[str, str]) -> None:
        for name, found in (("value", offered.values), ("data-choice", offered.choices), ("data-gap", offered.gaps)):
            if known.get(name):
                found.append(known[name])

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and self._open:
            self._open.pop()


def read_offers(html: str) -> dict[str, Offered]:
    """Response id -> what it offers."""
    reader = OfferReader()
    reader.feed(html)
    return reader.offers


def invent_answers(item: Mapping[str, Any], chance: random.Random) -> dict[str, Value]:
    """A value for every interaction of the item; None where nothing can be chosen."""
    offers = read_offers(item["html"])
    return {found["id"]: _invent(found, offers.get(found["id"], Offered()), item, chance)
            for found in item["interactions"]}


def _invent(interaction: Mapping[str, str], offered: Offered, item: Mapping[str, Any], chance: random.Random) -> Value:
    kind = interaction["kind"]
    if kind == "extended_text":
        sentence = SENTENCES.get(item.get("content_language", "en")[:2], SENTENCES["en"])
        return sentence if interaction["cardinality"] == "single" else [sentence]
    if kind == "text_entry":
        is_number = interaction["base_type"] in ("integer", "float")
        return str(chance.randint(1, 20)) if is_number else chance.choice(WORDS)
    if kind == "order":
        return chance.sample(offered.choices, len(offered.choices))
    if kind == "gap_match":
        return _fill_gaps(offered, chance)
    if kind == "associate":
        pair = " ".join(chance.sample(offered.choices, 2))
        return pair if interaction["cardinality"] == "single" else [pair]
    if kind == "match":
        return _match_rows(offered, interaction["cardinality"], chance)
    return _choose(offered, interaction["cardinality"], chance)


def _choose(offered: Offered, cardinality: str, chance: random.Random) -> Value:
    if not offered.values:
        return None
    if cardinality == "single":
        return chance.choice(offered.values)
    return sorted(chance.sample(offered.values, min(len(offered.values), chance.choice((1, 2)))))


def _fill_gaps(offered: Offered, chance: random.Random) -> Value:
    words = chance.sample(offered.choices, len(offered.choices))
    return [f"{word} {gap}" for word, gap in zip(words, offered.gaps, strict=False)]


def _match_rows(offered: Offered, cardinality: str, chance: random.Random) -> Value:
    rows: dict[str, list[str]] = {}
    for value in offered.values:
        rows.setdefault(value.split(" ")[0], []).append(value)
    chosen = _spread_columns(rows, chance)
    if cardinality == "single":
        return chosen[0] if chosen else None
    return chosen


def _spread_columns(rows: Mapping[str, list[str]], chance: random.Random) -> list[str]:
    """One pair a row, each column once while there are free ones: as a careful candidate would."""
    used: set[str] = set()
    chosen = []
    for pairs in rows.values():
        free = [pair for pair in pairs if pair.split(" ")[1] not in used] or pairs
        chosen.append(chance.choice(free))
        used.add(chosen[-1].split(" ")[1])
    return chosen
