"""What a login and a password must be. Takes texts; gives a refusal named for the reason."""
import re

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,78}[a-z0-9]")
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
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
