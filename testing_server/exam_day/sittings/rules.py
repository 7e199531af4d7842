"""Decisions about sittings and attempts. Pure: records come in as plain values."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.contracts.leases import LEASE_STEP
from testing_server.foundation.refusals import Refusal

# A candidate may sign in, and events count, in these states of the sitting.
ADMITTING = frozenset({"open", "running", "paused"})
FENCED = "fenced"
ACTIVE = frozenset({"ready", "open", "running", "paused", "closing"})
# The attempt has neither an end nor a reason not to go on.
GOING_ON = frozenset({"assigned", "seated", "checked", "started", "paused", "interrupted", "reopened"})
AT_WORK = frozenset({"started", "paused", "interrupted", "reopened"})
LONGEST_EXTRA_S = 4 * 3600


class NotOpen(Refusal):
    code = "not_open"
    status = 409
    message = _("Сеанс ещё не открыт или уже закрыт.")
    remedy = _("Подождите, пока организатор откроет сеанс, и войдите ещё раз.")


class Fenced(Refusal):
    """`claim`: envelope of the claim of the server that leads now."""

    code = "fenced"
    status = 409
    message = _("Этот сеанс ведёт другой сервер: его поколение новее.")
    safe = _("Всё, что сохранено здесь, цело и остаётся для чтения.")
    remedy = _("Работайте в пульте нового сервера; этот компьютер можно выключить.")

    def __init__(self, claim: str = "") -> None:
        super().__init__(details={"claim": claim} if claim else {})


class LoginUnknown(Refusal):
    code = "login_unknown"
    status = 404
    message = _("Такого логина в этом сеансе нет.")
    remedy = _("Проверьте восемь цифр на карточке. Если они верны, позовите организатора.")


class TooManyLogins(Refusal):
    code = "too_often"
    status = 429
    message = _("Пять неверных логинов за минуту.")
    remedy = _("Подождите минуту и введите логин с карточки.")


class AlreadySeated(Refusal):
    code = "already_seated"
    status = 409
    message = _("По этому логину уже сидят на другом рабочем месте.")
    safe = _("Ответы участника целы.")
    remedy = _("Позовите организатора: он пересадит участника, если это нужно.")


class SeatOccupied(Refusal):
    code = "seat_occupied"
    status = 409
    message = _("На этом рабочем месте уже работает другой участник.")
    remedy = _("Позовите организатора.")


class AttemptOver(Refusal):
    code = "attempt_over"
    status = 409
    message = _("Работа по этому логину уже завершена.")
    remedy = _("Если это ошибка, позовите организатора.")


class PaceRefused(Refusal):
    code = "pace_refused"
    status = 422
    message = _("Ускоренное время в этой кампании не разрешено.")
    remedy = _("Поставьте обычный ход времени.")


class NoVariants(Refusal):
    code = "no_variants"
    status = 409
    message = _("Архив ещё не открыт или в нём есть вариант с ошибкой.")
    remedy = _("Откройте архив шифром и дождитесь проверки всех вариантов.")


class NoCodes(Refusal):
    code = "no_codes"
    status = 422
    message = _("Для сеанса не выбрано ни одного участника.")
    remedy = _("Загрузите список кодов или выберите хотя бы один код.")


class OutsideWindow(Refusal):
    code = "outside_window"
    status = 409
    message = _("Сейчас не время доступа к работе.")
    remedy = _("Сеанс открывают внутри времени доступа; оно указано в расписании.")


class BadCommand(Refusal):
    code = "bad_command"
    status = 422
    message = _("Команда составлена неверно.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 422
    message = _("Нужна причина: она войдёт в протокол сеанса.")
    remedy = _("Напишите одним предложением, что случилось.")


class NothingToDo(Refusal):
    code = "wrong_state"
    status = 409
    message = _("Ни к одному из выбранных участников эта команда сейчас не подходит.")
    remedy = _("Посмотрите на состояние мест и выберите других участников.")


@dataclass(frozen=True)
class Seated:
    """Who asks to sit down, as the sign-in rule sees it."""

    workstation: str
    journal: str


@dataclass(frozen=True)
class LeaseView:
    """The newest lease of an attempt."""

    lease: int
    workstation: str
    journal: str
    state: str


def decide_sign_in(state: str, newest: LeaseView | None, asking: Seated, generation: int = 0) -> str:
    """What a sign-in leads to: "repeat" the newest grant, or a new one because of "start" or "recover".

    A lease of an older `generation` is never repeated: what the server before may still grant must sort below.

    Raises AttemptOver, AlreadySeated.
    """
    if state not in GOING_ON:
        raise AttemptOver()
    if newest is None or newest.state == "void":
        return "start"
    if newest.workstation != asking.workstation:
        raise AlreadySeated()
    is_present = newest.lease // LEASE_STEP >= generation
    if newest.state in ("granted", "open") and newest.journal in ("", asking.journal) and is_present:
        return "repeat"
    return "recover"


def check_pace(pace: int, campaign: Mapping[str, Any], assessment: Mapping[str, Any]) -> None:
    """Raises PaceRefused: a counted work runs at the clock's own pace, others up to the campaign's limit."""
    counted = bool(campaign.get("counted", True)) or bool(assessment.get("counted", True))
    allowed = 1 if counted else int(campaign.get("max_pace", 1))
    if not 1 <= pace <= allowed:
        raise PaceRefused(details={"allowed": allowed})


def check_window(now_ms: int, opens_at_ms: int, closes_at_ms: int) -> None:
    """Raises OutsideWindow."""
    if not opens_at_ms <= now_ms < closes_at_ms:
        raise OutsideWindow(details={"opens_at_ms": opens_at_ms, "closes_at_ms": closes_at_ms})


def assign_variants(codes: Sequence[str], variants: Sequence[str]) -> dict[str, str]:
    """A variant for each code, so that codes next to each other differ wherever there are two variants."""
    if not variants:
        raise NoVariants()
    return {code: variants[index % len(variants)] for index, code in enumerate(codes)}


def choose_variant(planned: str, neighbours: Sequence[str], variants: Sequence[str], used: Sequence[str]) -> str:
    """The variant for a seat, given what the neighbours have; `variants` by number, `used` by others of the sitting.

    By number means in the order they were assembled in, where those next to each other have no item in common (and
    the first and the last are next to each other): a neighbour's next is better than just another one. Among equals
    the planned one, then the least used.
    """
    places = {variant: place for place, variant in enumerate(variants)}
    near = [places[variant] for variant in neighbours if variant in places]
    counts = Counter(used)

    def rate(variant: str) -> tuple[int, int, bool, int, str]:
        steps = [_count_steps(places[variant], place, len(variants)) for place in near]
        return (steps.count(0), sum(step > 1 for step in steps), variant != planned, counts[variant], variant)

    return min(variants, key=rate, default=planned)


def _count_steps(one: int, other: int, length: int) -> int:
    """How far apart two places of a ring are."""
    apart = abs(one - other)
    return min(apart, length - apart)


def find_neighbours(seat: str, seats: Sequence[str]) -> list[str]:
    """Seats with the numbers next to this one."""
    number = _seat_number(seat)
    if number is None:
        return []
    return [other for other in seats if (found := _seat_number(other)) is not None and abs(found - number) == 1]


def _seat_number(seat: str) -> int | None:
    digits = "".join(sign for sign in seat if sign.isdigit())
    return int(digits) if digits else None


def read_reason(text: Any) -> str:
    """Raises ReasonMissing."""
    reason = " ".join(str(text or "").split())[:500]
    if not reason:
        raise ReasonMissing()
    return reason


def read_seconds(value: Any) -> int:
    """Extra seconds, 1 .. 4 hours. Raises BadCommand."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LONGEST_EXTRA_S:
        raise BadCommand(details={"seconds": [1, LONGEST_EXTRA_S]})
    return value


def needs_sound(assessment: Mapping[str, Any]) -> bool:
    """Whether candidates of this work check their headset first."""
    return bool(assessment.get("sound_check", False))
