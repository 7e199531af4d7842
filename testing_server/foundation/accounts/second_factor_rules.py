"""Codes of the second factor: six digits of RFC 6238, and recovery codes on paper.

Pure: secrets, instants and what was taken before are arguments. Gives the step a code belongs to, or a refusal.
"""
import hashlib
import hmac
import re

import pyotp
from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import NotAllowed, Refusal

STEP_MS = 30_000
# a telephone's clock may be half a minute off; more would only help whoever guesses
DRIFT_STEPS = 1
RECOVERY_CODES = 10
SIX_DIGITS = re.compile(r"[0-9]{6}")


class SecondFactorNeeded(NotAllowed):
    """A coordinator has not tied a telephone to the account yet: nothing else is open before."""

    code = "second_factor_needed"


class WrongCode(Refusal):
    code = "wrong_code"
    status = 401
    message = _("Код не подходит.")
    safe = _("Учётная запись цела.")
    remedy = _("Введите шесть цифр, которые приложение показывает сейчас, и проверьте, что часы телефона идут верно.")


class CodeTaken(WrongCode):
    code = "code_taken"
    message = _("Этот код уже использован.")
    remedy = _("Подождите, пока приложение покажет следующий, не дольше тридцати секунд.")


class SignInTooOld(WrongCode):
    code = "sign_in_too_old"
    message = _("Прошло больше пяти минут, вход надо начать заново.")
    remedy = _("Введите логин и пароль ещё раз.")


def read_code(text: str) -> str:
    """As it is compared: no spaces and dashes, lower case."""
    return re.sub(r"[\s-]", "", text).lower()[:40]


def is_app_code(code: str) -> bool:
    """Six digits are of the application; everything else can only be a recovery code."""
    return SIX_DIGITS.fullmatch(code) is not None


def take_step(secret: str, code: str, at_ms: int, last_step: int) -> int:
    """The step whose code this is, to be remembered as taken. Raises WrongCode, CodeTaken.

    `secret`: base32; `last_step`: the newest one taken before. A code is good once: neither it nor an older one is
    taken again, though its half minute still runs.
    """
    now, generator = at_ms // STEP_MS, pyotp.TOTP(secret)
    fitting = [step for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
               if hmac.compare_digest(generator.generate_otp(step), code)]
    if not fitting:
        raise WrongCode()
    fresh = [step for step in fitting if step > last_step]
    if not fresh:
        raise CodeTaken()
    return fresh[0]


def compute_code(secret: str, at_ms: int) -> str:
    """What the application shows at an instant."""
    return pyotp.TOTP(secret).generate_otp(at_ms // STEP_MS)


def describe_secret(secret: str, login: str, place: str) -> str:
    """The otpauth address that applications read from a square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=place)


def spell_secret(secret: str) -> str:
    """The secret in groups of four, for typing it where no camera is."""
    return " ".join(secret[start:start + 4] for start in range(0, len(secret), 4))


def digest_recovery_code(key: bytes, account: str, code: str) -> str:
    """Sixty random bits under a key outside the database need no slow hash."""
    return hmac.new(key, f"recovery/1/{account}/{code}".encode(), hashlib.sha256).hexdigest()
