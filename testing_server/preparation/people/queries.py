"""Reading experts' lists and the numbers schools told. Takes a session; gives dataclasses."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.preparation.people.records import ListedExpertRecord


@dataclass(frozen=True)
class ListedExpert:
    """One line of an experts' list: a person for one subject; who marks two subjects stands there twice.

    `subject`: as in an assessment ("english", "history"); `status`: ordinary, senior or leading; `account`: login of
    the expert's account, "" while there is none; `school_login`: where the person works, "" where that is no school of
    the registry: its works are not for this expert.
    """

    id: str
    name: str
    subject: str
    region: str
    municipality: str
    school_login: str
    status: str
    account: str


def list_experts(session: Session, subject: str | None = None, region: str | None = None) -> list[ListedExpert]:
    """Experts by region, subject and name; of one subject, of one region, where named."""
    record = ListedExpertRecord
    query = select(record).order_by(record.region, record.subject, record.name, record.id)
    if subject is not None:
        query = query.where(record.subject == subject)
    if region is not None:
        query = query.where(record.region == region)
    return [_describe_expert(row) for row in session.scalars(query)]


def _describe_expert(row: ListedExpertRecord) -> ListedExpert:
    return ListedExpert(id=row.id, name=row.name, subject=row.subject, region=row.region,
                        municipality=row.municipality, school_login=row.school_login, status=row.status,
                        account=row.account)
