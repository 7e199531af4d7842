"""What needs a person at a school today, the most urgent first. Pure: takes facts of a school and the moment; the hours
come with the facts, computed from the campaign's rules.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from testing_server.foundation.progress.rules import State, Step

SILENT_AFTER_MS = 30 * 60_000
PACKAGE_WITHIN_MS = 2 * 3_600_000
FORMS_SOON_MS = 3 * 3_600_000


class Kind(StrEnum):
    """In the order of urgency: what stops a work that should begin, then what stops one that goes on, then papers."""

    CIPHER = "cipher"
    SILENT = "silent"
    INCIDENT = "incident"
    PACKAGE = "package"
    FORM = "form"


KINDS = tuple(Kind)


@dataclass(frozen=True)
class WorkToday:
    """`from_ms`, `until_ms`: the access window of the day at this school (Unix ms), as 8:00 to 20:00 of its time."""

    work: str
    title: str
    from_ms: int
    until_ms: int
    needs_cipher: bool = True
    is_released: bool = False


@dataclass(frozen=True)
class SittingToday:
    """`incidents` noted by the organizer; `needs_person`: interrupted seats or sound nobody hears.

    `finished_at_ms`: since when everybody is through, None while not; `has_package`: received and verified.
    """

    sitting: str
    room: str
    incidents: int = 0
    needs_person: bool = False
    finished_at_ms: int | None = None
    has_package: bool = False


@dataclass(frozen=True)
class FormDue:
    """`due_at_ms`: the campaign's hour of the work's last day, as 23:00 Moscow."""

    work: str
    title: str
    due_at_ms: int
    is_received: bool = False


@dataclass(frozen=True)
class SchoolDay:
    """All that is known of a school's day. `contact_at_ms`: None when it was never heard of."""

    school: str
    contact_at_ms: int | None = None
    steps: dict[Step, State] | None = None
    works: tuple[WorkToday, ...] = ()
    sittings: tuple[SittingToday, ...] = ()
    forms: tuple[FormDue, ...] = ()


@dataclass(frozen=True)
class Concern:
    """`what`: the work's title or the room; `at_ms`: since when, or by when (`Kind.FORM`); `is_late`: that is over."""

    kind: Kind
    school: str
    what: str
    at_ms: int
    is_late: bool = False
    count: int = 0


def find_concerns(day: SchoolDay, now_ms: int) -> list[Concern]:
    """The most urgent first; nothing for a school where nobody is needed."""
    found = [*_find_ciphers(day, now_ms), *_find_silence(day, now_ms), *_find_incidents(day, now_ms),
             *_find_packages(day, now_ms), *_find_forms(day, now_ms)]
    return sorted(found, key=rank_concern)


def rank_concern(concern: Concern) -> tuple[int, bool, int, str]:
    """Place in the list: by kind, late before soon, oldest first."""
    return KINDS.index(concern.kind), not concern.is_late, concern.at_ms, concern.school


def _find_ciphers(day: SchoolDay, now_ms: int) -> Iterator[Concern]:
    for one in day.works:
        if one.needs_cipher and not one.is_released and one.from_ms <= now_ms < one.until_ms:
            yield Concern(Kind.CIPHER, day.school, one.title, one.from_ms)


def _find_silence(day: SchoolDay, now_ms: int) -> Iterator[Concern]:
    """A school that said nothing since its window opened, or for half an hour; one that is through may be silent."""
    begins = min((one.from_ms for one in day.works), default=now_ms)
    ends = max((one.until_ms for one in day.works), default=now_ms)
    if not begins + SILENT_AFTER_MS <= now_ms < ends or _is_through(day):
        return
    heard = day.contact_at_ms or 0
    if now_ms - heard > SILENT_AFTER_MS:
        yield Concern(Kind.SILENT, day.school, "", heard)


def _is_through(day: SchoolDay) -> bool:
    return bool(day.sittings) and all(one.finished_at_ms is not None for one in day.sittings)


def _find_incidents(day: SchoolDay, now_ms: int) -> Iterator[Concern]:
    for one in day.sittings:
        if one.finished_at_ms is None and (one.incidents or one.needs_person):
            yield Concern(Kind.INCIDENT, day.school, one.room, now_ms, is_late=one.needs_person, count=one.incidents)


def _find_packages(day: SchoolDay, now_ms: int) -> Iterator[Concern]:
    for one in day.sittings:
        if one.finished_at_ms is not None and not one.has_package and now_ms - one.finished_at_ms > PACKAGE_WITHIN_MS:
            yield Concern(Kind.PACKAGE, day.school, one.room, one.finished_at_ms)
    closed = max((one.until_ms for one in day.works), default=now_ms)
    if day.works and not day.sittings and now_ms >= closed and (day.steps or {}).get(Step.PACKAGES) != State.READY:
        yield Concern(Kind.PACKAGE, day.school, "", closed, is_late=True)


def _find_forms(day: SchoolDay, now_ms: int) -> Iterator[Concern]:
    for one in day.forms:
        if not one.is_received and now_ms >= one.due_at_ms - FORMS_SOON_MS:
            yield Concern(Kind.FORM, day.school, one.title, one.due_at_ms, is_late=now_ms >= one.due_at_ms)
