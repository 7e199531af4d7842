"""Scoring: QTI response processing, points by criteria, mark scales."""
from task_bank.scoring.outcome_processing import (
    CompiledTest,
    ItemSession,
    UnknownItem,
    compile_test,
    score_test,
)
from task_bank.scoring.criteria import (
    PointsRefused,
    UnknownRule,
    check_points,
    highest_points,
    mark_for,
    score_criteria,
)
from task_bank.scoring.errors import ScoringError
from task_bank.scoring.item import CompiledItem, check_scoring, compile_item, score_item
from task_bank.scoring.originals import restore_responses
from task_bank.scoring.template import Materialised, run_template_processing
from task_bank.scoring.values import Outcome, Response, Value, write_texts

__all__ = [
    "CompiledItem",
    "CompiledTest",
    "ItemSession",
    "Materialised",
    "Outcome",
    "PointsRefused",
    "Response",
    "ScoringError",
    "UnknownItem",
    "UnknownRule",
    "Value",
    "check_points",
    "check_scoring",
    "compile_item",
    "compile_test",
    "highest_points",
    "mark_for",
    "restore_responses",
    "run_template_processing",
    "score_criteria",
    "score_item",
    "score_test",
    "write_texts",
]
