"""Regular expressions of XML Schema: takes a pattern, gives a test of whole texts that cannot run for ever.

XML Schema Part 2, appendix F: a pattern describes the whole text; classes may be subtracted, `\\i` and `\\c` are name
characters, `\\w` leaves out punctuation. Authors also write the anchors of other dialects (`^…$`); they are anchors at
the edge of a branch and plain characters elsewhere, as the standard has them.
"""
import functools
from collections.abc import Callable, Iterator

import regex

LONGEST_SECONDS = 0.5
_CLASSES = {
    "i": r"\p{L}_:", "c": r"\p{L}\p{M}\p{N}_:.\-·", "d": r"\p{Nd}", "s": r" \t\n\r",
}
_NOT_WORD = r"\p{P}\p{Z}\p{C}"


class BadPattern(ValueError):
    """A pattern that is no regular expression, or one that takes too long."""


@functools.lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A test whether a whole text fits. Raises BadPattern, now or (too slow) when the test is called."""
    try:
        compiled = regex.compile("".join(_translate(pattern)), regex.V1)
    except (regex.error, OverflowError) as error:
        raise BadPattern(f"pattern {pattern!r} is not a regular expression: {error}") from error

    def fits(text: str) -> bool:
        try:
            return compiled.fullmatch(text, timeout=LONGEST_SECONDS) is not None
        except TimeoutError as error:
            raise BadPattern(f"pattern {pattern!r} takes too long") from error

    return fits


def _translate(pattern: str) -> Iterator[str]:
    at, starts_branch = 0, True
    while at < len(pattern):
        mark = pattern[at]
        if mark == "\\":
            yield _translate_escape(pattern[at:at + 2], inside=False)
            at += 2
            at, prop = _take_property(pattern, at)
            yield prop
        elif mark == "[":
            written, at = _translate_class(pattern, at)
            yield written
        else:
            yield _translate_mark(mark, starts_branch, pattern[at + 1:at + 2])
            at += 1
        starts_branch = mark in "(|" or (starts_branch and mark == "^")


def _translate_mark(mark: str, starts_branch: bool, following: str) -> str:
    if mark == "^":
        return "^" if starts_branch else r"\^"
    if mark == "$":
        return r"\Z" if following in ("", "|", ")") else r"\$"
    return r"[^\n\r]" if mark == "." else mark


def _take_property(pattern: str, at: int) -> tuple[int, str]:
    """The {…} after \\p, where there is one: blocks are called Is… in XML Schema and In… here."""
    if pattern[at - 1:at] not in ("p", "P") or pattern[at:at + 1] != "{":
        return at, ""
    end = pattern.index("}", at) if "}" in pattern[at:] else len(pattern)
    name = pattern[at + 1:end]
    return end + 1, "{" + (f"In{name[2:]}" if name.startswith("Is") else name) + "}"


def _translate_escape(escape: str, inside: bool) -> str:
    mark = escape[1:]
    if mark in ("w", "W"):
        negated = mark == "w"
        return f"[^{_NOT_WORD}]" if negated else f"[{_NOT_WORD}]"
    if mark.lower() in _CLASSES:
        members = _CLASSES[mark.lower()]
        return f"[{members}]" if mark.islower() else f"[^{members}]"
    if inside and not mark.isalnum():
        return "\\" + mark
    return escape


def _translate_class(pattern: str, at: int) -> tuple[str, int]:
    """A class from its "[" on, with what is subtracted from it; and the place after it."""
    at += 1
    negated = pattern[at:at + 1] == "^"
    at += negated
    members, less, first = "", "", True
    while first or pattern[at:at + 1] != "]":
        if at >= len(pattern):
            raise BadPattern(f"pattern {pattern!r} has a class without end")
        first = False
        if pattern[at] == "\\":
            escape = _translate_escape(pattern[at:at + 2], inside=True)
            at, prop = _take_property(pattern, at + 2)
            members += escape + prop
        elif pattern[at:at + 2] == "-[":
            less, at = _translate_class(pattern, at + 1)
        else:
            members += pattern[at] if _is_range(pattern, at) else regex.escape(pattern[at], special_only=False)
            at += 1
    whole = f"[{'^' if negated else ''}{members}]"
    return (f"[{whole}--{less}]" if less else whole), at + 1


def _is_range(pattern: str, at: int) -> bool:
    """Whether a hyphen stands between two ends of a range."""
    return pattern[at] == "-" and pattern[at - 1] not in "[^" and pattern[at + 1:at + 2] not in ("]", "")
