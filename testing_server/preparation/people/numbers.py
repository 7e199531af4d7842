"""What a school tells of itself in a campaign: rooms, workstations, experts by subject. Plain numbers in and out."""
from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.people.records import ExpertNumberRecord, SchoolNumbersRecord
from testing_server.preparation.people.rules import SUBJECTS
from testing_server.preparation.registry.queries import School, lies_within
from testing_server.preparation.registry.records import SchoolRecord

MOST = 999


class BadNumber(Refusal):
    code = "bad_number"
    status = 422
    message = _("Нужны целые числа от 0 до 999.")
    remedy = _("Исправьте отмеченное и сохраните ещё раз: введённое осталось на странице.")


@dataclass(frozen=True)
class Numbers:
    """`experts`: subject → how many; subjects with none are left out."""

    rooms: int
    workstations: int
    experts: dict[str, int]
    told_by: str = ""
    told_at_ms: int = 0


def read_number(text: str) -> int:
    """Raises BadNumber; nothing typed is none."""
    plain = text.strip() or "0"
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 3):
        raise BadNumber()
    return int(plain)


def tell_numbers(session: Session, now_ms: int, campaign: str, school: str, numbers: Numbers, by: str) -> None:
    """What was told before is replaced."""
    row = session.get(SchoolNumbersRecord, (campaign, school))
    if row is None:
        row = SchoolNumbersRecord(campaign=campaign, school=school)
        session.add(row)
    row.rooms, row.workstations, row.told_by, row.told_at_ms = numbers.rooms, numbers.workstations, by, now_ms
    session.execute(delete(ExpertNumberRecord).where(
        ExpertNumberRecord.campaign == campaign, ExpertNumberRecord.school == school))
    session.add_all(ExpertNumberRecord(campaign=campaign, school=school, subject=subject, experts=count)
                    for subject, count in numbers.experts.items() if count and subject in SUBJECTS)
    append_audit(session, now_ms, f"school:{school}", by, "numbers_told", campaign,
                 {"rooms": numbers.rooms, "workstations": numbers.workstations})


def find_numbers(session: Session, campaign: str, school: str) -> Numbers | None:
    """What a school told, or None."""
    row = session.get(SchoolNumbersRecord, (campaign, school))
    if row is None:
        return None
    record = ExpertNumberRecord
    experts = {one.subject: one.experts for one in session.execute(select(record.subject, record.experts).where(
        record.campaign == campaign, record.school == school))}
    return Numbers(row.rooms, row.workstations, experts, row.told_by, row.told_at_ms)


def list_numbers(session: Session, campaign: str, territory: str | None) -> list[tuple[School, Numbers | None]]:
    """Every open school of the territory, those that told nothing too."""
    record, told, counted = SchoolRecord, SchoolNumbersRecord, ExpertNumberRecord
    experts: dict[str, dict[str, int]] = {}
    for school, subject, count in session.execute(select(counted.school, counted.subject, counted.experts).where(
            counted.campaign == campaign)):
        experts.setdefault(school, {})[subject] = count
    rows = session.execute(
        select(record.id, record.login, record.name, record.municipality, record.region, record.zone, told.rooms,
               told.workstations, told.told_by, told.told_at_ms)
        .outerjoin(told, (told.school == record.id) & (told.campaign == campaign))
        .where(record.is_closed.is_(False), lies_within(territory))
        .order_by(record.region, record.municipality, record.name))
    return [(School(*row[:6]), None if row.told_by is None else Numbers(
        row.rooms, row.workstations, experts.get(row.id, {}), row.told_by, row.told_at_ms)) for row in rows]
