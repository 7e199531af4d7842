"""Expressions about texts: same text, text inside a text, patterns, and a few custom operators of public banks."""
import re
import unicodedata
from collections.abc import Callable

from lxml import etree

from task_bank.scoring.compilation import Compilation, Evaluate, Operator
from task_bank.scoring.declarations import is_true
from task_bank.scoring.numbers import read_number
from task_bank.scoring.patterns import BadPattern, compile_pattern
from task_bank.scoring.scope import Scope
from task_bank.scoring.values import NULL, Value, of_boolean, of_number, of_text, to_text


def build_string_match(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """stringMatch: equal texts, or (deprecated) the second inside the first."""
    if is_true(node, "substring", False, compilation.error):
        return _build_comparison(node, operands, compilation, lambda one, other: other in one)
    return _build_comparison(node, operands, compilation, lambda one, other: one == other)


def build_substring(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """substring: the first text stands somewhere in the second."""
    return _build_comparison(node, operands, compilation, lambda one, other: one in other)


def _build_comparison(
    node: etree._Element, operands: list[Evaluate], compilation: Compilation, compare: Callable[[str, str], bool]
) -> Evaluate:
    one, other = operands[:2]
    with_case = is_true(node, "case-sensitive", True, compilation.error)

    def evaluate(scope: Scope) -> Value:
        first, second = to_text(one(scope)), to_text(other(scope))
        if not first or not second:
            return NULL
        return of_boolean(compare(first, second) if with_case else compare(first.casefold(), second.casefold()))

    return evaluate


def build_pattern_match(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """patternMatch: the whole text fits the pattern, which may be the name of a text variable."""
    written, value, error = node.get("pattern", ""), operands[0], compilation.spot(node)
    if not written:
        raise compilation.error(node, "has no pattern")
    name = written.strip("{}")
    named = compilation.variables.get(name)
    if named is not None and named.base_type == "string":
        pattern = compilation.variable(node, name)
    else:
        _try_pattern(node, written, compilation)
        constant = of_text(written)
        pattern = lambda scope: constant  # noqa: E731

    def evaluate(scope: Scope) -> Value:
        text, wanted = to_text(value(scope)), to_text(pattern(scope))
        if not text or wanted is None:
            return NULL
        try:
            return of_boolean(compile_pattern(wanted)(text))
        except BadPattern as problem:
            raise error(str(problem)) from problem

    return evaluate


def _try_pattern(node: etree._Element, pattern: str, compilation: Compilation) -> None:
    try:
        compile_pattern(pattern)
    except BadPattern as problem:
        raise compilation.error(node, str(problem)) from problem


def build_custom_operator(node: etree._Element, operands: list[Evaluate], compilation: Compilation) -> Evaluate:
    """customOperator: the few met in public banks, by the last word of their name; any other is an error."""
    definition = node.get("definition") or node.get("class") or ""
    change = CUSTOM.get(re.split(r"[:./#]", definition)[-1].lower())
    if change is None:
        raise compilation.error(node, f"custom operator {definition!r} is not known")
    if not operands:
        raise compilation.error(node, "needs 1 expressions inside")
    value = operands[0]

    def evaluate(scope: Scope) -> Value:
        text = to_text(value(scope))
        return change(text) if text else NULL

    return evaluate


def _strip_marks(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))


def _parse(text: str) -> Value:
    return of_number(read_number(text))


CUSTOM: dict[str, Callable[[str], Value]] = {
    "trim": lambda text: of_text(text.strip()),
    "toascii": lambda text: of_text(_strip_marks(text)),
    "parsecommadecimal": _parse,
    "parsedecimal": _parse,
    "parsedotdecimal": _parse,
}

TEXTS = {
    "qti-string-match": Operator(build_string_match, 2, 2),
    "qti-substring": Operator(build_substring, 2, 2),
    "qti-pattern-match": Operator(build_pattern_match, 1, 1),
    "qti-custom-operator": Operator(build_custom_operator),
}
