"""What is wrong or doubtful with how a work runs in time: takes a structure, gives sentences."""
from collections.abc import Iterator

from task_bank.assessments.plan import LONGEST_EXTRA_PERCENT, Needs, TimesDoNotAddUp, plan
from task_bank.assessments.structure import Structure

# Longer than this without a rest is tiring for the eyes of a pupil: a piece of advice, not a rule.
LONGEST_AT_SCREEN_S = 3_000


def find_structure_errors(assessment: Structure) -> Iterator[str]:
    """What forbids the package."""
    percents = assessment.needs.extra_time_percent
    if any(not 0 < percent <= LONGEST_EXTRA_PERCENT for percent in percents) or len(set(percents)) != len(percents):
        yield f"needs: extra_time_percent {percents} are not different percents from 1 to {LONGEST_EXTRA_PERCENT}"
        return
    try:
        plan(assessment)
        for percent in percents:
            plan(assessment, Needs(percent))
    except TimesDoNotAddUp as refusal:
        yield str(refusal)


def find_structure_doubts(assessment: Structure) -> Iterator[str]:
    """What an author should look at once more; nothing where there are errors."""
    if any(find_structure_errors(assessment)):
        return
    stretch = 0
    for span in plan(assessment).spans:
        stretch = 0 if span.kind == "break" else stretch + span.seconds
        if stretch > LONGEST_AT_SCREEN_S and assessment.breaks:
            yield f"more than {LONGEST_AT_SCREEN_S // 60} minutes at the screen without a break before its end"
            return
    for position in assessment.positions:
        if position.fixed and position.auto_move:
            yield f"position {position.number}: auto_move says nothing beside fixed, which always moves on"
