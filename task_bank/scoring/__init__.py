"""Scoring: QTI response processing, points by criteria, mark scales.

A name is imported when it is first asked for: who only counts points by criteria carries no engine of QTI for it.
"""
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from task_bank.scoring.criteria import (
        PointsRefused, UnknownRule, check_points, highest_points, mark_for, score_criteria)
    from task_bank.scoring.errors import ScoringError
    from task_bank.scoring.item import CompiledItem, check_scoring, compile_item, score_item
    from task_bank.scoring.originals import restore_responses
    from task_bank.scoring.outcome_processing import CompiledTest, ItemSession, UnknownItem, compile_test, score_test
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
_HOMES = {
    "criteria": ("PointsRefused", "UnknownRule", "check_points", "highest_points", "mark_for", "score_criteria"),
    "errors": ("ScoringError",),
    "item": ("CompiledItem", "check_scoring", "compile_item", "score_item"),
    "originals": ("restore_responses",),
    "outcome_processing": ("CompiledTest", "ItemSession", "UnknownItem", "compile_test", "score_test"),
    "template": ("Materialised", "run_template_processing"),
    "values": ("Outcome", "Response", "Value", "write_texts"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    return found
