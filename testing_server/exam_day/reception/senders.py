"""Who sends: a classroom server by its school's key, an organizer, a coordinator for a school of the territory.

Takes the present request. Gives the school it may speak for and the name it is known by.
"""
from flask import g
from flask_login import current_user

from testing_server.exam_day.reception.queries import Upload, find_upload
from testing_server.exam_day.reception.rules import UploadExpired, UploadUnknown, is_expired
from testing_server.foundation.access import AccountRole
from testing_server.foundation.services import services
from testing_server.preparation.registry.queries import find_school, read_own_school


def find_own_school(named: str) -> str:
    """The sender's school; a coordinator names one by its login or id. Raises UploadUnknown, UnknownSchool."""
    if is_coordinator():
        with services().storage.read() as session:
            found = find_school(session, named)
            return read_own_school(session, found.id if found else named, current_user.territory).id
    return own_school()


def find_own_upload(upload: str) -> Upload:
    """Raises UploadUnknown, UnknownSchool, UploadExpired."""
    offered = services()
    with offered.storage.read() as session:
        found = find_upload(session, upload, None if is_coordinator() else own_school())
        if found is None or found.id != upload:
            raise UploadUnknown()
        if is_coordinator():
            read_own_school(session, found.school, current_user.territory)
    expired = found.state == "receiving" and is_expired(found.last_byte_at_ms, offered.clock.now_ms())
    if found.state == "expired" or expired:
        raise UploadExpired()
    return found


def own_school() -> str:
    """Of the classroom server's token, or of the organizer who is signed in. Raises UploadUnknown."""
    school: str | None = g.token.subject if g.token is not None else current_user.school
    if not school:
        raise UploadUnknown()
    return school


def name_sender() -> str:
    """The account, as the audit and the limits know it: schools of one address do not count together."""
    return f"school:{g.token.subject}" if g.token is not None else str(current_user.login)


def is_coordinator() -> bool:
    """Whether a coordinator brings what a school could not send."""
    return g.token is None and current_user.role == AccountRole.COORDINATOR.value
