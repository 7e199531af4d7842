"""What variants are made by, as data: takes an assessment, gives profiles of its items and the limits of assembly.

`assessment.json` may hold `items` (profiles) and `blueprint` (limits); without them every item of a pool
fits its position and only the shape of the pools matters.
"""
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from task_bank.assessments.assessment import Assessment, BrokenAssessment, Position

# Where nobody has tried an item yet: the middle of what results of such tasks usually show.
USUAL_SHARE = {"Б": 0.7, "П": 0.5, "В": 0.3}
THOUSANDTHS = 1000

Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class ItemProfile(msgspec.Struct, frozen=True):
    """`codifier` codes, `difficulty`, `expected` share of the points (0 to 1), items it must not stand with."""

    codifier: list[str] = []
    difficulty: Literal["Б", "П", "В"] | None = None
    expected: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    excludes: list[str] = []


class ExposureLimit(msgspec.Struct, frozen=True):
    """At most this share, or this number, of a campaign's schools may receive an item. None: no limit.

    `of_schools`: how many schools the campaign has; a limit in schools is kept by cutting the bank beforehand.
    """

    school_share: Share | None = None
    schools: Annotated[int, msgspec.Meta(ge=1)] | None = None
    of_schools: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Blueprint(msgspec.Struct, frozen=True):
    """Limits of assembly.

    `per_school`: at most so many items of a position go to one school; `least`: a school needs so many;
    `tolerance`: expected points of a school's variants may differ by so much; `zone_starts_h`: UTC offsets (hours)
    at which a block of zones begins – blocks share no items where the bank allows.
    """

    exposure: ExposureLimit = ExposureLimit()
    per_school: Annotated[int, msgspec.Meta(ge=1)] = 15
    least: Annotated[int, msgspec.Meta(ge=1)] = 1
    tolerance: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    zone_starts_h: tuple[float, ...] = (2.0, 5.0, 8.0)
    items: dict[str, ItemProfile] = {}

    def profile_of(self, item: str) -> ItemProfile:
        """The profile of an item; of one nobody described, an empty one."""
        return self.items.get(item, ItemProfile())


class Requirement(msgspec.Struct, frozen=True):
    """What a position asks of its items."""

    codes: tuple[str, ...]
    difficulty: str


def read_blueprint(assessment: Assessment) -> Blueprint:
    """Profiles and limits of an assessment. Raises BrokenAssessment naming the field that is wrong."""
    raw = assessment.data
    written = raw.get("blueprint", {})
    if not isinstance(written, dict):
        raise BrokenAssessment("blueprint: is not an object")
    try:
        limits = msgspec.convert({**written, "items": raw.get("items", {})}, Blueprint)
    except msgspec.ValidationError as error:
        raise BrokenAssessment(f"blueprint: {error}") from error
    if not limits.zone_starts_h or list(limits.zone_starts_h) != sorted(set(limits.zone_starts_h)):
        raise BrokenAssessment("blueprint: zone_starts_h do not rise")
    return limits


def read_requirement(assessment: Assessment, position: Position) -> Requirement:
    """Codifier codes and difficulty a position asks for."""
    written = [one for one in assessment.data.get("positions", []) if one.get("number") == position.number]
    codes = tuple(_read_codes(written[0].get("codifier"))) if written else ()
    return Requirement(codes, position.difficulty)


def fits(profile: ItemProfile, asked: Requirement) -> bool:
    """Whether an item answers to what a position asks; what the author left open fits."""
    if profile.difficulty not in (None, asked.difficulty):
        return False
    if not profile.codifier or not asked.codes:
        return True
    return any(_is_within(own, code) for own in profile.codifier for code in asked.codes)


def expect_points(profile: ItemProfile, position: Position) -> int:
    """Points an item is expected to bring, in thousandths: whole numbers add up alike on every machine."""
    share = profile.expected
    if share is None:
        share = USUAL_SHARE.get(profile.difficulty or position.difficulty, 0.5)
    return int((Decimal(str(share)) * position.points * THOUSANDTHS).to_integral_value())


def list_exclusions(blueprint: Blueprint, items: Iterable[str]) -> dict[str, frozenset[str]]:
    """Item → items it must not stand with, in both directions, of the items given."""
    known = set(items)
    pairs = [(one, other) for one in known for other in blueprint.profile_of(one).excludes if other in known]
    found: dict[str, set[str]] = {one: set() for one in known}
    for one, other in pairs:
        found[one].add(other)
        found[other].add(one)
    return {one: frozenset(others - {one}) for one, others in found.items()}


def _read_codes(written: Any) -> Iterator[str]:
    """Codes of a position: "3.1", {"code": "3.1", …}, or a list of such."""
    if isinstance(written, str):
        yield written
    elif isinstance(written, dict) and "code" in written:
        yield str(written["code"])
    elif isinstance(written, list):
        for one in written:
            yield from _read_codes(one)


def _is_within(code: str, asked: str) -> bool:
    """3.1.2 is an element of 3.1."""
    return code == asked or code.startswith(f"{asked}.")
