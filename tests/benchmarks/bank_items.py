"""What items cost: imported, rendered, redacted and scored a second, each beside a plain parse of the same files."""
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from task_bank.items import AssessmentPackage, Identifiers, redact, render_item
from task_bank.packages import import_package, open_package
from task_bank.packages.contents import read_content
from task_bank.packages.survey import survey_content
from task_bank.scoring import restore_responses, score_item
from task_bank.variants import assemble, deliver
from tests.benchmarks.measures import Measure

SAMPLE = Path(__file__).parents[2] / "task_bank" / "samples" / "metapredmet"
SECONDS = 2.0


def count_per_second(action: Callable[[], int]) -> float:
    """Items a second: the action is repeated for two seconds and says how many it has done."""
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        done += action()
    return done / (time.perf_counter() - began)


def import_items(folder: Path) -> float:
    """Judged item by item and written into a bank, durably."""
    made = 0

    def act() -> int:
        nonlocal made
        made += 1
        return len(import_package(SAMPLE, folder / str(made)).report.items)

    return count_per_second(act)


def judge_items(_: Path) -> float:
    """The same without the disk: read, rendered, scored with key and without."""
    content = read_content(SAMPLE)
    return count_per_second(lambda: len(survey_content(content).items))


def render_items(_: Path) -> float:
    """A whole item with its shared texts and pictures, shuffled, under opaque names."""
    package = open_package(SAMPLE)
    items = [(package.items[name], one) for one in package.assessment.positions for name in one.pool]

    def act() -> int:
        for item, position in items:
            render_item(package, item, position, Identifiers("i"), "seed")
        return len(items)

    return count_per_second(act)


def redact_and_score(_: Path) -> float:
    """What a candidate may see of an item, and the points for an answer given under opaque names."""
    package = open_package(SAMPLE)
    [variant] = assemble(package.assessment, "school", 1, seed=1)
    keys = deliver(package, variant, seed=1).keys_json["items"]
    answers = [{name: "c1" for name in key["responses"]} for key in keys]

    def act() -> int:
        for key, given in zip(keys, answers, strict=True):
            item = package.items[key["item"]]
            redact(item.root, item.path)
            score_item(item.xml, restore_responses(key, given, item.xml), item.path)
        return len(keys)

    return count_per_second(act)


def parse_items(_: Path) -> float:
    """Nothing but lxml: every item parsed once."""
    package: AssessmentPackage = open_package(SAMPLE)
    items = [item.xml for item in package.items.values()]

    def act() -> int:
        for xml in items:
            etree.fromstring(xml)
        return len(items)

    return count_per_second(act)


MEASURES = (
    Measure("items-imported", "items/s", import_items, parse_items),
    Measure("items-judged", "items/s", judge_items, parse_items),
    Measure("items-rendered", "items/s", render_items, parse_items),
    Measure("items-redacted-and-scored", "items/s", redact_and_score, parse_items),
)
