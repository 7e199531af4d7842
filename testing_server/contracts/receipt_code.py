"""The candidate's receipt: a short code that proves at appeal which answers and sound were recorded.

Twenty Crockford characters (100 bits) over the heads of the event log and the digests of the sound; as people copy it,
two check characters follow: a Reed-Solomon code over GF(32), so that any two wrong characters are noticed and the
group with one wrong character is named.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from testing_server.contracts.refusals import NumberWrong

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
GROUP = 5
_FROM_BASE32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", CROCKFORD)
# read from paper, or typed with the Russian keyboard on: letters that look the same mean the same
_LOOK_ALIKE = str.maketrans("OILОАВЕКМНРСТУХ", "0110ABEKMHPCTYX")
# x^5 + x^2 + 1, with 2 as the element that makes all others; (x - 2)(x - 4) divides every whole code
_FIELD, _MIDDLE, _LAST = 0b100101, 2 ^ 4, 8


def make_receipt_code(heads: Mapping[int, tuple[int, str]], recordings: Iterable[str]) -> str:
    """20 characters over heads {lease: (number, digest)} and recordings' SHA-256s; one that has none is left out."""
    digest = hashlib.sha256()
    for lease in sorted(heads):
        number, head = heads[lease]
        digest.update(f"{lease}:{number}:{head}\n".encode())
    for recording in sorted(filter(None, recordings)):
        digest.update(f"{recording}\n".encode())
    return base64.b32encode(digest.digest()).decode().translate(_FROM_BASE32)[:CODE_LENGTH]


def show_receipt_code(code: str) -> str:
    """The code as it is shown and printed: groups of five, then its two check characters."""
    signs = code + "".join(CROCKFORD[value] for value in _find_checks([CROCKFORD.index(sign) for sign in code]))
    return "-".join(signs[start:start + GROUP] for start in range(0, len(signs), GROUP))


def read_receipt_code(typed: str) -> str:
    """The 20 characters of a typed code. Raises NumberWrong, naming the group to look at (1..5) where it is known."""
    signs = re.sub(r"[\s\-–—]", "", typed).upper().translate(_LOOK_ALIKE)
    if len(signs) != CODE_LENGTH + 2 or set(signs) - set(CROCKFORD):
        raise NumberWrong("a receipt has 22 letters and digits")
    values = [CROCKFORD.index(sign) for sign in signs]
    if any(found := (_evaluate(values, 2), _evaluate(values, 4))):
        raise NumberWrong("a character of the receipt is wrong", group=_find_group(*found))
    return signs[:CODE_LENGTH]


def _find_checks(values: Sequence[int]) -> tuple[int, int]:
    """The remainder that makes the whole divisible."""
    first = second = 0
    for value in values:
        over = value ^ first
        first, second = second ^ _multiply(over, _MIDDLE), _multiply(over, _LAST)
    return first, second


def _evaluate(values: Sequence[int], at: int) -> int:
    total = 0
    for value in values:
        total = _multiply(total, at) ^ value
    return total


def _find_group(first: int, second: int) -> int | None:
    """Where one wrong character stands: error·2^n and error·4^n differ by the factor 2^n, n from the end."""
    power = 1
    for from_end in range(CODE_LENGTH + 2):
        if first and second and _multiply(first, power) == second:
            return (CODE_LENGTH + 1 - from_end) // GROUP + 1
        power = _multiply(power, 2)
    return None


def _multiply(one: int, other: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one, other = one << 1, other >> 1
        if one & 32:
            one ^= _FIELD
    return product
