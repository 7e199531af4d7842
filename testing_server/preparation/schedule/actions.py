"""Naming days, asking for reserve days and deciding on them. One verb, one transaction, one audit line."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import post_progress
from testing_server.foundation.refusals import NotFound, WrongState
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School
from testing_server.preparation.schedule.queries import SCHEDULE, read_schedule
from testing_server.preparation.schedule.records import ReserveDayRecord
from testing_server.preparation.schedule.rules import (
    Days, NotAgreedHere, ReserveReasonMissing, check_open, check_reserve_day, check_words, may_agree)
from testing_server.preparation.sheets.actions import Author, keep_sheet
from testing_server.preparation.sheets.queries import Sheet


@dataclass(frozen=True)
class Wish:
    """A reserve day asked for."""

    work: str
    form: str
    day: date
    reason: str


def name_days(session: Session, now_ms: int, *, campaign: Campaign, school: School, days: Days, author: Author,
              wishes: tuple[Wish, ...] = (), seen: int | None = None) -> Sheet:
    """The days of all works anew, and the reserve days a file asks for beside them: all of it or nothing.

    Raises NoSchedule, ScheduleClosed, SheetChanged and what ask_reserve_day raises.
    """
    check_open(campaign, school.zone, now_ms)
    sheet = keep_sheet(session, now_ms, campaign.id, SCHEDULE, school.id, dict(days), author, seen=seen)
    for wish in wishes:
        _keep_wish(session, now_ms, campaign, school, wish, author)
    append_audit(session, now_ms, f"school:{school.id}", author.by, "schedule_filled", campaign.id,
                 {"version": sheet.version, "reserve": len(wishes)})
    _post(session, now_ms, campaign, school)
    return sheet


def ask_reserve_day(session: Session, now_ms: int, *, campaign: Campaign, school: School, wish: Wish,
                    author: Author) -> None:
    """Asking again for a day that was refused puts it before the coordinator once more.

    Raises NoSchedule, UnknownWork, BadReserveDay, ReserveReasonMissing.
    """
    _keep_wish(session, now_ms, campaign, school, wish, author)
    append_audit(session, now_ms, f"school:{school.id}", author.by, "reserve_day_asked", campaign.id,
                 {"work": wish.work, "form": wish.form, "day": wish.day.isoformat(), "reason": wish.reason})
    _post(session, now_ms, campaign, school)


def decide_reserve_day(session: Session, now_ms: int, *, campaign: Campaign, school: School, work: str, form: str,
                       day: str, agrees: bool, remark: str, author: Author) -> None:
    """A refusal says why. Raises NotAgreedHere, NotFound, WrongState (decided already), ReserveReasonMissing."""
    if not may_agree(campaign, author.level):
        raise NotAgreedHere()
    row = session.get(ReserveDayRecord, (campaign.id, school.id, work, form, day))
    if row is None:
        raise NotFound()
    if row.state != "waiting":
        raise WrongState()
    if not agrees and not remark.strip():
        raise ReserveReasonMissing()
    row.state, row.remark = "agreed" if agrees else "refused", remark.strip()[:500]
    row.decided_by, row.decided_at_ms = author.by, now_ms
    append_audit(session, now_ms, f"school:{school.id}", author.by, f"reserve_day_{row.state}", campaign.id,
                 {"work": work, "form": form, "day": day, "remark": row.remark})
    _post(session, now_ms, campaign, school)


def _keep_wish(session: Session, now_ms: int, campaign: Campaign, school: School, wish: Wish, author: Author) -> None:
    key = (campaign.id, school.id, wish.work, wish.form, wish.day.isoformat())
    row = session.get(ReserveDayRecord, key)
    # what is asked for or agreed to already stands: the form people send back holds it too
    if row is not None and row.state != "refused":
        return
    reason = check_words(wish.reason)
    check_reserve_day(campaign, wish.work, wish.form, wish.day, school.zone, now_ms)
    if row is None:
        row = ReserveDayRecord(campaign=campaign.id, school=school.id, work=wish.work, form=wish.form,
                               day=wish.day.isoformat())
        session.add(row)
    row.state, row.reason, row.asked_by, row.asked_at_ms = "waiting", reason, author.by, now_ms
    session.flush()


def _post(session: Session, now_ms: int, campaign: Campaign, school: School) -> None:
    state = read_schedule(session, campaign, school).state
    post_progress(session, school.id, campaign.id, "", "schedule", state, now_ms)
