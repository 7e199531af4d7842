"""Filling, correcting and confirming applications. One verb, one transaction, one audit line."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import Word, post_progress, post_words
from testing_server.preparation.applications.queries import APPLICATION
from testing_server.preparation.applications.rules import (
    SCHOOL, NothingToConfirm, Numbers, count_behind, count_candidates, find_step, is_confirmed)
from testing_server.preparation.applications.workbooks import ConsolidatedLine
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.registry.queries import School
from testing_server.preparation.sheets.actions import Author, Draft, keep_sheet, keep_sheets, lock_sheets
from testing_server.preparation.sheets.queries import Sheet, list_sheets, read_sheet


@dataclass(frozen=True)
class Applied:
    """How many schools a consolidated file changed and confirmed; the others stand as they did."""

    changed: int
    confirmed: int


def fill_application(session: Session, now_ms: int, *, campaign: Campaign, school: School, numbers: Numbers,
                     author: Author, seen: int | None = None) -> Sheet:
    """A school's own word, or a coordinator's in its place; whoever confirms has confirmed what they wrote.

    Raises NoApplications, ApplicationsClosed, NotConfirmedHere, SheetChanged.
    """
    sheet = _keep(session, now_ms, campaign, school, numbers, author, seen)
    append_audit(session, now_ms, f"school:{school.id}", author.by, f"application_{sheet.verb}", campaign.id,
                 {"version": sheet.version, "level": author.level, "candidates": count_candidates(numbers)})
    return sheet


def confirm_application(session: Session, now_ms: int, *, campaign: Campaign, school: School, author: Author,
                        seen: int | None = None) -> Sheet:
    """Raises NoApplications, ApplicationsClosed, NotConfirmedHere, NothingToConfirm, SheetChanged."""
    sheet = _confirm(session, now_ms, campaign, school, author, seen)
    append_audit(session, now_ms, f"school:{school.id}", author.by, "application_confirmed", campaign.id,
                 {"version": sheet.version, "level": author.level})
    return sheet


def apply_consolidated(session: Session, now_ms: int, *, campaign: Campaign, lines: Sequence[ConsolidatedLine],
                       author: Author) -> Applied:
    """All of a file or nothing: corrections where the numbers differ, confirmations where they are asked for.

    Raises NoApplications, ApplicationsClosed, NotConfirmedHere, NothingToConfirm.
    """
    schools = [line.school.id for line in lines]
    lock_sheets(session, campaign.id, APPLICATION, schools)
    known = list_sheets(session, campaign.id, APPLICATION, schools)

    @cache
    def count_steps(zone: str) -> int:
        return count_behind(campaign, find_step(campaign, author.level, zone, now_ms))
    drafts = [draft for line in lines
              if (draft := _draft(line, known.get(line.school.id), count_steps, author)) is not None]
    stands = keep_sheets(session, now_ms, campaign.id, APPLICATION, drafts, author)
    post_words(session, [Word(school, campaign.id, "", "application", _name_state(campaign, confirmed))
                         for school, confirmed in stands.items()], now_ms)
    confirmed = sum(draft.verb == "confirmed" for draft in drafts)
    changed = len(drafts) - confirmed
    append_audit(session, now_ms, "hub", author.by, "applications_consolidated", campaign.id,
                 {"level": author.level, "schools": len(lines), "changed": changed, "confirmed": confirmed})
    return Applied(changed, confirmed)


def _draft(line: ConsolidatedLine, before: Sheet | None, count_steps: Callable[[str], int],
           author: Author) -> Draft | None:
    """What a line changes, None for nothing; `count_steps`: zone -> steps that its author's act leaves behind."""
    if line.numbers is not None and (before is None or before.content != line.numbers):
        return Draft(line.school.id, dict(line.numbers), _name_verb(author), count_steps(line.school.zone))
    if not line.confirms:
        return None
    if before is None:
        raise NothingToConfirm(details={"school": line.school.login})
    return Draft(line.school.id, before.content, "confirmed",
                 max(before.confirmed, count_steps(line.school.zone)))


def _keep(session: Session, now_ms: int, campaign: Campaign, school: School, numbers: Numbers, author: Author,
          seen: int | None) -> Sheet:
    number = find_step(campaign, author.level, school.zone, now_ms)
    sheet = keep_sheet(session, now_ms, campaign.id, APPLICATION, school.id, dict(numbers), author,
                       verb=_name_verb(author), confirmed=count_behind(campaign, number), seen=seen)
    _post(session, now_ms, campaign, sheet)
    return sheet


def _confirm(session: Session, now_ms: int, campaign: Campaign, school: School, author: Author,
             seen: int | None) -> Sheet:
    number = find_step(campaign, author.level, school.zone, now_ms)
    before = read_sheet(session, campaign.id, APPLICATION, school.id)
    if before is None:
        raise NothingToConfirm(details={"school": school.login})
    behind = max(before.confirmed, count_behind(campaign, number))
    sheet = keep_sheet(session, now_ms, campaign.id, APPLICATION, school.id, before.content, author, verb="confirmed",
                       confirmed=behind, seen=seen)
    _post(session, now_ms, campaign, sheet)
    return sheet


def _post(session: Session, now_ms: int, campaign: Campaign, sheet: Sheet) -> None:
    state = _name_state(campaign, sheet.confirmed)
    post_progress(session, sheet.school, campaign.id, "", "application", state, now_ms)


def _name_state(campaign: Campaign, confirmed: int) -> str:
    return "ready" if is_confirmed(campaign, confirmed) else "running"


def _name_verb(author: Author) -> str:
    return "filled" if author.level == SCHOOL else "corrected"
