"""A delivered item as a candidate meets it: takes an item and its keys, gives its page and answers in opaque names."""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree, html

from task_bank.assessments import Position
from task_bank.items.package import digest
from task_bank.items.xml import local_name, parse_xml
from task_bank.scoring import Response
from task_bank.variants.answers import Answers
from task_bank.variants.delivery import Delivery

NAMED = ("identifier", "pair", "directedPair")
SHOWN_AS_VALUE = ("input", "option")
FEEDBACK = ("qti-feedback-inline", "qti-feedback-block", "qti-modal-feedback")


class Unprovable(Exception):
    """One reason why an item is not sound."""


@dataclass(frozen=True)
class Delivered:
    """One item of a delivery with all that belongs to it: its page data, its keys, its file and XML."""

    position: Position
    data: Mapping[str, Any]
    key: Mapping[str, Any]
    path: str
    xml: bytes


def open_page(item: Delivered, delivery: Delivery) -> etree._Element:
    """The item's page, with everything it speaks of in its place. Raises Unprovable."""
    page = html.fromstring(item.data["html"])
    _check_interactions(item, page)
    _check_choices(item, page)
    _check_media(item, page, delivery)
    return page


def _check_interactions(item: Delivered, page: etree._Element) -> None:
    places = {node.get("data-response") for node in page.iter()}
    for interaction in item.data["interactions"]:
        if interaction["id"] not in item.key["responses"]:
            raise Unprovable(f"an interaction {interaction['id']} is not in the keys")
        if interaction["id"] not in places and item.data.get("speaking") is None:
            raise Unprovable(f"the page has no place for {interaction['id']}")


def _check_choices(item: Delivered, page: etree._Element) -> None:
    """Every choice of the keys is shown, and shows the text of the author's choice of that name.

    Neither is said in the finding: it is read before the day by people who must not know.
    """
    words, shown, written = _read_words(page), dict(_read_shown(page)), _read_written(item.xml, item.path)
    for opaque, original in item.key["identifiers"].items():
        if opaque not in words:
            raise Unprovable(f"the page does not show choice {opaque}")
        # Within: a row of a list also holds its menu.
        if opaque in shown and not any(text in shown[opaque] for text in written.get(original, {""})):
            raise Unprovable(f"choice {opaque} does not show the text of the choice it stands for")


def _read_shown(page: etree._Element) -> Iterator[tuple[str, str]]:
    """Opaque name → text, of choices that are shown by text."""
    for node in page.iter():
        name = node.get("value") if node.tag in SHOWN_AS_VALUE else node.get("data-choice")
        label = node.getparent() if node.tag == "input" else node
        text = _read_text(label)
        if name and text:
            yield name, text


@lru_cache(maxsize=1024)
def _read_written(xml: bytes, path: str) -> dict[str, set[str]]:
    """Identifier → texts of the choices of that name that are nothing but text.

    Feedback is no part of them: it never reaches a candidate, and its own names are often those of choices.
    """
    root = parse_xml(xml, path)
    etree.strip_elements(root, *(f"{{*}}{name}" for name in FEEDBACK), with_tail=False)
    written: dict[str, set[str]] = {}
    for node in root.iter():
        name = node.get("identifier") if local_name(node) else None
        inside = [local_name(inner) or "" for inner in node.iterdescendants()] if name else []
        if name and not any(word.startswith("qti-") or word == "math" for word in inside):
            written.setdefault(name, set()).add(_read_text(node))
    return written


def _read_text(node: etree._Element) -> str:
    return " ".join("".join(node.itertext()).split())


def _check_media(item: Delivered, page: etree._Element, delivery: Delivery) -> None:
    for sha256 in item.data["media"]:
        if sha256 not in delivery.media or digest(delivery.media[sha256].data) != sha256:
            raise Unprovable(f"medium {sha256} is not in the delivery as it should be")
    shown = {node.get("src", "").removeprefix("media/") for node in page.iter() if node.get("src")}
    if lost := sorted(shown - set(item.data["media"])):
        raise Unprovable(f"the page shows media that are not delivered: {', '.join(lost)}")


def _read_words(node: etree._Element) -> set[str]:
    return {word for inner in node.iter() for value in inner.attrib.values() for word in value.split()}


def answer_page(item: Delivered, page: etree._Element, answers: Answers) -> dict[str, Response]:
    """An answer in the delivered names, as a candidate gives it. Raises Unprovable."""
    opaque = {original: name for name, original in item.key["responses"].items()}
    kinds = {interaction["id"]: interaction["base_type"] for interaction in item.data["interactions"]}
    given: dict[str, Response] = {}
    for original, value in answers.items():
        if original not in opaque:
            raise Unprovable(f"response {original!r} of the key is not asked for")
        name = opaque[original]
        place = next((node for node in page.iter() if node.get("data-response") == name), page)
        values = [str(one) for one in (value if isinstance(value, list) else [value])]
        _check_room(place, original, values)
        if kinds.get(name) in NAMED:
            values = [_rename(one, place, item.key["identifiers"]) for one in values]
        given[name] = list(values) if isinstance(value, list) else values[0]
    return given


def _check_room(place: etree._Element, response: str, values: list[str]) -> None:
    """A key nobody could give is no key."""
    most = place.get("data-max") or "0"
    if most.isdigit() and 0 < int(most) < len(values):
        raise Unprovable(f"the key of {response!r} has {len(values)} values, the page takes {most}")
    longest = place.get("maxlength") or ""
    if longest.isdigit() and any(len(value) > int(longest) for value in values):
        raise Unprovable(f"the key of {response!r} is longer than the {longest} characters the page takes")


def _rename(value: str, place: etree._Element, identifiers: Mapping[str, str]) -> str:
    """Names of choices in their opaque form; where two interactions share an original, that of this place."""
    inside = _read_words(place)
    own = {original: name for name, original in identifiers.items()}
    own |= {original: name for name, original in identifiers.items() if name in inside}
    return " ".join(own.get(word, word) for word in value.split())
