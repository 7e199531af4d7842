"""What a work consists of: order, timing, points, criteria and mark scale, as data."""
from task_bank.assessments.assessment import (
    Assessment,
    Position,
    describe_for_candidates,
    parse_assessment,
)
from task_bank.assessments.plan import Needs, NeedsNotOffered, Span, Timeline, TimesDoNotAddUp, plan
from task_bank.assessments.structure import (
    Break,
    BrokenAssessment,
    ListeningRule,
    OfferedNeeds,
    Part,
    SpeakingRule,
    Structure,
    read_structure,
)

__all__ = [
    "Assessment",
    "Break",
    "BrokenAssessment",
    "ListeningRule",
    "Needs",
    "NeedsNotOffered",
    "OfferedNeeds",
    "Part",
    "Position",
    "Span",
    "SpeakingRule",
    "Structure",
    "Timeline",
    "TimesDoNotAddUp",
    "describe_for_candidates",
    "parse_assessment",
    "plan",
    "read_structure",
]
