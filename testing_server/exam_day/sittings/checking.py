"""Whether a variant opens and shows. Pure but for reading the opened folder.

Takes the folder of an opened materials archive; gives a sentence of trouble for each variant, "" when it is sound.
"""
from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec

FORMAT = "variant/1"
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
MEDIUM = re.compile(r"media/([0-9a-f]{64})")
ITEM_FIELDS = ("id", "position", "kind", "html", "interactions", "media")
SLOTS = ("listening", "speaking")


@dataclass(frozen=True)
class VariantCheck:
    """`trouble`: what is wrong, in words for a technician; "" when the variant opens and shows."""

    number: str
    trouble: str
    media: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.trouble


class _Balance(HTMLParser):
    """Finds a tag that is closed without having been opened, or never closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.trouble = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A self-closed tag opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.trouble = self.trouble or f"</{tag}>"


def find_html_trouble(html: str) -> str:
    """The first tag that breaks the nesting, "" when the HTML is well formed."""
    balance = _Balance()
    balance.feed(html)
    balance.close()
    return balance.trouble or (f"<{balance.open[-1]}>" if balance.open else "")


def check_variant(folder: Path, number: str, described: dict[str, Any], known: dict[str, bool]) -> VariantCheck:
    """One variant: its JSON, every item, every medium. `known` remembers digests of media that were read."""
    try:
        variant = msgspec.json.decode((folder / "variants" / f"{number}.json").read_bytes(), type=dict)
    except (OSError, msgspec.DecodeError) as error:
        return VariantCheck(number, f"variants/{number}.json: {error}")
    if variant.get("format") != FORMAT or variant.get("number") != number or not variant.get("items"):
        return VariantCheck(number, f"variants/{number}.json: not a {FORMAT} of this number with items")
    media: dict[str, None] = {}
    for item in variant["items"]:
        trouble = check_item(item) or _check_media(folder, item, described, known)
        if trouble:
            return VariantCheck(number, f"{item.get('position', '?')}: {trouble}")
        media.update(dict.fromkeys(item["media"]))
    return VariantCheck(number, "", tuple(media))


def check_item(item: dict[str, Any]) -> str:
    """What keeps one rendered item from being shown."""
    if missing := [name for name in ITEM_FIELDS if name not in item]:
        return f"field {missing[0]} is missing"
    if broken := find_html_trouble(item["html"]):
        return f"HTML is broken at {broken}"
    for interaction in item["interactions"]:
        if f'data-response="{interaction["id"]}"' not in item["html"]:
            return f"no place for answer {interaction['id']} in its HTML"
    for slot in SLOTS:
        if item.get(slot) and f'data-slot="{slot}"' not in item["html"]:
            return f"no place for {slot} in its HTML"
    if stray := set(MEDIUM.findall(item["html"])) - set(item["media"]):
        return f"medium {sorted(stray)[0][:12]} is not listed"
    return ""


def _check_media(folder: Path, item: dict[str, Any], described: dict[str, Any], known: dict[str, bool]) -> str:
    for sha256 in item["media"]:
        if sha256 not in described:
            return f"medium {sha256[:12]} is not in media.json"
        if sha256 not in known:
            known[sha256] = _is_whole(folder / "media" / sha256, sha256)
        if not known[sha256]:
            return f"medium {sha256[:12]} is missing or changed"
    return ""


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
