"""The time line of one candidate's work. Pure: takes the public assessment and what the candidate needs."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from task_bank.assessments import (
    BrokenAssessment, Needs, NeedsNotOffered, Timeline, TimesDoNotAddUp, plan, read_structure)
from testing_server.exam_day.sittings.rules import BadCommand
from testing_server.foundation.refusals import Refusal

LOOKS = ("large_print", "high_contrast")


class NeedsRefused(Refusal):
    code = "needs_refused"
    status = 422
    message = _("Таких особых условий эта работа не предусматривает.")
    remedy = _("Выберите из предложенных. Время во время работы добавляет команда «Добавить время».")


class PlanBroken(Refusal):
    code = "plan_broken"
    status = 409
    message = _("Времена частей, заданий и перерывов этой работы не складываются в её длительность.")
    safe = _("Ни у кого время не пошло.")
    remedy = _("Запросите исправленный архив у регионального координатора.")


def plan_work(assessment: Mapping[str, Any], needs: Mapping[str, Any]) -> Timeline:
    """Raises NeedsRefused, PlanBroken."""
    asked = Needs(int(needs.get("extra_percent", 0)), *(bool(needs.get(look)) for look in LOOKS))
    try:
        return plan(read_structure(dict(assessment)), asked)
    except NeedsNotOffered as refusal:
        raise NeedsRefused() from refusal
    except (TimesDoNotAddUp, BrokenAssessment) as refusal:
        raise PlanBroken(details={"reason": str(refusal)}) from refusal


def read_needs(body: Mapping[str, Any]) -> dict[str, Any]:
    """{"extra_percent", "large_print", "high_contrast"} of a command's body. Raises BadCommand."""
    percent, looks = body.get("extra_percent", 0), {look: body.get(look, False) for look in LOOKS}
    if not isinstance(percent, int) or isinstance(percent, bool) or percent < 0:
        raise BadCommand(details={"extra_percent": "a whole number"})
    if not all(isinstance(value, bool) for value in looks.values()):
        raise BadCommand(details={"looks": list(LOOKS)})
    return {"extra_percent": percent, **looks}


def list_offers(assessment: Mapping[str, Any]) -> dict[str, Any]:
    """What a work offers: {"extra_percents": [...], "large_print", "high_contrast"}."""
    offered = assessment.get("needs") or {}
    return {"extra_percents": list(offered.get("extra_time_percent", [])),
            **{look: bool(offered.get(look)) for look in LOOKS}}
