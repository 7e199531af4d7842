"""Reminding schools: sent by a coordinator, shown to the school until it says it has read it. One verb, one line."""
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from testing_server.exam_day.monitor.records import ReminderRecord
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal

LONGEST_TEXT = 1000
MOST_SCHOOLS = 5000
AGAIN_AFTER_MS = 3_600_000


class EmptyReminder(Refusal):
    code = "empty_reminder"
    status = 422
    message = _("Напоминание без текста школа не поймёт.")
    remedy = _("Напишите одним предложением, что сделать и до какого часа.")


class NobodyToRemind(Refusal):
    code = "nobody_to_remind"
    status = 422
    message = _("Напоминать некому: у всех этих школ уже готово.")


class TooManySchools(Refusal):
    code = "too_many_schools"
    status = 422
    message = _("Столько школ за один раз не напоминают.")
    remedy = _("Отберите на доске регион или муниципалитет: не больше пяти тысяч школ.")


@dataclass(frozen=True)
class Reminder:
    """`seen_at_ms`: None while the school has not said it read it."""

    id: str
    school: str
    campaign: str
    step: str
    text: str
    by: str
    at_ms: int
    seen_at_ms: int | None


def send_reminders(session: Session, now_ms: int, schools: Collection[str], campaign: str, step: str, text: str,
                   by: str) -> int:
    """Returns how many schools are reminded now: one that did not read the same of the last hour is passed over.

    Raises EmptyReminder, NobodyToRemind, TooManySchools.
    """
    text = text.strip()[:LONGEST_TEXT]
    if not text:
        raise EmptyReminder()
    if not schools:
        raise NobodyToRemind()
    if len(schools) > MOST_SCHOOLS:
        raise TooManySchools()
    lately = set(session.scalars(select(ReminderRecord.school).where(
        ReminderRecord.campaign == campaign, ReminderRecord.step == step, ReminderRecord.seen_at_ms.is_(None),
        ReminderRecord.at_ms > now_ms - AGAIN_AFTER_MS)))
    fresh = [{"id": str(uuid.uuid4()), "school": school, "campaign": campaign, "step": step, "text": text, "by": by,
              "at_ms": now_ms, "seen_by": ""} for school in schools if school not in lately]
    if fresh:
        session.execute(insert(ReminderRecord), fresh)
        append_audit(session, now_ms, "hub", by, "schools_reminded", f"{campaign}:{step}"[:200],
                     {"schools": len(fresh)})
    return len(fresh)


def note_seen(session: Session, now_ms: int, reminder: str, school: str, by: str) -> None:
    """The school has read it; somebody else's, or one read before, changes nothing."""
    row = session.get(ReminderRecord, reminder)
    if row is None or row.school != school or row.seen_at_ms is not None:
        return
    row.seen_at_ms, row.seen_by = now_ms, by
    append_audit(session, now_ms, f"school:{school}", by, "reminder_read", reminder, {"step": row.step})


def list_unread(session: Session, school: str) -> list[Reminder]:
    """What a school has still to read, newest first."""
    return _list(session, ReminderRecord.school == school, ReminderRecord.seen_at_ms.is_(None))


def list_sent(session: Session, campaign: str) -> list[Reminder]:
    """The newest thousand of a campaign."""
    return _list(session, ReminderRecord.campaign == campaign)


def _list(session: Session, *conditions: object) -> list[Reminder]:
    rows = session.scalars(select(ReminderRecord).where(*conditions).order_by(  # type: ignore[arg-type]
        ReminderRecord.at_ms.desc(), ReminderRecord.id).limit(1000))
    return [Reminder(row.id, row.school, row.campaign, row.step, row.text, row.by, row.at_ms, row.seen_at_ms)
            for row in rows]
