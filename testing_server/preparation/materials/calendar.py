"""The organizer's calendar: days, works, and what is open now. Takes days and archives; gives rows for a page.

Pure: the present moment is an argument.
"""
from collections.abc import Iterable
from dataclasses import dataclass

from testing_server.preparation.materials.queries import Archive
from testing_server.preparation.rosters.queries import ExamDay


@dataclass(frozen=True)
class Work:
    """One work of one day. `criteria` None where no criteria archive belongs to it."""

    materials: Archive
    criteria: Archive | None
    cipher_open: bool
    criteria_open: bool

    @property
    def fetched(self) -> bool:
        """Whether the materials archive has been downloaded."""
        return self.materials.fetched_at_ms is not None


@dataclass(frozen=True)
class CalendarDay:
    """A day with its access window and works; `word`: waiting, running or ready (over)."""

    day: str
    opens_at_ms: int
    closes_at_ms: int
    word: str
    works: list[Work]


@dataclass(frozen=True)
class Deadline:
    """What comes next: `kind` download, cipher or criteria, of which work, when."""

    kind: str
    work: Work
    at_ms: int


def arrange_calendar(days: Iterable[ExamDay], archives: Iterable[Archive], now_ms: int) -> list[CalendarDay]:
    """Days that have a work, those that are not over first, each in order of date."""
    known = list(archives)
    partners = {one.archive: one for one in known}
    arranged = [CalendarDay(day.day, day.opens_at_ms, day.closes_at_ms, _judge_day(day, now_ms), [
        _describe_work(one, partners.get(one.partner), now_ms)
        for one in known if one.kind == "materials" and one.day == day.day]) for day in days]
    return sorted((day for day in arranged if day.works), key=lambda one: (one.word == "ready", one.day))


def next_deadline(calendar: Iterable[CalendarDay], now_ms: int) -> Deadline | None:
    """The nearest thing that still has to be done or waited for, None when nothing is ahead."""
    ahead: list[Deadline] = []
    for day in calendar:
        if day.word == "ready":
            continue
        for work in day.works:
            ahead += _list_ahead(day, work, now_ms)
    return min(ahead, key=lambda one: one.at_ms, default=None)


def _list_ahead(day: CalendarDay, work: Work, now_ms: int) -> list[Deadline]:
    ahead = []
    if not work.fetched:
        ahead.append(Deadline("download", work, max(day.opens_at_ms, now_ms)))
    if not work.cipher_open:
        ahead.append(Deadline("cipher", work, work.materials.opens_at_ms))
    elif work.criteria is not None and not work.criteria_open:
        ahead.append(Deadline("criteria", work, work.criteria.opens_at_ms))
    return ahead


def _describe_work(materials: Archive, criteria: Archive | None, now_ms: int) -> Work:
    return Work(materials, criteria, now_ms >= materials.opens_at_ms,
                criteria is not None and now_ms >= criteria.opens_at_ms)


def _judge_day(day: ExamDay, now_ms: int) -> str:
    if now_ms < day.opens_at_ms:
        return "waiting"
    return "running" if now_ms < day.closes_at_ms else "ready"
