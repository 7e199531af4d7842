"""What a work consists of: order, timing, points, criteria and mark scale, as data."""
from task_bank.assessments.assessment import (
    Assessment,
    BrokenAssessment,
    ListeningRule,
    Position,
    SpeakingRule,
    describe_for_candidates,
    parse_assessment,
)

__all__ = [
    "Assessment",
    "BrokenAssessment",
    "ListeningRule",
    "Position",
    "SpeakingRule",
    "describe_for_candidates",
    "parse_assessment",
]
