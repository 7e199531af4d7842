"""What an amendment may do. Pure: takes what is known of archives; raises the refusal that says what to do instead."""
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.preparation.release.rules import check_standing

LONGEST_REASON = 500


class Sealed(Protocol):
    """What the rules see of an archive."""

    @property
    def campaign(self) -> str: ...
    @property
    def assessment(self) -> str: ...
    @property
    def day(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def lock(self) -> str: ...
    @property
    def opens_at_ms(self) -> int: ...
    @property
    def released_at_ms(self) -> int | None: ...


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 422
    message = _("Нужна причина: школа увидит её вместе с изменением.")
    remedy = _("Напишите одним предложением, что случилось.")


class NotConfirmed(Refusal):
    code = "not_confirmed"
    status = 422
    message = _("Изменение не подтверждено.")
    remedy = _("Прочитайте, что произойдёт, и поставьте отметку под формой.")


class CipherAlreadyGiven(Refusal):
    code = "cipher_already_given"
    status = 409
    message = _("Шифр уже выдан школе: материалы могли прочитать, перенести их нельзя.")
    remedy = _("Отзовите архив и соберите новые варианты на новый день.")


class NothingToLock(Refusal):
    code = "nothing_to_lock"
    status = 409
    message = _("Этот архив без шифра, менять нечего.")


class DayUnchanged(Refusal):
    code = "day_unchanged"
    status = 422
    message = _("Работа уже назначена на этот день.")
    remedy = _("Выберите другой день.")


class DayIsOver(Refusal):
    code = "day_is_over"
    status = 422
    message = _("Этот день уже прошёл.")
    remedy = _("Выберите день, который ещё впереди.")


class DayHasThisWork(Refusal):
    code = "day_has_this_work"
    status = 409
    message = _("На этот день для школы уже собраны материалы этой же работы.")
    remedy = _("Отзовите лишний архив или выберите другой день.")


class EscrowAway(Refusal):
    code = "escrow_away"
    status = 409
    message = _("Для нового шифра нужен ключ новых шифров, а его на этом сервере нет.")
    safe = _("Архив и прежний шифр не изменены.")
    remedy = _("Те, у кого он хранится, кладут файл hub-escrow.key в папку ключей сервера на время замены, затем "
               "убирают его.")


class NoEscrowCopy(Refusal):
    code = "no_escrow_copy"
    status = 409
    message = _("У этого архива нет копии для ключа новых шифров: он собран до того, как их стали делать.")
    safe = _("Архив и прежний шифр не изменены.")
    remedy = _("Отзовите архив и соберите его заново.")


class ChangedMeanwhile(Refusal):
    code = "changed_meanwhile"
    status = 409
    message = _("Пока вы заполняли форму, архив изменил кто-то другой.")
    remedy = _("Посмотрите, что изменилось, и повторите, если это ещё нужно.")


def read_reason(text: str) -> str:
    """One line. Raises ReasonMissing."""
    reason = " ".join(text.split())[:LONGEST_REASON]
    if not reason:
        raise ReasonMissing()
    return reason


def check_new_cipher(archive: Sealed) -> None:
    """Raises Withdrawn, NothingToLock."""
    check_standing(archive.state, archive.reason)
    if archive.lock == "none":
        raise NothingToLock()


def check_move(pair: Iterable[Sealed], day: date, today: date, planned: Iterable[Sealed]) -> None:
    """Whether materials and criteria may go to `day`; `planned`: archives the school has that day.

    Raises Withdrawn, DayUnchanged, DayIsOver, CipherAlreadyGiven, DayHasThisWork.
    """
    works = {(one.campaign, one.assessment) for one in planned}
    for archive in pair:
        check_standing(archive.state, archive.reason)
        if archive.day == day.isoformat():
            raise DayUnchanged()
        if day < today:
            raise DayIsOver()
        if archive.released_at_ms is not None:
            raise CipherAlreadyGiven()
        if (archive.campaign, archive.assessment) in works:
            raise DayHasThisWork()


def needs_new_cipher(archive: Sealed, opens_at_ms: int) -> bool:
    """A slot is moved only later: for an earlier hour another cipher is made, which the old slot never held."""
    return archive.lock != "none" and opens_at_ms < archive.opens_at_ms
