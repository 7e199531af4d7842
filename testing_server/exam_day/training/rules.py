"""What a training run of this server is. Pure: times and chance come in as arguments."""
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.contracts.check_digits import make_login
from testing_server.foundation.refusals import Refusal

CAMPAIGN = "training-here"
TITLE = "Тренировка"
FIRST_CODE, LAST_CODE = 99_001, 99_999
MOST_CANDIDATES = 200
VARIANTS = 6
HOURS_MS = 12 * 3_600_000
MAX_PACE = 60


class TrainingNotSent(Refusal):
    code = "training_not_sent"
    status = 409
    message = _("Это тренировка: её работы не собирают в пакет и не отправляют.")
    safe = _("Всё, что ответили на тренировке, остаётся на этом сервере.")
    remedy = _("Отправлять ничего не нужно. Для проверки пути до региона есть тренировка региона.")


class RealMaterials(Refusal):
    code = "real_materials"
    status = 409
    message = _("Тренировка этого сервера идёт только на демонстрационных материалах.")
    remedy = _("Выберите демонстрационную работу или список кодов этой кампании.")


class BadCount(Refusal):
    code = "bad_count"
    status = 422
    message = _("Участников тренировки бывает от 1 до 200.")
    remedy = _("Введите другое число.")


def is_training_here(campaign: str) -> bool:
    """Whether a sitting of this campaign is a training run that this server made up itself."""
    return campaign == CAMPAIGN


def check_sendable(campaign: str) -> None:
    """Raises TrainingNotSent."""
    if is_training_here(campaign):
        raise TrainingNotSent()


def check_materials(campaign: str, lock: str) -> None:
    """`lock`: of the archive, cipher or none. Raises RealMaterials."""
    if is_training_here(campaign) and lock != "none":
        raise RealMaterials()


def check_count(count: int) -> None:
    """Raises BadCount."""
    if not 1 <= count <= MOST_CANDIDATES:
        raise BadCount()


def make_roster(known: Mapping[str, Any] | None, count: int, day: str, now_ms: int, school: Mapping[str, str],
                taken: Collection[str], below: Callable[[int], int]) -> dict[str, Any]:
    """A roster payload with at least `count` entries; those of `known` stay. `taken`: codes and logins of others;
    `below(n)`: chance; `school`: {"id", "name", "zone"}."""
    entries = list(known["entries"]) if known else []
    used = set(taken) | {value for entry in entries for value in entry.values()}
    codes = (str(code) for code in range(FIRST_CODE, LAST_CODE + 1) if str(code) not in used)
    while len(entries) < count:
        login = make_login(below)
        if login not in used:
            used.add(login)
            entries.append({"login": login, "code": next(codes)})
    return {"format": "roster/1", "version": int(known["version"]) + 1 if known else 1,
            "campaign": {"id": CAMPAIGN, "title": TITLE, "counted": False, "max_pace": MAX_PACE},
            "school": school["id"], "school_name": school["name"], "region": "", "zone": school["zone"], "day": day,
            "window": {"opens_at_ms": now_ms, "closes_at_ms": now_ms + HOURS_MS},
            "entries": entries, "reserve": [], "works": []}
