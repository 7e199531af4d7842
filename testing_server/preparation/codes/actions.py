"""Issuing codes and logins. One verb, one transaction, one audit line."""
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import State, Step, post_progress
from testing_server.preparation.codes.queries import CodeList, read_codes
from testing_server.preparation.codes.records import CandidateCodeRecord, CandidateLoginRecord
from testing_server.preparation.codes.rules import RandomBelow, draw_codes, draw_logins, draw_reserve
from testing_server.preparation.registry.queries import read_school
from testing_server.preparation.rosters.queries import list_days


def issue_codes(session: Session, now_ms: int, campaign: str, school: str, count: int, *, reserve: int = 0,
                by: str = "system", random_below: RandomBelow = secrets.randbelow) -> CodeList:
    """Adds `count` codes and `reserve` reserve codes to those the school has; codes given out never change.

    New codes get logins for the days that are planned already.

    Raises UnknownSchool, TooManyCodes.
    """
    read_school(session, school)
    known = read_codes(session, campaign, school)
    taken = [*known.codes, *known.reserve]
    fresh = [(code, False) for code in draw_codes(random_below, count, taken)]
    fresh += [(code, True) for code in draw_reserve(random_below, reserve, taken)]
    session.add_all(CandidateCodeRecord(campaign=campaign, school=school, code=code, place=place,
                                        is_reserve=is_reserve, issued_at_ms=now_ms)
                    for place, (code, is_reserve) in enumerate(fresh, start=len(taken) + 1))
    append_audit(session, now_ms, f"school:{school}", by, "codes_issued", campaign,
                 {"count": count, "reserve": reserve})
    post_progress(session, school, campaign, "", Step.CODES, State.READY, now_ms)
    for day in list_days(session, school):
        if day.campaign == campaign and day.forgotten_at_ms is None:
            issue_logins(session, now_ms, campaign, school, day.day, by=by, random_below=random_below)
    return read_codes(session, campaign, school)


def issue_logins(session: Session, now_ms: int, campaign: str, school: str, day: str, *, by: str = "system",
                 random_below: RandomBelow = secrets.randbelow) -> int:
    """A login of that day for every code that has none yet; returns how many were made."""
    rows = list(session.scalars(select(CandidateLoginRecord).where(
        CandidateLoginRecord.school == school, CandidateLoginRecord.day == day)))
    have = {row.code for row in rows if row.campaign == campaign}
    without = [code for code in read_codes(session, campaign, school).codes if code not in have]
    logins = draw_logins(random_below, len(without), [row.login for row in rows])
    session.add_all(CandidateLoginRecord(school=school, day=day, login=login, campaign=campaign, code=code)
                    for login, code in zip(logins, without, strict=True))
    if without:
        append_audit(session, now_ms, f"school:{school}", by, "logins_issued", day,
                     {"campaign": campaign, "count": len(without)})
    session.flush()
    return len(without)
