"""Who may mark what, and which points are possible. Pure: time and chance come in as arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from task_bank.scoring import PointsRefused, check_points
from testing_server.foundation.refusals import Refusal

LEASE_MS = 20 * 60 * 1000
LONGEST_COMMENT = 2_000
MOST_NOTES, LONGEST_NOTE, LONGEST_ID = 50, 300, 120
# where a place is: in which recording or written response, and between which numbers
PLACES = (("recording", ("at_ms",)), ("response", ("from", "to")))


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


class MarksInUse(RoundClosed):
    code = "marks_in_use"
    message = _("Вернуть этот ответ уже нельзя: по его отметкам работа пошла дальше.")
    safe = _("Ваши отметки сохранены.")
    remedy = _("Если в них ошибка, напишите председателю комиссии: он решит.")


@dataclass(frozen=True)
class Candidate:
    """A waiting marking. `barred`: who marked it before it was ordered anew; `holders`: who has it in other rounds."""

    assignment: str
    answer: str
    school: str
    barred: frozenset[str]
    holders: frozenset[str]


def check_marks(criteria: Mapping[str, Any], points: Mapping[str, Any]) -> dict[str, int]:
    """Points per criterion id, all there and within 0..max; raises PointsOutOfRange naming the criterion."""
    try:
        return check_points(criteria, points)
    except PointsRefused as refusal:
        raise PointsOutOfRange(details={"criterion": refusal.criterion}) from refusal


def check_asked(criteria: Mapping[str, Any], points: Mapping[str, Any], asked: Sequence[str] | None) -> dict[str, int]:
    """As `check_marks`, for a third marking only of the criteria it is about. Raises PointsOutOfRange."""
    if asked is None:
        return check_marks(criteria, points)
    return check_marks({"criteria": [one for one in criteria["criteria"] if one["id"] in asked]}, points)


def choose_candidate(found: Sequence[Candidate], expert: str, own_school: str | None,
                     pairs: Mapping[str, int]) -> Candidate | None:
    """The answer to give: the first that fits, or of those somebody else has too the one of the rarest pair.

    Nobody marks one answer twice. `own_school`: answers of it are not given; None where they may be. `pairs`: answers
    this expert has had together with another.
    """
    fitting = [one for one in found
               if expert not in one.holders and expert not in one.barred
               and (own_school is None or one.school != own_school)]
    if not fitting or not fitting[0].holders:
        return fitting[0] if fitting else None
    shared = [one for one in fitting if one.holders]
    return min(shared, key=lambda one: max(pairs.get(other, 0) for other in one.holders))


def check_reason(text: str) -> str:
    """The reason for referring an answer, trimmed; raises ReasonMissing."""
    reason = text.strip()[:LONGEST_COMMENT]
    if not reason:
        raise ReasonMissing()
    return reason


def read_moments(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Where each criterion was decided, whatever a page sent: criterion → {"recording", "at_ms"}; others left out."""
    found = {str(name)[:LONGEST_ID]: _read_place(place) for name, place in list(given.items())[:MOST_NOTES]}
    return {name: place for name, place in found.items() if place is not None and "recording" in place}


def read_notes(given: Any) -> list[dict[str, Any]]:
    """Remarks tied to a place, whatever a page sent: {"recording", "at_ms", "text"} or {"response", "from", "to",
    "text"}, of a criterion also {"criterion"}. What has no place or no words is left out."""
    found = (_read_note(note) for note in (given if isinstance(given, list) else [])[:MOST_NOTES])
    return [note for note in found if note is not None]


def _read_note(note: Any) -> dict[str, Any] | None:
    text = str(note.get("text", "")).strip()[:LONGEST_NOTE] if isinstance(note, dict) else ""
    place = _read_place(note) if text else None
    if place is None:
        return None
    criterion = note.get("criterion")
    about = {"criterion": criterion[:LONGEST_ID]} if isinstance(criterion, str) and criterion else {}
    return {**place, **about, "text": text}


def _read_place(given: Any) -> dict[str, Any] | None:
    """{"recording", "at_ms"} or {"response", "from", "to"}; None for anything else."""
    if not isinstance(given, dict):
        return None
    for name, numbers in PLACES:
        places = {one: given.get(one) for one in numbers}
        if isinstance(given.get(name), str) and all(type(one) is int and one >= 0 for one in places.values()):
            return {name: given[name][:LONGEST_ID], **places}
    return None
