"""Which schools' works an expert marks by downloaded criteria, and when those open. Takes a session."""
from __future__ import annotations

from pathlib import Path

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.refusals import Refusal
from testing_server.marking.commission.queries import read_desk
from testing_server.marking.commission.rules import Desk
from testing_server.outcomes.forms.queries import SchoolForm, list_forms
from testing_server.outcomes.forms.works import FormWork, list_works_of, read_russian_titles
from testing_server.preparation.campaigns.queries import list_campaigns
from testing_server.preparation.campaigns.rules import MOSCOW, compute_opening, find_rules
from testing_server.preparation.campaigns.tasks import is_over
from testing_server.preparation.materials.queries import list_archives
from testing_server.preparation.registry.queries import School, list_schools


class CriteriaClosed(Refusal):
    code = "not_yet"
    status = 425
    remedy = _("Форму можно скачать уже сейчас.")


def list_expert_works(session: Session, data: Path, expert: str,
                      now_ms: int) -> list[tuple[FormWork, list[SchoolForm]]]:
    """Works whose points experts hand in, of campaigns that go on, with the schools this expert marks for."""
    desk, titles = read_desk(session, expert, 0), read_russian_titles(session)
    schools = list_schools(session)
    found = []
    for campaign in list_campaigns(data):
        if is_over(campaign, MOSCOW, now_ms):
            continue
        for work in list_works_of(data, campaign, titles):
            theirs = [one for one in schools if marks_for(desk, work, one)]
            if theirs:
                found.append((work, list_forms(session, work, theirs)))
    return found


def marks_for(desk: Desk, work: FormWork, school: School) -> bool:
    """The head for all that he leads; an approved member of the subject's commission for its region; the school's own
    expert where the campaign lets experts mark their own school."""
    if work.shape is None or not work.shape.by_expert:
        return False
    own_allowed = find_rules(work.campaign, work.id).marking.own_school
    if desk.bounds is not None and desk.bounds.hold(school.region, work.shape.subject):
        return True
    if school.id == desk.school:
        return own_allowed
    return any(seat.subject == work.shape.subject and seat.region in ("", school.region) and seat.state == "approved"
               for seat in desk.seats)


def compute_criteria_opening(session: Session, work: FormWork, school: School, now_ms: int) -> int:
    """When criteria of this school's work open (Unix ms): as its archive says, else by the work's first day."""
    opens = [one.opens_at_ms for one in list_archives(session, school.id, kind="criteria")
             if one.campaign == work.campaign.id and one.assessment in work.assessments]
    rules = find_rules(work.campaign, work.id)
    if opens or rules.work is None:
        return min(opens, default=now_ms)
    first = min(period.first for period in rules.work.periods.values())
    return compute_opening(rules.criteria, first, school.zone, now_ms)
