"""One-time passwords that a page shows once instead of a file, with their line of the trace. Gives the password."""
from sqlalchemy.orm import Session

from testing_server.foundation.access import Level
from testing_server.foundation.accounts.actions import reset_password
from testing_server.foundation.accounts.queries import Account
from testing_server.preparation.people.actions import note_shown
from testing_server.preparation.people.rules import Entry
from testing_server.preparation.registry.actions import create_organizer
from testing_server.preparation.registry.queries import School
from testing_server.preparation.registry.rules import name_territory


def renew_password(session: Session, now_ms: int, account: Account, by: str) -> str:
    """Ends all sessions of the account and leaves a line of the trace; shown once and kept nowhere."""
    territory = account.territory or ""
    note_shown(session, now_ms, Entry(account.login, account.level, territory, territory.rpartition("/")[2]), by)
    return reset_password(session, now_ms, account.login, by)


def appoint_organizer(session: Session, now_ms: int, school: School, login: str, by: str) -> str:
    """An account of a school's organizer. Raises BadLogin, LoginTaken."""
    password = create_organizer(session, now_ms, school.id, login, by=by)
    note_shown(session, now_ms, _describe_organizer(school, login.strip().lower()), by)
    return password


def renew_organizer_password(session: Session, now_ms: int, school: School, login: str, by: str) -> str:
    """The same for an organizer who lost theirs. `login`: of an organizer of this school."""
    note_shown(session, now_ms, _describe_organizer(school, login), by)
    return reset_password(session, now_ms, login, by)


def _describe_organizer(school: School, login: str) -> Entry:
    return Entry(login, Level.SCHOOL, name_territory(school), school.name, school.id)
