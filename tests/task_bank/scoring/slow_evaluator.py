"""A second, slow evaluator of QTI expressions, written from the words of the standard and sharing nothing with ours.

It walks the XML for every evaluation. A value is None (NULL), a str, a bool, a Fraction, or a list of these; what is
ordered is told by the element or the variable that made it. Truth is looked up in tables.
"""
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import product
from math import gcd
from typing import Any

from lxml import etree

# Information model 3.0, tables of and, or and not; U is NULL.
AND = {"TT": "T", "TF": "F", "FT": "F", "FF": "F", "TU": "U", "UT": "U", "FU": "F", "UF": "F", "UU": "U"}
OR = {"TT": "T", "TF": "T", "FT": "T", "FF": "F", "TU": "T", "UT": "T", "FU": "U", "UF": "U", "UU": "U"}
NOT = {"T": "F", "F": "T", "U": "U"}
LETTER: dict[Any, str] = {True: "T", False: "F", None: "U"}
TRUTH = {"T": True, "F": False, "U": None}


class Slow:
    """`variables` hold values by name; `ordered` are the names of ordered containers."""

    def __init__(self, variables: dict[str, Any], ordered: set[str]) -> None:
        self.variables, self.ordered = variables, ordered

    def value(self, node: etree._Element) -> Any:
        name = etree.QName(node).localname.removeprefix("qti-").replace("-", "_")
        result = getattr(self, f"do_{name}")(node, list(node))
        return None if result == [] or result == "" else result

    def values(self, children: list[etree._Element]) -> list[Any]:
        return [self.value(child) for child in children]

    def is_ordered(self, node: etree._Element) -> bool:
        name = etree.QName(node).localname
        if name == "qti-variable":
            return node.get("identifier") in self.ordered
        if name == "qti-delete":
            return self.is_ordered(node[1])
        return name in ("qti-ordered", "qti-repeat")

    def flat(self, children: list[etree._Element]) -> list[Any]:
        found: list[Any] = []
        for value in self.values(children):
            found += value if isinstance(value, list) else [value]
        return found

    # -- reading

    def do_variable(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return self.variables[node.get("identifier", "")]

    def do_base_value(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        written = node.text or ""
        if node.get("base-type") in ("integer", "float"):
            return Fraction(written)
        return written == "true" if node.get("base-type") == "boolean" else written

    def do_null(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return None

    # -- truth

    def letters(self, inside: list[etree._Element]) -> str:
        return "".join(LETTER[value] for value in self.values(inside))

    def do_and(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        letters = self.letters(inside)
        result = letters[0]
        for letter in letters[1:]:
            result = AND[result + letter]
        return TRUTH[result]

    def do_or(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        letters = self.letters(inside)
        result = letters[0]
        for letter in letters[1:]:
            result = OR[result + letter]
        return TRUTH[result]

    def do_not(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return TRUTH[NOT[self.letters(inside)]]

    def do_any_n(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        """Every way the unknown ones could turn out; NULL when they do not agree."""
        least, most = int(node.get("min", "")), int(node.get("max", ""))
        ways = [("T", "F") if letter == "U" else (letter,) for letter in self.letters(inside)]
        results = {least <= way.count("T") <= most for way in product(*ways)}
        return results.pop() if len(results) == 1 else None

    def do_is_null(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return self.value(inside[0]) is None

    def do_match(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        one, other = self.values(inside)
        if one is None or other is None:
            return None
        ones, others = (value if isinstance(value, list) else [value] for value in (one, other))
        if any(map(self.is_ordered, inside)):
            return ones == others
        return sorted(map(str, ones)) == sorted(map(str, others))

    # -- containers

    def do_multiple(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return [value for value in self.flat(inside) if value is not None]

    do_ordered = do_multiple

    def do_repeat(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return self.do_multiple(node, inside) * max(0, int(node.get("number-repeats", "")))

    def do_container_size(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return Fraction(len(self.value(inside[0]) or []))

    def do_index(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return dict(enumerate(self.value(inside[0]) or [], 1)).get(int(node.get("n", "")))

    def do_member(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        one, container = self.values(inside)
        return None if one is None or container is None else container.count(one) > 0

    def do_delete(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        one, container = self.values(inside)
        return None if one is None or container is None else [kept for kept in container if kept != one]

    def do_contains(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        whole, part = self.values(inside)
        if whole is None or part is None:
            return None
        if self.is_ordered(inside[0]):
            joined = [f"|{'|'.join(map(str, value))}|" for value in (whole, part)]
            return joined[1] in joined[0]
        return all(part.count(one) <= whole.count(one) for one in part)

    # -- texts

    def do_string_match(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        one, other = self.folded(node, inside)
        if one is None or other is None:
            return None
        return one.find(other) >= 0 if node.get("substring") == "true" else one == other

    def do_substring(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        one, other = self.folded(node, inside)
        return None if one is None or other is None else other.find(one) >= 0

    def folded(self, node: etree._Element, inside: list[etree._Element]) -> list[Any]:
        keep = node.get("case-sensitive") == "true"
        return [value if value is None or keep else value.upper() for value in self.values(inside)]

    def do_pattern_match(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        value = self.value(inside[0])
        return None if value is None else bool(re.match(f"(?:{node.get('pattern')})\\Z", value))

    # -- numbers

    def numbers(self, inside: list[etree._Element]) -> list[Fraction] | None:
        found = self.flat(inside)
        return None if None in found else found

    def do_sum(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        numbers = self.numbers(inside)
        total = Fraction(0)
        for number in numbers or []:
            total += number
        return None if numbers is None else total

    def do_product(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        numbers = self.numbers(inside)
        total = Fraction(1)
        for number in numbers or []:
            total *= number
        return None if numbers is None else total

    def do_min(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        numbers = self.numbers(inside)
        return None if numbers is None else sorted(numbers)[0]

    def do_max(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        numbers = self.numbers(inside)
        return None if numbers is None else sorted(numbers)[-1]

    def do_gcd(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        numbers = self.numbers(inside)
        total = 0
        for number in numbers or []:
            total = gcd(total, int(number))
        return None if numbers is None else Fraction(total)

    def do_lcm(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        numbers = self.numbers(inside)
        if numbers is None or 0 in numbers:
            return None if numbers is None else Fraction(0)
        sizes = [abs(int(number)) for number in numbers]
        candidate = max(sizes)
        while any(candidate % size for size in sizes):
            candidate += max(sizes)
        return Fraction(candidate)

    def two(self, inside: list[etree._Element]) -> tuple[Fraction, Fraction] | None:
        one, other = self.values(inside)
        return None if one is None or other is None else (one, other)

    def do_subtract(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        two = self.two(inside)
        return None if two is None else two[0] + -two[1]

    def do_divide(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        two = self.two(inside)
        return None if two is None or two[1] == 0 else two[0] * Fraction(two[1].denominator, two[1].numerator)

    def do_integer_divide(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        """The greatest integer i with i <= x / y."""
        quotient = self.do_divide(node, inside)
        if quotient is None:
            return None
        i = quotient.numerator // quotient.denominator
        assert i <= quotient < i + 1
        return Fraction(i)

    def do_integer_modulus(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        two, quotient = self.two(inside), self.do_integer_divide(node, inside)
        return None if two is None or quotient is None else two[0] - two[1] * quotient

    def do_truncate(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        value = self.value(inside[0])
        return None if value is None else Fraction(int(value))

    def do_round(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        """The n with n - 0.5 <= x < n + 0.5."""
        value = self.value(inside[0])
        if value is None:
            return None
        near = range(int(value) - 2, int(value) + 3)
        return next(Fraction(n) for n in near if n - Fraction(1, 2) <= value < n + Fraction(1, 2))

    def do_round_to(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        value = self.value(inside[0])
        return None if value is None else self.rounded(node, value)

    def do_equal_rounded(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        two = self.two(inside)
        return None if two is None else self.rounded(node, two[0]) == self.rounded(node, two[1])

    def rounded(self, node: etree._Element, value: Fraction) -> Fraction:
        """By decimal digits; the generated numbers have decimals that end."""
        with localcontext() as context:
            context.prec = 200
            number = Decimal(value.numerator) / Decimal(value.denominator)
            if number == 0:
                return value
            places = int(node.get("figures", ""))
            if node.get("rounding-mode") == "significantFigures":
                places -= number.adjusted() + 1
            return Fraction(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))

    def do_integer_to_float(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return self.value(inside[0])

    # -- comparisons

    def sign(self, inside: list[etree._Element]) -> int | None:
        two = self.two(inside)
        if two is None:
            return None
        difference = two[0] - two[1]
        return (difference > 0) - (difference < 0)

    def do_lt(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return {None: None, -1: True, 0: False, 1: False}[self.sign(inside)]

    def do_lte(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return {None: None, -1: True, 0: True, 1: False}[self.sign(inside)]

    def do_gt(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return {None: None, -1: False, 0: False, 1: True}[self.sign(inside)]

    def do_gte(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        return {None: None, -1: False, 0: True, 1: True}[self.sign(inside)]

    def do_equal(self, node: etree._Element, inside: list[etree._Element]) -> Any:
        two = self.two(inside)
        if two is None:
            return None
        x, y = two
        if node.get("tolerance-mode", "exact") == "exact":
            return not x < y and not y < x
        t = [Fraction(part) for part in node.get("tolerance", "").split()]
        if node.get("tolerance-mode") == "absolute":
            low, high = x - t[0], x + t[-1]
        else:
            low, high = x * (1 - t[0] / 100), x * (1 + t[-1] / 100)
        above = y > low if node.get("include-lower-bound") == "false" else y >= low
        return above and (y < high if node.get("include-upper-bound") == "false" else y <= high)
