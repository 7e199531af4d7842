"""Whether the registry still is what a list was compared with, and whether anything depends on what it changed."""
from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import Table, and_, func, or_, select
from sqlalchemy.orm import Session

from testing_server.foundation.storage.base import Base
from testing_server.preparation.registry.queries import lies_within
from testing_server.preparation.registry.records import RevisionRowRecord, SchoolRecord
from testing_server.preparation.registry.revisions.rules import CannotUndo, RegistryChanged

# the registry's own notes about a school do not depend on it
OWN_TABLES = frozenset({"registry_revision_row", "school_zone_request"})
DEPENDENTS = {
    "account": _("учётная запись организатора"), "enrolment_code": _("файл подключения"),
    "archive": _("собранные материалы"), "candidate_code": _("коды участников"), "credential": _("учётные данные"),
}
line = RevisionRowRecord


def count_kinds(session: Session, revision: str) -> dict[str, int]:
    """Kind → lines."""
    rows = session.execute(select(line.kind, func.count()).where(line.revision == revision).group_by(line.kind))
    return {kind: count for kind, count in rows}


def count_missing(session: Session, revision: str, territory: str | None) -> int:
    """Open schools of the territory that the list does not name: they stay as they are."""
    named = select(line.login).where(line.revision == revision)
    return session.scalar(select(func.count()).select_from(SchoolRecord).where(
        SchoolRecord.is_closed.is_(False), lies_within(territory), SchoolRecord.login.not_in(named))) or 0


def check_unchanged(session: Session, revision: str) -> None:
    """Raises RegistryChanged when a school is no longer what it was when the list was read."""
    taken = select(SchoolRecord.id).join(line, line.login == SchoolRecord.login).where(
        line.revision == revision, line.kind == "new")
    known = select(SchoolRecord.id).join(line, line.school == SchoolRecord.id)
    differs = or_(*(getattr(SchoolRecord, name) != getattr(line, f"{name}_was")
                    for name in ("name", "municipality", "region", "zone")))
    reopened = line.kind == "reopened"
    moved = known.where(line.revision == revision, line.kind.in_(("changed", "closed", "reopened")), or_(
        differs, and_(reopened, SchoolRecord.is_closed.is_(False)), and_(~reopened, SchoolRecord.is_closed.is_(True))))
    if session.scalar(taken.limit(1)) or session.scalar(moved.limit(1)):
        raise RegistryChanged()


def check_undoable(session: Session, revision: str) -> None:
    """Raises CannotUndo, saying of which school and why."""
    changed = session.scalar(select(SchoolRecord.name).join(line, line.school == SchoolRecord.id).where(
        line.revision == revision, or_(
            and_(line.kind.in_(("changed", "new", "reopened")), or_(SchoolRecord.is_closed.is_(True), *(
                getattr(SchoolRecord, name) != getattr(line, name) for name in ("name", "municipality", "region")))),
            and_(line.kind == "closed", SchoolRecord.is_closed.is_(False)))).limit(1))
    if changed is not None:
        raise CannotUndo(_("Отменить нельзя: школу «%(name)s» после этого изменили ещё раз.", name=changed))
    for table in Base.metadata.sorted_tables:
        if "school" in table.c and table.name not in OWN_TABLES:
            _check_dependent(session, revision, table)


def _check_dependent(session: Session, revision: str, table: Table) -> None:
    """Any stage's table that tells of a school has a column of this name."""
    found = session.scalar(select(SchoolRecord.name).join(line, line.school == SchoolRecord.id).join(
        table, table.c.school == SchoolRecord.id).where(line.revision == revision, line.kind == "new").limit(1))
    if found is not None:
        what = DEPENDENTS.get(table.name, _("записи о её работе"))
        raise CannotUndo(_("Отменить нельзя: у новой школы «%(name)s» уже есть %(what)s.", name=found, what=what))
