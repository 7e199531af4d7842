"""What a coordinator may name a head for: a region of the own territory and subjects. Pure: takes what a form says."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import lazy_gettext as _

from testing_server.foundation.access import Level, judge_level
from testing_server.foundation.refusals import Refusal
from testing_server.marking.commission.bounds import ALL_SUBJECTS, Person
from testing_server.preparation.registry.rules import is_within

# what a form sends for a head of every region: nothing chosen is no choice
WHOLE_HUB = "*"
# a head signs protocols for more than one municipality
NAMING_HEADS = frozenset({Level.FEDERAL, Level.REGIONAL})


class NothingToLead(Refusal):
    code = "nothing_to_lead"
    status = 422
    message = _("Председателю нужны регион и хотя бы один предмет.")
    safe = _("Ничего не изменено.")
    remedy = _("Выберите регион, отметьте предметы и нажмите ещё раз.")


def read_appointment(mine: str | None, region: str, subjects: Collection[str], known_regions: Collection[str],
                     known_subjects: Collection[str]) -> tuple[str | None, list[str]]:
    """(territory of the head, None for the whole hub; subjects). Raises NothingToLead.

    `mine`: the coordinator's territory. A regional coordinator names heads of the own region, whatever the form says.
    """
    named = sorted(set(subjects) & {*known_subjects, ALL_SUBJECTS})
    if not named:
        raise NothingToLead()
    if judge_level(mine) is Level.REGIONAL:
        return mine, named
    if region != WHOLE_HUB and region not in known_regions:
        raise NothingToLead()
    return None if region == WHOLE_HUB else region, named


def may_help(mine: str | None, expert: Person, is_own: bool) -> bool:
    """Whoever may give an expert a new password can sign in as that expert: only within the own territory.

    Whom the coordinator made (`is_own`) belongs there too, until somebody says where; a head of the whole hub is never
    below. `mine`: the coordinator's territory.
    """
    is_unplaced = expert.territory is None and expert.subjects is None
    return is_within(mine, expert.territory) or (is_unplaced and is_own)
