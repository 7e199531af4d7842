"""Which columns a work's form has. Takes the hub's data folder; gives `FormShape`s.

A work that is a package of the task bank has the package's positions and criteria. Any other work has a file
`<campaign>.<work>.json` in data/result_forms of the hub, or among the shipped ones.
"""
from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from testing_server.outcomes.forms.rules import FormColumn, FormShape
from testing_server.preparation.materials.packages import list_packages

SHIPPED = Path(__file__).parent / "data"
FOLDER = "result_forms"
MOST_POINTS = 1000
log = logging.getLogger(__name__)
Whole = Annotated[int, Meta(ge=1, le=MOST_POINTS)]
Name = Annotated[str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`text`: what the points are given for."""

    points: Annotated[int, Meta(ge=0, le=MOST_POINTS)]
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class ColumnFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`task`: "3" or "3.1"; `criterion`: number of a criterion of it, 0 for the task as a whole."""

    task: Name
    most: Whole
    criterion: Annotated[int, Meta(ge=0, le=20)] = 0
    whole: bool = True
    zeroes: bool = False
    title: str = ""
    levels: tuple[Level, ...] = ()


class ShapeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of data/result_forms. `scale`: mark → lowest raw score."""

    columns: Annotated[tuple[ColumnFile, ...], Meta(min_length=1, max_length=150)]
    subject: str = ""
    by_expert: bool = False
    sample: bool = False
    scale: dict[str, int] = {}


def find_shape(data: Path, campaign: str, work: str, assessments: tuple[str, ...] = ()) -> FormShape | None:
    """None while nobody has published the form of this work."""
    for folder in (data / FOLDER, SHIPPED):
        path = folder / f"{campaign}.{work}.json"
        if path.is_file():
            return _read_file(path, path.stat().st_mtime_ns)
    for package in list_packages(data):
        described = package.path / "assessment.json"
        found = _read_package(described, described.stat().st_mtime_ns)
        if found is not None and ({package.name, found[0]} & {work, *assessments}):
            return found[1]
    return None


def list_assessments(data: Path, named: tuple[str, ...]) -> frozenset[str]:
    """The ids that archives and protocols call these packages by, beside the names themselves."""
    found = set(named)
    for package in list_packages(data):
        if package.name in named:
            found.add(str(json.loads((package.path / "assessment.json").read_bytes()).get("id", package.name)))
    return frozenset(found)


def shape_of_assessment(definition: Mapping[str, Any]) -> FormShape:
    """From an assessment's positions, criteria and scale."""
    columns: list[FormColumn] = []
    for position in definition["positions"]:
        columns += _list_columns(definition, position)
    scale = tuple((int(one["mark"]), Decimal(str(one["from"]))) for one in definition.get("scale", ()))
    return FormShape(tuple(columns), str(definition.get("subject", "")), scale=scale)


def _list_columns(definition: Mapping[str, Any], position: Mapping[str, Any]) -> list[FormColumn]:
    task, title = str(position["number"]), position.get("title", {}).get("ru", "")
    if not position.get("criteria"):
        # keys may give parts of a point
        return [FormColumn(task, task, Decimal(str(position["points"])), whole=False, title=title)]
    book = definition["criteria"][position["criteria"]]
    zeroing = {rule.get("criterion") for rule in book.get("rules", ()) if rule["kind"] == "zeroes_item"}
    return [FormColumn(f"{task}.{one['id']}", task, Decimal(one["max"]), zeroes=one["id"] in zeroing,
                       title=f"{title}. {one['title']}",
                       levels=tuple((str(level["points"]), level["text"]) for level in one.get("levels", ())))
            for one in book["criteria"]]


@lru_cache(maxsize=128)
def _read_package(path: Path, _changed_ns: int) -> tuple[str, FormShape] | None:
    # read once: pages ask for it at every request
    try:
        definition = json.loads(path.read_bytes())
        return str(definition["id"]), shape_of_assessment(definition)
    except (ValueError, KeyError, TypeError) as error:
        log.error("%s gives no result form: %s", path, error)
        return None


@lru_cache(maxsize=128)
def _read_file(path: Path, _changed_ns: int) -> FormShape | None:
    try:
        read = msgspec.json.decode(path.read_bytes(), type=ShapeFile)
    except (msgspec.MsgspecError, ValueError) as error:
        log.error("result form %s is not used: %s", path.name, error)
        return None
    columns = tuple(_describe(one) for one in read.columns)
    if len({one.id for one in columns}) < len(columns):
        log.error("result form %s is not used: a column stands twice", path.name)
        return None
    scale = tuple((int(mark), Decimal(lowest)) for mark, lowest in read.scale.items())
    return FormShape(columns, read.subject, read.by_expert, read.sample, scale)


def _describe(one: ColumnFile) -> FormColumn:
    name = f"{one.task}.К{one.criterion}" if one.criterion else one.task
    return FormColumn(name, one.task, Decimal(one.most), one.whole, one.zeroes, one.title,
                      tuple((str(level.points), level.text) for level in one.levels))
