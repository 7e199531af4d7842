"""Who may mark what, and which points are possible. Pure: time and chance come in as arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from task_bank.scoring import PointsRefused, check_points
from testing_server.foundation.refusals import Refusal

LEASE_MS = 20 * 60 * 1000
LONGEST_COMMENT = 2_000


class NothingToMark(Refusal):
    code = "nothing_to_mark"
    status = 404
    message = _("Сейчас проверять нечего.")
    safe = _("Все ваши отметки сохранены.")
    remedy = _("Новые ответы появятся здесь, когда школы отправят работы и откроются критерии.")


class TakenByOther(Refusal):
    code = "taken_by_other"
    status = 409
    message = _("Этот ответ уже взял другой эксперт: время на него вышло или его вернули в очередь.")
    safe = _("Отметки другого эксперта не изменены.")
    remedy = _("Возьмите следующий ответ.")


class PointsOutOfRange(Refusal):
    code = "out_of_range"
    status = 422
    message = _("Балл не подходит: по каждому критерию нужен целый балл из указанных границ.")
    safe = _("Прежние отметки целы.")
    remedy = _("Поставьте баллы по всем критериям.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 422
    message = _("Не указана причина, по которой ответ нельзя проверить.")
    remedy = _("Напишите одну фразу: например, «запись обрывается на первой секунде».")


class RoundClosed(Refusal):
    code = "round_closed"
    status = 409
    message = _("Проверка этой работы завершена: протокол подписан.")
    remedy = _("Обратитесь к председателю комиссии.")


@dataclass(frozen=True)
class QueuedAnswer:
    """What the choice of the next answer needs to know."""

    assignment: str
    answer: str
    position: int
    order: str


def check_marks(criteria: Mapping[str, Any], points: Mapping[str, Any]) -> dict[str, int]:
    """Points per criterion id, all there and within 0..max; raises PointsOutOfRange naming the criterion."""
    try:
        return check_points(criteria, points)
    except PointsRefused as refusal:
        raise PointsOutOfRange(details={"criterion": refusal.criterion}) from refusal


def choose_next(queued: Iterable[QueuedAnswer], seen: frozenset[str]) -> QueuedAnswer | None:
    """One position after the other, inside it in an order that tells nothing of school or seat.

    `seen`: answers this expert has already had in another round; nobody marks one answer twice.
    """
    fitting = [answer for answer in queued if answer.answer not in seen]
    return min(fitting, key=lambda answer: (answer.position, answer.order), default=None)


def check_reason(text: str) -> str:
    """The reason for referring an answer, trimmed; raises ReasonMissing."""
    reason = text.strip()[:LONGEST_COMMENT]
    if not reason:
        raise ReasonMissing()
    return reason
