"""Registering schools and the people who answer for them. One verb, one transaction, one audit line."""
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.access import AccountRole
from testing_server.foundation.accounts.actions import create_account
from testing_server.foundation.audit import append_audit
from testing_server.preparation.registry.queries import School, read_school
from testing_server.preparation.registry.records import SchoolRecord
from testing_server.preparation.registry.rules import SchoolLoginTaken, check_place, check_zone, read_school_login


def create_school(session: Session, now_ms: int, *, login: str, name: str, municipality: str, region: str,
                  zone: str, by: str = "system") -> School:
    """Registers a school. Raises BadSchoolLogin, SchoolLoginTaken, UnknownZone, EmptyField."""
    known = read_school_login(login)
    check_place(name, municipality, region)
    if session.scalar(select(SchoolRecord.id).where(SchoolRecord.login == known)):
        raise SchoolLoginTaken(details={"login": known})
    school = str(uuid.uuid4())
    session.add(SchoolRecord(id=school, login=known, name=name.strip(), municipality=municipality.strip(),
                             region=region.strip(), zone=check_zone(zone), created_at_ms=now_ms))
    append_audit(session, now_ms, f"school:{school}", by, "school_created", known, {"zone": zone})
    return read_school(session, school)


def create_organizer(session: Session, now_ms: int, school: str, login: str, *, password: str | None = None,
                     by: str = "system") -> str:
    """An account of the school's organizer; returns its one-time password. Raises UnknownSchool, LoginTaken."""
    read_school(session, school)
    return create_account(session, now_ms, login, AccountRole.SCHOOL_ORGANIZER.value, school=school,
                          password=password, by=by)


def create_coordinator(session: Session, now_ms: int, login: str, territory: str | None = None, *,
                       password: str | None = None, by: str = "system") -> str:
    """An account of a coordinator: territory None = the country, "region" or "region/municipality"."""
    return create_account(session, now_ms, login, AccountRole.COORDINATOR.value, territory=territory,
                          password=password, by=by)
