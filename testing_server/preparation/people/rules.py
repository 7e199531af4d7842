"""Logins and one-time passwords of a level, subjects and statuses of experts. Pure: texts and secrets are arguments."""
from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.access import TERRITORY_SEPARATOR, Level, judge_level
from testing_server.foundation.accounts.rules import spell_password
from testing_server.foundation.refusals import Refusal
from testing_server.preparation.registry.rules import is_above

DAY_MS = 24 * 3600 * 1000
BATCH_LIFE_MS = 14 * DAY_MS
# as many are hashed while somebody waits; more go to the worker
AT_ONCE = 5
LETTERS = dict(zip("абвгдезийклмнопрстуфхцыэ", "abvgdezijklmnoprstufhcye", strict=True)) | {
    "ё": "e", "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
LEVEL_NAMES = {Level.FEDERAL: _("федеральный координатор"), Level.REGIONAL: _("региональный координатор"),
               Level.MUNICIPAL: _("муниципальный координатор"), Level.SCHOOL: _("организатор школы")}
SUBJECTS = {
    "english": "Английский язык", "german": "Немецкий язык", "french": "Французский язык", "history": "История",
    "biology": "Биология", "geography": "География", "social_studies": "Обществознание", "russian": "Русский язык",
    "mathematics": "Математика", "physics": "Физика", "chemistry": "Химия", "informatics": "Информатика",
    "metapredmet": "Метапредмет",
}
STATUSES = {"ordinary": "основной", "senior": "старший", "leading": "ведущий"}


class NotBelow(Refusal):
    code = "not_below"
    status = 403
    message = _("Это не ниже вашего уровня или не на вашей территории.")
    remedy = _("Координатора вашего уровня заводит координатор выше.")


class NothingToIssue(Refusal):
    code = "nothing_to_issue"
    status = 409
    message = _("Выдавать некому: у всех уже есть записи, и их пароли использованы.")
    remedy = _("Кто забыл пароль, тому выдайте новый на его странице.")


class BatchMissing(Refusal):
    code = "batch_missing"
    status = 404
    message = _("Такого файла учётных данных нет или он не для вашей территории.")


class BatchGone(Refusal):
    code = "batch_gone"
    status = 410
    message = _("Этого файла больше нет: его уничтожили, или прошло четырнадцать дней.")
    safe = _("Учётные записи целы, кто уже сменил пароль, входит как входил.")
    remedy = _("Выдайте новый файл тем, кто ещё не входил.")


class StillIssuing(Refusal):
    code = "still_issuing"
    status = 409
    message = _("Файл ещё готовится.")
    remedy = _("Дождитесь конца: страница обновится сама.")


@dataclass(frozen=True)
class Entry:
    """Whom a password is made for. `territory`: of a coordinator, or where the school lies; `title`: for people;
    `reopens`: somebody names this person, so that a closed account of theirs is opened again."""

    login: str
    level: Level
    territory: str
    title: str
    school: str | None = None
    reopens: bool = False


def spell_latin(text: str) -> str:
    """A name in letters that a login may have."""
    plain = "".join(LETTERS.get(letter, letter) for letter in text.lower())
    return "-".join(part for part in "".join(
        letter if letter.isascii() and letter.isalnum() else " " for letter in plain).split())


def propose_login(territory: str) -> str:
    """The same for the same territory, different for those of one name: "mun.kovrov-3f2a"."""
    name = territory.rpartition(TERRITORY_SEPARATOR)[2]
    start = "mun" if judge_level(territory) is Level.MUNICIPAL else "reg"
    return f"{start}.{spell_latin(name)[:40].strip('-')}-{hashlib.sha256(territory.encode()).hexdigest()[:4]}"


def derive_password(secret: bytes, credential: str) -> str:
    """The one-time password of one line of a file: whoever lost the file's secret cannot make it again."""
    return spell_password(hmac.new(secret, credential.encode(), hashlib.sha256).digest()[:12])


def check_below(mine: str | None, territory: str) -> None:
    """Raises NotBelow unless a coordinator of `mine` stands above one of `territory`."""
    if not is_above(mine, territory) or territory.count(TERRITORY_SEPARATOR) > 1:
        raise NotBelow()


def name_subject(subject: str) -> Any:
    """For people; a subject of a work that is not in the list by its own word."""
    return SUBJECTS.get(subject, subject)
