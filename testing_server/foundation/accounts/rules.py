"""What a login and a password must be, and when a sign-in ends. Takes texts and times; gives refusals and standings."""
import re
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,78}[a-z0-9]")
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
MINUTE_MS = 60_000
# a working day; after it everybody signs in anew, whatever they did meanwhile
LONGEST_SIGN_IN_MS = 12 * 60 * MINUTE_MS
# no letter or digit that is mistaken for another when read from paper
EASY_TO_READ = "23456789abcdefghjkmnpqrstuvwxyz"


class BadLogin(Refusal):
    code = "bad_login"
    status = 422
    message = _("Логин не подходит: нужны от трёх до восьмидесяти латинских букв, цифр, точек и дефисов.")


class LoginTaken(Refusal):
    code = "login_taken"
    status = 409
    message = _("Такой логин уже есть.")
    remedy = _("Придумайте другой логин.")


class UnknownRole(Refusal):
    code = "unknown_role"
    status = 422
    message = _("Такой роли нет.")


class WeakPassword(Refusal):
    code = "weak_password"
    status = 422
    message = _("Пароль короче десяти знаков или совпадает с логином или прежним паролем.")
    safe = _("Прежний пароль действует.")
    remedy = _("Придумайте пароль из нескольких слов.")


class ConsoleLocked(Refusal):
    code = "console_locked"
    status = 423
    message = _("Пульт заперт: ничего не нажать, пока его не отопрут паролем.")
    remedy = _("Отоприте пульт своим паролем и повторите действие.")


class WrongPassword(Refusal):
    code = "wrong_password"
    status = 401
    message = _("Логин или пароль не подходят.")
    safe = _("Учётная запись цела.")
    remedy = _("Проверьте раскладку и клавишу Caps Lock и введите ещё раз.")


def read_login(text: str) -> str:
    """The login as it is kept: lower case, no spaces around. Raises BadLogin."""
    login = text.strip().lower()
    if not LOGIN.fullmatch(login):
        raise BadLogin()
    return login


def check_new_password(login: str, old: str, new: str) -> None:
    """Raises WeakPassword. Length is asked for, kinds of characters are not."""
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD or new == old or new.lower() == login:
        raise WeakPassword()


def spell_password(picks: bytes) -> str:
    """A one-time password to be read from paper: groups of four; 12 random bytes give about 59 bits."""
    signs = "".join(EASY_TO_READ[pick % len(EASY_TO_READ)] for pick in picks)
    return "-".join(signs[start:start + 4] for start in range(0, len(signs), 4))


class Standing(StrEnum):
    """How a sign-in stands: `open` acts, `locked` looks on until the password, `over` is nobody."""

    OPEN = "open"
    LOCKED = "locked"
    OVER = "over"


@dataclass(frozen=True)
class IdleRule:
    """After `minutes` without an act (0 = never) a console is locked where `locks`, else the sign-in is over."""

    minutes: int
    locks: bool


def judge_sign_in(began_at_ms: int, acted_at_ms: int, is_locked: bool, rule: IdleRule, now_ms: int) -> Standing:
    """How a sign-in stands now. A clock that was set back makes nobody idle."""
    if now_ms - began_at_ms >= LONGEST_SIGN_IN_MS:
        return Standing.OVER
    is_idle = 0 < rule.minutes * MINUTE_MS <= now_ms - acted_at_ms
    if is_idle and not rule.locks:
        return Standing.OVER
    return Standing.LOCKED if is_locked or is_idle else Standing.OPEN
