"""Another zone for a school: one coordinator asks, a second one decides. What is scheduled keeps its hour.

The opening instants of archives and days are computed when they are made and kept with them, so nothing here touches
them; the new zone counts for what is made from now on.
"""
from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.hands import may_be_one_hand
from testing_server.foundation.accounts.queries import Account
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.registry.queries import School, lies_within, read_own_school
from testing_server.preparation.registry.records import RevisionRowRecord, SchoolRecord, ZoneRequestRecord
from testing_server.preparation.registry.rules import check_zone


class ZoneRequestMissing(Refusal):
    code = "zone_request_missing"
    status = 404
    message = _("Такой просьбы о смене пояса нет, или её уже решили.")


class SameZone(Refusal):
    code = "same_zone"
    status = 422
    message = _("У школы уже этот часовой пояс, или о его смене уже попросили.")
    remedy = _("Выберите другой пояс или дождитесь решения второго координатора.")


class SecondPersonNeeded(Refusal):
    code = "second_person_needed"
    status = 403
    message = _("Смену пояса подтверждает другой человек: не тот, кто о ней просил, и не под записью, которую тот "
                "завёл. Кто за последние 30 дней выдал другому пароль или получил его от того же координатора, тоже не "
                "второй.")
    remedy = _("Попросите второго координатора региона или федерального координатора.")


@dataclass(frozen=True)
class ZoneRequest:
    """One request. `state`: waiting, approved, refused."""

    id: str
    school: School
    zone_was: str
    zone: str
    reason: str
    asked_by: str
    asked_at_ms: int
    state: str
    decided_by: str | None
    decided_at_ms: int | None


def ask_zone(session: Session, now_ms: int, school: School, zone: str, reason: str, by: str) -> str:
    """Notes a wish; the school keeps its zone. Raises UnknownZone, SameZone."""
    record, wanted = ZoneRequestRecord, check_zone(zone)
    waiting = session.scalar(select(record.id).where(record.school == school.id, record.state == "waiting"))
    if wanted == school.zone or waiting is not None:
        raise SameZone()
    request = str(uuid.uuid4())
    session.add(record(id=request, school=school.id, zone_was=school.zone, zone=wanted, reason=reason.strip()[:500],
                       asked_by=by, asked_at_ms=now_ms, state="waiting"))
    append_audit(session, now_ms, f"school:{school.id}", by, "zone_change_asked", school.login,
                 {"from": school.zone, "to": wanted})
    return request


def decide_zone(session: Session, now_ms: int, request: str, account: Account, approves: bool) -> School:
    """Approves or refuses. Raises ZoneRequestMissing, UnknownSchool, SecondPersonNeeded."""
    row = session.get(ZoneRequestRecord, request, with_for_update=True)
    if row is None or row.state != "waiting":
        raise ZoneRequestMissing()
    school = read_own_school(session, row.school, account.territory)
    if approves and may_be_one_hand(session, row.asked_by, account.login, now_ms):
        raise SecondPersonNeeded()
    row.state, row.decided_by, row.decided_at_ms = "approved" if approves else "refused", account.login, now_ms
    if approves:
        session.get_one(SchoolRecord, row.school).zone = row.zone
    append_audit(session, now_ms, f"school:{school.id}", account.login,
                 "zone_change_approved" if approves else "zone_change_refused", school.login,
                 {"from": row.zone_was, "to": row.zone, "asked_by": row.asked_by})
    return school


def list_zone_requests(session: Session, territory: str | None, school: str | None = None) -> list[ZoneRequest]:
    """Of the territory, those that wait first, then the newest; of one school where named."""
    record = ZoneRequestRecord
    query = (select(record, SchoolRecord).join(SchoolRecord, SchoolRecord.id == record.school)
             .where(lies_within(territory)).order_by(record.state != "waiting", record.asked_at_ms.desc()).limit(500))
    if school is not None:
        query = query.where(record.school == school)
    return [_describe(row, found) for row, found in session.execute(query)]


def ask_zones_of_revision(session: Session, now_ms: int, revision: str, by: str) -> None:
    """An applied list asks for every zone that differs, one request a school."""
    line = RevisionRowRecord
    rows = session.execute(select(line.school, line.zone_was, line.zone).where(
        line.revision == revision, line.kind.in_(("changed", "reopened")), line.zone != line.zone_was,
        line.school.not_in(select(ZoneRequestRecord.school).where(ZoneRequestRecord.state == "waiting"))))
    asked = [{"id": str(uuid.uuid4()), "school": row.school, "zone_was": row.zone_was, "zone": row.zone,
              "reason": f"выверка {revision[:8]}", "asked_by": by, "asked_at_ms": now_ms, "state": "waiting"}
             for row in rows]
    if asked:
        session.execute(insert(ZoneRequestRecord), asked)


def drop_zones_of_revision(session: Session, now_ms: int, applied_at_ms: int, revision: str, by: str) -> None:
    """Requests of a list that is undone and that nobody has decided yet."""
    record, line = ZoneRequestRecord, RevisionRowRecord
    schools = select(line.school).where(line.revision == revision)
    session.execute(update(record).where(
        record.school.in_(schools), record.state == "waiting", record.asked_at_ms == applied_at_ms).values(
        state="refused", decided_by=by, decided_at_ms=now_ms), execution_options={"synchronize_session": False})


def _describe(row: ZoneRequestRecord, school: SchoolRecord) -> ZoneRequest:
    found = School(school.id, school.login, school.name, school.municipality, school.region, school.zone)
    return ZoneRequest(row.id, found, row.zone_was, row.zone, row.reason, row.asked_by, row.asked_at_ms, row.state,
                       row.decided_by, row.decided_at_ms)
