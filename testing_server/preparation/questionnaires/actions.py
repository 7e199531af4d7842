"""Answering a questionnaire. One verb, one transaction, one audit line."""
from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from testing_server.foundation.audit import append_audit
from testing_server.foundation.progress import post_progress
from testing_server.preparation.campaigns.rules import Campaign
from testing_server.preparation.questionnaires.queries import name_kind
from testing_server.preparation.questionnaires.rules import check_open, find_rules
from testing_server.preparation.registry.queries import School
from testing_server.preparation.sheets.actions import Author, keep_sheet
from testing_server.preparation.sheets.queries import Sheet


def answer_questionnaire(session: Session, now_ms: int, *, campaign: Campaign, questionnaire: str, school: School,
                         answers: dict[str, Any], author: Author, seen: int | None = None) -> Sheet:
    """Checked answers of a school. Raises UnknownQuestionnaire, QuestionnaireClosed, SheetChanged."""
    check_open(find_rules(campaign, questionnaire), school.zone, now_ms)
    sheet = keep_sheet(session, now_ms, campaign.id, name_kind(questionnaire), school.id, answers, author, seen=seen)
    append_audit(session, now_ms, f"school:{school.id}", author.by, "questionnaire_filled", campaign.id,
                 {"questionnaire": questionnaire, "version": sheet.version})
    post_progress(session, school.id, campaign.id, questionnaire, "questionnaires", "ready", now_ms)
    return sheet
