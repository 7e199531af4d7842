"""Individual results of a form: points, raw score and mark by code, from the day the campaign says. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.outcomes.forms.rules import FormRow, FormShape, score_row


class ResultsNotYet(Refusal):
    code = "not_yet"
    status = 425
    message = _("Результаты этой работы ещё не открыты.")
    remedy = _("День, с которого они открыты, назван на странице формы.")

    def __init__(self, message: Any = None) -> None:
        super().__init__(message)


@dataclass(frozen=True)
class CandidateResult:
    """`points`: in the order of the shape's columns; `mark`: "" where no scale is known."""

    code: str
    variant: str
    points: tuple[str, ...]
    raw: str
    mark: str


def list_results(shape: FormShape, rows: Sequence[FormRow]) -> list[CandidateResult]:
    """By code."""
    found = []
    for row in sorted(rows, key=lambda one: one.code):
        raw, mark = score_row(shape, row)
        found.append(CandidateResult(row.code, row.variant, tuple(row.points.get(one.id, "") for one in shape.columns),
                                     raw, mark))
    return found


def are_open(results_from: str, zone: str, now_ms: int) -> bool:
    """Whether the day has come on the school's own calendar; "" is at once."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()
    return not results_from or date.fromisoformat(results_from) <= today
