"""Checking a package before anybody relies on it: takes a package, gives findings, one line each."""
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Annotated

import msgspec

from task_bank.assessments import Position
from task_bank.assessments.check_structure import find_structure_doubts, find_structure_errors
from task_bank.items.check_items import check_item
from task_bank.items.findings import Finding, error, refusal, warning
from task_bank.items.package import ASSESSMENT, AssessmentPackage
from task_bank.items.xml import PackageError, find_all, local_name, parse_xml
from task_bank.scoring import UnknownRule, highest_points, score_criteria

OnPosition = Callable[[int, int], object]
LEAST_POOL = 4
MOST_POINTS = 100
TEST_TYPE = "imsqti_test_xmlv3p0"


def check_package(package: AssessmentPackage, on_position: OnPosition = lambda done, of: None) -> list[Finding]:
    """Everything that is wrong or doubtful with a package, errors and warnings, in a stable order.

    `on_position(done, of)` is told after each position's items.
    """
    findings = [*_check_points(package), *_check_scale(package), *_check_criteria(package)]
    findings += [error(ASSESSMENT, text) for text in find_structure_errors(package.assessment)]
    findings += [warning(ASSESSMENT, text) for text in find_structure_doubts(package.assessment)]
    whole = len(package.assessment.positions)
    for done, position in enumerate(package.assessment.positions, start=1):
        findings += _check_position(package, position)
        on_position(done, whole)
    if not package.derived:
        findings += _check_use(package)
        findings += _check_tests(package)
    return findings


def _check_points(package: AssessmentPackage) -> Iterator[Finding]:
    assessment = package.assessment
    total = sum(position.points for position in assessment.positions)
    if total != assessment.total_points:
        yield error(ASSESSMENT, f"points of positions make {total}, total_points is {assessment.total_points}")
    numbers = [position.number for position in assessment.positions]
    if numbers != list(range(1, len(numbers) + 1)):
        yield error(ASSESSMENT, f"positions are numbered {numbers}, expected 1 to {len(numbers)} in order")


def _check_scale(package: AssessmentPackage) -> Iterator[Finding]:
    scale = package.assessment.scale
    if any(not {"mark", "from"} <= set(row) for row in scale):
        yield error(ASSESSMENT, "a row of the scale needs a mark and the points it is given from")
        return
    starts = [row["from"] for row in scale]
    if not starts or starts[0] != 0:
        yield error(ASSESSMENT, "the scale has no mark from 0 points")
    if starts != sorted(set(starts)) or [row["mark"] for row in scale] != sorted({row["mark"] for row in scale}):
        yield error(ASSESSMENT, "the scale does not rise from row to row")
    if starts and starts[-1] > package.assessment.total_points:
        yield error(ASSESSMENT, "the highest mark needs more points than there are")


class _Level(msgspec.Struct):
    points: int
    text: str = ""


class _Criterion(msgspec.Struct):
    """One criterion as an author writes it; nobody marks by hundreds of points."""

    id: str
    max: Annotated[int, msgspec.Meta(ge=0, le=MOST_POINTS)]
    levels: list[_Level] = []


def _check_criteria(package: AssessmentPackage) -> Iterator[Finding]:
    for name, criteria in package.assessment.criteria.items():
        try:
            listed = msgspec.convert(criteria.get("criteria"), list[_Criterion])
            zeroes = {criterion.id: 0 for criterion in listed}
            score_criteria(criteria, zeroes)
        except (KeyError, TypeError, AttributeError, msgspec.ValidationError, UnknownRule) as problem:
            yield error(ASSESSMENT, f"criteria {name!r} are incomplete: {problem}")
            continue
        yield from _check_levels(name, listed)
        for rule in criteria.get("rules", []):
            for field in ("criterion", "target"):
                if field in rule and rule[field] not in zeroes:
                    yield error(ASSESSMENT, f"criteria {name!r}: a rule names {rule[field]!r}, which is not there")


def _check_levels(name: str, criteria: list[_Criterion]) -> Iterator[Finding]:
    for criterion in criteria:
        if {level.points for level in criterion.levels} != set(range(criterion.max + 1)):
            message = f"criteria {name!r}: {criterion.id} does not describe every number of points"
            yield error(ASSESSMENT, message)


def _check_position(package: AssessmentPackage, position: Position) -> Iterator[Finding]:
    place = f"position {position.number}"
    if (position.kind == "listening") != (position.listening is not None):
        yield error(ASSESSMENT, f"{place} is {position.kind!r}: listening times must stand with it, and only then")
    if (position.kind == "speaking") != (position.speaking is not None):
        yield error(ASSESSMENT, f"{place} is {position.kind!r}: speaking times must stand with it, and only then")
    yield from _check_pool(package, position)
    yield from _check_position_criteria(package, position)
    for identifier in dict.fromkeys(position.pool):
        if identifier in package.items and package.derived:
            continue  # judged when the package was opened
        if identifier in package.items:
            yield from check_item(package, package.items[identifier], position)
        else:
            yield error(ASSESSMENT, f"{place}: item {identifier!r} is not in the manifest")


def _check_pool(package: AssessmentPackage, position: Position) -> Iterator[Finding]:
    place, pool = f"position {position.number}", position.pool
    twice = [name for name, count in Counter(pool).items() if count > 1]
    if twice:
        yield error(ASSESSMENT, f"{place}: {', '.join(twice)} stands twice in the pool")
    if not pool:
        yield error(ASSESSMENT, f"{place} has no items")
    elif len(pool) < LEAST_POOL:
        yield warning(ASSESSMENT, f"{place} has {len(pool)} parallel items, {LEAST_POOL} are advised")
    for other in package.assessment.positions:
        if other.number < position.number and position.together and other.together == position.together:
            if len(other.pool) != len(pool):
                yield error(ASSESSMENT, f"{place} and {other.number} are dealt together but differ in items")


def _check_position_criteria(package: AssessmentPackage, position: Position) -> Iterator[Finding]:
    if position.criteria is None:
        return
    place = f"position {position.number}"
    criteria = package.assessment.criteria.get(position.criteria)
    if criteria is None:
        yield error(ASSESSMENT, f"{place}: criteria {position.criteria!r} are missing")
        return
    try:
        highest = highest_points(criteria)
    except (KeyError, TypeError):
        return  # already reported with the criteria themselves
    if highest != position.points:
        yield error(ASSESSMENT, f"{place} has {position.points} points, its criteria give {highest}")


def _check_use(package: AssessmentPackage) -> Iterator[Finding]:
    used = {name for position in package.assessment.positions for name in position.pool}
    for item in package.items.values():
        if PurePosixPath(item.path).stem != item.identifier:
            yield error(item.path, f"identifier {item.identifier!r} is not the name of the file")
        if item.identifier not in used:
            yield warning(item.path, "is in no position's pool")
    for path in sorted(set(package.files) - set(package.resources)):
        if PurePosixPath(path).parts[0] in ("items", "media", "stimuli"):
            yield warning(path, "is not named in the manifest")


def _check_tests(package: AssessmentPackage) -> Iterator[Finding]:
    for path, kind in package.resources.items():
        if kind == TEST_TYPE:
            yield from _check_test(package, path)


def _check_test(package: AssessmentPackage, path: str) -> Iterator[Finding]:
    try:
        root = parse_xml(package.files[path], path)
    except PackageError as problem:
        yield refusal(problem)
        return
    duration = package.assessment.duration_s
    for limits in (child for child in root if local_name(child) == "qti-time-limits"):
        if limits.get("max-time") != str(duration):
            message = f"max-time is {limits.get('max-time')}, duration_s in {ASSESSMENT} is {duration}"
            yield error(path, message, limits)
    listed = {node.get("identifier") for node in find_all(root, "qti-assessment-item-ref")}
    pools = {name for position in package.assessment.positions for name in position.pool}
    for name in sorted(pools - listed):
        yield error(path, f"item {name!r} of a pool is not in the test", "qti-assessment-item-ref")
    for name in sorted(str(one) for one in listed - pools):
        yield error(path, f"item {name!r} is in no pool of {ASSESSMENT}", "qti-assessment-item-ref")
