"""Refusals: exceptions named for the reason.

Takes nothing, knows neither Flask nor the database, so pure rules may raise them. Gives `Refusal`, which the
web layer turns into JSON under /v1 and into a page elsewhere.
"""
from typing import Any

from flask_babel import lazy_gettext as _


class Refusal(Exception):
    """What was asked for is not done, for a reason a person can act on.

    A subclass names the reason and sets, as class attributes:
    `code`: the word sent to programs; `status`: the HTTP status; `message`: what happened;
    `safe`: what is not lost; `remedy`: what to do now (lazy Russian texts).
    `details` is JSON for programs and must hold no secret; `retry_after_s` is in seconds.
    """

    code: str = "refused"
    status: int = 400
    message: Any = _("Запрос не выполнен.")
    safe: Any = _("Ничего не изменено.")
    remedy: Any = _("Вернитесь на предыдущую страницу и проверьте введённое.")
    retry_after_s: int | None = None

    def __init__(self, message: Any = None, *, details: dict[str, Any] | None = None,
                 retry_after_s: int | None = None) -> None:
        super().__init__(self.code)
        self.details: dict[str, Any] = dict(details or {})
        if message is not None:
            self.message = message
        if retry_after_s is not None:
            self.retry_after_s = retry_after_s

    def as_json(self) -> dict[str, Any]:
        """{code, message, retry_after_s?, details?} as in the protocol, section 8."""
        answer: dict[str, Any] = {"code": self.code, "message": str(self.message)}
        if self.retry_after_s is not None:
            answer["retry_after_s"] = self.retry_after_s
        if self.details:
            answer["details"] = self.details
        return answer


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401
    message = _("Вход не выполнен или срок входа истёк.")
    remedy = _("Войдите и повторите действие.")


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403
    message = _("Эта страница вашей роли не открыта.")
    remedy = _("Если доступ нужен для работы, обратитесь к тому, кто создал вашу учётную запись.")


class NotFound(Refusal):
    code = "not_found"
    status = 404
    message = _("Такой страницы или записи нет.")
    remedy = _("Вернитесь на главную страницу и откройте нужное оттуда.")


class TooMuch(Refusal):
    code = "too_large"
    status = 413
    message = _("Присланное больше допустимого.")
    remedy = _("Уменьшите файл или отправьте его по частям.")


class TooOften(Refusal):
    code = "too_often"
    status = 429
    message = _("Слишком много попыток подряд.")
    remedy = _("Подождите минуту и попробуйте снова.")
    retry_after_s = 60


class StalePage(Refusal):
    code = "stale_page"
    status = 400
    message = _("Страница была открыта слишком давно, её защитная метка устарела.")
    remedy = _("Вернитесь назад, обновите страницу и отправьте форму ещё раз.")


class InternalFailure(Refusal):
    code = "internal_failure"
    status = 500
    message = _("На сервере произошла ошибка, она записана в журнал сервера.")
    safe = _("Сохранённые ответы и записи целы.")
    remedy = _("Повторите действие через минуту. Если ошибка остаётся, позовите технического специалиста.")


class BadReport(Refusal):
    """Our own worker and our own core do not understand each other: a fault of the program, but nothing is lost."""

    code = "bad_report"
    message = _("Внутренний отчёт не той формы; он записан в журнал сервера.")


class WrongState(Refusal):
    """The table of states has no such move: somebody else was quicker, or the page is old."""

    code = "wrong_state"
    status = 409
    message = _("Сейчас это действие невозможно: состояние уже другое.")
    remedy = _("Обновите страницу и посмотрите, что уже сделано.")


class NumberTooLarge(Refusal):
    """No database keeps such a number; the protocol's stay under 2^53."""

    code = "number_too_large"
    status = 422
    message = _("Слишком большое число.")
