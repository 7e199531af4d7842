"""Whether a folder of wheels is complete for a target: every requirement, by the markers of that very machine.

Takes wheels and a target; gives the wheels that are used there and the requirements nothing answers.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from build_dist.targets import Target


@dataclass(frozen=True)
class Wheel:
    """A wheel as its name and METADATA describe it."""

    path: Path
    name: str
    version: Version
    tags: frozenset[Tag]
    requires: tuple[str, ...]
    python: str = ""


@dataclass
class Closure:
    """`used`: names of files; `missing`: requirements, with who asks for them."""

    used: set[str] = field(default_factory=set)
    missing: dict[str, str] = field(default_factory=dict)


def read_wheel(path: Path) -> Wheel:
    """Raises ValueError or KeyError for what is no wheel."""
    name, version, _build, tags = parse_wheel_filename(path.name)
    with zipfile.ZipFile(path) as archive:
        inside = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(inside).decode())
    return Wheel(path, name, version, tags, tuple(metadata.get_all("Requires-Dist") or ()),
                 metadata.get("Requires-Python") or "")


def read_wheels(folder: Path) -> list[Wheel]:
    """All wheels of a folder."""
    return [read_wheel(path) for path in sorted(folder.glob("*.whl"))]


def find_closure(wheels: Iterable[Wheel], wanted: Iterable[str], target: Target) -> Closure:
    """Follow requirements from `wanted` on, as pip on the target would."""
    by_name: dict[str, list[Wheel]] = {}
    for wheel in wheels:
        by_name.setdefault(canonicalize_name(wheel.name), []).append(wheel)
    closure, seen = Closure(), set()
    waiting = [(Requirement(text), "") for text in wanted]
    while waiting:
        requirement, asker = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        chosen = choose_wheel(by_name.get(key[0], []), requirement, target)
        if chosen is None:
            closure.missing[str(requirement)] = asker
        elif key not in seen:
            seen.add(key)
            closure.used.add(chosen.path.name)
            waiting += [(one, chosen.name) for one in list_requirements(chosen, requirement.extras, target)]
    return closure


def choose_wheel(wheels: Iterable[Wheel], requirement: Requirement, target: Target) -> Wheel | None:
    """The newest that fits, of its files the one that fits best."""
    fitting = [wheel for wheel in wheels if requirement.specifier.contains(wheel.version, prereleases=True)
               and any(tag in target.ranks for tag in wheel.tags)
               and SpecifierSet(wheel.python).contains(target.full_python)]
    return max(fitting, key=lambda wheel: (wheel.version, -min(target.ranks[tag] for tag in wheel.tags
                                                               if tag in target.ranks)), default=None)


def list_requirements(wheel: Wheel, extras: Iterable[str], target: Target) -> list[Requirement]:
    """What a wheel asks for there, with these extras."""
    environments = [{**target.environment, "extra": extra} for extra in ("", *extras)]
    found = (Requirement(text) for text in wheel.requires)
    return [one for one in found if one.marker is None or any(map(one.marker.evaluate, environments))]
