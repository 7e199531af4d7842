"""What the renderers of one item share: names, chance, media found, interactions met."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lxml import etree

from task_bank.items.rendering.identifiers import Identifiers
from task_bank.items.media.loading import MediaFile, load_media
from task_bank.items.package import AssessmentPackage
from task_bank.items.xml import XML_LANGUAGE, find_all, local_name


# How one QTI element becomes HTML; an interaction holds content, content may hold interactions.
Renderer = Callable[[etree._Element, "RenderContext"], etree._Element]


@dataclass
class RenderContext:
    """State of one rendering. `declarations` maps response → (cardinality, base type) as declared."""

    package: AssessmentPackage
    file: str
    identifiers: Identifiers
    random: Random
    redaction: bool
    declarations: dict[str, tuple[str, str]]
    renderers: Mapping[str, Renderer]
    interactions: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, MediaFile] = field(default_factory=dict)
    slots: dict[str, dict[str, Any]] = field(default_factory=dict)
    stimuli: dict[str, etree._Element] = field(default_factory=dict)
    stimulus_text: str = ""

    def add_media(self, href: str, element: str | etree._Element) -> str:
        """Take a picture or sound along; gives its SHA-256."""
        media = load_media(self.package, self.file, href, element)
        self.media[media.sha256] = media
        return media.sha256

    def declare(self, node: etree._Element, kind: str) -> dict[str, str]:
        """Note an interaction; gives the attributes by which the player finds it.

        Whoever knows how many separate things a complete answer fills says so with `count_places` afterwards.
        """
        original = node.get("response-identifier", "")
        cardinality, base_type = self.declarations.get(original, ("single", "string"))
        opaque = self.identifiers.name_response(original)
        described = {"id": opaque, "kind": kind, "cardinality": cardinality, "base_type": base_type}
        self.interactions.append(described)
        return {"data-response": opaque, "data-kind": kind, "data-cardinality": cardinality}

    def count_places(self, count: int) -> None:
        """A complete answer to the interaction just noted fills this many places (gaps, rows, steps)."""
        if count:
            self.interactions[-1]["places"] = count

    def shuffle(self, choices: list[etree._Element]) -> list[etree._Element]:
        """Choices in a new order; those with fixed="true" stay at their places."""
        places = [place for place, choice in enumerate(choices) if choice.get("fixed") != "true"]
        moved = [choices[place] for place in places]
        self.random.shuffle(moved)
        ordered = list(choices)
        for place, choice in zip(places, moved, strict=True):
            ordered[place] = choice
        return ordered


def read_declarations(root: etree._Element) -> dict[str, tuple[str, str]]:
    """Response declarations of an item: identifier → (cardinality, base type)."""
    return {
        node.get("identifier", ""): (node.get("cardinality", "single"), node.get("base-type", "string"))
        for node in find_all(root, "qti-response-declaration")
    }


def make(
    tag: str, attributes: dict[str, str] | None = None, *children: etree._Element | str
) -> etree._Element:
    """A new HTML element; strings become text."""
    node = etree.Element(tag, attributes or {})
    for child in children:
        append(node, child)
    return node


def append(parent: etree._Element, child: etree._Element | str) -> None:
    """Append an element or text to an element."""
    if not isinstance(child, str):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + child
    else:
        parent.text = (parent.text or "") + child


def keep_attributes(node: etree._Element, allowed: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Attributes of an element that `allowed` lists for its name."""
    names = allowed.get(local_name(node), frozenset())
    return {str(name): str(value) for name, value in node.attrib.items() if name in names}


def copy_common(node: etree._Element, target: etree._Element) -> etree._Element:
    """Language, direction and classes of a source element go along to its rendered form."""
    language = node.get("lang") or node.get(XML_LANGUAGE)
    if language:
        target.set("lang", language)
    if node.get("dir"):
        target.set("dir", node.get("dir", ""))
    return copy_class(node, target)


def copy_class(node: etree._Element, target: etree._Element) -> etree._Element:
    """Classes of a source element are added to those of its rendered form; an orientation becomes a class."""
    orientation = node.get("orientation")
    looks = f"qti-orientation-{orientation}" if orientation in ("horizontal", "vertical") else None
    classes = dict.fromkeys(" ".join(filter(None, (target.get("class"), node.get("class"), looks))).split())
    if classes:
        target.set("class", " ".join(classes))
    return target
