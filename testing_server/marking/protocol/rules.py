"""Final points of an attempt: machine points and marks joined by the assessment's own rules. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

JoinCriteria = Callable[[Mapping[str, Any], Mapping[str, int]], Decimal | int]
MarkFor = Callable[[Any, Decimal], int]


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
    """`points`: decimal text; `criteria`: points per criterion, empty for machine scoring; `source`: machine | expert.

    `answered` tells an empty answer from a zero.
    """

    position: int
    points: str
    criteria: dict[str, int]
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


def join_position(definition: Mapping[str, Any], number: int, machine: str | None, marks: Mapping[str, int] | None,
                  answered: bool, join: JoinCriteria) -> PositionPoints:
    """Points of one position. Raises NotAllMarked when a position for people has no marks."""
    position = next(one for one in definition["positions"] if one["number"] == number)
    if not position.get("criteria"):
        return PositionPoints(number, show_points(Decimal(machine or "0")), {}, "machine", answered)
    if marks is None:
        raise NotAllMarked(details={"position": number})
    points = Decimal(join(definition["criteria"][position["criteria"]], marks))
    return PositionPoints(number, show_points(points), dict(marks), "expert", answered)


def sum_points(positions: list[PositionPoints]) -> Decimal:
    """The raw score: exact, never through a float."""
    return sum((Decimal(one.points) for one in positions), Decimal(0))


def show_points(points: Decimal) -> str:
    """Shortest exact text: "5", "2.5"."""
    text = format(points.normalize(), "f")
    return text if text != "-0" else "0"
