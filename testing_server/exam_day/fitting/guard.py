"""Whether a sitting may be opened as the room stands. Takes a fit; refuses in words, or lets pass with a reason."""
from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.exam_day.fitting.rules import Fit, FitFinding, Word
from testing_server.exam_day.sittings.actions import chain_of
from testing_server.foundation.audit import append_audit
from testing_server.foundation.refusals import Refusal

LONGEST_REASON = 500


class FitRefused(Refusal):
    """Going on would lose speech: no reason helps. Message and remedy are those of the worst finding."""

    code = "does_not_fit"
    status = 409
    safe = _("Сеанс не открыт: речь участников потерялась бы.")

    def __init__(self, fit: Fit) -> None:
        worst = fit.findings[0]
        super().__init__(worst.reason, details={"findings": [
            name_finding(one) for one in fit.findings if one.word == worst.word]})
        self.remedy = worst.remedy


class FitDoubtful(FitRefused):
    """Somebody has to say why the sitting is opened all the same."""

    code = "fit_needs_reason"
    safe = _("Сеанс не открыт.")


def check_fit(fit: Fit, reason: str) -> str:
    """The reason that the audit must name, "" where none is needed. Raises FitRefused, FitDoubtful."""
    why = " ".join(reason.split())[:LONGEST_REASON]
    if fit.is_refused:
        raise FitRefused(fit)
    if fit.needs_reason and not why:
        raise FitDoubtful(fit)
    return why if fit.needs_reason else ""


def note_overruled(session: Session, now_ms: int, sitting: str, fit: Fit, why: str, by: str) -> None:
    """Who opened a sitting against which red no, and why."""
    append_audit(session, now_ms, chain_of(sitting), by, "opened_against_fit", sitting, {
        "reason": why, "findings": [name_finding(one) for one in fit.findings if one.word == Word.NO]})


def name_finding(one: FitFinding) -> dict[str, Any]:
    """A finding for an audit line or a program."""
    return {"subject": one.subject, "word": str(one.word), "seat": one.seat}
