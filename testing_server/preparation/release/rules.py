"""When something may be given. Pure: takes instants; raises the refusal that names the hour."""
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal


class NotYet(Refusal):
    code = "not_yet"
    status = 403
    message = _("Час открытия ещё не наступил.")
    safe = _("Архив цел и ждёт своего часа.")
    remedy = _("Шифр появится здесь сам; время указано на странице материалов.")

    def __init__(self, opens_at_ms: int) -> None:
        super().__init__(details={"opens_at_ms": opens_at_ms})
        self.opens_at_ms = opens_at_ms


class ArchiveUnknown(Refusal):
    code = "archive_unknown"
    status = 404
    message = _("Такого архива у вашей школы нет.")


class Withdrawn(Refusal):
    code = "withdrawn"
    status = 410
    message = _("Эти материалы отозваны.")
    safe = _("Ответы, которые уже даны, целы.")
    remedy = _("Не начинайте эту работу и дождитесь новых материалов или звонка координатора.")

    def __init__(self, reason: str) -> None:
        super().__init__(_("Эти материалы отозваны: %(reason)s", reason=reason) if reason else None,
                         details={"reason": reason})


class ArchiveForgotten(Refusal):
    code = "archive_forgotten"
    status = 410
    message = _("Файлы этого архива удалены: срок хранения прошёл.")
    safe = _("Результаты хранятся по своему сроку.")
    remedy = _("Если архив был скачан, он остался на сервере школы. Отсюда его больше не получить.")


class NoCipherNeeded(Refusal):
    code = "no_cipher_needed"
    status = 404
    message = _("Этот архив открывается без шифра.")


class SlotMissing(Refusal):
    code = "slot_missing"
    status = 500
    message = _("Ключ открытия этого архива не найден на сервере региона.")
    safe = _("Архив цел.")
    remedy = _("Позвоните координатору: ключ открытия восстанавливают из его резервной копии.")


class HoldersAway(Refusal):
    code = "holders_away"
    status = 503
    message = _("Час наступил, но хранители ключа пока не ответили.")
    safe = _("Архив цел, шифр не потерян.")
    remedy = _("Сервер спрашивает хранителей снова каждые несколько секунд. Если через пять минут шифра нет, "
               "позвоните координатору: два хранителя откроют его без этого сервера.")
    retry_after_s = 10

    def __init__(self, why: dict[str, str]) -> None:
        super().__init__(details={"holders": why})


class TooManyHalves(Refusal):
    code = "too_many_halves"
    status = 409
    message = _("От этого хранителя принесли уже слишком много половин, и ни одна не подошла.")
    safe = _("Принесённые раньше половины целы.")
    remedy = _("Принесите сначала половины другого хранителя: как только две подойдут друг к другу, час откроется. Кто "
               "приносил негодные, записано в журнале.")


def check_opened(now_ms: int, *opens_at_ms: int) -> None:
    """Raises NotYet until the latest of the instants has come."""
    latest = max(opens_at_ms)
    if now_ms < latest:
        raise NotYet(latest)


def check_standing(state: str, reason: str) -> None:
    """Raises Withdrawn."""
    if state == "withdrawn":
        raise Withdrawn(reason)


def check_kept(forgotten_at_ms: int | None) -> None:
    """Raises ArchiveForgotten."""
    if forgotten_at_ms is not None:
        raise ArchiveForgotten()
