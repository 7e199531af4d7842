"""Digits that people type: candidate logins and ciphers, each with a check digit that catches a slip.

Damm's quasigroup (H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004) catches every single wrong
digit and every swap of neighbours. Chance comes in as `random_below(n) -> 0..n-1`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from testing_server.contracts.refusals import NumberWrong

_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)
CIPHER_GROUPS = 6
GROUP_DIGITS = 5
LOGIN_DIGITS = 8

RandomBelow = Callable[[int], int]


def damm_digit(digits: str) -> str:
    """The digit that, appended, makes the whole number check."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def is_checked(digits: str) -> bool:
    """Whether a string of digits ends in its right check digit."""
    return digits.isascii() and digits.isdigit() and damm_digit(digits) == "0"


def _checked(digits: str) -> str:
    return digits + damm_digit(digits)


def _random_digits(random_below: RandomBelow, count: int) -> str:
    return "".join(str(random_below(10)) for _ in range(count))


def make_login(random_below: RandomBelow) -> str:
    """A candidate login: seven random digits and a check digit."""
    return _checked(_random_digits(random_below, LOGIN_DIGITS - 1))


def show_login(login: str) -> str:
    """The login as it is printed and shown: 4 + 4."""
    return f"{login[:4]} {login[4:]}"


def read_login(typed: str) -> str:
    """The eight digits of a typed login; raises NumberWrong with what to look at."""
    digits = re.sub(r"[\s\-–]", "", typed)
    if not re.fullmatch(r"[0-9]{8}", digits):
        raise NumberWrong("a login has eight digits")
    if not is_checked(digits):
        raise NumberWrong("the last digit does not fit: look at the slip again")
    return digits


def make_cipher(random_below: RandomBelow) -> str:
    """A cipher: six groups of four random digits and one check digit, 30 digits without spaces."""
    return "".join(_checked(_random_digits(random_below, GROUP_DIGITS - 1)) for _ in range(CIPHER_GROUPS))


def cipher_groups(cipher: str) -> list[str]:
    """The cipher's groups of five, as they are shown and read out."""
    return [cipher[start:start + GROUP_DIGITS] for start in range(0, len(cipher), GROUP_DIGITS)]


def read_cipher(typed: str) -> str:
    """The 30 digits of a typed cipher; raises NumberWrong naming the wrong group (1..6)."""
    digits = re.sub(r"[\s\-–]", "", typed)
    if not re.fullmatch(r"[0-9]{30}", digits):
        raise NumberWrong("a cipher has six groups of five digits")
    for number, group in enumerate(cipher_groups(digits), start=1):
        if not is_checked(group):
            raise NumberWrong(f"group {number} has a wrong digit", group=number)
    return digits
