"""What a corrected key does to the points already given. Pure: answers and the scorer come in as arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.marking.gathering.rules import Value, write_outcomes

Score = Callable[[Mapping[str, Value]], Mapping[str, Any]]
REASON_LEAST, REASON_MOST = 10, 1000


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 422
    message = _("Не написано, почему исправлен ключ.")
    remedy = _("Напишите причину хотя бы одним предложением: её увидят в протоколе.")


class NotACorrection(Refusal):
    """The corrected file is another task, or cannot be scored; the message says which."""

    code = "not_a_correction"
    status = 422
    message = _("Этот файл не может заменить задание.")
    remedy = _("Скачайте задание на этой странице, измените в нём только ключ или правила и загрузите снова.")


class AnswersArrived(Refusal):
    code = "answers_arrived"
    status = 409
    message = _("Пока вы смотрели, пришли новые ответы на это задание.")
    remedy = _("Откройте исправление ещё раз: новые ответы уже в таблице.")


class AlreadyDecided(Refusal):
    code = "already_decided"
    status = 409
    message = _("Это исправление уже применено или отменено.")


@dataclass(frozen=True)
class ScoredAnswer:
    """One stored answer to an item and what it was given. `points`: decimal text."""

    attempt: str
    archive: str
    position: int
    responses: Mapping[str, Value]
    points: str
    outcomes: Mapping[str, Any]


@dataclass(frozen=True)
class Rescored:
    """An answer with its new points and outcomes."""

    answer: ScoredAnswer
    points: str
    outcomes: dict[str, Any]

    @property
    def changes(self) -> bool:
        """Whether the points are others than before."""
        return Decimal(self.points) != Decimal(self.answer.points)


@dataclass(frozen=True)
class Shift:
    """So many answers get `after` in place of `before`."""

    before: Decimal
    after: Decimal
    answers: int


def rescore(answers: Iterable[ScoredAnswer], score: Score, highest: Decimal) -> list[Rescored]:
    """Every answer with its points by the corrected key. Raises NotACorrection beyond 0 … `highest`, and what
    `score` raises for a rule that cannot be evaluated."""
    return [_rescore_one(answer, score, highest) for answer in answers]


def _rescore_one(answer: ScoredAnswer, score: Score, highest: Decimal) -> Rescored:
    outcomes = write_outcomes(score(answer.responses))
    points = outcomes.get("SCORE") or "0"
    if not 0 <= Decimal(points) <= highest:
        raise NotACorrection(_("По исправленному ключу выходит %(points)s баллов, а за задание дают не больше "
                               "%(highest)s.", points=points, highest=highest))
    return Rescored(answer, points, outcomes)


def count_shifts(rescored: Iterable[Rescored]) -> list[Shift]:
    """How many answers move from which points to which, the greatest groups first."""
    moves = Counter((Decimal(one.answer.points), Decimal(one.points)) for one in rescored if one.changes)
    return [Shift(before, after, count) for (before, after), count in sorted(
        moves.items(), key=lambda move: (-move[1], move[0]))]


def check_reason(text: str) -> str:
    """The reason without spaces around. Raises ReasonMissing."""
    reason = " ".join(text.split())
    if not REASON_LEAST <= len(reason) <= REASON_MOST:
        raise ReasonMissing()
    return reason
