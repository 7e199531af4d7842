"""Decisions about closing and packing. Pure: attempts and states come in as plain values."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.contracts.fold import WORK_TIMER, AttemptState
from testing_server.contracts.packages import Balance
from testing_server.foundation.refusals import Refusal

PACKABLE = frozenset({"balanced", "packaged_with_late"})
ENDS = ("finished", "absent", "spoiled", "transferred")
SETTLED = frozenset({"encoded", "packaged", "written_off"})


class StillAtWork(Refusal):
    code = "still_at_work"
    status = 409
    message = _("Не все участники закончили, и не для всех указана причина.")
    remedy = _("Дождитесь завершения или укажите причину для каждого, кого назвала страница.")


class SoundMissing(Refusal):
    code = "sound_missing"
    status = 409
    message = _("Не все записи речи и файлы ответов дошли до сервера целиком.")
    safe = _("То, что дошло, сохранено; остальное хранит рабочее место.")
    remedy = _("Включите рабочее место и подождите, или спишите то, чего не дождаться, с указанием причины.")


class NotBalanced(Refusal):
    code = "wrong_state"
    status = 409
    message = _("Пакет собирают после того, как сведён итог сеанса.")
    remedy = _("Сначала закройте сеанс и сведите итог.")


class NotReceipted(Refusal):
    code = "not_receipted"
    status = 409
    message = _("Удалять работы с рабочих мест можно только после квитанции регионального сервера.")
    safe = _("На рабочих местах всё цело.")
    remedy = _("Дождитесь квитанции на последний пакет этого сеанса.")


class PackageMissing(Refusal):
    code = "package_missing"
    status = 409
    message = _("Файла пакета ещё нет или его сборка не закончилась.")
    remedy = _("Подождите окончания сборки и обновите страницу.")


class MaterialsClosed(Refusal):
    code = "materials_closed"
    status = 409
    message = _("Архив этой работы на этом сервере не открыт, а пакет собирают по её вариантам.")
    safe = _("Ответы и записи целы.")
    remedy = _("Откройте архив на странице «Архивы и шифр»: если его файлов здесь нет, сначала загрузите их с флешки "
               "организатора или скачайте с регионального сервера. Потом соберите пакет.")


@dataclass(frozen=True)
class Counted:
    """An attempt as the balance sees it."""

    code: str
    state: str
    reason: str
    moves: int


def count_balance(attempts: Iterable[Counted]) -> Balance:
    """issued = finished + absent + spoiled + transferred + missing; each missing one with its reason, "" for none."""
    known = list(attempts)
    ends = {state: sum(one.state == state for one in known) for state in ENDS}
    missing = [{"code": one.code, "state": one.state, "reason": one.reason} for one in known if one.state not in ends]
    return Balance(issued=len(known), moved=sum(one.moves > 0 for one in known), missing=missing, **ends)


def check_balance(balance: Balance, unsettled: Sequence[str]) -> None:
    """Raises StillAtWork (somebody without an end and without a reason), SoundMissing."""
    unexplained = [one["code"] for one in balance.missing if not one["reason"]]
    if unexplained:
        raise StillAtWork(details={"codes": unexplained})
    if unsettled:
        raise SoundMissing(details={"codes": sorted(set(unsettled))})


def count_seconds_used(state: AttemptState) -> int:
    """Exam seconds on the work timer, extra time included; 0 when the work was never started."""
    timer = state.timers.get(WORK_TIMER)
    if timer is None:
        return 0
    left = state.left_ms(WORK_TIMER, state.last_at_ms) or 0
    return max(0, timer.allotted_ms + state.extra_ms - left) // 1000


def describe_sound(state: str) -> str:
    """A recording's state as a package says it: whole, partial or written_off."""
    if state in ("whole", "encoded", "packaged"):
        return "whole"
    return "written_off" if state == "written_off" else "partial"


def pick_gaps(bodies: Iterable[dict[str, Any]], lease: int, number: int) -> list[dict[str, int | str]]:
    """Gaps of one recording, in order: {at_sample, lost_ms, reason}."""
    mine = [body for body in bodies if body["started"] == [lease, number]]
    gaps: list[dict[str, int | str]] = [
        {"at_sample": body["at_sample"], "lost_ms": body["lost_ms"], "reason": body["reason"]} for body in mine]
    return sorted(gaps, key=lambda gap: int(gap["at_sample"]))
