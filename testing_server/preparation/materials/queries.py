"""Reading archives and sealings. Takes a session; gives dataclasses without any cipher."""
import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from testing_server.preparation.materials.records import ArchiveRecord, SealingRecord
from testing_server.preparation.registry.queries import select_places
from testing_server.preparation.release.rules import ArchiveUnknown
from testing_server.preparation.rosters.records import ExamDayRecord


@dataclass(frozen=True)
class Archive:
    """A sealed archive. `title`: {"ru", "en"}; `partner`: sha256 of the criteria (or materials) archive beside it;
    `sealing`: the order it was made for.

    `version`: of its statement; `state`: valid or withdrawn; `lock`: cipher or none; `reason`: of the last change;
    `earlier_days`: days it was meant for before it was moved; `forgotten_at_ms`: when its files were deleted by term.
    """

    archive: str
    kind: str
    partner: str
    campaign: str
    school: str
    assessment: str
    title: dict[str, str]
    day: str
    size_bytes: int
    variants: int
    sealed_at_ms: int
    opens_at_ms: int
    statement: bytes
    fetched_at_ms: int | None
    released_at_ms: int | None
    version: int
    state: str
    lock: str
    reason: str
    changed_at_ms: int | None
    earlier_days: tuple[str, ...]
    sealing: str
    forgotten_at_ms: int | None


@dataclass(frozen=True)
class LockedCipher:
    """A cipher as the database has it."""

    slot: str
    cipher_locked: bytes


@dataclass(frozen=True)
class Sealing:
    """How far a sealing is; `state`: waiting, running, ready or stopped (then `reason`); `late_reason`: see the record.
    """

    id: str
    school: str
    campaign: str
    package: str
    day: str
    count: int
    done: int
    state: str
    reason: str
    asked_at_ms: int
    changed_at_ms: int
    late_reason: str


def read_archive(session: Session, archive: str, school: str | None = None) -> Archive:
    """An archive, of that school where one is named. Raises ArchiveUnknown."""
    row = session.get(ArchiveRecord, archive)
    if row is None or (school is not None and row.school != school):
        raise ArchiveUnknown()
    return _describe(row)


def read_locked_cipher(session: Session, archive: str) -> LockedCipher:
    """Raises ArchiveUnknown."""
    row = session.get(ArchiveRecord, archive)
    if row is None:
        raise ArchiveUnknown()
    return LockedCipher(row.slot, row.cipher_locked)


@dataclass(frozen=True)
class DayWork:
    """A work of a day at a school. `needs_cipher`: there is one to fetch, from `opens_at_ms`; `is_released`: it was."""

    school: str
    assessment: str
    title: dict[str, str]
    day: str
    needs_cipher: bool
    opens_at_ms: int
    is_released: bool


def list_day_works(session: Session, campaign: str, days: Collection[str],
                   territory: str | None = None) -> list[DayWork]:
    """The works of a campaign on these days at the schools of a territory: of one sealed twice, the one sealed last."""
    rows = session.execute(select(
        ArchiveRecord.school, ArchiveRecord.assessment, ArchiveRecord.title, ArchiveRecord.day, ArchiveRecord.lock,
        ArchiveRecord.opens_at_ms, ArchiveRecord.released_at_ms).where(
            _lies_within(territory), ArchiveRecord.day.in_(days), ArchiveRecord.campaign == campaign,
            ArchiveRecord.kind == "materials", ArchiveRecord.state == "valid").order_by(ArchiveRecord.sealed_at_ms))
    newest = {(row.school, row.assessment, row.day): DayWork(
        row.school, row.assessment, json.loads(row.title), row.day, row.lock == "cipher", row.opens_at_ms,
        row.released_at_ms is not None) for row in rows}
    return list(newest.values())


def list_given_schools(session: Session, campaign: str, assessments: Collection[str],
                       territory: str | None = None) -> list[tuple[str, str]]:
    """(school, assessment) of every school of a territory that was given materials of these works."""
    return [(row.school, row.assessment) for row in session.execute(
        select(ArchiveRecord.school, ArchiveRecord.assessment).distinct().where(
            _lies_within(territory), ArchiveRecord.campaign == campaign, ArchiveRecord.assessment.in_(assessments),
            ArchiveRecord.kind == "materials", ArchiveRecord.state == "valid"))]


def _lies_within(territory: str | None) -> ColumnElement[bool]:
    """Nothing of other territories is read: on the day there are a hundred thousand archives in a country."""
    return ArchiveRecord.school.in_(select(select_places(territory).subquery().c.id)) if territory else true()


def list_archives(session: Session, school: str, day: str | None = None, kind: str | None = None) -> list[Archive]:
    """Valid archives of a school, newest day first; of one work of one day and kind only the one sealed last."""
    return [one for one in list_archives_of(session, {school})[school]
            if (day is None or one.day == day) and (kind is None or one.kind == kind)]


def list_archives_of(session: Session, schools: Collection[str]) -> dict[str, list[Archive]]:
    """The same of some hundreds of schools at once, by school."""
    query = (select(ArchiveRecord).where(ArchiveRecord.school.in_(schools), ArchiveRecord.state != "withdrawn")
             .order_by(ArchiveRecord.day.desc(), ArchiveRecord.assessment, ArchiveRecord.sealed_at_ms))
    newest = {(row.school, row.campaign, row.day, row.assessment, row.kind): row for row in session.scalars(query)}
    found: dict[str, list[Archive]] = {school: [] for school in schools}
    for row in newest.values():
        found[row.school].append(_describe(row))
    return found


def list_changed(session: Session, school: str) -> list[Archive]:
    """Archives of a school that were given a new cipher, moved or withdrawn, the latest change first."""
    query = (select(ArchiveRecord).where(ArchiveRecord.school == school, ArchiveRecord.version > 1)
             .order_by(ArchiveRecord.changed_at_ms.desc(), ArchiveRecord.archive))
    return [_describe(row) for row in session.scalars(query)]


def read_key_file(session: Session, archive: str) -> bytes | None:
    """The key file since the last new cipher, None while the one sealed with the archive holds."""
    return session.scalar(select(ArchiveRecord.key_age).where(ArchiveRecord.archive == archive))


def list_sealings(session: Session, school: str) -> list[Sealing]:
    """Orders to seal for a school, newest first."""
    query = (select(SealingRecord).where(SealingRecord.school == school)
             .order_by(SealingRecord.asked_at_ms.desc(), SealingRecord.id))
    return [_describe_sealing(row) for row in session.scalars(query)]


def list_supplied(session: Session, campaign: str, package: str, day: str) -> set[str]:
    """Schools whose materials for this work and day are sealed and valid, or on the way."""
    rows = session.scalars(select(SealingRecord).where(
        SealingRecord.campaign == campaign, SealingRecord.package == package, SealingRecord.day == day,
        SealingRecord.state != "stopped"))
    withdrawn = set(session.scalars(select(ArchiveRecord.sealing).where(
        ArchiveRecord.campaign == campaign, ArchiveRecord.day == day, ArchiveRecord.state == "withdrawn")))
    return {row.school for row in rows if row.id not in withdrawn}


def read_sealing(session: Session, sealing: str) -> Sealing | None:
    """One order, or None."""
    row = session.get(SealingRecord, sealing)
    return _describe_sealing(row) if row else None


def list_late(session: Session, school: str) -> dict[str, str]:
    """Order -> why it was given late, of a school's orders that were."""
    rows = session.execute(select(SealingRecord.id, SealingRecord.late_reason).where(
        SealingRecord.school == school, SealingRecord.late_reason != ""))
    return {sealing: reason for sealing, reason in rows}


def _describe_sealing(row: SealingRecord) -> Sealing:
    return Sealing(row.id, row.school, row.campaign, row.package, row.day, row.count, row.done, row.state,
                   row.reason, row.asked_at_ms, row.changed_at_ms, row.late_reason)


def _describe(row: ArchiveRecord) -> Archive:
    return Archive(row.archive, row.kind, row.partner, row.campaign, row.school, row.assessment,
                   json.loads(row.title), row.day, row.size_bytes, row.variants, row.sealed_at_ms, row.opens_at_ms,
                   row.statement, row.fetched_at_ms, row.released_at_ms, row.version, row.state, row.lock,
                   row.reason, row.changed_at_ms, tuple(json.loads(row.earlier_days)), row.sealing,
                   row.forgotten_at_ms)


def read_titles(session: Session) -> dict[str, dict[str, str]]:
    """Assessment -> its title {"ru", "en"}, as the archive sealed last has it."""
    rows = session.execute(select(ArchiveRecord.assessment, ArchiveRecord.title).order_by(ArchiveRecord.sealed_at_ms))
    return {assessment: json.loads(title) for assessment, title in rows}


def list_windows(session: Session, school: str) -> dict[str, list[int]]:
    """Materials archive -> [opens_at_ms, closes_at_ms]: when answers to it count."""
    return {archive: windows[0] for archive, windows in _list_all_windows(session, school).items()}


def list_earlier_windows(session: Session, school: str) -> dict[str, list[list[int]]]:
    """Moved materials archive -> windows of the days it was moved from, the last one first."""
    return {archive: windows[1:] for archive, windows in _list_all_windows(session, school).items() if windows[1:]}


def list_withdrawn(session: Session, school: str) -> list[str]:
    """Withdrawn materials archives."""
    return [one.archive for one in list_changed(session, school)
            if one.state == "withdrawn" and one.kind == "materials"]


def _list_all_windows(session: Session, school: str) -> dict[str, list[list[int]]]:
    days = {row.day: [row.opens_at_ms, row.closes_at_ms] for row in session.scalars(
        select(ExamDayRecord).where(ExamDayRecord.school == school))}
    rows = session.scalars(select(ArchiveRecord).where(
        ArchiveRecord.school == school, ArchiveRecord.kind == "materials"))
    meant = {row.archive: [row.day, *reversed(json.loads(row.earlier_days))] for row in rows}
    return {archive: [days[day] for day in named if day in days] for archive, named in meant.items()
            if named[0] in days}
