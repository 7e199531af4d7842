"""Rendering an item for delivery: takes an item of a package and its position, gives the delivered form."""
import copy
from dataclasses import dataclass
from random import Random
from typing import Any

from lxml import etree

from task_bank.assessments import Position
from task_bank.items.rendering.context import RenderContext, make, read_declarations
from task_bank.items.rendering.flow import append_content, show_original
from task_bank.items.rendering.graphics import GRAPHICS
from task_bank.items.rendering.identifiers import Identifiers
from task_bank.items.rendering.interactions import INTERACTIONS
from task_bank.items.media.loading import MediaFile
from task_bank.items.package import AssessmentPackage, ItemFile, resolve_href
from task_bank.items.redaction.redact import redact
from task_bank.items.xml import XML_LANGUAGE, PackageError, find_all, parse_xml

# Languages whose usual script is written from right to left; a text may say otherwise by its own `dir`.
RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he iw ks nqo ps sd syr ug ur yi".split())
RENDERERS = {**INTERACTIONS, **GRAPHICS}


@dataclass(frozen=True)
class RenderedItem:
    """`data` is the delivered form (a plain dictionary); `media` maps SHA-256 → MediaFile."""

    data: dict[str, Any]
    media: dict[str, MediaFile]


def render_item(
    package: AssessmentPackage,
    item: ItemFile,
    position: Position,
    identifiers: Identifiers,
    shuffle_seed: str,
    redaction: bool = True,
) -> RenderedItem:
    """Redact, shuffle and render one item.

    `identifiers` collects the opaque names and their originals; the same `shuffle_seed` gives the same order.
    `redaction=False` exists for tests only: it shows that a search for planted keys finds them.
    Raises PackageError (UnsupportedElement, MissingFile …) naming file and element.
    """
    declarations = read_declarations(item.root)
    context = RenderContext(
        package, item.path, identifiers, Random(shuffle_seed), redaction, declarations, RENDERERS
    )
    language = item.root.get(XML_LANGUAGE) or package.assessment.content_language
    page = show_original(make("div", {"class": "qti-item", "lang": language}), item.root, context)
    if language.split("-")[0].lower() in RIGHT_TO_LEFT:
        page.set("dir", "rtl")
    for identifier, file, root in _read_stimuli(package, item):
        context.file = file
        context.stimuli[identifier] = _render_body(root, "qti-stimulus", context)
        context.stimulus_text += " ".join(["", *map(str, context.stimuli[identifier].itertext())])
    context.file = item.path
    body = _render_body(item.root, "qti-body", context)
    page.extend([*context.stimuli.values(), body])
    return RenderedItem(_describe_item(page, position, language, context), context.media)


def _read_stimuli(package: AssessmentPackage, item: ItemFile) -> list[tuple[str, str, etree._Element]]:
    stimuli = []
    for reference in find_all(item.root, "qti-assessment-stimulus-ref"):
        path = resolve_href(item.path, reference.get("href", ""), reference)
        data = package.read(path, item.path, reference)
        stimuli.append((reference.get("identifier", ""), path, parse_xml(data, path)))
    return stimuli


def _render_body(root: etree._Element, css: str, context: RenderContext) -> etree._Element:
    body = redact(root, context.file) if context.redaction else copy.deepcopy(root)
    return append_content(make("div", {"class": css}), body, context)


def _describe_item(
    page: etree._Element, position: Position, language: str, context: RenderContext
) -> dict[str, Any]:
    return {
        "id": context.identifiers.item,
        "position": position.number,
        "kind": position.kind,
        "title": position.title,
        "points": position.points,
        "content_language": language,
        "html": etree.tostring(page, method="html", encoding="unicode"),
        "interactions": context.interactions,
        "media": sorted(context.media),
        "auto_move": position.auto_move,
        "time_s": position.time_s,
        "listening": _describe_listening(position, context),
        "speaking": _describe_speaking(position, context),
    }


def _describe_listening(position: Position, context: RenderContext) -> dict[str, Any] | None:
    found = context.slots.get("listening")
    if (found is None) != (position.listening is None):
        raise PackageError(context.file, f"position {position.number} and its item disagree about listening")
    if found is None or position.listening is None:
        return None
    return {**found, "plays": position.listening.plays, "read_s": position.listening.read_s}


def _describe_speaking(position: Position, context: RenderContext) -> dict[str, Any] | None:
    found, rule = context.slots.get("speaking"), position.speaking
    if (found is None) != (rule is None):
        raise PackageError(context.file, f"position {position.number} and its item disagree about speaking")
    if found is None or rule is None:
        return None
    return {
        **found,
        "prepare_s": rule.prepare_s,
        "record_s": rule.record_s,
        "takes": rule.takes,
        "early_start": rule.early_start,
        "early_finish": rule.early_finish,
        "playback": rule.playback,
    }
