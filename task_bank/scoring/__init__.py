"""Scoring: QTI response processing, points by criteria, mark scales."""
from task_bank.scoring.criteria import (
    PointsRefused,
    UnknownRule,
    check_points,
    highest_points,
    mark_for,
    score_criteria,
)
from task_bank.scoring.declarations import ScoringError
from task_bank.scoring.item import check_scoring, score_item
from task_bank.scoring.originals import restore_responses
from task_bank.scoring.values import Outcome, Response

__all__ = [
    "Outcome",
    "PointsRefused",
    "Response",
    "ScoringError",
    "UnknownRule",
    "check_points",
    "check_scoring",
    "highest_points",
    "mark_for",
    "restore_responses",
    "score_criteria",
    "score_item",
]
