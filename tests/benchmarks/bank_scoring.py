"""Responses scored per second of one core: by compiled items, against the slow evaluator and against bare comparison.

The items are those of the demonstration works with the answers written down in tests/expected_points: choices,
gaps, matching, orders, typed numbers and texts, with standard templates and rules of their own.
"""
import json
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from lxml import etree

from task_bank.scoring import CompiledItem, compile_item
from tests.benchmarks.measures import Measure
from tests.task_bank.scoring.build import NULL, TRUE, base, declare, item, of, set_outcome, var, whole
from tests.task_bank.scoring.slow_evaluator import Slow

ROOT = Path(__file__).parents[2]
MILLION = 1_000_000
Case = tuple[bytes, dict[str, Any]]


def read_cases() -> list[Case]:
    """Items and answers of the demonstration works."""
    lines = [line for path in sorted((ROOT / "tests/expected_points").glob("*.jsonl"))
             for line in path.read_text(encoding="utf-8").splitlines()]
    return [((ROOT / case["item"]).read_bytes(), case["responses"]) for case in map(json.loads, lines)]


def measure_rate(count: int, act: Callable[[], object]) -> float:
    """How many a second of processor time: the machine may have other things to do."""
    began = time.process_time()
    act()
    return count / (time.process_time() - began)


def score_million(folder: Path) -> float:
    """A million answers through compiled items, compiling included."""
    cases = read_cases()

    def act() -> None:
        compiled: dict[bytes, CompiledItem] = {}
        for xml, responses in islice(cycle(cases), MILLION):
            if xml not in compiled:
                compiled[xml] = compile_item(xml)
            compiled[xml].score(responses)

    return measure_rate(MILLION, act)


def compare_million(folder: Path) -> float:
    """The same answers looked up among those that are known, as JSON: no scoring could do less."""
    known = {(xml, json.dumps(responses)): 1 for xml, responses in read_cases()}
    cases = read_cases()

    def act() -> None:
        for xml, responses in islice(cycle(cases), MILLION):
            assert known[xml, json.dumps(responses)] == 1

    return measure_rate(MILLION, act)


RULES = of("and", of("match", var("R"), base("B", "identifier")), of("gte", of("sum", var("N"), whole(1)), whole(3)),
           of("or", of("not", of("is-null", var("R"))), NULL, TRUE))
ANSWERS = {"R": "B", "N": "2.5"}


def evaluate_compiled(folder: Path) -> float:
    """One rule of eleven expressions by a compiled item."""
    compiled = compile_item(item(
        declare("response", "R", "identifier") + declare("response", "N") + declare("outcome", "RIGHT", "boolean"),
        set_outcome("RIGHT", RULES)))
    return measure_rate(50_000, lambda: [compiled.score(ANSWERS) for _ in range(50_000)])


def evaluate_slowly(folder: Path) -> float:
    """The same expressions by an evaluator that walks the XML for every answer."""
    node = etree.fromstring(RULES)

    def act() -> None:
        for _ in range(5_000):
            assert Slow({"R": ANSWERS["R"], "N": Fraction(ANSWERS["N"])}, set()).value(node) is True

    return measure_rate(5_000, act)


def compile_items(folder: Path) -> float:
    """Items read and compiled."""
    items = list(dict.fromkeys(xml for xml, _ in read_cases())) * 5
    return measure_rate(len(items), lambda: [compile_item(xml) for xml in items])


def parse_items(folder: Path) -> float:
    """The same items only parsed."""
    items = list(dict.fromkeys(xml for xml, _ in read_cases())) * 5
    return measure_rate(len(items), lambda: [etree.fromstring(xml) for xml in items])


MEASURES = (
    Measure("score-responses", "responses/s/core", score_million, compare_million),
    Measure("score-rules", "responses/s/core", evaluate_compiled, evaluate_slowly),
    Measure("compile-items", "items/s/core", compile_items, parse_items),
)
