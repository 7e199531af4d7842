"""What an offline kit may be and what becomes of its events. Pure: time and what is known come in as arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

DAY_MS = 24 * 3_600_000
MOST_ANSWERS = 300
MOST_DAYS = 21
MOSCOW_AHEAD = timedelta(hours=3)
KINDS = frozenset({"saved", "undone", "referred"})


class KitUnreadable(Refusal):
    code = "kit_unreadable"
    status = 422
    message = _("Файл не читается: это не комплект или файл отметок, или он повреждён при переносе.")
    safe = _("Отметки в комплекте и на сервере целы.")
    remedy = _("Скопируйте файл ещё раз с того компьютера, где он сделан.")


class KitLocked(Refusal):
    code = "kit_locked"
    status = 403
    message = _("Пароль не подходит к этому комплекту.")
    safe = _("Комплект цел.")
    remedy = _("Проверьте группы цифр: пароль показан один раз, когда комплект выдавали. Если он потерян, попросите "
               "председателя закрыть комплект и возьмите новый.")


class CriteriaLocked(Refusal):
    code = "criteria_locked"
    status = 403
    message = _("Шифр критериев не подходит к этому комплекту.")
    safe = _("Комплект цел, отметки тоже.")
    remedy = _("Возьмите шифр на странице комплекта или спросите его по телефону у координатора.")


class KitUnknown(Refusal):
    code = "kit_unknown"
    status = 404
    message = _("Такого комплекта этот сервер вам не выдавал.")
    remedy = _("Войдите под тем логином, под которым комплект получен.")


class KitConflict(Refusal):
    code = "kit_conflict"
    status = 409
    message = _("В файле под известным номером стоит другая отметка: файл собран не этим комплектом или изменён.")
    safe = _("Принятое раньше не изменено, из файла ничего не взято.")
    remedy = _("Сообщите председателю комиссии и сохраните файл.")


class KitWrong(Refusal):
    code = "kit_wrong"
    status = 422
    message = _("Комплект так не собрать: ответов от 1 до 300, срок от завтрашнего дня до трёх недель.")
    remedy = _("Поправьте число ответов или дату.")


@dataclass(frozen=True)
class KitEvent:
    """A verified event of a kit: `body` as it was signed, `envelope` the bytes with the signature."""

    number: int
    assignment: str
    kind: str
    at_ms: int
    body: Mapping[str, Any]
    envelope: str


def check_wish(answers: int, now_ms: int, until_ms: int) -> None:
    """Raises KitWrong."""
    if not 1 <= answers <= MOST_ANSWERS or not now_ms + DAY_MS // 2 <= until_ms <= now_ms + (MOST_DAYS + 1) * DAY_MS:
        raise KitWrong()


def read_event(payload: Mapping[str, Any], kit: str, envelope: str) -> KitEvent:
    """An event out of a signed payload; raises KitUnreadable where it is of another kit or misses something."""
    number, kind, at_ms = payload.get("number"), payload.get("kind"), payload.get("at_ms")
    if (payload.get("kit") != kit or kind not in KINDS or not isinstance(number, int) or number < 1
            or not isinstance(at_ms, int) or not isinstance(payload.get("assignment"), str)
            or not isinstance(payload.get("points"), dict)):
        raise KitUnreadable()
    return KitEvent(number, payload["assignment"], str(kind), at_ms, payload, envelope)


def check_chain(events: Sequence[KitEvent]) -> None:
    """Numbers 1, 2, 3 … without a hole, so that nothing was left out on the way; raises KitUnreadable."""
    if [event.number for event in events] != list(range(1, len(events) + 1)):
        raise KitUnreadable()


def find_last(events: Iterable[KitEvent]) -> dict[str, KitEvent]:
    """Assignment → the last that was done with it: what stands when the kit comes home."""
    return {event.assignment: event for event in sorted(events, key=lambda one: one.number)}


def show_day(at_ms: int) -> str:
    """The day by Moscow as people write it."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + MOSCOW_AHEAD).strftime("%d.%m.%Y")
