"""Final points of an attempt: machine points and marks joined by the assessment's own rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.marking.review.settling import Final


class NotAllMarked(Refusal):
    code = "not_all_marked"
    status = 409
    message = _("Протокол подписать нельзя: проверены не все ответы.")
    safe = _("Все отметки сохранены.")
    remedy = _("Дождитесь, пока очередь опустеет, и разберите ответы, переданные председателю.")


class AlreadyFrozen(Refusal):
    code = "already_frozen"
    status = 409
    message = _("Протокол этой работы уже подписан.")


class NotFrozen(Refusal):
    code = "not_frozen"
    status = 409
    message = _("Протокол этой работы ещё не подписан: исправлять в нём нечего.")
    remedy = _("Пока идёт проверка, отметки меняют на рабочем столе эксперта.")


class CorrectionReasonMissing(Refusal):
    code = "reason_missing"
    status = 422
    message = _("Исправление без причины не записывается.")
    remedy = _("Напишите, почему меняются баллы, например: «Апелляция, протокол № 3».")


class ProtocolDamaged(Refusal):
    code = "protocol_damaged"
    status = 409
    message = _("Подпись под протоколом не сходится: он изменён после подписи.")
    safe = _("Отметки экспертов хранятся отдельно и не тронуты.")
    remedy = _("Не используйте этот протокол и позовите технического специалиста.")


class NotHead(Refusal):
    code = "not_head"
    status = 403
    message = _("Эта страница открыта только председателю комиссии.")
    remedy = _("Если председатель — вы, попросите исправить учётную запись.")


@dataclass(frozen=True)
class PositionPoints:
    """`points`: decimal text; `criteria`: points per criterion (a mean as decimal text), empty for machine scoring;
    `source`: machine | expert.

    `answered` tells an empty answer from a zero.
    """

    position: int
    points: str
    criteria: dict[str, int | str]
    source: str
    answered: bool


@dataclass(frozen=True)
class AttemptPoints:
    """One row of the protocol."""

    attempt: str
    code: str
    variant: str
    package: str
    positions: list[PositionPoints]
    raw_score: str
    mark: int


def join_position(definition: Mapping[str, Any], number: int, machine: str | None, final: Final | None,
                  answered: bool) -> PositionPoints:
    """Points of one position. Raises NotAllMarked when a position for people has no marks."""
    position = next(one for one in definition["positions"] if one["number"] == number)
    if not position.get("criteria"):
        return PositionPoints(number, show_points(Decimal(machine or "0")), {}, "machine", answered)
    if final is None:
        raise NotAllMarked(details={"position": number})
    return PositionPoints(number, show_points(final.points), show_criteria(final.criteria), "expert", answered)


def check_reason(text: str) -> str:
    """The trimmed words. Raises CorrectionReasonMissing."""
    if not text.strip():
        raise CorrectionReasonMissing()
    return text.strip()[:2_000]


def show_criteria(criteria: Mapping[str, Decimal]) -> dict[str, int | str]:
    """Points by criterion: a whole number where it is one, else its decimal text; never a float."""
    return {name: int(points) if points == points.to_integral_value() else show_points(points)
            for name, points in criteria.items()}


def sum_points(positions: list[PositionPoints]) -> Decimal:
    """The raw score: exact, never through a float."""
    return sum((Decimal(one.points) for one in positions), Decimal(0))


def show_points(points: Decimal) -> str:
    """Shortest exact text: "5", "2.5"."""
    text = format(points.normalize(), "f")
    return text if text != "-0" else "0"
