"""Reading codes and logins. Takes a session; gives dataclasses."""
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.preparation.codes.records import CandidateCodeRecord, CandidateLoginRecord


@dataclass(frozen=True)
class CodeList:
    """Codes of a school in a campaign, in the order of the printed list."""

    codes: tuple[str, ...]
    reserve: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """One line of the electronic protocol."""

    place: int
    login: str
    code: str


def read_codes(session: Session, campaign: str, school: str) -> CodeList:
    """All codes issued so far."""
    query = (select(CandidateCodeRecord).where(CandidateCodeRecord.campaign == campaign,
                                               CandidateCodeRecord.school == school)
             .order_by(CandidateCodeRecord.place))
    rows = list(session.scalars(query))
    return CodeList(tuple(row.code for row in rows if not row.is_reserve),
                    tuple(row.code for row in rows if row.is_reserve))


def count_codes(session: Session, campaign: str, school: str) -> int:
    """How many candidates have a code."""
    return session.scalar(select(func.count()).select_from(CandidateCodeRecord).where(
        CandidateCodeRecord.campaign == campaign, CandidateCodeRecord.school == school,
        CandidateCodeRecord.is_reserve.is_(False))) or 0


def read_electronic_protocol(session: Session, campaign: str, school: str, day: str) -> list[Candidate]:
    """login ↔ code of a day, in the order of the list of codes."""
    logins = select(CandidateLoginRecord).where(
        CandidateLoginRecord.campaign == campaign, CandidateLoginRecord.school == school,
        CandidateLoginRecord.day == day)
    by_code = {row.code: row.login for row in session.scalars(logins)}
    listed = read_codes(session, campaign, school).codes
    return [Candidate(place, by_code[code], code) for place, code in enumerate(listed, start=1) if code in by_code]


def list_code_campaigns(session: Session, school: str) -> list[str]:
    """Campaigns in which the school has codes."""
    query = (select(CandidateCodeRecord.campaign).where(CandidateCodeRecord.school == school)
             .distinct().order_by(CandidateCodeRecord.campaign))
    return list(session.scalars(query))
