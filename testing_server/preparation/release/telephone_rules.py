"""Who may read which half of a cipher to a school by telephone. Pure: takes logins; raises refusals."""
from __future__ import annotations

from flask_babel import lazy_gettext as _

from testing_server.contracts.check_digits import CIPHER_GROUPS, cipher_groups
from testing_server.foundation.refusals import Refusal

HALF = CIPHER_GROUPS // 2
LONGEST_REASON = 500


class SamePerson(Refusal):
    code = "same_person"
    status = 409
    message = _("Подтвердить должен другой координатор: один человек весь шифр не читает.")
    remedy = _("Позвоните второму координатору, он войдёт под своей записью и подтвердит.")


class OneHand(Refusal):
    code = "one_hand"
    status = 409
    message = _("Эти две записи может держать один человек: пароль одной за последние 30 дней выдал другой, или обоим "
                "его выдал один и тот же координатор, или одну завёл другой.")
    safe = _("Шифр никому не показан.")
    remedy = _("Пусть подтвердит координатор, которому пароль выдавал кто-то другой: второй координатор региона или "
               "федеральный. Остались и двое хранителей с комплектом региона.")


class NotOneOfTwo(Refusal):
    code = "not_one_of_two"
    status = 403
    message = _("Группы этого шифра читают двое других координаторов.")
    remedy = _("Если прочитать должны вы, попросите о шифре этой школы заново.")


class NotApprovedYet(Refusal):
    code = "not_approved_yet"
    status = 409
    message = _("Второй координатор ещё не подтвердил.")
    remedy = _("Позвоните ему: он откроет страницу «Шифр по телефону» под своей записью.")


class WhyTelephone(Refusal):
    code = "why_telephone"
    status = 422
    message = _("Напишите, почему школа не берёт шифр сама.")
    remedy = _("Одного предложения хватит: оно останется в журнале школы.")


class BadFile(Refusal):
    code = "bad_file"
    status = 422
    message = _("Этот файл не подходит.")
    remedy = _("Загрузите файл, который записала команда хранителя, и не изменяйте его.")


def read_why(text: str) -> str:
    """One line. Raises WhyTelephone."""
    reason = " ".join(text.split())[:LONGEST_REASON]
    if not reason:
        raise WhyTelephone()
    return reason


def check_second(asked_by: str, by: str, may_be_one_hand: bool) -> None:
    """Raises SamePerson, OneHand. `may_be_one_hand`: what foundation/accounts/hands.py says of the two."""
    if asked_by == by:
        raise SamePerson()
    if may_be_one_hand:
        raise OneHand()


def choose_groups(cipher: str, asked_by: str, approved_by: str | None, by: str) -> tuple[int, list[str]]:
    """(number of the first group, three groups) that this person reads. Raises NotApprovedYet, NotOneOfTwo."""
    if approved_by is None:
        raise NotApprovedYet()
    if by not in (asked_by, approved_by):
        raise NotOneOfTwo()
    groups = cipher_groups(cipher)
    return (1, groups[:HALF]) if by == asked_by else (HALF + 1, groups[HALF:])
