"""The words of access lists.

Takes nothing. Gives the names of roles, the levels of coordinators, and the words that are neither.
"""
from enum import StrEnum

ANYONE = "ANYONE"
SIGNED_IN = "SIGNED_IN"
WORKSTATION = "WORKSTATION"
SCHOOL = "SCHOOL"
INTERNAL = "INTERNAL"
TERRITORY_SEPARATOR = "/"


class AccountRole(StrEnum):
    """What a person is to the system; one account has one role."""

    SCHOOL_ORGANIZER = "school_organizer"
    ROOM_ORGANIZER = "room_organizer"
    TECHNICIAN = "technician"
    COORDINATOR = "coordinator"
    EXPERT = "expert"
    AUTHOR = "author"


class Level(StrEnum):
    """How much a coordinator sees: the country, a region, a municipality; below them the school's organizer."""

    FEDERAL = "federal"
    REGIONAL = "regional"
    MUNICIPAL = "municipal"
    SCHOOL = "school"


def judge_level(territory: str | None) -> Level:
    """The level of a coordinator's territory: nothing = the country, "region" or "region/municipality"."""
    if not territory:
        return Level.FEDERAL
    return Level.MUNICIPAL if TERRITORY_SEPARATOR in territory else Level.REGIONAL


def name_coordinator(level: Level) -> str:
    """The word by which an access list lets in coordinators of one level alone."""
    return f"{AccountRole.COORDINATOR}.{level}"


# the role's own name lets in coordinators of every level
LEVEL_WORDS = frozenset(name_coordinator(level) for level in (Level.FEDERAL, Level.REGIONAL, Level.MUNICIPAL))
WORDS = frozenset({ANYONE, SIGNED_IN, WORKSTATION, SCHOOL, INTERNAL}) | LEVEL_WORDS
ROLES = frozenset(role.value for role in AccountRole)


def list_words(role: str, territory: str | None) -> frozenset[str]:
    """All words of access lists that let a person of this role in."""
    if role != AccountRole.COORDINATOR:
        return frozenset({role})
    return frozenset({role, name_coordinator(judge_level(territory))})
