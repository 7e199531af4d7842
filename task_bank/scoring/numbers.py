"""Exact numbers: texts in, whole numbers or fractions out and back; nothing here is a binary float.

A number is an `int` where it is whole, else a `Fraction`: QTI's floats are decimal texts in XML and in answers, and
0.1 + 0.2 must be 0.3. What no double could hold is no number (None, which becomes NULL).
"""
import re
import sys
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction

Number = int | Fraction

LARGEST_EXPONENT = 320  # of a number that is typed or written; 1e999999999 would fill the memory
LARGEST = int(sys.float_info.max)
SMALLEST = Fraction(1, 10 ** 320)
LONGEST = 10 ** 400
_WORKING, _OUTPUT, _EXACT = Context(prec=60), Context(prec=15), Context(prec=800)
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
# A year and a month have no fixed length; these are the Gregorian means.
_SECONDS = (31_556_952, 2_629_746, 86_400, 3_600, 60, 1)


def read_number(text: str) -> Number | None:
    """A number as people type it ("3,5", "−2", "1 000") or as XML writes it; None when it is none."""
    if text.isascii() and text.isdigit() and len(text) <= LARGEST_EXPONENT:
        return int(text)
    plain = _SPACES.sub("", text).replace(",", ".").replace("\u2212", "-")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if "_" in plain or not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        return None
    return settle(Fraction(number))


def read_duration(text: str) -> Number | None:
    """Seconds: a plain number, or an ISO 8601 duration such as PT1M30S."""
    plain = text.strip()
    found = _DURATION.fullmatch(plain)
    if found is None or plain[-1:] in ("P", "T", ""):
        return read_number(text)
    sign, *parts = found.groups()
    total = sum((Fraction(part or 0) * size for part, size in zip(parts, _SECONDS, strict=True)), Fraction(0))
    return settle(-total if sign else total)


def settle(number: Number) -> Number | None:
    """The plainest form of a number: an int where it is whole, None where no double could hold it."""
    if type(number) is int:
        return number if -LARGEST <= number <= LARGEST else None
    if number.denominator == 1:
        return settle(number.numerator)
    if number.denominator > LONGEST:
        return _shorten(number)
    return number if -LARGEST <= number <= LARGEST else None


def _shorten(number: Number) -> Number | None:
    """Sixty digits of a fraction that grew too long to work with."""
    if -SMALLEST < number < SMALLEST:
        return 0
    return settle(Fraction(_WORKING.divide(Decimal(number.numerator), Decimal(number.denominator))))


def of_float(compute: Callable[[], float]) -> Number | None:
    """The number a float function gives, by its shortest decimal; None outside the function's domain."""
    try:
        result = compute()
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    finite = result == result and abs(result) != float("inf")
    return settle(Fraction(Decimal(repr(result)))) if finite else None


def write_number(number: Number) -> int | Decimal:
    """A number for JSON: exact where its decimals end, else 15 digits."""
    if type(number) is int:
        return number
    context = _EXACT if _ends(number.denominator) else _OUTPUT
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))


def write_plain(number: Number) -> str:
    """A number as QTI writes it, without an exponent."""
    return format(Decimal(write_number(number)), "f")


def _ends(denominator: int) -> bool:
    for factor in (2, 5):
        while denominator % factor == 0:
            denominator //= factor
    return denominator == 1
