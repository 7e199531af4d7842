"""The words of access lists.

Takes nothing. Gives the names of roles and the six words that are not roles.
"""
from enum import StrEnum

ANYONE = "ANYONE"
SIGNED_IN = "SIGNED_IN"
WORKSTATION = "WORKSTATION"
SCHOOL = "SCHOOL"
INTERNAL = "INTERNAL"
WORDS = frozenset({ANYONE, SIGNED_IN, WORKSTATION, SCHOOL, INTERNAL})


class AccountRole(StrEnum):
    """What a person is to the system; one account has one role."""

    SCHOOL_ORGANIZER = "school_organizer"
    ROOM_ORGANIZER = "room_organizer"
    TECHNICIAN = "technician"
    COORDINATOR = "coordinator"
    EXPERT = "expert"
    AUTHOR = "author"


ROLES = frozenset(role.value for role in AccountRole)
