"""Packages with canaries: a word of its own in every place that no candidate and no school may read too early.

Takes the shipped samples. Gives changed copies of them as folders: other names of files, items and choices, canaries
in keys, rules, rubrics, feedback, comments, titles and criteria; English shortened and without its listening item.
"""
from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from lxml import etree

from testing_server.preparation.materials.packages import SHIPPED
from testing_server.rehearsal.founding import ENGLISH, METAPREDMET

CANARY = "canary"
NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
QTI = f"{{{NAMESPACE}}}"
# Kinds of places; the canary of a kind is "canary" + kind, so that a find says where it came from.
KINDS = ("key", "map", "rule", "rubric", "feedback", "comment", "title", "criteria", "choice", "item", "media")
CHOICES = frozenset(QTI + name for name in (
    "qti-simple-choice", "qti-simple-associable-choice", "qti-gap-text", "qti-gap-img", "qti-inline-choice",
    "qti-hottext", "qti-gap"))
# The way through the shortened work: answers before, between and after two spoken items.
WAY = ("grammar", "reading-aloud", "words", "photo", "headings")
DURATION_S = 6 * 3600
NAMES = "headings|reading-aloud|grammar|photo|words|listening|city|fair|railway|reserve"
OTHERS = re.compile(rf"(?<![\w-])((?:{NAMES})-\d\d)")


def plant_packages(target: Path) -> list[Path]:
    """Both samples, planted, under the names by which the hub finds its own before the shipped ones."""
    return [plant_package(SHIPPED / name, target / name) for name in (ENGLISH, METAPREDMET)]


def plant_package(source: Path, target: Path) -> Path:
    """A planted copy of one package."""
    shutil.copytree(source, target)
    media = {path.name for path in (target / "media").iterdir()}
    for path in sorted(target.rglob("*.xml")):
        text = rename(path.read_text(encoding="utf-8"), media)
        path.write_text(text, encoding="utf-8")
    for path in sorted((target / "items").glob("*.xml")):
        plant_item(path)
        path.rename(path.with_name(rename(path.name, media)))
    for path in sorted((target / "media").iterdir()):
        path.rename(path.with_name(f"{CANARY}media-{path.name}"))
    described = target / "assessment.json"
    data = json.loads(rename(described.read_text(encoding="utf-8"), set()))
    described.write_text(json.dumps(plant_assessment(data), ensure_ascii=False), encoding="utf-8")
    return target


def rename(text: str, media: set[str]) -> str:
    """Items and media under planted names, wherever they are named."""
    text = OTHERS.sub(lambda found: f"{CANARY}item-{found[1]}", text)
    for name in media:
        planted = rename(name, set()) if OTHERS.search(name) else name
        text = text.replace(f"media/{planted}", f"media/{CANARY}media-{name}")
    return text


def plant_assessment(data: dict[str, Any]) -> dict[str, Any]:
    """Canaries in the criteria; English without listening, in the order of WAY."""
    for criteria in data["criteria"].values():
        for criterion in criteria["criteria"]:
            criterion["title"] += f" {CANARY}criteria"
            for level in criterion["levels"]:
                level["text"] += f" {CANARY}criteria"
    data["duration_s"] = DURATION_S
    if data["subject"] == "english":
        data["positions"] = [_find_position(data, name) for name in WAY]
        for number, position in enumerate(data["positions"], start=1):
            position["number"] = number
        data["total_points"] = sum(position["points"] for position in data["positions"])
        data["scale"] = [{"mark": 2, "from": 0}, {"mark": 3, "from": 8}]
    return data


def _find_position(data: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in data["positions"] if f"item-{name}-" in one["pool"][0])
    return found


def plant_item(path: Path) -> None:
    """Canaries in one item, each in a place that redaction must drop."""
    tree = etree.parse(str(path))
    root = tree.getroot()
    root.set("title", f"{CANARY}title")
    rename_choices(root)
    for declaration in root.iter(QTI + "qti-response-declaration"):
        if declaration.get("base-type") == "string":
            plant_key(declaration)
    root.insert(0, _make("qti-outcome-declaration", identifier=f"{CANARY}rule", cardinality="single",
                         **{"base-type": "float"}))
    body = root.find(QTI + "qti-item-body")
    body.insert(0, etree.Comment(f" {CANARY}comment "))
    rubric = _make("qti-rubric-block", use="scoring", view="scorer")
    rubric.append(_say("qti-content-body", f"{CANARY}rubric"))
    body.append(rubric)
    feedback = _make("qti-modal-feedback", identifier="told", **{
        "outcome-identifier": f"{CANARY}rule", "show-hide": "show"})
    feedback.append(_say("qti-content-body", f"{CANARY}feedback"))
    root.append(feedback)
    tree.write(str(path), encoding="utf-8", xml_declaration=True)


def plant_key(declaration: etree._Element) -> None:
    """Canaries among the right texts and the texts that give points."""
    for mapping in declaration.iter(QTI + "qti-mapping"):
        mapping.append(_make("qti-map-entry", **{"map-key": f"{CANARY}map", "mapped-value": "0"}))
    for value in declaration.findall(f"{QTI}qti-correct-response/{QTI}qti-value"):
        value.text = f"{CANARY}key"


def rename_choices(root: etree._Element) -> None:
    """Every choice under a planted name, and the keys and rules that name it."""
    names = {node.get("identifier"): f"{CANARY}choice-{node.get('identifier')}" for node in root.iter()
             if node.tag in CHOICES}
    for node in root.iter():
        if node.tag in CHOICES:
            node.set("identifier", names[node.get("identifier")])
        for name in ("map-key", "match-group"):
            if node.get(name):
                node.set(name, _replace(node.get(name), names))
        if node.tag in (QTI + "qti-value", QTI + "qti-base-value") and node.text:
            node.text = _replace(node.text, names)


def _replace(text: str, names: dict[str, str]) -> str:
    return " ".join(names.get(word, word) for word in text.split())


def _make(name: str, **attributes: str) -> etree._Element:
    return etree.Element(QTI + name, attributes)


def _say(name: str, text: str) -> etree._Element:
    node = _make(name)
    paragraph = _make("p")
    paragraph.text = text
    node.append(paragraph)
    return node


def list_found(data: bytes) -> set[str]:
    """Kinds of canaries in some bytes, whatever their case."""
    return {found.decode() for found in re.findall(rb"canary([a-z]*)", data.lower())}
