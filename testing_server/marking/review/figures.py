"""The expert's own day in four numbers: marked today, the day's limit, what waits, how long one answer takes."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testing_server.marking.commission.queries import list_lots, read_desk
from testing_server.marking.commission.rules import list_open_lots, name_day
from testing_server.marking.review.records import AssignmentRecord, ExpertRecord, MarkEventRecord

# between two answers this long apart lay a pause and not an answer
PAUSE_MS = 20 * 60 * 1000
LATEST = 30
FEWEST = 3


@dataclass(frozen=True)
class Figures:
    """`limit` 0: none; `pace_s`: usual seconds for one answer, None while too few were marked to tell."""

    today: int
    limit: int
    waiting: int
    pace_s: int | None


def read_figures(session: Session, now_ms: int, expert: str) -> Figures:
    """Figures of an expert now."""
    person = session.get(ExpertRecord, expert)
    today = person.marked if person is not None and person.day == name_day(now_ms) else 0
    desk = read_desk(session, expert, today)
    lots = [lot.id for lot in list_open_lots(desk, list_lots(session), now_ms, None)]
    waiting = session.scalar(select(func.count()).select_from(AssignmentRecord).where(
        AssignmentRecord.lot.in_(lots), AssignmentRecord.state == "queued", AssignmentRecord.copy == "")) or 0
    limits = [seat.daily_limit for seat in desk.seats if seat.daily_limit]
    return Figures(today, min(limits, default=0), waiting, measure_pace(_read_moments(session, expert)))


def _read_moments(session: Session, expert: str) -> list[int]:
    return list(session.scalars(
        select(MarkEventRecord.at_ms).where(MarkEventRecord.expert == expert, MarkEventRecord.kind == "saved")
        .order_by(MarkEventRecord.id.desc()).limit(LATEST)))


def measure_pace(moments: list[int]) -> int | None:
    """Usual seconds between two of these moments (newest first), pauses left out."""
    gaps = [(later - earlier) / 1000 for later, earlier in zip(moments, moments[1:]) if later - earlier < PAUSE_MS]
    return round(median(gaps)) if len(gaps) >= FEWEST else None


def describe_figures(figures: Figures) -> str:
    """One short line for the head of the desk."""
    today = (_("Сегодня %(today)s из %(limit)s", today=figures.today, limit=figures.limit) if figures.limit
             else _("Сегодня %(today)s", today=figures.today))
    parts = [today, _("ждут %(waiting)s", waiting=figures.waiting)]
    if figures.pace_s is not None:
        parts.append(_("обычно %(minutes)s:%(seconds)s на ответ", minutes=figures.pace_s // 60,
                       seconds=f"{figures.pace_s % 60:02}"))
    return " · ".join(parts)
