"""Values as a candidate reads them: takes a value and the attributes of a printed variable, gives text.

Formats are those of C's printf for one number, as QTI 3 "Number Formatting Rules" lists them.
"""
import re
from collections.abc import Mapping
from fractions import Fraction

from task_bank.scoring import Value, write_texts

DIGITS = 15
_FORMAT = re.compile(r"%(?P<flags>[-+ #0]*)(?P<width>\d*)(?P<precision>\.\d+)?(?P<kind>[idoxXeEfgGrRs])")
_EXPONENT = re.compile(r"[eE]([+-])0*(\d+)$")


class BadFormat(ValueError):
    """The format of a printed variable is not one of QTI."""


def print_value(value: Value, how: Mapping[str, str]) -> str:
    """Text of a value. `how` are attributes: format, power-form, base, index, delimiter. Raises BadFormat.

    Without a format a number has as many digits as it needs, 15 at most; several values are joined by the delimiter.
    """
    atoms = value.atoms
    if re.fullmatch("[0-9]{1,6}", how.get("index", "")):
        place = int(how["index"])
        atoms = atoms[place - 1:place]
    return how.get("delimiter", ";").join(_print_atom(Value("single", value.base_type, (atom,)), how) for atom in atoms)


def _print_atom(value: Value, how: Mapping[str, str]) -> str:
    atom = value.atoms[0]
    if isinstance(atom, bool) or not isinstance(atom, (int, Fraction)):
        return write_texts(value)[0]
    if how.get("format"):
        text = format_number(Fraction(atom), how["format"])
    elif value.base_type == "integer":
        return _write_in_base(int(atom), how.get("base", "10"))
    else:
        text = f"{float(atom):.{DIGITS}g}"
    found = _EXPONENT.search(text) if how.get("power-form") == "true" else None
    return text if found is None else f"{text[:found.start()]} × 10^{found[1].replace('+', '')}{found[2]}"


def format_number(number: Fraction, written: str) -> str:
    """A number by a printf format. Raises BadFormat."""
    found = _FORMAT.fullmatch(written.strip())
    if found is None:
        raise BadFormat(f"format {written!r} is not known")
    flags, kind = found["flags"], found["kind"]
    if kind in "idoxX":
        return f"%{flags}{found['width']}{found['precision'] or ''}{kind}" % int(number)
    if kind == "s":
        return f"%{flags}{found['width']}s" % f"{float(number):.{DIGITS}g}"
    if kind in "rR":  # significant figures, with the zeros that g leaves out
        kind, flags = ("g" if kind == "r" else "G"), flags + "#"
    text = f"%{flags}{found['width']}{found['precision'] or ''}{kind}" % float(number)
    return text.removesuffix(".")


def _write_in_base(number: int, written: str) -> str:
    base = int(written) if re.fullmatch("[0-9]{1,2}", written) else 10
    if base == 10 or not 2 <= base <= 36:
        return str(number)
    digits, rest = "", abs(number)
    while rest:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base] + digits
        rest //= base
    return ("-" if number < 0 else "") + (digits or "0")
