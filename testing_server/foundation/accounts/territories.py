"""Whose acts a coordinator may read about. Takes a session and a territory; gives logins with their own territory."""
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.records import AccountRecord


def list_territory_logins(session: Session, role: str, territory: str | None) -> dict[str, str]:
    """login -> territory ("" for the country) of everybody of a role inside a territory, closed accounts too.

    `territory`: "region" or "region/municipality", None or "" for the country.
    """
    query = select(AccountRecord.login, AccountRecord.territory).where(AccountRecord.role == role)
    if territory:
        query = query.where(or_(AccountRecord.territory == territory,
                                AccountRecord.territory.startswith(f"{territory}/", autoescape=True)))
    return {row.login: row.territory or "" for row in session.execute(query.order_by(AccountRecord.login))}
