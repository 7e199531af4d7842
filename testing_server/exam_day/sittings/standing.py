"""What the hub says of an archive after it was sealed: withdrawn or moved. Pure: plain values come in."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

VALID, WITHDRAWN, MOVED = "valid", "withdrawn", "moved"


class MaterialsWithdrawn(Refusal):
    code = "withdrawn"
    status = 409
    message = _("Регион отозвал материалы этой работы.")
    safe = _("Всё, что уже сделано, хранится на этом сервере.")
    remedy = _("Не начинайте эту работу. Новые материалы появятся в списке архивов; день назовёт координатор.")

    def __init__(self, reason: str) -> None:
        super().__init__(_("Регион отозвал материалы этой работы: %(reason)s", reason=reason) if reason else None,
                         details={"reason": reason})


class MaterialsMoved(Refusal):
    code = "moved"
    status = 409
    message = _("Регион перенёс эту работу на другой день.")
    safe = _("Архив цел, скачивать его заново не нужно.")
    remedy = _("Подготовьте сеанс на новый день: со списком кодов и логинами того дня.")

    def __init__(self, day: str, reason: str) -> None:
        super().__init__(details={"day": day, "reason": reason})


class CountedNeedsCipher(Refusal):
    code = "counted_needs_cipher"
    status = 409
    message = _("Этот архив без шифра: он только для тренировки, в засчитываемой кампании его не открывают.")
    remedy = _("Выберите архив этой кампании или тренировочный список кодов.")


class OlderStatement(Refusal):
    code = "older_version"
    status = 409
    message = _("Это описание архива старше того, что уже загружено.")
    remedy = _("Возьмите у координатора последнее описание.")


def judge_standing(standing: str, moved_from: str, day: str) -> str:
    """How an archive stands for a sitting of that day: valid, withdrawn or moved (away from that day)."""
    if standing == WITHDRAWN:
        return WITHDRAWN
    return MOVED if moved_from and moved_from == day else VALID


def check_standing(standing: str, reason: str) -> None:
    """Whether an archive may be opened. Raises MaterialsWithdrawn."""
    if standing == WITHDRAWN:
        raise MaterialsWithdrawn(reason)


def check_for_sitting(archive: Any, day: str, campaign: Mapping[str, Any]) -> None:
    """Whether a sitting of that day and campaign may use an archive (its record).

    Raises MaterialsWithdrawn, MaterialsMoved, CountedNeedsCipher.
    """
    check_standing(archive.standing, archive.reason)
    if judge_standing(archive.standing, archive.moved_from, day) == MOVED:
        raise MaterialsMoved(archive.day, archive.reason)
    if archive.lock == "none" and campaign.get("counted", True):
        raise CountedNeedsCipher()


def check_not_older(version: int, known: int) -> None:
    """Raises OlderStatement."""
    if version < known:
        raise OlderStatement(details={"known": known, "offered": version})
