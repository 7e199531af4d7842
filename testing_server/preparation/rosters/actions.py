"""Planning days and issuing rosters. One verb, one transaction, one audit line."""
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_babel import lazy_gettext as _
from msgspec import to_builtins
from sqlalchemy.orm import Session

from testing_server.contracts.canonical import encode_canonical, sha256_hex
from testing_server.contracts.statements import sign_statement
from testing_server.contracts.versions import PAYLOAD_TYPES
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.campaigns.rules import Campaign, compute_window, find_rules
from testing_server.preparation.codes.actions import issue_logins
from testing_server.preparation.codes.queries import read_codes, read_electronic_protocol
from testing_server.preparation.materials.queries import Archive, list_archives
from testing_server.preparation.registry.queries import School, read_school
from testing_server.preparation.rosters.records import ExamDayRecord

FORMAT = "roster/1"


class DayTaken(Refusal):
    code = "day_taken"
    status = 409
    message = _("На этот день у школы уже назначена работа другой кампании.")
    remedy = _("Выберите другой день.")


class NothingPlanned(Refusal):
    code = "nothing_planned"
    status = 404
    message = _("На этот день у школы ничего не назначено.")
    remedy = _("Проверьте дату в календаре школы.")


class DayForgotten(Refusal):
    code = "day_forgotten"
    status = 410
    message = _("Список этого дня удалён: срок хранения прошёл.")
    safe = _("Бумажный протокол школы и результаты этим не затронуты.")


def plan_day(session: Session, now_ms: int, campaign: Campaign, school: str, day: str, *, by: str = "system") -> None:
    """A day of works with its access window and logins, fixed at the first planning. Raises DayTaken, UnknownSchool."""
    if check_day_free(session, school, day, campaign.id):
        return
    zone = read_school(session, school).zone
    opens, closes = compute_window(campaign.window, date.fromisoformat(day), zone, now_ms)
    session.add(ExamDayRecord(school=school, day=day, campaign=campaign.id, opens_at_ms=opens, closes_at_ms=closes))
    append_audit(session, now_ms, f"school:{school}", by, "day_planned", day,
                 {"campaign": campaign.id, "opens_at_ms": opens, "closes_at_ms": closes})
    session.flush()
    issue_logins(session, now_ms, campaign.id, school, day, by=by)


def check_day_free(session: Session, school: str, day: str, campaign: str) -> bool:
    """Whether the day is already planned for this campaign. Raises DayTaken where it is another's."""
    row = session.get(ExamDayRecord, (school, day))
    if row is not None and row.campaign != campaign:
        raise DayTaken(details={"campaign": row.campaign})
    return row is not None


def issue_roster(session: Session, now_ms: int, signing: Ed25519PrivateKey, campaign: Campaign, school: str,
                 day: str, *, by: str = "system") -> bytes:
    """The signed roster of a day; a new version only when something in it changed. Raises NothingPlanned,
    DayForgotten."""
    row = session.get(ExamDayRecord, (school, day))
    if row is None:
        raise NothingPlanned()
    if row.forgotten_at_ms is not None:
        raise DayForgotten()
    payload = describe_roster(session, read_school(session, school), row, campaign)
    digest = sha256_hex(encode_canonical(payload))
    if row.envelope is None or digest != row.digest:
        row.version, row.digest = row.version + 1, digest
        payload["version"] = row.version
        row.envelope = sign_statement(payload, PAYLOAD_TYPES["roster"], signing)
        append_audit(session, now_ms, f"school:{school}", by, "roster_issued", day, {"version": row.version})
    return row.envelope


def describe_roster(session: Session, school: School, day: ExamDayRecord, campaign: Campaign) -> dict[str, Any]:
    """The payload but for its version."""
    works = list_archives(session, school.id, day.day, "materials")
    entries = read_electronic_protocol(session, day.campaign, school.id, day.day)
    return {
        "format": FORMAT, "school": school.id, "school_name": school.name, "school_login": school.login,
        "region": school.region, "zone": school.zone, "day": day.day,
        "campaign": {"id": campaign.id, "title": campaign.title, "counted": campaign.counted,
                     "max_pace": campaign.max_pace},
        "window": {"opens_at_ms": day.opens_at_ms, "closes_at_ms": day.closes_at_ms},
        "entries": [{"login": one.login, "code": one.code} for one in entries],
        "reserve": list(read_codes(session, day.campaign, school.id).reserve),
        "works": [_describe_work(campaign, one) for one in works],
    }


def _describe_work(campaign: Campaign, one: Archive) -> dict[str, Any]:
    """One work of the day. `criteria`: the archive beside its materials, `marking`: the campaign's rules, `work`: its
    id there, as result forms name it. By these a school marks on its own server without asking the hub."""
    rules = find_rules(campaign, one.assessment)
    return {"assessment": one.assessment, "title": one.title, "archive": one.archive, "criteria": one.partner,
            "marking": to_builtins(rules.marking), "work": rules.work.id if rules.work else one.assessment}
